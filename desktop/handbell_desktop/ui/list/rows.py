"""How entries become rows: similar ones under one head, which opens and closes. Pure; no Qt.

A row has a `key` that stays the same while its content changes, so that a list can tell "changed" from "gone and new":
one of its own for an entry, one for a group's head. Where the head stands is decided by its newest member. A pinned
entry stands alone: the person put it where it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from handbell_desktop.kept.shown import Entry
from handbell_shared import grouping
from handbell_shared.grouping import Group
from handbell_shared.records import Notification


class RowKey(NamedTuple):
    kind: Literal["entry", "group"]
    account: str
    id: str


class Row(Struct, frozen=True, gc=False):
    """One row: an entry, or the head of a group, whose `members` are newest first."""

    entry: Entry
    group: Group | None = None
    members: tuple[Entry, ...] = ()
    expanded: bool = False
    indented: bool = False  # stands under its head

    @property
    def key(self) -> RowKey:
        if self.group is not None:
            return RowKey("group", self.entry.account, self.group.key)
        return RowKey("entry", self.entry.account, self.entry.record.id)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What an action on this row is about."""
        return self.members or (self.entry,)

    @property
    def unread(self) -> bool:
        return any(not one.record.read for one in self.entries)


def arrange(entries: Sequence[Entry], expanded: Collection[RowKey] = ()) -> list[Row]:
    """`entries` in the order of their keys; so are the rows, each group where its newest member is."""
    of_record = {id(entry.record): entry for entry in entries}

    def account(record: Notification) -> str:
        return of_record[id(record)].account

    rows: list[Row] = []
    for group in grouping.arrange([entry.record for entry in entries], account):
        members = tuple(of_record[id(record)] for record in group.members)
        rows.extend(_rows_of(group, members, expanded))
    return rows


def _rows_of(group: Group, members: tuple[Entry, ...], expanded: Collection[RowKey]) -> Iterator[Row]:
    if len(members) == 1:
        yield Row(entry=members[0])
        return
    head = Row(entry=members[0], group=group, members=members)
    is_open = head.key in expanded
    yield Row(entry=members[0], group=group, members=members, expanded=is_open)
    if is_open:
        yield from (Row(entry=member, indented=True) for member in members)
