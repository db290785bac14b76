"""What is due in the inboxes: records that expire, snoozes that end, and what retention takes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import answers, counting, escalating
from handbell_server.actions.forgetting import forget_some
from handbell_server.actions.inbox import Wake
from handbell_server.actions.recall import Remove
from handbell_server.config import Config
from handbell_server.engine.feed import Command, grouped
from handbell_server.models import (
    AppliedAction,
    AuditEntry,
    Device,
    Dispatch,
    IdempotencyKey,
    Inbox,
    NotificationRow,
    Pairing,
)
from handbell_shared.clock import now_ms

Row = NotificationRow
DAY = 86_400_000
HOUR = 3_600_000
AT_ONCE = 500

Found = list[tuple[int, str]]


def expired(connection: Connection) -> Found:
    query = select(Row.user_id, Row.id).where(
        Row.expires_at <= now_ms(), Row.expires_at.is_not(None), Row.deleted == ""
    )
    return [(row.user_id, row.id) for row in connection.execute(query.order_by(Row.expires_at).limit(AT_ONCE))]


def awake(connection: Connection) -> Found:
    query = select(Row.user_id, Row.id).where(Row.snoozed_until <= now_ms(), Row.snoozed_until > 0, Row.deleted == "")
    return [(row.user_id, row.id) for row in connection.execute(query.order_by(Row.snoozed_until).limit(AT_ONCE))]


# Never by retention: what is urgent and unread, or pinned.
_KEPT = or_(and_(Row.priority == "urgent", Row.read == 0, Row.archived == 0), Row.pinned == 1)


def too_old(connection: Connection, config: Config) -> Found:
    limit = now_ms() - config.retain_days * DAY
    told = func.coalesce(Row.updated_at, Row.created_at)
    query = select(Row.user_id, Row.id).where(Row.created_at < limit, told < limit, Row.deleted == "", ~_KEPT)
    return [(row.user_id, row.id) for row in connection.execute(query.limit(AT_ONCE))]


def too_many(connection: Connection, config: Config) -> Found:
    """The oldest of each inbox that holds more than it may."""
    full = (
        select(Row.user_id, (func.count() - config.retain_count).label("surplus"))
        .where(Row.deleted == "")
        .group_by(Row.user_id)
        .having(func.count() > config.retain_count)
        .limit(50)
    )
    found: Found = []
    for user_id, surplus in connection.execute(full).all():
        oldest = (
            select(Row.user_id, Row.id)
            .where(Row.user_id == user_id, Row.deleted == "", ~_KEPT)
            .order_by(Row.id)
            .limit(min(surplus, AT_ONCE))
        )
        found += [(row.user_id, row.id) for row in connection.execute(oldest)]
    return found


def removals(found: Found, reason: str) -> list[Command]:
    return [Remove(user_id, ids, reason) for user_id, ids in grouped(found).items()]  # type: ignore[arg-type]


def wakings(found: Found) -> list[Command]:
    return [Wake(user_id, ids) for user_id, ids in grouped(found).items()]


def trim(connection: Connection, config: Config) -> int:
    """Forget tombstones that every device has had a month to hear of, and raise the floors above them.

    A device that was away longer starts from a snapshot: its cursor is below the floor.
    """
    limit = now_ms() - config.tombstone_days * DAY
    gone = connection.execute(
        select(Row.user_id, Row.seq, Row.ver)
        .where(Row.deleted_at < limit, Row.deleted_at.is_not(None))
        .order_by(Row.deleted_at)
        .limit(5_000)
    ).all()
    floors: dict[int, int] = {}
    for user_id, _seq, ver in gone:
        floors[user_id] = max(floors.get(user_id, 0), ver)
    for user_id in sorted(floors):
        connection.execute(
            update(Inbox).where(Inbox.user_id == user_id, Inbox.floor < floors[user_id]).values(floor=floors[user_id])
        )
    for start in range(0, len(gone), AT_ONCE):
        connection.execute(delete(Row).where(Row.seq.in_([row.seq for row in gone[start : start + AT_ONCE]])))
    return len(gone)


def forget(connection: Connection, config: Config) -> int:
    """Drop what only kept retries harmless, and what is over: dispatches, signed-out devices, pairings, last year's audit.

    A portion of each: it is done again until nothing is left.
    """
    now = now_ms()
    month = now - 30 * DAY
    forgotten = (
        forget_some(connection, IdempotencyKey, IdempotencyKey.created_at < now - config.idempotency_hours * HOUR),
        forget_some(connection, AppliedAction, AppliedAction.at < month),
        forget_some(connection, Dispatch, Dispatch.finished_at < month, Dispatch.state != "waiting"),
        forget_some(connection, Device, Device.revoked_at < month, Device.revoked_at.is_not(None)),
        forget_some(connection, Pairing, Pairing.expires_at < now),
        forget_some(connection, AuditEntry, AuditEntry.at < now - 366 * DAY),
        answers.forget(connection, month, now - 3 * 366 * DAY),
        escalating.forget(connection, month),
        counting.forget(connection, now),
    )
    return sum(forgotten)


Finder = Callable[[Connection], Found]
