"""POST /v1/actions: what a person does, its undo, and that repeating it changes nothing."""

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until

SOME_ID = "0190f3c2-7c00-7000-8000-000000000001"


def bell_of(person: Person) -> dict[str, object]:
    (bell,) = person.inbox(state="all")
    return bell


@pytest.fixture
def told(ci: Rest, ana: Person) -> Person:
    """Ana, who was told one thing with two buttons."""
    buttons = [{"id": "yes", "label": "Yes"}, {"id": "why", "label": "Why", "kind": "reply"}]
    created(ci.notify(ana.name, "Approve?", actions=buttons))
    return ana


@pytest.mark.parametrize(
    ("kind", "undo", "field", "register", "unread"),
    [
        ("read", "unread", "read", "gen", 0),
        ("seen", "unseen", "seen", "sgen", 1),
        ("archive", "unarchive", "archived", "agen", 0),
        ("pin", "unpin", "pinned", "gen", 1),
    ],
)
def test_an_action_and_its_undo(told: Person, kind: str, undo: str, field: str, register: str, unread: int) -> None:
    assert told.does(kind, bell_of(told), register=register)["status"] == "ok"
    assert bell_of(told)[field] is True
    assert told.page()["unread"] == unread

    assert told.does(undo, bell_of(told), register=register)["status"] == "ok"
    assert field not in bell_of(told)
    assert told.page()["unread"] == 1


def test_a_snooze_hides_and_comes_back_as_new(told: Person) -> None:
    told.does("read", bell_of(told))
    moment = now_ms() + 1_200
    told.does("snooze", bell_of(told), until=moment)
    seen = (told.titles(), told.titles(state="snoozed"))
    assert seen == ([], ["Approve?"]) or now_ms() >= moment

    until(told.titles, 8, "the snooze to end")

    assert told.page()["unread"] == 1


def test_a_snooze_into_the_past_wakes_at_once(told: Person) -> None:
    told.does("snooze", bell_of(told), until=now_ms() + 10**7)
    assert told.does("snooze", bell_of(told), until=1)["status"] == "ok"

    until(told.titles, 8, "it to come back")


def test_deleted_stays_deleted(told: Person) -> None:
    bell = bell_of(told)
    assert told.does("delete", bell)["status"] == "ok"

    assert told.does("unread", bell)["status"] == "gone"
    assert told.titles(state="all") == []
    assert told.page()["unread"] == 0


def test_the_first_answer_wins(stage: Stage, told: Person) -> None:
    phone = stage.device_of(told.name, "phone")

    first = told.does("answer", bell_of(told), answer={"action": "why", "text": "Who asks?"})
    second = phone.does("answer", bell_of(told), answer={"action": "yes"})

    assert (first["status"], second["status"]) == ("ok", "late")
    answer = bell_of(told)["answer"]
    assert isinstance(answer, dict)
    assert (answer["action"], answer["text"]) == ("why", "Who asks?")


def test_an_answer_that_was_not_offered_is_bad(told: Person) -> None:
    assert told.does("answer", bell_of(told), answer={"action": "maybe"})["status"] == "bad"
    assert told.does("answer", bell_of(told))["status"] == "bad"
    assert "answer" not in bell_of(told)


def test_the_same_action_twice_is_one_change(told: Person) -> None:
    bell = bell_of(told)
    action = {"id": new_id(), "kind": "read", "ids": [[bell["id"], 0]], "at": now_ms()}

    first = told.rest.post("/v1/actions", {"actions": [action]}).body["acks"]
    told.does("unread", bell)
    second = told.rest.post("/v1/actions", {"actions": [action, action]}).body["acks"]

    assert second == first * 2
    assert told.page()["unread"] == 1


def test_actions_of_one_request_are_done_in_one_revision(told: Person) -> None:
    bell = bell_of(told)
    actions = [
        {"id": new_id(), "kind": kind, "ids": [[bell["id"], 0]], "at": now_ms()} for kind in ("read", "archive", "pin")
    ]

    acks = told.rest.post("/v1/actions", {"actions": actions}).body["acks"]

    assert [(ack["status"], ack["rev"]) for ack in acks] == [("ok", 2)] * 3
    assert bell_of(told)["ver"] == 2


def test_somebody_elses_notification_is_gone_like_a_missing_one(told: Person, ben: Person) -> None:
    bell = bell_of(told)

    foreign = ben.does("read", bell)
    missing = ben.does("read", {"id": new_id()})

    assert foreign["status"] == missing["status"] == "gone"
    assert foreign["rev"] == missing["rev"]
    assert told.page()["unread"] == 1


def test_a_made_up_generation_does_not_outrun_the_feed(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Disk", key="disk"))
    ana.does("read", {"id": ana.inbox()[0]["id"], "gen": 2**40})
    assert ana.page()["unread"] == 0

    created(ci.notify(ana.name, "Disk", key="disk"))

    assert ana.page()["unread"] == 1


def test_a_time_to_come_is_not_believed(told: Person) -> None:
    bell = bell_of(told)
    told.does("pin", bell)
    action = {"id": new_id(), "kind": "read", "ids": [[bell["id"], 0]], "at": now_ms() + 10**9}
    told.rest.post("/v1/actions", {"actions": [action]})

    read_at = bell_of(told)["read_at"]
    assert isinstance(read_at, int) and read_at <= now_ms()


@pytest.mark.parametrize(
    "broken",
    [
        {"id": ""},
        {"id": "x" * 37},
        {"ids": [["not-an-id", 0]]},
        {"ids": [[SOME_ID, -1]]},
        {"kind": "snooze"},
        {"kind": "snooze", "until": -1},
        {"kind": "snooze", "until": 2**62},
        {"at": -1},
        {"at": 2**62},
        {"ids": [[SOME_ID, 0]] * 501},
        {"kind": "answer", "answer": {"action": "yes", "text": "x" * 5000}},
    ],
    ids=lambda broken: str(broken)[:40],
)
def test_an_action_that_can_never_be_done_is_bad_and_alone(told: Person, broken: dict[str, object]) -> None:
    good = {"id": new_id(), "kind": "read", "ids": [[bell_of(told)["id"], 0]], "at": now_ms()}

    acks = told.rest.post("/v1/actions", {"actions": [good | {"id": new_id()} | broken, good]}).body["acks"]

    assert [ack["status"] for ack in acks] == ["bad", "ok"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"actions": []}, "actions"),
        ({"actions": [{"id": "x"}]}, "actions[0].kind"),
        ({"actions": [{"id": "x", "kind": "burn", "ids": [], "at": 0}]}, "actions[0].kind"),
        ({"actions": [{"id": "x", "kind": "read", "ids": [[5]], "at": 0}]}, "actions[0].ids[0][0]"),
        ({"actions": [{"id": "x", "kind": "read", "ids": [[]], "at": 0}]}, "actions[0].ids[0]"),
        ({"actions": [{"id": "x", "kind": "read", "ids": [], "at": "now"}]}, "actions[0].at"),
        ({"actions": [{"id": "x", "kind": "read", "ids": [], "at": 0, "who": "ben"}]}, "actions[0].who"),
        ({"actions": [{"id": str(n), "kind": "read", "ids": [], "at": 0} for n in range(201)]}, "actions"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_request_that_is_none_is_refused_with_its_field(ana: Person, body: object, field: str) -> None:
    answer = ana.rest.post("/v1/actions", body)

    assert (answer.status, answer.body.get("field")) == (422, field)
