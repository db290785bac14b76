"""What devices say they did with notifications: written down for the producers that sent them, off the hot path.

A device's own word, best effort, and worth no more than that: it is kept beside the records and is no part of the feed. The
first time counts. What a device says of somebody else's notification is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from handbell_server.models import NotificationRow, ReceiptRow
from handbell_shared.marks import both
from handbell_shared.records import Mark

IN_MIND_AT_MOST = 10_000
_AT_ONCE = 200
_TIMES = ("shown_at", "clicked_at", "dismissed_at", "held_at")


class Rounds:
    """What was said and is not written down yet: one entry for each device and notification, however often it is said."""

    def __init__(self) -> None:
        self._marks: dict[tuple[int, str], dict[str, Mark]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._count)

    def add(self, user_id: int, device: str, marks: Iterable[Mark]) -> None:
        """More than can be kept is dropped: somebody says too much, and nobody waits for it."""
        known = self._marks.setdefault((user_id, device), {})
        for mark in marks:
            before = known.get(mark.id)
            if before is None and self._count >= IN_MIND_AT_MOST:
                continue
            self._count += before is None
            known[mark.id] = mark if before is None else both(before, mark)

    def write(self, connection: Connection, now: int) -> None:
        for (user_id, device), marks in sorted(self._marks.items()):
            write(connection, user_id, device, marks, now)


def write(connection: Connection, user_id: int, device: str, marks: Mapping[str, Mark], now: int) -> None:
    """One device's marks on its person's own notifications. No time is believed that is still to come."""
    ids = sorted(marks)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        own = select(NotificationRow.id).where(NotificationRow.user_id == user_id, NotificationRow.id.in_(part))
        found = sorted(connection.execute(own).scalars())
        if found:
            connection.execute(_upsert(connection), [_row(device, marks[an_id], now) for an_id in found])


def _row(device: str, mark: Mark, now: int) -> dict[str, Any]:
    times = (None if at is None else min(at, now) for at in (mark.shown, mark.clicked, mark.dismissed, mark.held))
    said = dict(zip(_TIMES, times, strict=True))
    return {"notification_id": mark.id, "device_id": device, "held_for": mark.held_for, **said}


def _upsert(connection: Connection) -> Any:
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(ReceiptRow)
    first = {
        name: func.coalesce(getattr(ReceiptRow, name), getattr(insert.excluded, name)) for name in (*_TIMES, "held_for")
    }
    return insert.on_conflict_do_update(index_elements=["notification_id", "device_id"], set_=first)
