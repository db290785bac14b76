"""No producer has more than so many alarms ringing, whoever looks at the same time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from handbell_server.actions import alarms
from handbell_server.actions.produce import Later, Once, Produce, ProduceAll
from handbell_server.errors import NotFound, Problem, RateLimited
from handbell_server.models import Producer
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
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


def test_an_alarm_of_a_batch_that_found_no_room_is_told_by_a_retry_once_and_the_others_are_answered_as_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)
    house.alarm("ana", key="shop")
    once = Once(new_id(), "hash of the batch")

    def again() -> tuple[list[Any], bool]:
        items: list[Produce | Problem] = [
            house.command("bo"),
            house.command("cy", alarm=None),
            NotFound("There is no user 'eve'."),
        ]
        results, replayed = house.room.change(ProduceAll(house.room.sender.id, items, once))
        return results, replayed

    (refused, told, lost), replayed = again()
    assert (refused.status, len(told.outcomes), lost.status, replayed) == (429, 1, 404, False)
    (refused, same, _), replayed = again()
    assert (refused.status, same.outcomes, replayed) == (429, told.outcomes, True), "there is no room yet"

    house.does("ana", "read")
    house.rounds()
    (rings, same, lost), _ = again()
    assert (len(rings.outcomes), same.outcomes, lost.status) == (1, told.outcomes, 404)
    with engine_room_beside(house.room) as other:
        house.room, here = other, house.room
        (as_before, same, lost), replayed = again()
        house.room = here
    assert (as_before.outcomes, same.outcomes, lost.status, replayed) == (rings.outcomes, told.outcomes, 404, True)
    assert [len(house.inbox(name)) for name in ("bo", "cy")] == [1, 1]


def test_of_two_retries_at_the_same_moment_one_tells_what_found_no_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 0)
    once = Once(new_id(), "hash of the batch")
    batch = [house.command("bo")]
    house.room.change(ProduceAll(house.room.sender.id, batch, once))
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 10)

    engine = house.room.engine
    with engine_room_beside(house.room) as other, engine.execution_options(immediate=True).connect() as first:
        with first.begin():
            first.execute(select(Producer.id).with_for_update()).all()
            asked = [room.ask(ProduceAll(room.sender.id, batch, once)) for room in (house.room, other)]
            if engine.dialect.name == "postgresql":
                waiting = text(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted "
                    "AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
                )
                until(
                    lambda: first.execute(waiting).scalar_one() >= 2,
                    10,
                    "one to wait for the producer, and one for that one",
                )
        told = [answer.wait()[0][0].outcomes for answer in asked]

    assert told[0] == told[1] and len(house.inbox("bo")) == 1
