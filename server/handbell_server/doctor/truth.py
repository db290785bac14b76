"""Digests and counts, recomputed. They are kept by two xors and an addition per change; this is the whole sum again.

All is read in one view, so a running server does not get in the way. A difference is never the devices' fault: it means
that somebody wrote to the tables by another way than the feed, or that Handbell has a mistake worth a report.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from handbell_server.doctor.findings import Finding, ok, wrong
from handbell_server.engine import rows
from handbell_server.models import Inbox, NotificationRow, User
from handbell_server.reads import reading
from handbell_shared.actions import counts
from handbell_shared.digest import digest_of, fingerprint

_SAMPLE = 50
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_SHOWN = 5


def inboxes(connection: Connection, *, full: bool) -> Iterator[Finding]:
    """A random sample of inboxes, or all of them."""
    chosen = select(Inbox.user_id, User.name, Inbox.rev, Inbox.digest, Inbox.unread).join(User)
    if not full:
        chosen = chosen.order_by(func.random()).limit(_SAMPLE)
    looked = 0
    faults: list[str] = []
    for inbox in connection.execute(chosen).all():
        looked += 1
        faults += _judge(connection, inbox.user_id, inbox.name, inbox.rev, inbox.digest & _MASK, inbox.unread)
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        todo = (
            "Was the database changed by hand? Restore a backup (handbell restore FILE), and please report it if not."
        )
        yield wrong("inboxes", "; ".join(faults[:_SHOWN]) + more, todo)
    else:
        yield ok("inboxes", f"digest and count of {looked} are right" + ("" if full else " (a sample; --full for all)"))


def _judge(connection: Connection, user_id: int, name: str, rev: int, digest: int, unread: int) -> Iterator[str]:
    query = (
        select(text(rows.RECORD_COLUMNS))
        .select_from(NotificationRow)
        .where(NotificationRow.user_id == user_id, NotificationRow.deleted == "")
    )
    total, waiting, newest = digest_of((), reading.choices(connection, user_id, 0)), 0, 0
    for row in connection.execute(query):
        record = rows.record_of(row)
        total ^= fingerprint(record)
        waiting += counts(record, 0)  # as the feed counts: a snoozed one stays out until the server wakes it
        newest = max(newest, record.ver)
    if total != digest:
        yield f"{name}: the digest is {digest:016x} and should be {total:016x}"
    if waiting != unread:
        yield f"{name}: {unread} are counted as unread and {waiting} are"
    if newest > rev:
        yield f"{name}: a record is at revision {newest}, beyond the inbox's own {rev}"
