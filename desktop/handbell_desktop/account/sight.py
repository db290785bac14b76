"""What the person sees of one account: the rows of the store, with what is not on disk yet pencilled in.

A person's act is written by another thread, which may have to wait for a lock or a disk. Until it says that the act is
durable, the act stays pencilled here and is folded over whatever is read; so the list answers at once, and a second act
on the same row builds on the first. A deletion that can still be taken back is nothing but a pencil mark that stays for
ten seconds. Folding an act twice changes nothing (`actions.join`), so the moment of rubbing out does not matter.

Rows are looked at in the order the store keeps them. A pencilled pin therefore shows when it is written, not before:
an order that the store does not know could not be paged.

What the person chose is read the same way: the store's choices, with those that are not said yet folded over them. A rule
counts at once: what waits unread is shown as it will be judged when the server has heard of it. Only the number on the bell
waits for the server, which counts it for all devices.

Belongs to the owner's thread. Before the store is open there are no rows, and the badge is the remembered one.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from heapq import merge
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from handbell_desktop.kept.shown import Entry, Key, Query, Reader
from handbell_shared.actions import counts, join, waits
from handbell_shared.preferences import (
    DEFAULT,
    Preferences,
    choice_of,
    held_of,
    is_rule,
    later,
    muted_by,
    preferences_of,
)
from handbell_shared.records import Action, Choice, Notification, Priority

Mark = tuple[Action, int]  # an act, and the generation of the record that the person saw

_UNREAD: Final = Query(tab="unread")
LONGEST: Final = 3_600_000

log = logging.getLogger(__name__)
_PINS = ("pin", "unpin")

_action = msgspec.json.Decoder(Action).decode
_choice = msgspec.json.Decoder(Choice).decode


class Sight:
    def __init__(self, badge: int) -> None:
        self.reader: Reader | None = None
        self._badge = badge
        # What the badge was counted of (the store's state and our marks), and from when until when it stays right.
        self._badge_of = (-1, -1)
        self._badge_from = self._badge_until = 0
        self._strokes = 0
        self._pencilled: dict[str, list[Mark]] = {}
        # The choices that are not on disk yet, and what all of them were read from.
        self._choosing: list[Action] = []
        self._chosen_of: tuple[object, ...] = ()
        self._chosen_raw: object = None
        self._choices: Mapping[str, Choice] = {}
        self._preferences = DEFAULT
        self._rules_unsaid = False

    # ---- the pencil

    def pencil(self, action: Action) -> None:
        self._strokes += 1
        if action.kind == "choose":
            self._choosing.append(action)
        for target in action.ids:
            self._pencilled.setdefault(target.id, []).append((action, target.generation))

    def rub_out(self, action: Action) -> None:
        self._strokes += 1
        self._choosing = [one for one in self._choosing if one is not action]
        for target in action.ids:
            left = [mark for mark in self._pencilled.get(target.id, ()) if mark[0] is not action]
            if left:
                self._pencilled[target.id] = left
            else:
                self._pencilled.pop(target.id, None)

    def fold(self, record: Notification) -> Notification:
        return _folded(record, self._pencilled.get(record.id, ()))

    def as_seen(self, records: Iterable[Notification]) -> list[Notification]:
        """With what the person did to them, and judged by rules that the server has not heard of yet."""
        self._read_choices()
        return [self._judged(self.fold(record)) for record in records]

    # ---- what the person chose

    @property
    def preferences(self) -> Preferences:
        self._read_choices()
        return self._preferences

    @property
    def choices(self) -> Mapping[str, Choice]:
        """By name; those that were taken back too."""
        self._read_choices()
        return self._choices

    def came_since(self, since: int, now: int, limit: int) -> list[Entry]:
        found = self.reader.came_since(since, now, limit) if self.reader is not None else []
        return [entry for entry in found if entry.record.id not in self._pencilled]

    # ---- looking

    def page(self, query: Query, *, now: int, after: Key | None = None, limit: int = 200) -> list[Entry]:
        self._read_choices()
        found: list[Entry] = []
        while self.reader is not None and len(found) < limit:
            rows = self.reader.page(query, now=now, after=after, limit=limit)
            found += filter(None, (self._in_place(row, query, now) for row in rows))
            if len(rows) < limit:
                break
            after = rows[-1].key
        return found[:limit]

    def count(self, query: Query, *, now: int) -> int:
        if self.reader is None:
            return 0
        return self.badge(now) if query == _UNREAD else _counted(self.reader, query, now, self._pencilled)

    def counting(self, query: Query, *, now: int) -> Callable[[], int]:
        """The same, for a worker to do: of a search that finds much it would be felt."""
        if self.reader is None or query == _UNREAD:
            return partial(int, self.count(query, now=now))
        another, pencilled = self.reader.another, {an_id: tuple(marks) for an_id, marks in self._pencilled.items()}

        def count() -> int:
            with closing(another()) as reader:
                return _counted(reader, query, now, pencilled)

        return count

    def among(self, query: Query, ids: Collection[str], *, now: int) -> set[str]:
        """Those of them that the query finds."""
        if self.reader is None:
            return set()
        found = self.reader.among(query, ids, now=now)
        touched = self.reader.entries(found & self._pencilled.keys())
        return found - {one.record.id for one in touched if not _belongs(self.fold(one.record), query, now)}

    def badge(self, now: int) -> int:
        if self.reader is None:
            return self._badge
        try:
            counted_of = (self.reader.version, self._strokes)  # asked for many times after each change
            if counted_of != self._badge_of or not self._badge_from <= now < self._badge_until:
                with self.reader.still():
                    number, touched = self.reader.badge(now), self._touched(self.reader)
                self._badge = number + sum(counts(self.fold(e.record), now) - counts(e.record, now) for e in touched)
                self._badge_of, self._badge_from = counted_of, now
                self._badge_until = self.next_snooze_end(now) or now + LONGEST
        except sqlite3.Error as error:  # a file that broke while it was in use must not take the bell along
            log.warning("The badge could not be counted: %s", error)
        return self._badge

    def waiting(self, ids: Collection[str], now: int) -> dict[str, Priority]:
        """Those of them that the person has not dealt with, in no order."""
        if self.reader is None:
            return {}
        touched = self.entries([an_id for an_id in ids if an_id in self._pencilled])
        still = self.reader.waiting([an_id for an_id in ids if an_id not in self._pencilled], now)
        return still | {one.record.id: one.record.priority for one in touched if waits(one.record, now)}

    def entry(self, an_id: str) -> Entry | None:
        found = self.entries([an_id])
        return found[0] if found else None

    def entries(self, ids: Collection[str]) -> list[Entry]:
        rows = self.reader.entries(ids) if self.reader is not None else []
        self._read_choices()
        folded = (self._with(row, self._judged(self.fold(row.record))) for row in rows)
        return [entry for entry in folded if entry.record.live]

    def next_snooze_end(self, now: int) -> int | None:
        """Also of a snooze that is only pencilled."""
        ends = [action.until for marks in self._pencilled.values() for action, _ in marks if action.until > now]
        stored = self.reader.next_snooze_end(now) if self.reader is not None else None
        return min((*ends, *(() if stored is None else (stored,))), default=None)

    def types(self) -> list[str]:
        return self.reader.types() if self.reader is not None else []

    def sources(self) -> list[str]:
        return self.reader.sources() if self.reader is not None else []

    # ---- within

    def _touched(self, reader: Reader) -> list[Entry]:
        """The rows under the pencil, as the store has them."""
        return reader.entries(self._pencilled) if self._pencilled else []

    def _in_place(self, row: Entry, query: Query, now: int) -> Entry | None:
        """The row as it is now, in the place where the store has it; None when it has left this list."""
        marks = self._pencilled.get(row.record.id)
        if marks is None:
            return self._with(row, self._judged(row.record))
        record = row.record
        for action, generation in marks:
            if action.kind not in _PINS:
                record = join(record, action, generation)
        return self._with(row, self._judged(record)) if _belongs(record, query, now) else None

    def _with(self, row: Entry, record: Notification) -> Entry:
        return row if record is row.record else replace(row, record=record)

    def _judged(self, record: Notification) -> Notification:
        if not self._rules_unsaid or record.read or record.archived:
            return record
        muted = muted_by(self._preferences, record)
        return record if muted == record.muted else replace(record, muted=muted)

    def _read_choices(self) -> None:
        """Asked for with every toast and page, and seldom others than before."""
        try:
            version = (0 if self.reader is None else self.reader.version, self.reader is None, *map(id, self._choosing))
            if version == self._chosen_of:
                return
            stored, unsaid = ([], []) if self.reader is None else self.reader.chosen()
        except sqlite3.Error as error:
            log.warning("What was chosen could not be read: %s", error)
            return
        self._chosen_of = version
        raw = (stored, unsaid, list(self._choosing))
        if raw == self._chosen_raw:
            return
        self._chosen_raw = raw
        chosen = {choice.name: choice for choice in map(_choice, stored)}
        pending = list(filter(None, map(choice_of, [*map(_action, unsaid), *self._choosing])))
        for choice in pending:
            chosen[choice.name] = later(held_of(chosen, choice.name), choice)
        self._choices, self._preferences = chosen, preferences_of(chosen.values())
        self._rules_unsaid = any(is_rule(choice.name) for choice in pending)


def _folded(record: Notification, marks: Iterable[Mark]) -> Notification:
    for action, generation in marks:
        record = join(record, action, generation)
    return record


def _counted(reader: Reader, query: Query, now: int, pencilled: Mapping[str, Sequence[Mark]]) -> int:
    with reader.still():
        number = reader.count(query, now=now)
        touched = reader.entries(pencilled) if pencilled else []
        gone = [
            one.record.id
            for one in touched
            if _belongs(one.record, query, now)
            and not _belongs(_folded(one.record, pencilled[one.record.id]), query, now)
        ]
        return number - reader.count(query, now=now, among=gone) if gone else number


def _belongs(record: Notification, query: Query, now: int) -> bool:
    """Whether a person's acts leave the record in this tab; they touch none of the filters."""
    match query.tab:
        case "unread":
            return counts(record, now)
        case "all":
            return record.live and not record.archived
        case "archived":
            return record.live and record.archived


def merged(pages: Iterable[list[Entry]], limit: int) -> list[Entry]:
    """Pages of several accounts as one, in the order of their keys."""
    return list(islice(merge(*pages, key=lambda entry: entry.key, reverse=True), limit))
