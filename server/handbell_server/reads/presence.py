"""Which of a person's devices they use just now, as the devices themselves say.

A device says when its person begins to use it and when they have left it; it does so only where they chose that toasts
are shown on that device alone. The latest to begin, of those that are online, is the one in use. It stands in the
database, so all processes agree; each finds what has changed with its sweep, and tells the devices it holds.

When nobody says anything, or the one that did went away without a word, no device is in use, and all of them ring. Nobody
searches for those that vanished: who was told of a device also knows until when it is online, and looks again then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.engine import Connection

from handbell_server.engine.among import among
from handbell_server.models import Device

OVERLAP_MS = 10_000  # how far back a sweep looks: clocks of several machines, and a round that was late


class InUse(NamedTuple):
    """A device its person uses. At `until` it is gone, unless that is renewed, as every process does for those it holds."""

    device: str
    until: int


_IN_USE = (
    select(Device.user_id, Device.id, Device.online_until)
    .where(
        among(Device.user_id, "users"),
        Device.active_since.is_not(None),
        Device.online_until > bindparam("now"),
        Device.revoked_at.is_(None),
    )
    .order_by(Device.active_since, Device.id)
)
_NOT_USED = (
    update(Device)
    .where(among(Device.id, "devices"), Device.active_since.is_not(None))
    .values(activity_at=bindparam("now"))
)
_FORGOTTEN = _NOT_USED.values(active_since=None)


def in_use(connection: Connection, users: Collection[int], now: int) -> dict[int, InUse]:
    """The device each of these people uses; nobody is in it who uses none."""
    rows = connection.execute(_IN_USE, {"users": users, "now": now})
    return {row.user_id: InUse(row.id, row.online_until) for row in rows}


def changed_since(connection: Connection, moment: int) -> set[int]:
    """People of whom another device may be in use now: something was said, or one that was in use has left."""
    # Asked every second, so by an index of its own, with 0 as it stands there.
    said = select(Device.user_id).where(Device.activity_at > moment, Device.activity_at > literal_column("0"))
    return set(connection.execute(said).scalars())


def forget(connection: Connection, devices: Sequence[str], now: int) -> None:
    """These have come anew: what they said before was before."""
    connection.execute(_FORGOTTEN, {"devices": devices, "now": now})


def left(connection: Connection, devices: Sequence[str], now: int) -> None:
    """These are no longer connected here. What they said stays: they may be at another process already."""
    connection.execute(_NOT_USED, {"devices": devices, "now": now})


def write(connection: Connection, said: Iterable[tuple[str, bool]], now: int) -> None:
    """What devices said since the last round."""
    query = (
        update(Device).where(Device.id == bindparam("device")).values(active_since=bindparam("since"), activity_at=now)
    )
    rows = [{"device": device, "since": now if active else None} for device, active in sorted(said)]
    if rows:
        connection.execute(query, rows)
