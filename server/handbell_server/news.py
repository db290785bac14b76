"""What a person is told, in the order in which it was: for programs that know no registers and no revisions.

Such a program knows the last message it got, and asks for what came after. So every message has a place in the feed: the
revision that brought its present content (`Notification.news`), and the id within that. Reading, seeing or pinning a
notification does not move its place; being told anew does, and then it is a message again.

What a person's rules close to `push` is no news here, nor is what they have read, archived or put to sleep meanwhile: these
programs ring for whatever they get.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, or_, select, text
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.models import NotificationRow
from handbell_server.reads import reading
from handbell_shared.records import Notification

Row = NotificationRow
_news: ColumnElement[int] = case((Row.nrev > 0, Row.nrev), else_=Row.crev)
_COLUMNS = text(rows.RECORD_COLUMNS)
_END = "~"  # behind every id
_LOOKS_BACK_AT_MOST = 500
SOURCES_AT_MOST = 500


class Place(Struct, frozen=True, gc=False):
    """Behind the message with this id of this revision; without an id behind all of that revision."""

    rev: int
    id: str = _END


class News(Struct, frozen=True, gc=False):
    """Records in their order, some of which may be no news any more, and the place behind them."""

    epoch: str
    records: tuple[Notification, ...]
    place: Place
    more: bool


def place_of(record: Notification) -> Place:
    return Place(record.news, record.id)


def is_news(record: Notification) -> bool:
    """Whether a program that rings for everything should get this."""
    waits = not record.read or (record.alarm is not None and record.alarm.on)
    return waits and is_listed(record)


def is_listed(record: Notification) -> bool:
    """Whether a program that shows a list should have this in it."""
    return record.live and not record.archived and not record.snoozed_until and record.may("push")


def in_order(records: Iterable[Notification], behind: Place) -> list[Notification]:
    """Those that come behind a place."""
    later = [one for one in records if one.live and (one.news, one.id) > (behind.rev, behind.id)]
    return sorted(later, key=lambda one: (one.news, one.id))


def after(connection: Connection, user_id: int, behind: Place, limit: int) -> News:
    """The next records behind a place; none, and where the inbox stands, when the place is of another history."""
    rev, _ = reading.stand(connection, user_id)
    epoch = reading.epoch(connection)
    if behind.rev > rev:
        return News(epoch, (), Place(rev), False)
    later = or_(_news > behind.rev, and_(_news == behind.rev, Row.id > behind.id))
    # `ver` is never below the place; it is what the index knows.
    query = select(_COLUMNS).select_from(Row).where(*_waiting(user_id), Row.ver >= behind.rev, later)
    found = [rows.record_of(row) for row in connection.execute(query.order_by(_news, Row.id).limit(limit + 1))]
    if len(found) > limit:
        return News(epoch, tuple(found[:limit]), place_of(found[limit - 1]), True)
    return News(epoch, tuple(found), Place(rev), False)


def here(connection: Connection, user_id: int) -> Place:
    """Behind everything there is."""
    return Place(reading.stand(connection, user_id)[0])


def is_of_this_history(connection: Connection, user_id: int, place: Place) -> bool:
    """Whether the inbox has come so far. After a backup was restored it may not have."""
    return place.rev <= reading.stand(connection, user_id)[0]


def since(connection: Connection, user_id: int, moment: int) -> Place:
    """Before the first record that was told at this moment or later."""
    told = func.coalesce(Row.updated_at, Row.created_at)
    first = connection.execute(select(func.min(_news)).where(*_waiting(user_id), told >= moment)).scalar()
    return here(connection, user_id) if first is None else Place(first - 1)


def newest(connection: Connection, user_id: int) -> list[Notification]:
    """The records that were told last, the last one first."""
    query = select(_COLUMNS).select_from(Row).where(*_waiting(user_id)).order_by(_news.desc(), Row.id.desc())
    return [rows.record_of(row) for row in connection.execute(query.limit(_LOOKS_BACK_AT_MOST))]


def before(record: Notification) -> Place:
    """The last place from which this record is still to come."""
    just_less = f"{int(record.id.replace('-', ''), 16) - 1:032x}"
    parts = (just_less[:8], just_less[8:12], just_less[12:16], just_less[16:20], just_less[20:])
    return Place(record.news, "-".join(parts))


# ---- in whole revisions, the newest first


def stretch(connection: Connection, user_id: int, upto: int, limit: int, source: str | None) -> list[Notification]:
    """Records told by this revision or before, the latest first: all of each revision, and about `limit` of them."""
    conditions = _waiting(user_id)
    if source is not None:
        conditions.append(Row.source == source)
    query = select(_COLUMNS).select_from(Row).order_by(_news.desc(), Row.id.desc())
    found = [
        rows.record_of(row) for row in connection.execute(query.where(*conditions, _news <= upto).limit(limit + 1))
    ]
    if len(found) <= limit:
        return found
    last = found[-1].news
    rest = connection.execute(query.where(*conditions, _news == last))
    return [*(one for one in found if one.news > last), *map(rows.record_of, rest)]


def told_at(connection: Connection, user_id: int, rev: int) -> list[Notification]:
    """The records whose present content came by this revision."""
    query = select(_COLUMNS).select_from(Row).where(*_waiting(user_id), _news == rev)
    return [rows.record_of(row) for row in connection.execute(query)]


def sources(connection: Connection, user_id: int) -> Sequence[str]:
    """Who has sent what is in the inbox."""
    query = select(Row.source).distinct().where(Row.user_id == user_id, Row.deleted == "").order_by(Row.source)
    return list(connection.execute(query.limit(SOURCES_AT_MOST)).scalars())


def _waiting(user_id: int) -> list[ColumnElement[bool]]:
    return [Row.user_id == user_id, Row.deleted == "", Row.archived == 0, Row.snoozed_until == 0]
