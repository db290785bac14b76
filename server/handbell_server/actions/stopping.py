"""Ending what a producer has going: what rings, what is still on its way, and what it is expected to say.

The mark on the producer (`disabled_at`) is the decision, in a transaction of its own: from then on its keys open nothing,
what it has scheduled is not delivered and what rings for it rings no more. The rows behind that are ended in portions, for
there may be hundreds of thousands: by whoever sets the mark, and by the rounds of the jobs, which find what is left when
that is killed, and what a process accepted in the second in which it still remembered the key. Ended is ended: when the
producer is let in again, nothing of it comes back. What people were told stays with them; they see that an alarm is over.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import expectations
from handbell_server.actions.installation import audit
from handbell_server.actions.producers import id_of
from handbell_server.models import AlarmRow, Dispatch, Expectation, Producer, ProducerKey
from handbell_shared.clock import now_ms

AT_ONCE = 500  # of each kind in one transaction


class Going(Struct, frozen=True, gc=False):
    """What a producer has going: alarms that ring, dispatches that wait, signs of life that are expected of it."""

    alarms: int = 0
    dispatches: int = 0
    expectations: int = 0

    def __bool__(self) -> bool:
        return bool(self.alarms or self.dispatches or self.expectations)


def going(connection: Connection, name: str) -> Going:
    producer_id = id_of(connection, name)
    expected = select(func.count()).select_from(Expectation).where(Expectation.producer_id == producer_id)
    alarms, waiting = (
        connection.execute(
            select(func.count()).select_from(kind).where(kind.producer_id == producer_id, *still)
        ).scalar_one()
        for kind, still in _OPEN
    )
    rests = or_(Expectation.paused.is_(True), Producer.disabled_at.is_not(None))
    awaited = expected.join(Producer, Producer.id == Expectation.producer_id).where(~rests)
    return Going(alarms, waiting, connection.execute(awaited).scalar_one())


def has_a_key(connection: Connection, name: str) -> bool:
    """Whether the producer can still say anything itself."""
    valid = select(func.count()).where(
        ProducerKey.producer_id == id_of(connection, name),
        ProducerKey.revoked_at.is_(None),
        or_(ProducerKey.expires_at.is_(None), ProducerKey.expires_at > now_ms()),
    )
    return bool(connection.execute(valid).scalar_one())


def disable(connection: Connection, name: str, by: str = "operator") -> None:
    """Let nothing of the producer through any more. Said again, it changes nothing."""
    producer_id = id_of(connection, name)
    mark = update(Producer).where(Producer.id == producer_id, Producer.disabled_at.is_(None))
    if connection.execute(mark.values(disabled_at=now_ms())).rowcount:
        audit(connection, by, "producer.disable", name)


def enable(connection: Connection, name: str, by: str = "operator") -> None:
    """Let it in again. What it had going is ended before; of what is expected of it, the time begins now."""
    producer_id = id_of(connection, name)
    mark = update(Producer).where(Producer.id == producer_id, Producer.disabled_at.is_not(None))
    if connection.execute(mark.values(disabled_at=None)).rowcount:
        expectations.begin_anew(connection, producer_id)
        audit(connection, by, "producer.enable", name)


def is_something_left(connection: Connection) -> bool:
    """Whether a disabled producer has something going still."""
    return any(connection.execute(_of_the_disabled(kind, *still).limit(1)).first() for kind, still in _OPEN)


def end_some(connection: Connection, name: str | None = None) -> Going:
    """End what this disabled producer has going, or any: as much as one transaction should. Nothing is left when that is nothing."""
    now = now_ms()
    ended = {"state": "over", "ended_at": now, "next_at": now}  # at which everybody who was told is to see it
    withdrawn = {"state": "recalled", "finished_at": now}
    counts = []
    for (kind, still), values in zip(_OPEN, (ended, withdrawn), strict=True):
        found = _of_the_disabled(kind, *still)
        if name is not None:
            found = found.where(Producer.name == name)
        ids = list(connection.execute(found.limit(AT_ONCE)).scalars())
        # In the order in which group commits lock them; they may have moved until we have the lock.
        connection.execute(select(kind.id).where(kind.id.in_(ids)).order_by(kind.id).with_for_update())
        counts.append(connection.execute(update(kind).where(kind.id.in_(ids), *still).values(values)).rowcount)
    return Going(*counts)


def _of_the_disabled(kind: Any, *still: Any) -> Select[str]:
    return (
        select(kind.id).join(Producer, Producer.id == kind.producer_id).where(Producer.disabled_at.is_not(None), *still)
    )


# What there may be much of, and when it is still going: as the indexes say it that find it by producer.
_OPEN: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (AlarmRow, (AlarmRow.state == "ringing", AlarmRow.next_at.is_not(None))),
    (Dispatch, (Dispatch.state == "waiting",)),
)
