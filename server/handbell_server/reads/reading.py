"""Reading the feed: deltas, snapshots and where everybody stands. Each answer is one consistent view.

A delta is "the rows whose `ver` is above the cursor", whatever happened in between; rows of one revision are paged by
(ver, id). On SQLite a transaction is a stable view; on PostgreSQL the statements of one answer must share a snapshot,
so these run in REPEATABLE READ, which for readers costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, Row, bindparam, or_, select, text
from sqlalchemy.engine import Connection

from handbell_server.database import is_sqlite
from handbell_server.engine import rows
from handbell_server.engine.among import among
from handbell_server.engine.inbox import tombstone
from handbell_server.errors import NotFound
from handbell_server.models import Inbox, Installation, NotificationRow, PreferencesRow, User
from handbell_shared.digest import to_hex
from handbell_shared.protocol import CHANGES_PER_PUSH
from handbell_shared.records import Choice, DeltaPage, Notification, Position, Push, SnapshotPage

_COLUMNS = text(rows.RECORD_COLUMNS)
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_END = "~"  # behind every id: all rows of the cursor's revision were consumed


@contextmanager
def view(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment."""
    options = {} if is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def epoch(connection: Connection) -> str:
    return connection.execute(select(Installation.epoch)).scalar_one()


_STAND = select(Inbox.rev, Inbox.floor, Inbox.digest, Inbox.unread, Inbox.chosen_rev).where(
    Inbox.user_id == bindparam("user_id")
)
_AFTER = (
    select(_COLUMNS)
    .select_from(NotificationRow)
    .where(
        NotificationRow.user_id == bindparam("user_id"),
        NotificationRow.ver >= bindparam("rev"),
        or_(NotificationRow.ver > bindparam("rev"), NotificationRow.id > bindparam("after")),
    )
    .order_by(NotificationRow.ver, NotificationRow.id)
    .limit(bindparam("limit"))
)
_FROM = (
    select(_COLUMNS)
    .select_from(NotificationRow)
    .where(
        NotificationRow.user_id == bindparam("user_id"),
        NotificationRow.id > bindparam("after"),
        NotificationRow.deleted == "",
    )
    .order_by(NotificationRow.id)
    .limit(bindparam("limit"))
)
_REVISIONS = (
    select(Inbox.user_id, Inbox.rev)
    .join(User, User.id == Inbox.user_id)
    .where(among(Inbox.user_id, "users"), User.disabled_at.is_(None))
)


def stand(connection: Connection, user_id: int) -> tuple[int, int]:
    """The inbox's revision and unread count."""
    row = _inbox(connection, user_id)
    return row.rev, row.unread


def delta(connection: Connection, user_id: int, at: Position, limit: int) -> DeltaPage:
    """The next rows after a position, or why only a snapshot can help."""
    now_epoch = epoch(connection)
    inbox = _inbox(connection, user_id)
    if at.epoch != now_epoch:
        return DeltaPage(now_epoch, snapshot="epoch")
    if at.rev > inbox.rev:
        return DeltaPage(now_epoch, snapshot="ahead")
    if at.rev < inbox.floor:
        return DeltaPage(now_epoch, snapshot="too_old")
    found = _after(connection, user_id, at, limit + 1)
    chosen = choices(connection, user_id, at.rev) if inbox.chosen_rev > at.rev else ()
    if len(found) > limit:
        page = found[:limit]
        return DeltaPage(now_epoch, _told(page), (page[-1].ver, page[-1].id), True, choices=chosen)
    digest = to_hex(inbox.digest & _MASK)
    return DeltaPage(now_epoch, _told(found), (inbox.rev, None), False, digest, inbox.unread, choices=chosen)


def snapshot(connection: Connection, user_id: int, after: str, limit: int) -> SnapshotPage:
    """Live rows in order of id. The caller keeps the revision of its first page."""
    inbox = _inbox(connection, user_id)
    chosen = choices(connection, user_id, 0) if inbox.chosen_rev and not after else ()
    found = connection.execute(_FROM, {"user_id": user_id, "after": after, "limit": limit + 1}).all()
    page = tuple(rows.record_of(row) for row in found[:limit])
    return SnapshotPage(epoch(connection), inbox.rev, page, len(found) > limit, chosen)


def choices(connection: Connection, user_id: int, after: int) -> tuple[Choice, ...]:
    """What the person chose after a revision."""
    query = select(PreferencesRow.document).where(PreferencesRow.user_id == user_id)
    document = connection.execute(query).scalar_one_or_none()
    return tuple(one for one in rows.choices_of(document or "[]") if one.ver > after)


def push_since(connection: Connection, user_id: int, rev: int) -> Push | None:
    """Everything after `rev` as one push; with no changes in it when that is too much or too old to push."""
    inbox = connection.execute(_STAND, {"user_id": user_id}).one_or_none()
    if inbox is None or inbox.rev == rev:
        return None
    now_epoch = epoch(connection)
    digest = to_hex(inbox.digest & _MASK)
    if not inbox.floor <= rev < inbox.rev:
        return Push(now_epoch, rev, inbox.rev, digest, inbox.unread, ())
    found = _after(connection, user_id, Position(now_epoch, rev), CHANGES_PER_PUSH + 1)
    if len(found) > CHANGES_PER_PUSH:
        return Push(now_epoch, rev, inbox.rev, digest, inbox.unread, ())
    chosen = choices(connection, user_id, rev) if inbox.chosen_rev > rev else ()
    return Push(now_epoch, rev, inbox.rev, digest, inbox.unread, _told(found), chosen)


def revisions(connection: Connection, users: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Where these inboxes stand: what the sweep compares. Who was disabled or removed has none."""
    return [(row.user_id, row.rev) for row in connection.execute(_REVISIONS, {"users": users})]


def _inbox(connection: Connection, user_id: int) -> Row[int, int, int, int, int]:
    row = connection.execute(_STAND, {"user_id": user_id}).one_or_none()
    if row is None:
        raise NotFound("This inbox is gone.")
    return row


def _after(connection: Connection, user_id: int, at: Position, limit: int) -> list[Notification]:
    found = connection.execute(_AFTER, {"user_id": user_id, "rev": at.rev, "after": at.after or _END, "limit": limit})
    return [rows.record_of(row) for row in found]


def _told(records: Iterable[Notification]) -> tuple[Notification, ...]:
    return tuple(record if record.live else tombstone(record) for record in records)
