"""What a person does on this device, as actions: with ids of their own, and at a time that never runs backwards here.

The last writer of a pin, a snooze or a choice wins by that time. So it is never before what the act is to replace, even if
another device, whose clock is ahead, did that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from handbell_shared.actions import generation_for
from handbell_shared.ids import new_id
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Action, ActionKind, AnswerGiven, Choice, Chosen, Notification, Target


class Acting:
    """`now` is the server's clock, as far as it is known."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._last_at = 0

    def on(
        self, kind: ActionKind, records: Sequence[Notification], until: int, answer: AnswerGiven | None
    ) -> list[Action]:
        """As many actions as it takes to name them all."""
        return [
            self._action(kind, records[first : first + TARGETS_PER_ACTION], until, answer)
            for first in range(0, len(records), TARGETS_PER_ACTION)
        ]

    def choice(self, name: str, value: Any, before: Choice | None, at: int | None) -> Action:
        """`at` is for what must not win over anything the person ever chose."""
        latest = self._latest()
        when = latest if before is None else max(latest, before.at + 1)
        return Action(id=new_id(), kind="choose", ids=(), at=when if at is None else at, choice=Chosen(name, value))

    def _action(
        self, kind: ActionKind, records: Sequence[Notification], until: int, answer: AnswerGiven | None
    ) -> Action:
        targets = tuple(Target(record.id, generation_for(kind, record)) for record in records)
        return Action(id=new_id(), kind=kind, ids=targets, at=self._at(kind, records), until=until, answer=answer)

    def _at(self, kind: ActionKind, records: Iterable[Notification]) -> int:
        latest = self._latest()
        match kind:
            case "snooze":
                return max(latest, *(record.snooze_at + 1 for record in records))
            case "pin" | "unpin":
                return max(latest, *(record.pin_at + 1 for record in records))
            case _:
                return latest

    def _latest(self) -> int:
        self._last_at = max(self._now(), self._last_at)
        return self._last_at
