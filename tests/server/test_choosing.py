"""A person who chooses much at once: others share the writer with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from handbell_server.actions.inbox import Act
from handbell_server.engine import feed
from handbell_server.engine.feed import Needs
from handbell_shared.ids import new_id
from handbell_shared.preferences import CHOICES_AT_MOST, Preferences, muted_by, name_of_rule
from handbell_shared.records import Ack, Action, Chosen, Notification, Scope
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

    monkeypatch.setattr(feed, "muted_by", counted)
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
