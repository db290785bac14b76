"""A person who chooses much at once: others share the writer with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from handbell_server.actions.inbox import Act, ChooseAll
from handbell_server.engine import inbox, writer
from handbell_server.engine.feed import Needs
from handbell_server.errors import Invalid
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.ids import new_id
from handbell_shared.preferences import CHOICES_AT_MOST, REMOVED_AT_MOST, Preferences, muted_by, name_of_rule
from handbell_shared.records import Ack, Action, Chosen, Notification, Position, Scope, Target
from tests.support.engine_room import EngineRoom


def choosing(user: int, chosen: Iterable[tuple[str, Any]], at: int = 1) -> Act:
    return Act(user, [Action(id=new_id(), kind="choose", ids=(), at=at, choice=Chosen(*one)) for one in chosen])


def mutes(count: int) -> list[tuple[str, Any]]:
    return [(name_of_rule(Scope(f"source {number}")), {"badge": False}) for number in range(count)]


def test_many_rules_in_one_request_judge_what_waits_once(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        room.change(room.tell(room.ana, title=str(number)))
    judged = []

    def counted(preferences: Preferences, record: Notification) -> dict[str, Scope] | None:
        judged.append(record.title)
        return muted_by(preferences, record)

    monkeypatch.setattr(inbox, "muted_by", counted)
    acks: tuple[Ack, ...] = room.change(
        choosing(room.ana, [*mutes(198), (name_of_rule(Scope("ci")), {"badge": False})])
    )

    assert {ack.status for ack in acks} == {"ok"} and len({ack.rev for ack in acks}) == 1
    assert sorted(judged) == ["0", "1", "2", "3", "4"]
    (push,) = room.pushes(room.ana)[5:]
    assert push.unread == 0 and len(push.changes) == 5 and len(push.choices) == 199


def test_a_pause_does_not_look_at_what_waits() -> None:
    pause, rule = Needs(), Needs()

    choosing(7, [("pause", 4_000_000_000_000), ("devices", "in_use")]).needs(pause)
    choosing(7, mutes(1)).needs(rule)

    assert (pause.choosing, rule.choosing) == (set(), {7})


def test_whoever_has_all_the_rules_there_is_room_for_can_still_pause(room: EngineRoom) -> None:
    room.change(choosing(room.ana, mutes(CHOICES_AT_MOST)))

    one_more, pause, known = room.change(
        choosing(room.ana, [(name_of_rule(Scope("another")), {"toast": False}), ("pause", 1), mutes(1)[0]], at=2)
    )

    assert [ack.status for ack in (one_more, pause, known)] == ["bad", "ok", "ok"]
    assert [one.name for one in room.pushes(room.ana)[-1].choices] == ["pause", mutes(1)[0][0]]


def test_who_adds_and_removes_rules_for_ever_meets_no_bound_and_no_heap_grows(room: EngineRoom) -> None:
    for number in range(12):
        names = [name_of_rule(Scope(f"{number} {one}")) for one in range(60)]
        for says in ({"toast": False}, None):
            acks = room.change(choosing(room.ana, [(name, says) for name in names], at=now_ms()))
            assert {ack.status for ack in acks} == {"ok"}

    with reading.view(room.engine) as connection:
        kept = reading.choices(connection, room.ana, 0)
        epoch = reading.epoch(connection)
        away = reading.delta(connection, room.ana, Position(epoch, 3), 50)
        following = reading.delta(connection, room.ana, Position(epoch, 23), 50)
    assert len(kept) <= REMOVED_AT_MOST + 60
    assert (away.snapshot, following.snapshot) == ("too_old", None)
    digest = to_hex(digest_of((), kept))
    assert (following.digest, room.pushes(room.ana)[-1].digest) == (digest, digest)


def test_all_choices_of_a_request_or_none_of_them(room: EngineRoom) -> None:
    def many(chosen: list[tuple[str, Any]]) -> ChooseAll:
        return ChooseAll(room.ana, choosing(room.ana, chosen, at=now_ms()).actions)

    room.change(choosing(room.ana, mutes(CHOICES_AT_MOST - 1)))
    two: list[tuple[str, Any]] = [(name_of_rule(Scope(name)), {"toast": False}) for name in ("one", "two")]
    told = len(room.pushes(room.ana))

    with pytest.raises(Invalid) as refused:
        room.change(many([("pause", 5), *two]))

    assert refused.value.field == "rules"
    assert len(room.pushes(room.ana)) == told, "not even the pause"
    room.change(many([*two, (mutes(1)[0][0], None)]))  # one goes and two come: there is room for that
    assert len(room.pushes(room.ana)[-1].choices) == 3


def test_what_was_said_by_a_clock_that_was_wrong_gives_way_to_whatever_is_said_now(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_id = room.change(room.tell(room.ana)).outcomes[0].id
    ahead = now_ms() + 365 * 86_400_000
    pin = Action(id=new_id(), kind="pin", ids=(Target(an_id, 0),), at=ahead)
    snooze = Action(id=new_id(), kind="snooze", ids=(Target(an_id, 0),), at=ahead, until=ahead + 1)
    with monkeypatch.context() as clock:
        clock.setattr(writer, "now_ms", lambda: ahead)
        room.change(Act(room.ana, [pin, snooze, *choosing(room.ana, [("pause", 5)], at=ahead).actions]))

    now = now_ms()
    later = [
        Action(id=new_id(), kind="unpin", ids=(Target(an_id, 0),), at=now),
        Action(id=new_id(), kind="snooze", ids=(Target(an_id, 0),), at=now, until=now + 9),
        *choosing(room.ana, [("pause", 7)], at=now).actions,
    ]
    room.change(Act(room.ana, later))
    stale = choosing(room.ana, [("pause", 9)], at=now - 1).actions[0]
    room.change(Act(room.ana, [stale]))

    push = room.pushes(room.ana)[2]
    (record,), (pause,) = push.changes, push.choices
    assert (record.pinned, record.pin_at, record.snoozed_until, record.snooze_at) == (False, now, now + 9, now)
    assert (pause.value, pause.at) == (7, now)
    assert len(room.pushes(room.ana)) == 3, "from here on the last writer wins again"


def test_servers_whose_clocks_differ_a_little_agree_on_the_last_writer(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = now_ms()
    room.change(choosing(room.ana, [("pause", 5)], at=now))
    monkeypatch.setattr(writer, "now_ms", lambda: now - 1_000)  # the other server

    room.change(choosing(room.ana, [("pause", 6)], at=now - 2_000))

    assert [one.value for push in room.pushes(room.ana) for one in push.choices] == [5]
