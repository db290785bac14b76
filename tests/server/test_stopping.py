"""What a disabled producer has going ends: for everybody, in portions, and whoever is killed in between."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from handbell_server.actions import dispatches, escalating, expectations, producers, stopping
from handbell_server.actions.dispatches import Reach
from handbell_server.actions.drafts import Draft
from handbell_server.actions.escalating import Pursue
from handbell_server.actions.expectations import Wanted
from handbell_server.actions.produce import Later, Produce, Recipient
from handbell_server.actions.stopping import Going
from handbell_server.reads import reading
from handbell_server.rules.alarming import Terms
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Alarm
from tests.support.engine_room import EngineRoom

HOUR = 3_600_000


def looked(room: EngineRoom, find: Any, *more: Any) -> Any:
    with reading.view(room.engine) as connection:
        return find(connection, *more)


def alarm(room: EngineRoom, *, due_at: int | None = None) -> None:
    draft = Draft(title="The shop is down", priority="urgent", alarm=Terms(new_id(), 60, 300))
    both = [Recipient(room.ana, "ana"), Recipient(room.bo, "bo")]
    later = [] if due_at is None else [(one, Later(f"user:{one.user_id}", due_at, 1)) for one in both]
    room.change(Produce(room.sender, draft, [] if later else both, later=later))


def schedule(room: EngineRoom, due_at: int, target: str = "everyone") -> None:
    room.change(Produce(room.sender, Draft(title="Later"), (), later=[(None, Later(target, due_at, 2))]))


def disable(room: EngineRoom) -> None:
    room.errand(partial(stopping.disable, name="ci"))


def end_all(room: EngineRoom) -> list[Going]:
    portions = []
    while looked(room, stopping.is_something_left):
        portions.append(room.errand(stopping.end_some))
    return portions


def rounds(room: EngineRoom) -> list[str]:
    done: list[str] = []
    while found := looked(room, escalating.due, now_ms()):
        done += [room.change(Pursue(one)) for one in found]
    return done


def alarms_seen(room: EngineRoom) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for user in (room.ana, room.bo):
        for record in looked(room, reading.snapshot, user, "", 50).changes:
            assert isinstance(record.alarm, Alarm)
            found.append((record.alarm.state, record.deleted))
    return found


def test_its_alarms_end_for_all_who_were_told_and_what_they_were_told_stays(room: EngineRoom) -> None:
    alarm(room)
    assert looked(room, stopping.going, "ci") == Going(alarms=1)

    disable(room)
    assert end_all(room) == [Going(alarms=1)]

    assert rounds(room) == ["settled"]
    assert alarms_seen(room) == [("over", ""), ("over", "")]
    assert [push.unread for push in room.pushes(room.bo)] == [1, 1], "it is still to be read"
    assert not looked(room, stopping.going, "ci")


def test_from_the_mark_on_nobody_is_rung_or_told_however_much_is_still_to_be_ended(room: EngineRoom) -> None:
    alarm(room)
    schedule(room, now_ms() - 1)
    alarm(room, due_at=now_ms() - 1)
    room.errand(
        lambda c: c.execute(text("UPDATE alarms SET next_at = next_at - 60000, started_at = started_at - 60000"))
    )
    [waiting, *_] = looked(room, dispatches.due, now_ms())

    disable(room)

    assert looked(room, dispatches.due, now_ms()) == []
    assert looked(room, dispatches.legs_due, now_ms()) == []
    assert looked(room, dispatches.next_leg, waiting) is None
    assert rounds(room) == []


def test_a_hundred_thousand_are_ended_in_portions_and_whoever_comes_next_ends_what_is_left(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "AT_ONCE", 2)
    for _ in range(5):
        schedule(room, now_ms() + HOUR)
    alarm(room)
    disable(room)
    assert room.errand(stopping.end_some) == Going(alarms=1, dispatches=2)  # and here it is killed

    assert end_all(room) == [Going(dispatches=2), Going(dispatches=1)]
    assert room.number("SELECT count(*) FROM dispatches WHERE state = 'recalled' AND finished_at > 0") == 5


def test_a_fan_out_that_is_under_way_stops_where_it_is(room: EngineRoom) -> None:
    schedule(room, now_ms())
    [found] = looked(room, dispatches.due, now_ms())
    leg = looked(room, dispatches.next_leg, found)
    disable(room)
    end_all(room)

    assert room.change(Reach(leg)) is False, "it was looked up before, and is withdrawn under its lock"
    assert room.number("SELECT count(*) FROM notifications") == 0


def test_let_in_again_nothing_comes_back_and_what_is_expected_has_its_whole_time(room: EngineRoom) -> None:
    wanted = Wanted(every=86_400, grace=3_600, what="ping", to="ana", draft=Draft(title=""), paused=False)
    room.errand(partial(expectations.define, producer_id=room.sender.id, name="backup", wanted=wanted))
    schedule(room, now_ms() + HOUR)
    assert looked(room, stopping.going, "ci") == Going(dispatches=1, expectations=1)
    disable(room)
    assert looked(room, stopping.going, "ci") == Going(dispatches=1), "nothing is expected of it"
    assert looked(room, producers.by_key, "k") is None
    end_all(room)
    room.errand(lambda c: c.execute(text("UPDATE expectations SET due_at = 5")))

    room.errand(partial(stopping.enable, name="ci"))

    assert looked(room, producers.by_key, "k") is not None
    assert looked(room, dispatches.due, now_ms() + 2 * HOUR) == []
    due_at = looked(room, expectations.one_of, room.sender.id, "backup").due_at
    assert due_at > now_ms() + 86_400_000
    assert room.number("SELECT count(*) FROM audit_log WHERE action IN ('producer.disable', 'producer.enable')") == 2


def test_nobody_elses_is_touched(room: EngineRoom) -> None:
    room.errand(lambda c: producers.add_producer(c, "nas", [], key_id="n", secret_hash="0" * 64))
    alarm(room)
    schedule(room, now_ms() + HOUR)
    room.errand(partial(stopping.disable, name="nas"))

    assert end_all(room) == []
    assert room.errand(stopping.end_some) == Going()
    assert looked(room, stopping.going, "ci") == Going(alarms=1, dispatches=1)
