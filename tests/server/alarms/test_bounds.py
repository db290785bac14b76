"""No producer has more than so many alarms ringing, whoever looks at the same time."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from handbell_server.actions import alarms
from handbell_server.actions.produce import Later, ProduceAll
from handbell_server.errors import RateLimited
from handbell_server.models import Producer
from handbell_shared.clock import now_ms
from tests.server.alarms.house import House, carry
from tests.support.engine_room import Answer, engine_room_beside
from tests.support.waiting import until


def test_of_two_processes_one_begins_the_last_that_may_ring(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)
    engine = house.room.engine
    with engine_room_beside(house.room) as other, engine.execution_options(immediate=True).connect() as first:
        with first.begin():  # so that both are there before either can look
            first.execute(select(Producer.id).with_for_update()).all()
            asked = [house.room.ask(house.command("ana")), other.ask(house.command("bo"))]
            if engine.dialect.name == "postgresql":
                waiting = text(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                until(lambda: first.execute(waiting).scalar_one() >= 1, 10, "one of them to wait for the producer")
        results = [outcome(one) for one in asked]

    assert sorted(results) == ["429", "told"]
    assert len(house.inbox("ana") + house.inbox("bo")) == 1


def outcome(answer: Answer) -> str:
    try:
        answer.wait()
    except RateLimited as problem:
        return str(problem.status)
    return "told"


def test_an_incident_that_rings_goes_on_however_many_there_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)
    house.alarm(key="shop")

    house.alarm(key="shop", title="It is still down")
    with pytest.raises(RateLimited):
        house.alarm("ana", "bo", key="shop")

    assert house.shown("ana").title == "It is still down", "what is refused has changed nothing"
    assert house.inbox("bo") == ()
    results, _ = house.room.change(
        ProduceAll(house.room.sender.id, [house.command("bo"), house.command("cy", alarm=None)], None)
    )
    assert [isinstance(one, RateLimited) for one in results] == [True, False]


def test_what_was_scheduled_and_finds_too_many_is_told_and_rings_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = house.command("bo")
    command.later, command.recipients = (
        [(one, Later(f"user:{one.user_id}", now_ms() - 1, 1)) for one in command.recipients],
        (),
    )
    (scheduled,) = (one.id for one in house.room.change(command).outcomes)
    house.alarm("ana")
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)

    carry(house.room, scheduled)

    assert (house.shown("bo").priority, house.shown("bo").alarm) == ("urgent", None)
    assert house.room.number("SELECT count(*) FROM alarms") == 1
