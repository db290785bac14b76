"""Why a notification rang or did not: everything that was decided about it, put together from where it is written anyway.

Nothing is logged for this. A rule leaves its mark in the record, a device says what it showed and what it held back and
why (`actions/receipts.py`), and the registers say what the person did; what the record says is read from it in
`handbell_shared/traces.py`, where devices read it, too. The person sees all of it; a producer sees its own
notifications, with devices under names that say nothing, without what the person did for themself (archiving, putting
to sleep, pinning), and without what they do not tell senders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Any

from sqlalchemy import and_, select, text
from sqlalchemy.engine import Connection

from handbell_server.actions import mail_news
from handbell_server.engine import rows
from handbell_server.models import Device, NotificationRow, ReceiptRow, User
from handbell_server.reads import reading
from handbell_shared.preferences import TellSenders, preferences_of
from handbell_shared.records import Notification
from handbell_shared.traces import EVERYTHING, Line, Step, Trace, decided, done

_SEEING, _READING = ("seen", "shown", "held"), ("read", "clicked", "dismissed")
_FOR_THE_PERSON = ("archived", "snoozed", "mailed", "not_mailed")


def for_person(connection: Connection, user_id: int, an_id: str) -> Trace | None:
    found = _find(connection, and_(NotificationRow.id == an_id, NotificationRow.user_id == user_id))
    if found is None:
        return None
    record, _, name = found
    return _trace(connection, record, user_id, name, EVERYTHING, lambda device_id, called: called)


def for_producer(connection: Connection, producer_id: int, an_id: str) -> Trace | None:
    found = _find(connection, and_(NotificationRow.id == an_id, NotificationRow.producer_id == producer_id))
    if found is None:
        return None
    record, user_id, name = found
    tell = preferences_of(reading.choices(connection, user_id, 0)).tell_senders

    def unnamed(device_id: str, called: str) -> str:
        return device_for(producer_id, device_id)

    whole = _trace(connection, record, user_id, name, tell, unnamed)
    untold = (*_FOR_THE_PERSON, *(() if tell.seen else _SEEING), *(() if tell.read else _READING))
    return Trace(an_id, tuple(line for line in whole.steps if line.step not in untold))


def device_for(producer_id: int, device_id: str) -> str:
    """What a producer calls a device: it tells those of one person apart, and is another name for another producer."""
    return blake2b(f"{producer_id} {device_id}".encode(), digest_size=6).hexdigest()


def _find(connection: Connection, which: Any) -> tuple[Notification, int, str] | None:
    query = select(text(f"{_columns()}, notifications.user_id, users.name")).select_from(NotificationRow)
    row = connection.execute(query.join(User, User.id == NotificationRow.user_id).where(which)).one_or_none()
    return None if row is None else (rows.record_of(row[:-2]), row[-2], row[-1])


def _columns() -> str:
    return ", ".join(f"notifications.{column.strip()}" for column in rows.RECORD_COLUMNS.split(","))


def _trace(
    connection: Connection,
    record: Notification,
    user_id: int,
    user: str,
    tell: TellSenders,
    call: Callable[[str, str], str],
) -> Trace:
    happened = [
        *_of_devices(connection, record, user_id, call),
        *done(record, user, tell),
        *_of_mail(connection, record, user_id),
    ]
    happened.sort(key=lambda line: (line.at is None, line.at or 0))  # nobody knows when: after all that has a time
    return Trace(record.id, (*decided(record), *happened))


def _of_devices(
    connection: Connection, record: Notification, user_id: int, call: Callable[[str, str], str]
) -> Iterator[Line]:
    epoch = reading.epoch(connection)
    query = (
        select(
            Device.id, Device.name, Device.received_epoch, Device.received_rev, Device.received_at,
            ReceiptRow.shown_at, ReceiptRow.held_at, ReceiptRow.held_for, ReceiptRow.clicked_at, ReceiptRow.dismissed_at,
        )
        .join(
            ReceiptRow, and_(ReceiptRow.device_id == Device.id, ReceiptRow.notification_id == record.id), isouter=True
        )
        .where(Device.user_id == user_id, Device.revoked_at.is_(None))
        .order_by(Device.id)
    )  # fmt: skip
    for row in connection.execute(query):
        device = call(row.id, row.name)
        if row.received_epoch == epoch and row.received_rev >= record.ver:
            by = (row.received_at, row.shown_at, row.held_at, row.clicked_at, row.dismissed_at)
            yield Line(step="delivered", at=min((at for at in by if at is not None), default=None), device=device)
        if row.held_at is not None:
            yield Line(step="held", at=row.held_at, device=device, why=row.held_for)
        moments: Iterable[tuple[Step, int | None]] = (
            ("shown", row.shown_at), ("clicked", row.clicked_at), ("dismissed", row.dismissed_at),
        )  # fmt: skip
        yield from (Line(step=step, at=at, device=device) for step, at in moments if at is not None)


def _of_mail(connection: Connection, record: Notification, user_id: int) -> Iterator[Line]:
    """The e-mail at once that told of it, and the latest digest; why one did not arrive is the state of that e-mail."""
    for found, kind in (
        (mail_news.mail_of(connection, user_id, record.id), None),
        (mail_news.digest_of(connection, user_id, record.id), "digest"),
    ):
        if found is not None and found[1] is not None:
            state, at = found
            yield Line(step="mailed", at=at, why=kind) if state == "sent" else Line(step="not_mailed", at=at, why=state)
