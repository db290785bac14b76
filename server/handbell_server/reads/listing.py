"""What a person or a producer may look up: the inbox in pages, its numbers, and what became of a notification."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import JSON, ColumnElement, and_, cast, func, or_, select, text, type_coerce
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.models import (
    Asked,
    Device,
    Dispatch,
    Inbox,
    NotificationRow,
    QuestionRow,
    ReceiptRow,
    User,
)
from handbell_server.reads import reading, search
from handbell_server.reads.answering import GivenAnswer, given, look
from handbell_server.reads.tracing import device_for
from handbell_server.watching import AlarmShown, standing
from handbell_shared.kinds import TYPE_CATEGORIES
from handbell_shared.preferences import TellSenders, preferences_of
from handbell_shared.records import Notification

Row = NotificationRow
State = Literal[
    "inbox", "unread", "read", "unseen", "seen", "archived", "snoozed", "pinned", "all"
]  # fmt: skip

STATES: dict[str, ColumnElement[bool]] = {
    "inbox": and_(Row.archived == 0, Row.snoozed_until == 0),
    "unread": and_(Row.read == 0, Row.archived == 0, Row.snoozed_until == 0),
    "read": and_(Row.read == 1, Row.archived == 0),
    "unseen": and_(Row.seen == 0, Row.archived == 0, Row.snoozed_until == 0),
    "seen": and_(Row.seen == 1, Row.archived == 0),
    "archived": Row.archived == 1,
    "snoozed": Row.snoozed_until > 0,
    "pinned": Row.pinned == 1,
    "all": Row.deleted == "",
}


class Filter(Struct, frozen=True, kw_only=True, gc=False):
    state: State = "inbox"
    type: str | None = None
    category: str | None = None
    source: str | None = None
    priority: str | None = None
    words: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


class Page(Struct, frozen=True, gc=False):
    notifications: tuple[Notification, ...]
    unread: int
    next: str | None


class Numbers(Struct, frozen=True, gc=False):
    total: int
    unread: int
    by_type: dict[str, int]
    by_priority: dict[str, int]
    unread_by_type: dict[str, int]
    unread_by_priority: dict[str, int]


class DeviceReceipt(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a device of the recipient says: whether it holds the notification, and what was done with it there.

    `device` tells the devices of a person apart and nothing else: it is neither their name nor the same for two producers.
    """

    device: str
    delivered: bool
    delivered_at: int | None = None
    shown_at: int | None = None
    clicked_at: int | None = None
    dismissed_at: int | None = None


class Receipt(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What became of a notification, for the producer that sent it."""

    id: str
    user: str | None = None
    state: str
    revision: int | None = None
    created_at: int | None = None
    updated_at: int | None = None
    read_at: int | None = None
    seen: bool = False
    deliver_at: int | None = None
    reached: int | None = None
    answer: GivenAnswer | None = None
    alarm: AlarmShown | None = None
    devices: tuple[DeviceReceipt, ...] = ()


def page(connection: Connection, user_id: int, wanted: Filter, limit: int, before: str | None) -> Page:
    """Newest first. The cursor is the id of the last row, so rows that come or go meanwhile shift nothing."""
    conditions, parameters = conditions_of(connection, user_id, wanted)
    if before is not None:
        conditions.append(Row.id < before)
    query = select(text(rows.RECORD_COLUMNS)).select_from(Row).where(*conditions).order_by(Row.id.desc())
    found = [rows.record_of(row) for row in connection.execute(query.limit(limit + 1), parameters)]
    more = len(found) > limit
    return Page(tuple(found[:limit]), unread_of(connection, user_id), found[limit - 1].id if more else None)


def conditions_of(connection: Connection, user_id: int, wanted: Filter) -> tuple[list[Any], dict[str, Any]]:
    """What a row of this person's must be, with the parameters of it."""
    conditions: list[Any] = [Row.user_id == user_id, Row.deleted == "", STATES[wanted.state]]
    parameters: dict[str, Any] = {}
    for column, value in ((Row.type, wanted.type), (Row.source, wanted.source), (Row.priority, wanted.priority)):
        if value is not None:
            conditions.append(column == value)
    if wanted.category is not None:
        conditions.append(_of_category(connection, wanted.category))
    if wanted.since is not None:
        conditions.append(Row.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Row.created_at < wanted.until)
    if wanted.words:
        matching, parameters = search.condition(connection, user_id, wanted.words)
        conditions.append(text(matching))
    return conditions, parameters


def unread_of(connection: Connection, user_id: int) -> int:
    return connection.execute(select(Inbox.unread).where(Inbox.user_id == user_id)).scalar() or 0


def _of_category(connection: Connection, category: str) -> ColumnElement[bool]:
    """What brings the category along, and the built-in types, which do not. An inbox is bounded, so it needs no index."""
    brought = extra_of(connection)["category"].as_string()
    built_in = [name for name, one in TYPE_CATEGORIES.items() if one == category]
    return or_(brought == category, and_(brought.is_(None), Row.type.in_(built_in)))


def extra_of(connection: Connection) -> Any:
    """The rare content of a row, to look into; PostgreSQL does not where a producer's `data` has a NUL."""
    if connection.dialect.name == "sqlite":
        return type_coerce(Row.extra, JSON)
    return cast(func.replace(Row.extra, "\\u0000", "\\u0020"), JSON)


def numbers(connection: Connection, user_id: int) -> Numbers:
    query = (
        select(Row.type, Row.priority, func.count(), func.count().filter(STATES["unread"]))
        .where(Row.user_id == user_id, Row.deleted == "")
        .group_by(Row.type, Row.priority)
    )
    by_type: dict[str, int] = {}
    by_priority: dict[str, int] = {}
    unread_by_type: dict[str, int] = {}
    unread_by_priority: dict[str, int] = {}
    for kind, priority, total, new in connection.execute(query):
        _add(by_type, kind, total)
        _add(by_priority, priority, total)
        _add(unread_by_type, kind, new)
        _add(unread_by_priority, priority, new)
    return Numbers(
        sum(by_type.values()),
        sum(unread_by_type.values()),
        by_type,
        by_priority,
        unread_by_type,
        unread_by_priority,
    )


def _add(counts: dict[str, int], name: str, number: int) -> None:
    if number:
        counts[name] = counts.get(name, 0) + number


# ---- for producers


def receipt(connection: Connection, producer_id: int, an_id: str) -> Receipt | None:
    """A notification or a dispatch of this producer; None for what is not its own."""
    row = connection.execute(
        select(Row, User.name.label("user"))
        .join(User, User.id == Row.user_id)
        .where(Row.id == an_id, Row.producer_id == producer_id)
        .with_only_columns(
            Row.user_id,
            Row.ver,
            Row.crev,
            Row.read,
            Row.read_at,
            Row.seen,
            Row.deleted,
            Row.created_at,
            Row.updated_at,
            Row.extra,
            User.name,
        )
    ).one_or_none()
    if row is None:
        return _dispatch_receipt(connection, producer_id, an_id)
    _, answer = rows.question_in(row.extra)
    tell = preferences_of(reading.choices(connection, row.user_id, 0)).tell_senders
    read, seen = row.read and tell.read, bool(row.seen) and tell.seen
    state = row.deleted or ("read" if read else "seen" if seen else "stored")
    return Receipt(
        id=an_id,
        user=row.name,
        state=state,
        revision=row.crev,
        created_at=row.created_at,
        updated_at=row.updated_at,
        read_at=row.read_at if read else None,
        seen=seen,
        answer=None if answer is None else given(answer, row.name),
        alarm=standing(connection, producer_id, rows.alarm_in(row.extra)),
        devices=_devices(connection, row.user_id, row.ver, producer_id, an_id, tell),
    )


def _devices(
    connection: Connection, user_id: int, ver: int, producer_id: int, an_id: str, tell: TellSenders
) -> tuple[DeviceReceipt, ...]:
    """Delivered is the record as it is now: a device that holds an older text, or another history, has still to get it.

    Who clicks has read, and what was shown was there to be seen: who does not tell the one does not tell the other.
    """
    epoch = reading.epoch(connection)
    query = (
        select(
            Device.id,
            Device.received_rev,
            Device.received_at,
            Device.received_epoch,
            ReceiptRow.shown_at,
            ReceiptRow.clicked_at,
            ReceiptRow.dismissed_at,
        )
        .join(ReceiptRow, and_(ReceiptRow.device_id == Device.id, ReceiptRow.notification_id == an_id), isouter=True)
        .where(Device.user_id == user_id, Device.revoked_at.is_(None), Device.dialect.is_(None))
        .order_by(Device.id)
    )
    receipts = []
    for row in connection.execute(query):
        delivered = row.received_epoch == epoch and row.received_rev >= ver
        at = row.received_at if delivered else None
        name = device_for(producer_id, row.id)
        shown = row.shown_at if tell.seen else None
        clicked, dismissed = (row.clicked_at, row.dismissed_at) if tell.read else (None, None)
        receipts.append(DeviceReceipt(name, delivered, at, shown, clicked, dismissed))
    return tuple(receipts)


def _dispatch_receipt(connection: Connection, producer_id: int, an_id: str) -> Receipt | None:
    row = connection.execute(
        select(Dispatch.state, Dispatch.due_at, Dispatch.reached, Dispatch.created_at).where(
            Dispatch.id == an_id, Dispatch.producer_id == producer_id
        )
    ).one_or_none()
    asked = _question_receipt(connection, producer_id, an_id)
    if row is None:
        return asked
    return Receipt(
        id=an_id,
        state=row.state,
        created_at=row.created_at,
        deliver_at=row.due_at,
        reached=row.reached,
        answer=None if asked is None else asked.answer,
    )


def _question_receipt(connection: Connection, producer_id: int, an_id: str) -> Receipt | None:
    """What was sent to several with one question, and how many it has reached."""
    standing = look(connection, [(producer_id, an_id)]).get((producer_id, an_id))
    if standing is None:
        return None
    question = select(QuestionRow.created_at).where(
        QuestionRow.id == an_id, QuestionRow.producer_id == producer_id, QuestionRow.shared.is_(True)
    )
    created_at = connection.execute(question).scalar_one_or_none()
    if created_at is None:
        return None
    reached = connection.execute(select(func.count()).where(Asked.question_id == an_id)).scalar_one()
    return Receipt(id=an_id, state=standing.state, created_at=created_at, reached=reached, answer=standing.answer)


def sent_with_key(connection: Connection, producer_id: int, key: str, limit: int) -> list[tuple[int, str]]:
    """The live notifications this producer calls by a life-cycle key, with their owners."""
    query = select(Row.user_id, Row.id).where(
        Row.producer_id == producer_id, Row.key == key, Row.key.is_not(None), Row.deleted == ""
    )
    return [(row.user_id, row.id) for row in connection.execute(query.limit(limit))]


def owner_of(connection: Connection, producer_id: int, an_id: str) -> int | None:
    """Whose inbox a notification of this producer is in."""
    query = select(Row.user_id).where(Row.id == an_id, Row.producer_id == producer_id, Row.deleted == "")
    return connection.execute(query).scalar_one_or_none()
