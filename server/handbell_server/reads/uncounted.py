"""Finding what became of notifications and is not counted yet (`actions/counting.py` counts it).

Nothing tells that there is something to count; it is found by comparing states:

    news      changes of an inbox above `rev`: sent, read, answered, expired
    arrivals  records up to the furthest device of their person, above `delivered`
    marks     receipts with other moments than those that were counted

`news` follows each inbox as a device would, so a change that commits late is not missed: revisions of an inbox appear in
order. Each finder looks at one moment, outside the writer's turn, and finds a portion: how far it has looked, and what it
saw of which notifications. It may see the same again; only what is new is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row as Found
from sqlalchemy import Select, Subquery, and_, case, func, or_, select, text
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.models import CountingProgress, Device, Inbox, NotificationRow, PreferencesRow, ReceiptRow
from handbell_server.models.answers import RECEIPT_MOMENTS, RECEIPT_UNCOUNTED
from handbell_server.reads import reading
from handbell_shared.preferences import TellSenders, preferences_of

Row = NotificationRow
Progress = CountingProgress

FACTS: Final = ("sent", "delivered", "shown", "read", "clicked", "dismissed", "answered", "expired")
SENT, DELIVERED, SHOWN, READ, CLICKED, DISMISSED, ANSWERED, EXPIRED = (1 << place for place in range(len(FACTS)))

_ROWS = 250  # some three milliseconds of the writer; a whole group of POSTs takes as long
_INBOXES = 500


class Sighting(Struct, frozen=True, gc=False):
    """What was seen of one notification, and what it takes to find its cohort."""

    seq: int
    id: str
    producer_id: int
    source: str
    type: str
    created_at: int
    facts: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of what is not counted yet. `after` is the last inbox looked at; there is `more` where it was not the last."""

    sightings: list[Sighting]
    after: int = 0
    more: bool = False
    revs: dict[int, int] = field(default_factory=dict)
    delivered: dict[int, int] = field(default_factory=dict)
    moments: list[tuple[str, str, int]] = field(default_factory=list)  # notification, device, those that were seen


Finder = Callable[[Connection, int], Portion | None]
Wanted = Select[*tuple[Any, ...]]


def news(connection: Connection, after: int) -> Portion | None:
    """What has changed in the inboxes after this one."""
    behind = (
        select(Inbox.user_id, Inbox.rev.label("goal"))
        .join(Progress, Progress.user_id == Inbox.user_id, isouter=True)
        .where(Inbox.rev > func.coalesce(Progress.rev, 0))
    )
    # What an answer says may be long; here it is only asked for where there seems to be one.
    answered = case((Row.extra.like('%"answer":%'), Row.extra)).label("answered")

    def changed(users: Sequence[int]) -> Wanted:
        return (
            _select(Row.ver, Row.read, Row.deleted, answered)
            .join(Progress, Progress.user_id == Row.user_id, isouter=True)
            .where(Row.user_id.in_(users), Row.ver > func.coalesce(Progress.rev, 0))
        )

    found, moved, last, more = _stretch(connection, behind, changed, Row.ver, after)
    discreet = _discreet(connection, {row.user_id for row in found})
    sightings = [
        _sighting(row, SENT | _of_the_person(row, discreet) | EXPIRED * (row.deleted == "expired")) for row in found
    ]
    return Portion(sightings, last, more, revs=moved) if moved else None


def _of_the_person(row: Any, discreet: Collection[int]) -> int:
    """What the person did with it, as far as senders may know: what is left out here is counted for nobody.

    Nor is it a sign of delivery then. An answer is meant for the sender.
    """
    _, answer = rows.question_in(row.answered)
    # Not where somebody else gave it, or nobody did until the deadline.
    gave = answer is not None and bool(answer.action) and not answer.by and not answer.deadline
    return READ * (bool(row.read) and row.user_id not in discreet) | ANSWERED * gave


def _discreet(connection: Connection, users: Collection[int]) -> set[int]:
    """Those of them who do not let senders know what they have read."""
    return {user_id for user_id, tell in _tells(connection, users).items() if not tell.read}


def _tells(connection: Connection, users: Collection[int]) -> dict[int, TellSenders]:
    """What those of them who chose anything let senders know."""
    query = select(PreferencesRow.user_id, PreferencesRow.document).where(PreferencesRow.user_id.in_(users))
    return {
        row.user_id: preferences_of(rows.choices_of(row.document)).tell_senders for row in connection.execute(query)
    }


def arrivals(connection: Connection, after: int) -> Portion | None:
    """What the devices of the people after this one have come to hold."""
    epoch = reading.epoch(connection)
    before = func.coalesce(Progress.delivered, 0)
    # Asked inbox by inbox, so that a look that has enough has not asked for the others.
    furthest = (
        select(func.max(Device.received_rev))
        .where(Device.user_id == Inbox.user_id, Device.received_epoch == epoch)
        .correlate(Inbox)
        .scalar_subquery()
    )
    behind = (
        select(Inbox.user_id, furthest.label("goal"))
        .join(Progress, Progress.user_id == Inbox.user_id, isouter=True)
        .where(Inbox.rev > before, furthest > before)
    )

    def held(users: Sequence[int]) -> Wanted:
        reach = _reach(epoch, users)
        return (
            _select(Row.crev)
            .join(reach, reach.c.user_id == Row.user_id)
            .join(Progress, Progress.user_id == Row.user_id, isouter=True)
            # `ver` is never below `crev`; it is what the index knows.
            .where(Row.ver > before, Row.crev > before, Row.crev <= reach.c.rev)
            # Of what was deleted since, a device that is further than that may never have had more than the news of it.
            .where(or_(Row.deleted == "", Row.ver > reach.c.rev))
        )

    found, moved, last, more = _stretch(connection, behind, held, Row.crev, after)
    sightings = [_sighting(row, SENT | DELIVERED) for row in found]
    return Portion(sightings, last, more, delivered=moved) if moved else None


def _reach(epoch: str, users: Sequence[int]) -> Subquery:
    """How far the furthest device of each of these people says that it is."""
    return (
        select(Device.user_id, func.max(Device.received_rev).label("rev"))
        .where(Device.user_id.in_(users), Device.received_epoch == epoch)
        .group_by(Device.user_id)
        .subquery()
    )


def marks(connection: Connection, _after: int) -> Portion | None:
    """What devices told that they did."""
    query = (
        select(*_COMMON, ReceiptRow.notification_id, ReceiptRow.device_id, text(f"{RECEIPT_MOMENTS} AS moments"))
        .join(Row, Row.id == ReceiptRow.notification_id)
        .where(text(RECEIPT_UNCOUNTED))
        .limit(_ROWS)
    )
    found = connection.execute(query).all()
    if not found:
        return None
    moments = [(row.notification_id, row.device_id, row.moments) for row in found]
    tells = _tells(connection, {row.user_id for row in found})
    sightings = [_sighting(row, SENT | _told(row.moments, tells.get(row.user_id, _ALL))) for row in found]
    return Portion(sightings, more=len(found) == _ROWS, moments=moments)


def _told(moments: int, tell: TellSenders) -> int:
    """A toast that was pressed or waved away was shown. That a device did anything shows that it holds the notification."""
    pressed = CLICKED * bool(moments & 2) | DISMISSED * bool(moments & 4)
    return DELIVERED | SHOWN * tell.seen | pressed * tell.read


_ALL = TellSenders()

# ---- parts

_COMMON = (Row.seq, Row.id, Row.user_id, Row.producer_id, Row.source, Row.type, Row.created_at)


def _select(position: Any, *more: Any) -> Wanted:
    return select(*_COMMON, position.label("position"), *more)


def _sighting(row: Any, facts: int) -> Sighting:
    """Whatever is known of it beyond that it was sent shows that it was delivered."""
    if facts & ~(SENT | EXPIRED):
        facts |= DELIVERED
    return Sighting(row.seq, row.id, row.producer_id, row.source, row.type, row.created_at, facts)


def _stretch(
    connection: Connection,
    behind: Select[Any, Any],
    wanted: Callable[[Sequence[int]], Wanted],
    position: Any,
    after: int,
) -> tuple[list[Any], dict[int, int], int, bool]:
    """About as many rows as make a portion, inbox by inbox; how far each inbox is now, the last of them, and if it goes on.

    Twice as many inboxes are asked for from step to step, so that neither many small ones nor a few large ones cost more
    than the rows they have.
    """
    query = behind.where(Inbox.user_id > after).order_by(Inbox.user_id).limit(_INBOXES)
    goals = {row.user_id: row.goal for row in connection.execute(query)}
    users = list(goals)
    found: list[Any] = []
    moved: dict[int, int] = {}
    start, size = 0, 1
    while start < len(users) and len(found) < _ROWS:
        part = users[start : start + size]
        room = _ROWS - len(found)
        ordered = wanted(part).order_by(Row.user_id, position, Row.id).limit(room)
        these: Sequence[Found[*tuple[Any, ...]]] = connection.execute(ordered).all()
        found += these
        if len(these) == room:
            last = these[-1]
            # Whole revisions only: the cursor cannot stand inside one.
            rest = and_(Row.user_id == last.user_id, position == last.position, Row.id > last.id)
            found += connection.execute(wanted([last.user_id]).where(rest)).all()
            moved |= {user: goals[user] for user in part if user < last.user_id}
            moved[last.user_id] = last.position
            return found, moved, last.user_id - 1, True
        moved |= {user: goals[user] for user in part}
        start, size = start + size, size * 2
    return found, moved, max(moved, default=0), start < len(users) or len(users) == _INBOXES
