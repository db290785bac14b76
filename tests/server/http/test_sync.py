"""The sync calls over REST: following the feed by polling."""

from typing import Any

import pytest

from tests.server.http.stage import Person, created
from tests.support.rest import Rest


def snapshot(person: Person, **asked: object) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = person.rest.get(f"/v1/sync/snapshot?{query}")
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def delta(person: Person, epoch: object, rev: object, **asked: object) -> dict[str, Any]:
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    answer = person.rest.get(f"/v1/sync/delta?epoch={epoch}&rev={rev}{query}")
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def test_a_delta_holds_what_changed_since(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "before"))
    start = snapshot(ana)
    created(ci.notify(ana.name, "after"))
    ana.does("read", next(one for one in ana.inbox() if one["title"] == "before"))

    changes = delta(ana, start["epoch"], start["rev"])

    assert [(one["title"], one.get("read", False)) for one in changes["changes"]] == [
        ("after", False),
        ("before", True),
    ]
    assert changes["cursor"] == [3, None]
    assert (changes.get("more", False), changes["unread"]) == (False, 1)
    assert isinstance(changes["digest"], str) and len(changes["digest"]) == 16


def test_nothing_new_is_an_empty_delta_at_the_same_place(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "before"))
    start = snapshot(ana)

    first, second = (delta(ana, start["epoch"], start["rev"]) for _ in range(2))

    assert first == second
    assert first.get("changes", []) == []
    assert first["cursor"] == [start["rev"], None]


def test_what_was_deleted_comes_as_a_tombstone_without_its_content(ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "secret plans", body="of everybody"))
    start = snapshot(ana)
    ci.delete(f"/v1/notifications/{sent['id']}")

    (gone,) = delta(ana, start["epoch"], start["rev"])["changes"]

    assert gone == {"id": sent["id"], "ver": 2, "deleted": "recalled"}
    assert snapshot(ana)["changes"] == []


def test_a_delta_is_paged_through_one_revision(ci: Rest, ana: Person) -> None:
    epoch = snapshot(ana)["epoch"]
    items = [{"to": ana.name, "title": str(n)} for n in range(25)]
    ci.post("/v1/notifications/batch", {"notifications": items})  # one group commit: few revisions, maybe one

    seen: list[str] = []
    rev, after = 0, None
    for _ in range(10):
        page = delta(ana, epoch, rev, limit=4, **({} if after is None else {"after": after}))
        seen += [one["title"] for one in page.get("changes", [])]
        rev, after = page["cursor"]
        if not page.get("more", False):
            break

    assert sorted(seen, key=int) == [str(n) for n in range(25)]
    assert len(seen) == 25


def test_a_snapshot_is_paged_in_order_of_id(ci: Rest, ana: Person) -> None:
    for n in range(5):
        created(ci.notify(ana.name, str(n)))

    first = snapshot(ana, limit=3)
    last = first["changes"][-1]["id"]
    second = snapshot(ana, limit=3, after=last)

    assert [one["title"] for page in (first, second) for one in page["changes"]] == list("01234")
    assert (first["more"], second["more"]) == (True, False)


def test_a_position_of_another_life_needs_a_snapshot(ci: Rest, ana: Person) -> None:
    epoch = snapshot(ana)["epoch"]

    assert delta(ana, "another-epoch", 0)["snapshot"] == "epoch"
    assert delta(ana, epoch, 10**6)["snapshot"] == "ahead"


def test_a_snapshot_and_a_delta_from_nothing_are_equal(ci: Rest, ana: Person) -> None:
    for n in range(4):
        created(ci.notify(ana.name, str(n), key=str(n % 3)))
    ana.does("read", *ana.inbox()[:2])
    whole = snapshot(ana)

    followed = delta(ana, whole["epoch"], 0)

    def by_id(one: dict[str, object]) -> str:
        return str(one["id"])

    assert sorted(followed["changes"], key=by_id) == whole["changes"]
    assert followed["cursor"] == [whole["rev"], None]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/sync/delta", "epoch"),
        ("/v1/sync/delta?epoch=x", "rev"),
        ("/v1/sync/delta?epoch=x&rev=-1", "rev"),
        ("/v1/sync/delta?epoch=x&rev=9007199254740992", "rev"),
        ("/v1/sync/delta?epoch=x&rev=1&limit=0", "limit"),
        ("/v1/sync/snapshot?limit=501", "limit"),
        ("/v1/sync/snapshot?epoch=x", "epoch"),
    ],
)
def test_a_position_that_is_none_is_refused(ana: Person, path: str, field: str) -> None:
    answer = ana.rest.get(path)

    assert (answer.status, answer.body["field"]) == (422, field)


def test_nul_in_a_cursor_finds_its_way_into_no_database(ana: Person) -> None:
    epoch = snapshot(ana)["epoch"]

    assert delta(ana, epoch, 0, after="%00")["cursor"] == [0, None]
    assert snapshot(ana, after="%00")["changes"] == []
