"""What happens by itself: expiry, waking, retention, trimming, fan-outs that are carried on, and who does the rounds."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from handbell_server.actions import dispatches, forgetting, installation, topics
from handbell_server.actions.dispatches import Reach
from handbell_server.actions.drafts import Draft
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Later, Produce
from handbell_server.config import Config
from handbell_server.jobs import due
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Notification, Position, Target
from tests.support.engine_room import EngineRoom

DAY = 86_400_000


def tell(room: EngineRoom, **more: Any) -> str:
    return str(room.change(room.tell(room.ana, **more)).outcomes[0].id)


def shown(room: EngineRoom, user: int) -> tuple[Notification, ...]:
    with reading.view(room.engine) as connection:
        return reading.snapshot(connection, user, "", 500).changes


def carry_out(room: EngineRoom, commands: list[Any]) -> int:
    return sum(room.change(command) for command in commands)


def looked(room: EngineRoom, find: Any, *more: Any) -> Any:
    with reading.view(room.engine) as connection:
        return find(connection, *more)


def age(room: EngineRoom, an_id: str, days: int) -> None:
    then = now_ms() - days * DAY
    room.errand(
        lambda c: c.execute(text("UPDATE notifications SET created_at = :t WHERE id = :i"), {"t": then, "i": an_id})
    )


def test_what_has_expired_goes_from_every_device_and_counts_no_more(room: EngineRoom) -> None:
    tell(room, expires_at=now_ms() - 1)
    kept = tell(room, expires_at=now_ms() + 60_000)
    found = looked(room, due.expired)
    assert carry_out(room, due.removals(found, "expired")) == 1
    assert [record.id for record in shown(room, room.ana)] == [kept]
    last = room.pushes(room.ana)[-1]
    assert last.unread == 1
    assert [record.deleted for record in last.changes] == ["expired"]


def test_what_was_told_anew_since_it_was_found_does_not_expire(room: EngineRoom) -> None:
    tell(room, key="disk", expires_at=now_ms() - 1)
    found = looked(room, due.expired)
    tell(room, key="disk", expires_at=now_ms() + 60_000)
    assert carry_out(room, due.removals(found, "expired")) == 0
    assert len(shown(room, room.ana)) == 1


def test_a_snooze_that_is_over_rings_again_once(room: EngineRoom) -> None:
    an_id = tell(room)
    snooze = Action(id=new_id(), kind="snooze", ids=(Target(an_id),), at=now_ms(), until=now_ms() - 1)
    room.change(type(room.act(room.ana, "read", an_id))(room.ana, (snooze,)))
    found = looked(room, due.awake)
    assert carry_out(room, due.wakings(found)) == 1
    assert carry_out(room, due.wakings(found)) == 0, "another process had found it too"
    (record,) = shown(room, room.ana)
    assert (record.snoozed_until, record.read, record.cver) == (0, False, 2)


def test_what_was_archived_while_it_was_snoozed_stays_there_and_does_not_ring(room: EngineRoom) -> None:
    an_id = tell(room)
    snooze = Action(id=new_id(), kind="snooze", ids=(Target(an_id),), at=now_ms(), until=now_ms() - 1)
    room.change(Act(room.ana, (snooze,)))
    room.change(room.act(room.ana, "archive", an_id))
    assert carry_out(room, due.wakings(looked(room, due.awake))) == 1
    (record,) = shown(room, room.ana)
    assert (record.archived, record.snoozed_until, record.cver) == (True, 0, 1)
    assert looked(room, due.awake) == [], "it would be woken for ever"


def test_retention_takes_the_old_and_keeps_what_is_urgent_or_pinned(room: EngineRoom) -> None:
    config = Config(retain_days=90)
    old, urgent, pinned, young = tell(room), tell(room, priority="urgent"), tell(room), tell(room)
    room.change(room.act(room.ana, "pin", pinned))
    for an_id in (old, urgent, pinned):
        age(room, an_id, 91)
    carry_out(room, due.removals(looked(room, due.too_old, config), "retention"))
    assert {record.id for record in shown(room, room.ana)} == {urgent, pinned, young}


def test_an_inbox_keeps_its_newest_when_it_holds_too_many(room: EngineRoom) -> None:
    ids = [tell(room) for _ in range(7)]
    found = looked(room, due.too_many, Config(retain_count=3))
    carry_out(room, due.removals(found, "retention"))
    assert [record.id for record in shown(room, room.ana)] == ids[-3:]


def test_trimming_tombstones_sends_those_who_were_away_too_long_to_a_snapshot(room: EngineRoom) -> None:
    kept, gone = tell(room), tell(room)
    room.change(room.act(room.ana, "delete", gone))
    long_ago = now_ms() - 31 * DAY
    room.errand(
        lambda c: c.execute(text("UPDATE notifications SET deleted_at = :t WHERE deleted <> ''"), {"t": long_ago})
    )
    assert room.errand(lambda c: due.trim(c, Config())) == 1
    assert room.errand(lambda c: due.trim(c, Config())) == 0

    def ask(rev: int) -> str | None:
        with reading.view(room.engine) as connection:
            return reading.delta(connection, room.ana, Position(reading.epoch(connection), rev), 10).snapshot

    assert [ask(rev) for rev in (0, 2, 3)] == ["too_old", "too_old", None]
    assert [record.id for record in shown(room, room.ana)] == [kept]


def test_keys_and_actions_are_forgotten_when_no_retry_can_come_any_more(room: EngineRoom) -> None:
    room.change(room.tell(room.ana, once="old"))
    room.change(room.tell(room.ana, once="young"))
    then = now_ms() - 73 * 3_600_000
    room.errand(lambda c: c.execute(text("UPDATE idempotency_keys SET created_at = :t WHERE key = 'old'"), {"t": then}))
    assert room.errand(lambda c: due.forget(c, Config())) == 1
    assert room.change(room.tell(room.ana, once="young")).replayed
    assert not room.change(room.tell(room.ana, once="old")).replayed


def test_of_what_is_forgotten_a_portion_is_dropped_at_a_time(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for number in range(5):
        room.change(room.tell(room.ana, once=f"key {number}"))
        room.change(room.act(room.ana, "read", new_id()))
    room.errand(lambda c: c.execute(text("UPDATE idempotency_keys SET created_at = 1")))
    room.errand(lambda c: c.execute(text("UPDATE applied_actions SET at = 1")))

    assert [room.errand(lambda c: due.forget(c, Config())) for _ in range(4)] == [4, 4, 2, 0]


def fan_out(room: EngineRoom, target: str = "everyone", **more: Any) -> str:
    later = Later(target, now_ms(), 2)
    produced = room.change(Produce(room.sender, Draft(title="v2", **more), (), later=[(None, later)]))
    return str(produced.outcomes[0].id)


def test_a_fan_out_reaches_everybody_once_however_many_carry_it(room: EngineRoom) -> None:
    dispatch = fan_out(room)
    leg = looked(room, dispatches.next_leg, dispatch)
    # Two processes have found the same leg; and one of them comes again after a kill.
    for _ in range(3):
        room.change(Reach(leg))
    assert looked(room, dispatches.next_leg, dispatch) is None
    assert [len(shown(room, user)) for user in (room.ana, room.bo)] == [1, 1]
    assert room.number("SELECT reached FROM dispatches") == 2


def test_a_fan_out_killed_between_two_legs_goes_on_where_it_was(room: EngineRoom, monkeypatch: Any) -> None:
    monkeypatch.setattr(dispatches, "CHUNK", 1)
    dispatch = fan_out(room)
    for _ in range(5):
        leg = looked(room, dispatches.next_leg, dispatch)
        if leg is None:
            break
        room.change(Reach(leg))
    assert looked(room, dispatches.next_leg, dispatch) is None
    assert [len(shown(room, user)) for user in (room.ana, room.bo)] == [1, 1]


def test_a_topic_reaches_its_subscribers_and_nobody_else(room: EngineRoom) -> None:
    room.errand(lambda c: topics.subscribe(c, room.bo, "deploys"))
    room.change(Reach(looked(room, dispatches.next_leg, fan_out(room, "topic:deploys"))))
    assert [len(shown(room, user)) for user in (room.ana, room.bo)] == [0, 1]


def test_what_expired_before_it_could_be_delivered_is_told_to_nobody(room: EngineRoom) -> None:
    for target in ("everyone", f"user:{room.ana}"):
        dispatch = fan_out(room, target, expires_at=now_ms() - 1)
        assert room.change(Reach(looked(room, dispatches.next_leg, dispatch))) is False
        assert looked(room, dispatches.next_leg, dispatch) is None
    assert room.number("SELECT count(*) FROM dispatches WHERE state = 'done' AND reached = 0") == 2
    assert room.number("SELECT count(*) FROM notifications") == 0
    assert room.pushes(room.ana) == room.pushes(room.bo) == []


def test_one_process_does_the_rounds_until_it_is_gone(room: EngineRoom) -> None:
    def take(who: str, for_ms: int = 60_000) -> bool:
        return bool(room.errand(lambda c: installation.take_duty(c, "upkeep", who, for_ms)))

    assert take("one") and take("one")
    assert not take("two")
    assert take("one", -1), "a lease that has run out"
    assert take("two")
    room.errand(lambda c: installation.drop_duties(c, "two"))
    assert take("one")
