"""What can still be taken back, and how. No clock and no sessions in here: both are told.

Most of what a person does is said at once and taken back by its opposite. Two acts are held back for as long as they can
be taken back, and said afterwards: a deletion, because nothing undoes it once it is said, and putting something to
sleep that was awake, because the only way the server knows to wake it is as news, which rings on every device.

The generation that an opposite has to name is that of the record *after* the act, so the records are kept as the act
made them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from handbell_shared.records import Action, ActionKind, Notification

OFFERED_FOR: Final = 10_000
FURTHEST: Final = 2 * OFFERED_FOR
"""An offer that seems to last longer was made before the clock was set back."""
NOT_SNOOZED: Final = 1
"""As the end of a snooze it is long ago, so it wakes what sleeps. (0 is refused: a snooze needs an end.)"""

DeedKind = ActionKind | Literal["mute", "unmute", "trust", "distrust"]

OPPOSITES: Final[dict[ActionKind, ActionKind]] = {
    "read": "unread",
    "unread": "read",
    "archive": "unarchive",
    "unarchive": "archive",
    "pin": "unpin",
    "unpin": "pin",
    "snooze": "snooze",
}


class UndoOffer(Struct, frozen=True):
    """What the person is shown: `sentence_key` is the kind of act, `until` when the offer ends.

    `about` is the source that a choice is about, where it is one.
    """

    sentence_key: DeedKind
    count: int
    until: int
    about: str = ""


class Back(NamedTuple):
    """One act that takes back: for the records of one account."""

    account: str
    kind: ActionKind
    records: tuple[Notification, ...]
    until: int = 0


class Before(NamedTuple):
    """What was chosen before by this name; None for nothing."""

    account: str
    name: str
    value: Any


class Deed(Struct, frozen=True):
    """One act of a person: what would take it back, and what is still held back."""

    kind: DeedKind
    count: int
    until: int
    backs: tuple[Back, ...] = ()
    held: tuple[tuple[str, Action], ...] = ()
    chosen: tuple[Before, ...] = ()
    about: str = ""


class Undo:
    """The acts of the last ten seconds, each under a number; the last one is offered."""

    def __init__(self) -> None:
        self._deeds: dict[int, Deed] = {}
        self._numbers = itertools.count()

    @property
    def offer(self) -> UndoOffer | None:
        deed = self._deeds.get(self._last())
        return None if deed is None else UndoOffer(deed.kind, deed.count, deed.until, deed.about)

    @property
    def next_end(self) -> int | None:
        return min((deed.until for deed in self._deeds.values()), default=None)

    def holds(self) -> set[tuple[str, str]]:
        """Account and id of everything about which something is held back."""
        held = (one for deed in self._deeds.values() for one in deed.held)
        return {(account, target.id) for account, action in held for target in action.ids}

    def add(self, deed: Deed) -> int:
        number = next(self._numbers)
        self._deeds[number] = deed
        return number

    def more(self, number: int, until: int, backs: Sequence[Back], held: Sequence[tuple[str, Action]] = ()) -> None:
        """A long act goes on, and stays one act, offered until this time."""
        deed = self._deeds.get(number)
        if deed is not None:
            count = deed.count + sum(len(back.records) for back in backs) + sum(len(one.ids) for _, one in held)
            self._deeds[number] = replace(
                deed, count=count, until=until, backs=(*deed.backs, *backs), held=(*deed.held, *held)
            )

    def take_last(self) -> tuple[int, Deed] | None:
        number = self._last()
        return None if number < 0 else (number, self._deeds.pop(number))

    def take_ended(self, now: int) -> list[Deed]:
        """The acts that can be taken back no longer, oldest first."""
        ended = [number for number, deed in self._deeds.items() if not 0 < deed.until - now <= FURTHEST]
        return [self._deeds.pop(number) for number in ended]

    def take_all(self) -> list[Deed]:
        deeds = list(self._deeds.values())
        self._deeds.clear()
        return deeds

    def _last(self) -> int:
        """A long act that has not found anything yet is no act; -1 when there is none."""
        return max((number for number, deed in self._deeds.items() if deed.count), default=-1)
