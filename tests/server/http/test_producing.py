"""POST /v1/notifications: whom it tells, what it answers, and when."""

from typing import Any

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until


def test_one_user_is_told_and_the_answer_names_the_notification(ci: Rest, ana: Person) -> None:
    before = now_ms()

    answer = created(ci.notify(ana.name, "Build failed", body="main is red", type="error", priority="high"))

    assert is_id(answer["id"])
    assert answer == {"id": answer["id"], "user": ana.name, "revision": 1, "created_at": answer["created_at"]}
    assert before <= answer["created_at"] <= now_ms()
    (bell,) = ana.inbox()
    assert bell["id"] == answer["id"]
    assert (bell["title"], bell["body"], bell["type"], bell["priority"]) == (
        "Build failed",
        "main is red",
        "error",
        "high",
    )


def test_everything_a_producer_says_arrives_as_it_was_said(ci: Rest, ana: Person) -> None:
    said: dict[str, Any] = {
        "body": "Zeile eins\nund 🔔",
        "link": "https://ci.example/builds/1017?a=b#c",
        "data": {"build": 1017, "steps": ["lint", {"name": "test"}], "ratio": 0.5, "none": None},
        "actor": {"name": "Béla", "user": "bela", "image": "https://ci.example/bela.png"},
        "image": "https://ci.example/red.png",
        "group": "build/main",
        "key": "build-1017",
        "silent": True,
        "actions": [
            {"id": "approve", "label": "Approve"},
            {"id": "say", "label": "Say why", "kind": "reply"},
            {"id": "open", "label": "Open", "kind": "link", "link": "https://ci.example"},
        ],
    }

    created(ci.notify(ana.name, "Prüfung fehlgeschlagen ❌", **said))

    (bell,) = ana.inbox()
    assert {name: bell[name] for name in said} == said
    assert bell["title"] == "Prüfung fehlgeschlagen ❌"


def test_a_list_of_users_is_told_once_each(ci: Rest, ana: Person, ben: Person) -> None:
    answer = created(ci.notify([ana.name, ben.name, ana.name], "Lunch"))

    assert answer["accepted"] == 2
    assert [one["user"] for one in answer["notifications"]] == [ana.name, ben.name]
    assert ana.titles() == ben.titles() == ["Lunch"]
    assert ana.inbox()[0]["id"] != ben.inbox()[0]["id"]


def test_nobody_is_told_when_one_of_the_users_does_not_exist(ci: Rest, ana: Person) -> None:
    answer = ci.notify([ana.name, "nobody-at-all"], "Lunch")

    assert (answer.status, answer.code, answer.body["field"]) == (404, "unknown_user", "to[1]")
    assert ana.titles() == []


def test_a_topic_tells_its_subscribers_and_nobody_else(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    assert ana.rest.put("/v1/topics/deploys.eu/subscription").status == 204

    answer = created(ci.notify({"topic": "deploys.eu"}, "v2 is live"))

    assert answer["accepted"] == 1 and answer["notifications"] == [] and is_id(answer["id"])
    until(ana.titles, 5, "the subscriber to be told")
    assert ana.titles() == ["v2 is live"]
    assert ben.titles() == []


def test_everyone_means_everyone(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    answer = created(ci.notify({"everyone": True}, "Fire drill at three"))

    assert answer["accepted"] >= 2
    until(lambda: ana.titles() and ben.titles(), 5, "everybody to be told")
    assert ana.titles() == ben.titles() == ["Fire drill at three"]


def test_a_topic_without_subscribers_is_accepted_for_nobody(ci: Rest) -> None:
    assert created(ci.notify({"topic": "nobody-listens"}, "Anybody?"))["accepted"] == 0


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (("send:user",), {"user"}),
        (("send:topic",), {"topic"}),
        (("send:all",), {"everyone"}),
        (("send:topic:scoped",), {"topic"}),
        (("send:topic:other",), set()),
        (("recall", "receipts"), set()),
    ],
    ids=" ".join,
)
def test_a_key_sends_where_its_scopes_allow(
    stage: Stage, ana: Person, scopes: tuple[str, ...], allowed: set[str]
) -> None:
    producer = stage.producer(scopes)

    answers = {
        "user": producer.notify(ana.name, "Hello"),
        "topic": producer.notify({"topic": "scoped"}, "Hello"),
        "everyone": producer.notify({"everyone": True}, "Hello"),
    }

    assert {name for name, answer in answers.items() if answer.status == 201} == allowed
    assert {answer.code for name, answer in answers.items() if name not in allowed} <= {"forbidden"}
    if "everyone" in allowed:  # whoever comes after this test is not to be told
        until(ana.titles, 5, "everybody to be told")


def test_a_key_for_one_person_tells_nobody_else(stage: Stage, ana: Person, ben: Person) -> None:
    producer = stage.producer([f"send:user:{ana.name}"])

    assert producer.notify(ana.name, "For you").status == 201
    assert producer.notify(ben.name, "For you").code == "forbidden"
    assert producer.notify([ana.name, ben.name], "For you").code == "forbidden"
    assert (ana.titles(), ben.titles()) == (["For you"], [])


def test_a_key_for_one_person_does_not_learn_who_else_exists(stage: Stage, ana: Person, ben: Person) -> None:
    producer = stage.producer([f"send:user:{ana.name}"])

    assert producer.notify(ben.name, "There?").status == producer.notify("nobody-at-all", "There?").status == 403


def test_nobody_is_told_of_their_own_action(ci: Rest, ana: Person, ben: Person) -> None:
    alone = ci.notify(ana.name, "Ana liked it", actor=ana.name)
    both = created(ci.notify([ana.name, ben.name], "Ana liked it", actor={"name": "Ana", "user": ana.name}))

    assert (alone.status, alone.body) == (200, {"user": ana.name, "skipped": "own_action"})
    assert both["accepted"] == 1 and both["notifications"][0] == alone.body
    assert (ana.titles(), ben.titles()) == ([], ["Ana liked it"])


def test_unless_the_producer_wants_it(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "You liked it", actor=ana.name, notify_actor=True))

    assert ana.titles() == ["You liked it"]


def test_what_is_for_later_comes_later(ci: Rest, ana: Person) -> None:
    due = now_ms() + 1_500

    answer = created(ci.notify(ana.name, "Stand-up", deliver_at=due))

    assert (answer["user"], answer["deliver_at"]) == (ana.name, due)
    assert ana.titles() == [] or now_ms() >= due
    until(ana.titles, 8, "the time to come")
    assert ana.inbox()[0]["id"] == answer["id"]
    assert now_ms() >= due


def test_a_delivery_time_that_has_passed_means_now(ci: Rest, ana: Person) -> None:
    assert created(ci.notify(ana.name, "Stand-up", deliver_at="2001-01-01T00:00:00Z"))["revision"] == 1


def test_a_notification_expires(ci: Rest, ana: Person) -> None:
    moment = now_ms() + 1_500
    created(ci.notify(ana.name, "Coffee is ready", expires_at=moment))
    created(ci.notify(ana.name, "Tea is ready", ttl=1))
    created(ci.notify(ana.name, "Stays", ttl=3600))
    assert "Coffee is ready" in ana.titles() or now_ms() >= moment

    until(lambda: ana.titles() == ["Stays"], 8, "both to expire")
    assert ana.page()["unread"] == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expires_at": 1}, "expires_at"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2040-01-01T00:00:00"}, "expires_at"),  # which zone?
        ({"ttl": 60, "expires_at": "2040-01-01T00:00:00Z"}, "ttl"),
        ({"ttl": 0}, "ttl"),
        ({"deliver_at": "2999-01-01T00:00:00Z"}, "deliver_at"),
        ({"deliver_at": -5}, "deliver_at"),
        ({"deliver_at": 2**53}, "deliver_at"),
        ({"priority": "huge"}, "priority"),
        ({"title": "   "}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"body": "x" * 4097}, "body"),
        ({"type": "two\nlines"}, "type"),
        ({"key": ""}, "key"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "file:///etc/passwd"}, "link"),
        ({"link": "https://user:pass@example.org"}, "link"),
        ({"image": "data:image/png;base64,AAAA"}, "image"),
        ({"actor": {"name": "A", "image": "ftp://x/y"}}, "actor.image"),
        ({"actor": {"nick": "A"}}, "actor.nick"),
        ({"data": [1, 2]}, "data"),
        ({"data": {"x": "y" * 9000}}, "data"),
        ({"actions": [{"id": "a", "label": "A"}] * 2}, "actions[1].id"),
        ({"actions": [{"id": "a"}]}, "actions[0].label"),
        ({"actions": [{"id": "a", "label": "A", "kind": "link"}]}, "actions[0].link"),
        ({"actions": [{"id": "a", "label": "A", "kind": "link", "link": "file:///x"}]}, "actions[0].link"),
        ({"actions": [{"id": str(i), "label": "A"} for i in range(6)]}, "actions"),
        ({"to": []}, "to"),
        ({"to": {}}, "to"),
        ({"to": {"topic": "x", "everyone": True}}, "to"),
        ({"to": {"topic": "no spaces"}}, "to.topic"),
        ({"to": {"topics": "x"}}, "to.topics"),
        ({"to": 5}, "to"),
        ({"to": [5]}, "to[0]"),
        ({"to": ["x"] * 101}, "to"),
        ({"silent": "yes"}, "silent"),
        ({"titel": "Build failed"}, "titel"),
    ],
    ids=str,
)
def test_a_mistake_is_refused_and_its_field_is_named(
    ci: Rest, ana: Person, more: dict[str, object], field: str
) -> None:
    answer = ci.post("/v1/notifications", {"to": ana.name, "title": "Build failed"} | more)

    assert (answer.status, answer.body["field"]) == (422, field)
    assert ana.titles() == []


def test_data_may_be_nested_eight_deep_and_no_deeper(ci: Rest, ana: Person) -> None:
    def nested(depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        for _ in range(depth - 1):
            data = {"x": data}
        return data

    assert ci.notify(ana.name, "Eight", data=nested(8)).status == 201
    assert ci.notify(ana.name, "Nine", data=nested(9)).body["field"] == "data"
