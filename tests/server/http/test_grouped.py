"""GET /v1/inbox?grouped=true: similar notifications as one, each once over all pages, marked as they were seen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, created
from tests.support.rest import Rest

POST = "https://blog.example/7"
AN_ID = "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c"


def groups(person: Person, **asked: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page(person, **asked)["groups"]
    return found


def page(person: Person, **asked: object) -> dict[str, Any]:
    answer = person.rest.get(f"/v1/inbox?{urlencode({'grouped': 'true', **asked})}")
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body
    return found


def headlines(person: Person, **asked: object) -> list[str]:
    return [one["headline"] for one in groups(person, **asked)]


def liked(ci: Rest, person: Person, *names: str) -> list[str]:
    sent = (
        ci.notify(person.name, f"{name} liked your post", type="like", actor={"name": name}, link=POST)
        for name in names
    )
    return [created(one)["id"] for one in sent]


def mark(person: Person, kind: str, members: list[list[Any]], register: int = 1) -> str:
    targets = [[member[0], member[register]] for member in members]
    action = {"id": new_id(), "kind": kind, "ids": targets, "at": now_ms()}
    answer = person.rest.post("/v1/actions", {"actions": [action]})
    assert answer.status == 200, answer
    status: str = answer.body["acks"][0]["status"]
    return status


def test_an_empty_inbox_has_no_groups(ana: Person) -> None:
    assert page(ana) == {"groups": [], "unread": 0, "next": None}


def test_those_who_did_the_same_are_one_group_where_its_newest_stands(ci: Rest, ana: Person) -> None:
    first = liked(ci, ana, "Cy", "Bo")
    alone = created(ci.notify(ana.name, "Disk full"))["id"]
    newest = liked(ci, ana, "Ana")
    plain = {one["id"]: one for one in ana.inbox()}

    together, disk = groups(ana)

    ids = [*newest, *reversed(first)]
    assert together == {
        "key": together["key"],
        "headline": "Ana and 2 others liked your post",
        "count": 3,
        "unread": 3,
        "people": 3,
        "actors": ["Ana", "Bo", "Cy"],
        "notifications": [plain[an_id] for an_id in ids],
        "members": [[an_id, 0, 0, 0] for an_id in ids],
        "more": False,
    }
    assert (disk["headline"], disk["count"], disk["people"], disk["members"][0][0]) == ("Disk full", 1, 0, alone)


def test_a_producers_group_says_its_newest_and_that_there_is_more(ci: Rest, ana: Person) -> None:
    for step in range(7):
        created(ci.notify(ana.name, f"Step {step} failed", group="build 7"))
    key = groups(ana)[0]["key"]
    created(ci.notify(ana.name, "Step 7 failed", group="build 7"))
    ana.does("pin", ana.inbox()[-1])

    build, pinned = groups(ana)

    assert (build["headline"], build["count"], build["key"]) == ("Step 7 failed (and 6 more)", 7, key)
    assert [one["title"][5] for one in build["notifications"]] == list("76543")
    assert pinned["headline"] == "Step 0 failed"


def test_headlines_are_in_the_persons_language_or_in_the_one_that_is_asked_for(ci: Rest, ana: Person) -> None:
    liked(ci, ana, "Cy", "Bo", "Ana")
    assert ana.rest.call("PATCH", "/v1/me", {"language": "de-AT"}).status == 200

    assert headlines(ana) == ["Ana und 2 andere liked your post"]
    assert headlines(ana, language="pl") == ["Ana i 2 inne osoby liked your post"]
    assert headlines(ana, language="eo") == ["Ana and 2 others liked your post"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "like"}, ["Ana and Bo liked your post"]),
        ({"q": "disk"}, ["Disk full"]),
        ({"state": "archived"}, ["Cy liked your post"]),
        ({"state": "all", "type": "like"}, ["Ana and 2 others liked your post"]),
        ({"q": "!"}, []),
        ({"category": "social", "priority": "low"}, ["Ana and Bo liked your post"]),
    ],
    ids=str,
)
def test_only_what_is_asked_for_is_in_a_group(ci: Rest, ana: Person, asked: dict[str, str], found: list[str]) -> None:
    liked(ci, ana, "Cy")
    ana.does("archive", ana.inbox()[0])
    liked(ci, ana, "Bo")
    created(ci.notify(ana.name, "Disk full", actor={"name": " \u3000"}))
    liked(ci, ana, "Ana")

    assert headlines(ana, **asked) == found


def test_each_group_is_once_over_all_pages_whatever_comes_meanwhile(ci: Rest, ana: Person) -> None:
    for number in range(9):
        created(ci.notify(ana.name, f"{number}", group=f"g{number % 3}"))
        created(ci.notify(ana.name, f"alone {number}"))

    found = page(ana, limit=2)
    seen = found["groups"]
    while found["next"]:
        for number in range(3):
            created(ci.notify(ana.name, "meanwhile", group=f"g{number}"))
        found = page(ana, limit=2, cursor=found["next"])
        seen += found["groups"]

    assert [one["headline"] for one in seen[:6]] == [
        "alone 8",
        "8 (and 2 more)",
        "alone 7",
        "7 (and 2 more)",
        "alone 6",
        "6 (and 2 more)",
    ]
    assert [one["headline"] for one in seen[6:]] == [f"alone {number}" for number in range(5, -1, -1)]
    assert len({one["key"] for one in seen}) == 12
    assert headlines(ana)[0].startswith("meanwhile")


def test_a_group_stands_where_its_newest_would_in_the_plain_list_on_any_page(ci: Rest, ana: Person) -> None:
    again = {"group": "build 7", "key": f"red-{new_id()}"}
    created(ci.notify(ana.name, "Red", **again))
    created(ci.notify(ana.name, "Lunch"))
    created(ci.notify(ana.name, "Slow", group="build 7"))
    ci.notify(ana.name, "Red once more", **again)

    first = page(ana, limit=1)

    assert headlines(ana) == ["Red once more (and 1 more)", "Lunch"]
    assert first["groups"][0]["headline"] == "Red once more (and 1 more)"
    assert [one["headline"] for one in page(ana, cursor=first["next"])["groups"]] == ["Lunch"]


def test_marking_a_group_marks_what_was_shown_and_not_what_came_meanwhile(ci: Rest, ana: Person) -> None:
    liked(ci, ana, "Cy", "Bo")
    (shown,) = groups(ana)
    (late,) = liked(ci, ana, "Ana")

    assert mark(ana, "read", shown["members"]) == "ok"

    (after,) = groups(ana)
    assert (after["key"], after["count"], after["unread"], page(ana)["unread"]) == (shown["key"], 3, 1, 1)
    assert [one["id"] for one in ana.inbox(state="unread")] == [late]


def test_marking_a_group_spares_a_member_that_was_told_again_meanwhile(ci: Rest, ana: Person) -> None:
    again = {"group": "build 7", "key": f"red-{new_id()}"}
    created(ci.notify(ana.name, "Red", **again))
    created(ci.notify(ana.name, "Slow", group="build 7"))
    ana.does("read", *ana.inbox())
    created(ci.notify(ana.name, "Red once more", **again))
    (shown,) = groups(ana)
    assert mark(ana, "read", shown["members"]) == "ok"
    assert groups(ana)[0]["unread"] == 0
    ci.notify(ana.name, "Red for the third time", **again)

    mark(ana, "read", shown["members"])

    (after,) = groups(ana)
    assert (after["unread"], after["headline"]) == (1, "Red for the third time (and 1 more)")


def test_a_group_is_archived_by_the_generations_it_was_seen_with(ci: Rest, ana: Person) -> None:
    liked(ci, ana, "Cy", "Bo")
    ana.does("archive", *ana.inbox())
    ana.does("unarchive", *ana.inbox(state="archived"), register="agen")
    (shown,) = groups(ana)

    assert mark(ana, "archive", shown["members"], 3) == "ok"

    assert groups(ana) == []


def test_nobody_sees_the_groups_of_another(ci: Rest, ana: Person, ben: Person) -> None:
    liked(ci, ana, "Cy", "Bo")
    liked(ci, ben, "Dee")

    assert headlines(ben, state="all") == ["Dee liked your post"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("grouped=true&limit=101", "limit"),
        ("grouped=true&language=xx-", "language"),
        ("grouped=true&language=de%0A", "language"),
        ("grouped=yes", "grouped"),
        ("language=de", "language"),
        (f"grouped=true&cursor={AN_ID}", "cursor"),  # of a plain list
        (f"grouped=true&cursor={AN_ID}.", "cursor"),
        (f"grouped=true&cursor={AN_ID}.-1", "cursor"),
        (f"grouped=true&cursor={AN_ID}.{'9' * 19}", "cursor"),
        ("cursor=a.7", "cursor"),
        ("grouped=true&type=a%00b", "type"),
    ],
    ids=str,
)
def test_a_query_for_groups_that_is_none_is_refused(ana: Person, query: str, field: str) -> None:
    answer = ana.rest.get(f"/v1/inbox?{query}")

    assert (answer.status, answer.code, answer.body.get("field")) == (422, "invalid", field)
