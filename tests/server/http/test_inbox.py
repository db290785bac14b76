"""GET /v1/inbox, /v1/stats: what a person sees of what they were told."""

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest


def test_an_empty_inbox_is_empty(ana: Person) -> None:
    assert ana.page() == {"notifications": [], "unread": 0, "next": None}


def test_pages_are_newest_first_and_end(ci: Rest, ana: Person) -> None:
    for n in range(7):
        created(ci.notify(ana.name, str(n)))

    first = ana.page(limit=3)
    created(ci.notify(ana.name, "meanwhile"))  # shifts nothing
    second = ana.page(limit=3, cursor=first["next"])
    third = ana.page(limit=3, cursor=second["next"])

    assert ["".join(one["title"] for one in page["notifications"]) for page in (first, second, third)] == [
        "654",
        "321",
        "0",
    ]
    assert third["next"] is None
    assert (first["unread"], second["unread"]) == (7, 8)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "error"}, ["urgent error"]),
        ({"priority": "low"}, ["low info"]),
        ({"priority": "urgent", "type": "error"}, ["urgent error"]),
        ({"priority": "low", "type": "error"}, []),
        ({"type": "no such type"}, []),
    ],
    ids=str,
)
def test_an_inbox_is_filtered(ci: Rest, ana: Person, asked: dict[str, str], found: list[str]) -> None:
    created(ci.notify(ana.name, "low info", priority="low"))
    created(ci.notify(ana.name, "urgent error", priority="urgent", type="error"))

    assert ana.titles(**asked) == found


def test_what_a_producer_puts_into_data_hinders_no_filter(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Hm", data={"nul": "\x00", "no nul": "\\u0000"}))

    assert ana.titles(category="status") == ["Hm"]


def test_an_inbox_is_filtered_by_its_producer(stage: Stage, ana: Person) -> None:
    for name in ("git-forge", "cron-jobs"):
        word = f"{name}-{new_id()[-6:]}"
        created(stage.producer(name=word).notify(ana.name, name))

    source = ana.inbox()[0]["source"]

    assert source.startswith("cron-jobs")
    assert ana.titles(source=source) == ["cron-jobs"]


def test_an_inbox_is_filtered_by_time(ci: Rest, ana: Person) -> None:
    first = created(ci.notify(ana.name, "first"))["created_at"]
    second = first
    while second == first:
        second = created(ci.notify(ana.name, "second"))["created_at"]
    ended = second + 1

    assert "first" not in ana.titles(since=second)
    assert set(ana.titles(until=second)) >= {"first"}
    assert ana.titles(since=ended) == []
    assert ana.titles(since="2001-01-01T00:00:00Z", until="2001-01-02T00:00:00+01:00") == []


def test_states_are_apart(ci: Rest, ana: Person) -> None:
    for word in ("new", "read", "seen", "archived", "snoozed", "pinned", "deleted"):
        created(ci.notify(ana.name, word))
    by_title = {one["title"]: one for one in ana.inbox()}
    ana.does("read", by_title["read"])
    ana.does("seen", by_title["seen"], register="sgen")
    ana.does("archive", by_title["archived"], register="agen")
    ana.does("snooze", by_title["snoozed"], until=now_ms() + 10**7)
    ana.does("pin", by_title["pinned"])
    ana.does("delete", by_title["deleted"])

    found = {
        state: set(ana.titles(state=state))
        for state in ("inbox", "unread", "read", "seen", "unseen", "archived", "snoozed", "pinned", "all")
    }

    assert found == {
        "inbox": {"new", "read", "seen", "pinned"},
        "unread": {"new", "seen", "pinned"},
        "read": {"read"},
        "seen": {"seen"},
        "unseen": {"new", "read", "pinned"},
        "archived": {"archived"},
        "snoozed": {"snoozed"},
        "pinned": {"pinned"},
        "all": {"new", "read", "seen", "archived", "snoozed", "pinned"},
    }
    assert set(ana.titles()) == found["inbox"]
    assert ana.page()["unread"] == 3


def test_nobody_sees_the_inbox_of_another(ci: Rest, ana: Person, ben: Person) -> None:
    created(ci.notify(ana.name, "For Ana"))

    assert ben.titles(state="all") == []
    assert ben.rest.get("/v1/stats").body["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=new", "state"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("cursor=../../etc", "cursor"),
        ("since=yesterday", "since"),
        ("until=2001-01-01", "until"),
        ("until=253402300799001", "until"),
        ("since=9" + "9" * 30, "since"),
        ("type=", "type"),
        ("type=a%00b", "type"),
        (f"q={'x' * 257}", "q"),
        ("status=unread", "status"),
    ],
    ids=str,
)
def test_a_query_that_is_none_is_refused(ana: Person, query: str, field: str) -> None:
    answer = ana.rest.get(f"/v1/inbox?{query}")

    assert (answer.status, answer.code, answer.body.get("field")) == (422, "invalid", field)


def test_a_parameter_given_twice_is_refused(ana: Person) -> None:
    assert ana.rest.get("/v1/inbox?limit=1&limit=2").status == 422


def test_numbers_by_type_and_priority(ci: Rest, ana: Person) -> None:
    for kind, priority in (("error", "high"), ("error", "low"), ("info", "low"), ("info", "low")):
        created(ci.notify(ana.name, "Counted", type=kind, priority=priority))
    ana.does("read", ana.inbox()[0])
    ana.does("delete", ana.inbox()[1])

    assert ana.rest.get("/v1/stats").body == {
        "total": 3,
        "unread": 2,
        "by_type": {"error": 2, "info": 1},
        "by_priority": {"high": 1, "low": 2},
        "unread_by_type": {"error": 2},
        "unread_by_priority": {"high": 1, "low": 1},
    }
