"""`until_acknowledged`: what a producer may ask for, what it sees, and that a running server does it by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from handbell_server.actions.alarms import RINGING_AT_MOST
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, created
from tests.support.receiver import Receiver
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

HOW = {"repeat": 30, "expire": 60}
BUTTONS = [{"id": "mine", "label": "I have it"}, {"id": "no", "label": "Not now"}]


def rings(producer: Rest, to: Any, *then: Person, **more: Any) -> Answer:
    how = HOW | ({"escalate_to": [one.name for one in then]} if then else {})
    return producer.notify(to, "The shop is down", **{"priority": "urgent", "until_acknowledged": how} | more)


def passes(stage: Stage, seconds: int) -> None:
    """So much later."""
    ms = seconds * 1_000
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(text(f"UPDATE alarms SET next_at = next_at - {ms}, started_at = started_at - {ms}"))


def alarm_of(producer: Rest, an_id: str) -> dict[str, Any]:
    answer = producer.get(f"/v1/notifications/{an_id}")
    assert answer.status == 200, answer
    alarm: dict[str, Any] = answer.body["alarm"]
    return alarm


def bell(person: Person) -> dict[str, Any]:
    (found,) = person.inbox(state="all")
    return found


def test_it_rings_is_passed_on_and_the_producer_sees_who_has_it(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    with Receiver() as receiver:
        events = ["notification.acknowledged", "notification.escalated"]
        created(ci.post("/v1/webhooks", {"url": receiver.url, "events": events}))
        sent = created(rings(ci, ana.name, ben, key="shop"))
        assert bell(ana)["alarm"] == {"id": bell(ana)["alarm"]["id"], "every": 30}
        assert alarm_of(ci, sent["id"]) == {
            "state": "ringing", "rings": 1, "people": [ana.name], "told": [{"id": sent["id"], "user": ana.name}],
            "next_at": sent["created_at"] + 30_000,
        }  # fmt: skip

        passes(stage, 30)
        until(lambda: bell(ana).get("cver") == 2, 10, "it to ring again")
        passes(stage, 30)
        until(ben.inbox, 10, "ben to be told")
        alarm = alarm_of(ci, sent["id"])
        assert (alarm["people"], [one["user"] for one in alarm["told"]]) == ([ben.name], [ana.name, ben.name])
        until(lambda: bell(ana)["alarm"].get("who") == ben.name, 10, "ana to see whose turn it is")

        assert ben.does("read", bell(ben))["status"] == "ok"

        until(lambda: bell(ana)["alarm"]["state"] == "acknowledged", 10, "ana to see that ben has it")
        assert bell(ana)["alarm"]["who"] == ben.name
        steps = ana.rest.get(f"/v1/inbox/{sent['id']}/trace").body["steps"]
        assert [one["step"] for one in steps] == ["stored", "rung_again", "alarm"]
        assert (steps[1]["at"], steps[2]["why"], steps[2]["by"]) == (bell(ana)["updated_at"], "acknowledged", ben.name)
        # By either of its notifications, and with the times that matter.
        alarm = alarm_of(ci, bell(ben)["id"])
        assert alarm.pop("acknowledged_at") <= now_ms()
        assert alarm["acknowledged_by"] == ben.name
        assert set(alarm) == {"state", "rings", "told", "acknowledged_by"}
        receiver.wait_for(2)
    told = {one.message["type"]: one.data for one in receiver.received}
    assert {name: (data["user"], data["key"]) for name, data in told.items()} == dict.fromkeys(
        events, (ben.name, "shop")
    )
    lines = stage.rest().get("/metrics").body.decode().splitlines()
    counted = {line.split()[0] for line in lines if line.startswith("handbell_alarms_total")}
    assert {f'handbell_alarms_total{{deed="{deed}"}}' for deed in ("rung", "escalated", "settled")} <= counted


def test_an_answer_is_an_acknowledgement_also_by_the_next_person(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    sent = created(rings(ci, ana.name, ben, actions=BUTTONS, answers="first"))
    assert set(sent) == {"id", "user", "revision", "created_at"}
    passes(stage, 60)
    until(ben.inbox, 10, "ben to be told")

    ben.does("answer", bell(ben), answer={"action": "mine"})

    assert alarm_of(ci, sent["id"])["acknowledged_by"] == ben.name
    answer = ci.get(f"/v1/notifications/{sent['id']}/answer?wait=10")
    assert (answer.body["user"], answer.body["action"]) == (ben.name, "mine")
    until(lambda: bell(ana)["alarm"].get("state") == "acknowledged", 10, "ana to see it")
    assert bell(ana)["answer"]["by"] == ben.name


def test_taking_it_back_takes_it_back_from_everybody(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    sent = created(rings(ci, ana.name, ben))
    passes(stage, 60)
    until(ben.inbox, 10, "ben to be told")
    assert ci.delete(f"/v1/notifications/{sent['id']}").body == {"recalled": 1}
    until(lambda: not ben.inbox(state="all"), 10, "it to go from ben too")
    assert alarm_of(ci, sent["id"])["state"] == "over"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"priority": "high"}, "priority"),
        ({"priority": None}, "priority"),
        ({"silent": True}, "silent"),
        ({"to": {"topic": "deploys"}}, "until_acknowledged"),
        ({"to": {"everyone": True}}, "until_acknowledged"),
        ({"until_acknowledged": {"repeat": 29, "expire": 60}}, "until_acknowledged.repeat"),
        ({"until_acknowledged": {"repeat": 10_801, "expire": 20_000}}, "until_acknowledged.repeat"),
        ({"until_acknowledged": {"repeat": 30, "expire": 86_401}}, "until_acknowledged.expire"),
        ({"until_acknowledged": {"repeat": 60, "expire": 59}}, "until_acknowledged.expire"),
        ({"until_acknowledged": {"repeat": 60}}, "until_acknowledged.expire"),
        ({"until_acknowledged": HOW | {"escalate_to": ["nobody"] * 11}}, "until_acknowledged.escalate_to"),
        ({"until_acknowledged": HOW | {"escalate_to": ["ana"]}}, "until_acknowledged.escalate_to[0]"),
        ({"until_acknowledged": HOW | {"escalate_to": ["ben", "ben"]}}, "until_acknowledged.escalate_to[1]"),
        ({"until_acknowledged": HOW | {"escalate_to": ["ben", "nobody"]}}, "until_acknowledged.escalate_to[1]"),
    ],
)
def test_what_cannot_ring_like_that_is_refused_with_the_name_of_the_field(
    sqlite_stage: Stage, change: dict[str, Any], field: str
) -> None:
    producer, ana, ben = sqlite_stage.producer(), sqlite_stage.person("ana"), sqlite_stage.person("ben")
    names = {"ana": ana.name, "ben": ben.name}
    body: dict[str, Any] = {"to": ana.name, "title": "Down", "priority": "urgent", "until_acknowledged": HOW} | change
    how = body["until_acknowledged"]
    if "escalate_to" in how:
        body["until_acknowledged"] = how | {"escalate_to": [names.get(name, name) for name in how["escalate_to"]]}

    answer = producer.post("/v1/notifications", body)

    assert (answer.status, answer.body.get("field")) == (404 if answer.code == "unknown_user" else 422, field)
    assert ana.inbox() == []


def test_it_must_be_allowed_to_reach_everybody_on_the_list(stage: Stage, ana: Person, ben: Person) -> None:
    producer = stage.producer([f"send:user:{ana.name}", "receipts"])
    assert rings(producer, ana.name).status == 201
    refused = rings(producer, ana.name, ben)
    assert (refused.status, refused.body["field"]) == (403, "until_acknowledged.escalate_to[0]")
    assert len(ana.inbox()) == 1


def test_a_retry_begins_no_second_alarm_and_a_batch_has_one_for_each(stage: Stage, ci: Rest, ana: Person) -> None:
    key = new_id()
    first, again = (created(rings(ci, ana.name, idempotency=key)) for _ in range(2))
    assert first == again
    body = {"to": ana.name, "title": "Down", "priority": "urgent", "until_acknowledged": HOW}
    answer = ci.post("/v1/notifications/batch", {"notifications": [body, body | {"priority": "low"}]})
    assert answer.body["accepted"] == 1
    assert answer.body["results"][1]["error"]["field"] == "priority"
    with stage.engine.connect() as connection:
        told = connection.execute(text("SELECT told FROM alarms")).scalars().all()
    assert sum(first["id"] in one for one in told) == 1
    assert sum(answer.body["results"][0]["id"] in one for one in told) == 1


NEVER = 9_000_000_000_000


def fill(stage: Stage, sent: dict[str, Any]) -> None:
    """As many as this one's producer may have ring at the same time."""
    columns = "producer_id, state, repeat_s, expire_s, people, payload, step, rings, told, started_at, created_at"
    alike = f"SELECT :id, {NEVER}, {columns} FROM alarms WHERE told LIKE :told AND next_at < {NEVER}"
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(
            text(f"INSERT INTO alarms (id, next_at, {columns}) {alike}"),
            [{"id": new_id(), "told": f"%{sent['id']}%"} for _ in range(RINGING_AT_MOST - 1)],
        )


def make_room(stage: Stage) -> None:
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(text(f"DELETE FROM alarms WHERE next_at = {NEVER}"))


def test_a_producer_may_have_only_so_many_at_once(sqlite_stage: Stage) -> None:
    producer, ana = sqlite_stage.producer(), sqlite_stage.person("ana")
    fill(sqlite_stage, created(rings(producer, ana.name)))

    refused = rings(producer, ana.name)

    assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, "rate_limited", "60")
    assert producer.notify(ana.name, "Something else").status == 201
    assert rings(sqlite_stage.producer(), ana.name).status == 201, "it is each producer's own bound"


def test_a_retry_of_a_batch_is_marked_as_one_unless_it_tells_what_found_no_room(stage: Stage, ana: Person) -> None:
    producer = stage.producer()
    fill(stage, created(rings(producer, ana.name)))
    alarm = {"to": ana.name, "title": "The cellar too", "priority": "urgent", "until_acknowledged": HOW}
    items, once = [alarm, {"to": ana.name, "title": "Something else"}], {"Idempotency-Key": new_id()}

    def send() -> Answer:
        return producer.post("/v1/notifications/batch", {"notifications": items}, headers=once)

    first, again = send(), send()
    make_room(stage)
    anew, last = send(), send()

    marked = [answer.headers.get("idempotency-replayed") for answer in (first, again, anew, last)]
    assert marked == [None, "true", None, "true"]
    assert [answer.body["accepted"] for answer in (first, again, anew, last)] == [1, 1, 2, 2]
    assert anew.body == last.body and anew.body["results"][1] == first.body["results"][1]
