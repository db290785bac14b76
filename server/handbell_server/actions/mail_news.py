"""News for e-mail: what is due becomes a row of the outbox, and what is to be said is read when it is sent.

Two processes may look at the same moment. Each holds the row of the mailbox while it gathers, and in that transaction moves what was due
out of the way: the notifications get the e-mail they go into, a digest gets its next moment. So nothing is gathered twice, and after
a day without any server there is one digest, not twenty-four.

What is due at the same moment for one person goes into one e-mail. That is also the summary after quiet hours, and the bound: who has
had `AN_HOUR` e-mails in an hour gets what comes then in one, when the hour is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import and_, delete, func, or_, select, text, update
from sqlalchemy.engine import Connection

from handbell_server.actions import mails
from handbell_server.actions.mails import Claimed
from handbell_server.engine import rows
from handbell_server.models import Mail, Mailbox, MailItem, NotificationRow
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.mailing import held_until, next_digest, zone_for
from handbell_shared.preferences import Preferences, breaks_through, preferences_of, ruling
from handbell_shared.records import Notification

AN_HOUR: Final = 10
_HOUR, _DAY = 3_600_000, 86_400_000
_PEOPLE_AT_ONCE: Final = 20  # the writer has other work
_READ_AT_MOST: Final = 1_000
_Row = NotificationRow
_COLUMNS = text(rows.RECORD_COLUMNS)


class News(Struct, frozen=True, gc=False):
    """What an e-mail tells: at least one notification, the newest first; and what the person chose."""

    records: tuple[Notification, ...]
    preferences: Preferences


class Due(Struct, frozen=True, gc=False):
    """What there is to do: news to gather, e-mails to send, and what a process had that is gone."""

    news: bool
    mails: bool
    lost: bool


def due(connection: Connection) -> Due:
    """A cheap look before anything is locked or claimed."""
    now = now_ms()
    items = select(MailItem.user_id).where(MailItem.mail_id.is_(None), MailItem.due_at <= now)
    digests = select(Mailbox.user_id).where(Mailbox.digest_at <= now)
    return Due(
        _any(connection, items) or _any(connection, digests),
        mails.anything_due(connection),
        mails.anything_lost(connection),
    )


def _any(connection: Connection, query: Any) -> bool:
    return connection.execute(query.limit(1)).first() is not None


def gather(connection: Connection) -> int:
    """Put e-mails for what is due into the outbox, for some people; 0 when others are at all that there is."""
    now = now_ms()
    items = select(MailItem.user_id).where(MailItem.mail_id.is_(None), MailItem.due_at <= now).distinct()
    waiting = list(connection.execute(items.limit(_PEOPLE_AT_ONCE)).scalars())
    # Left over from an address that is not confirmed any more.
    homeless = ~MailItem.user_id.in_(select(Mailbox.user_id).where(Mailbox.confirmed_at.is_not(None)))
    left_over = delete(MailItem).where(MailItem.user_id.in_(waiting), MailItem.mail_id.is_(None), homeless)
    done = connection.execute(left_over).rowcount
    boxes = _held(connection, Mailbox.user_id.in_(waiting))
    for box in boxes:
        _gather_at_once(connection, box, now)
    digests = _held(connection, Mailbox.digest_at <= now)
    for box in digests:
        _gather_digest(connection, box, now)
    return done + len(boxes) + len(digests)


def news_of(connection: Connection, one: Claimed) -> News | None:
    """What this e-mail is to tell now; None when by now the person has seen it all, or wants it otherwise."""
    preferences = _preferences(connection, one.user_id)
    if one.kind == "at_once":
        found = _records(
            connection, one.user_id, _Row.id.in_(select(MailItem.notification_id).where(MailItem.mail_id == one.id))
        )
        wanted = "now"
    else:
        since, until = int(one.facts["since"]), int(one.facts["until"])
        told = func.coalesce(_Row.updated_at, _Row.created_at)
        found = _records(connection, one.user_id, and_(told > since, told <= until))
        wanted = "digest"
    left = tuple(record for record in found if ruling(preferences, "email", record).verdict == wanted)
    return News(left, preferences) if left else None


def mail_of(connection: Connection, user_id: int, notification_id: str) -> tuple[str, int | None] | None:
    """What became of the e-mail that told of a notification at once: its state, and since when."""
    query = select(Mail.state, Mail.finished_at).join(MailItem, MailItem.mail_id == Mail.id)
    row = connection.execute(
        query.where(MailItem.user_id == user_id, MailItem.notification_id == notification_id)
    ).one_or_none()
    return row and (row.state, row.finished_at)


def digest_of(connection: Connection, user_id: int, notification_id: str) -> tuple[str, int] | None:
    """What became of the latest digest that named a notification: its state, and since when."""
    query = (
        select(Mail.state, Mail.finished_at)
        .where(Mail.user_id == user_id, Mail.kind == "digest", Mail.state.in_(("sent", "unknown", "failed")))
        .where(Mail.named.contains(notification_id))
        .order_by(Mail.finished_at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return row and (row.state, row.finished_at)


def _held(connection: Connection, which: Any) -> Sequence[Any]:
    """Mailboxes, locked; those that another process is at are left to it."""
    query = select(Mailbox.user_id, Mailbox.address, Mailbox.confirmed_at, Mailbox.digested_to).where(which)
    return connection.execute(query.limit(_PEOPLE_AT_ONCE).with_for_update(skip_locked=True)).all()


def _gather_at_once(connection: Connection, box: Any, now: int) -> None:
    mine = and_(MailItem.user_id == box.user_id, MailItem.mail_id.is_(None), MailItem.due_at <= now)
    preferences = _preferences(connection, box.user_id)
    ids = list(connection.execute(select(MailItem.notification_id).where(mine).limit(_READ_AT_MOST)).scalars())
    found = [record for record in _records(connection, box.user_id, _Row.id.in_(ids))
             if ruling(preferences, "email", record).verdict == "now"]  # fmt: skip
    these = and_(MailItem.user_id == box.user_id, MailItem.notification_id.in_(ids))
    quiet = held_until(preferences, now)
    loud = [one.id for one in found if quiet is None or breaks_through(preferences, one)]
    left = [one.id for one in found if one.id not in loud]
    connection.execute(delete(MailItem).where(these, ~MailItem.notification_id.in_([*loud, *left])))
    if left and quiet is not None:
        _put_off(connection, box.user_id, left, min(quiet, now + _DAY))
    full = _full_until(connection, box.user_id, now)
    if loud and full is not None:
        _put_off(connection, box.user_id, loud, full)
    elif loud:
        mail_id = mails.put(connection, box.user_id, "at_once", box.address)
        going = update(MailItem).where(these, MailItem.notification_id.in_(loud))
        connection.execute(going.values(mail_id=mail_id))


def _gather_digest(connection: Connection, box: Any, now: int) -> None:
    preferences = _preferences(connection, box.user_id)
    due_at = next_digest(preferences.digest, now, zone_for(preferences))
    plan = update(Mailbox).where(Mailbox.user_id == box.user_id)
    connection.execute(plan.values(digest_at=due_at, digested_to=now))
    told = func.coalesce(_Row.updated_at, _Row.created_at)
    new = _unseen(box.user_id, and_(told > box.digested_to, told <= now)).limit(1)
    if due_at is not None and box.confirmed_at is not None and connection.execute(new).first() is not None:
        mails.put(connection, box.user_id, "digest", box.address, {"since": box.digested_to, "until": now})


def _put_off(connection: Connection, user_id: int, ids: Sequence[str], due_at: int) -> None:
    mine = update(MailItem).where(MailItem.user_id == user_id, MailItem.notification_id.in_(ids))
    connection.execute(mine.values(due_at=due_at))


def _full_until(connection: Connection, user_id: int, now: int) -> int | None:
    """When the person may get the next e-mail at once, if they have had all that an hour allows."""
    query = (
        select(Mail.created_at)
        .where(Mail.user_id == user_id, Mail.kind == "at_once", Mail.created_at > now - _HOUR, Mail.state != "dropped")
        .order_by(Mail.created_at.desc())
        .offset(AN_HOUR - 1)
        .limit(1)
    )
    oldest = connection.execute(query).scalar_one_or_none()
    return None if oldest is None else oldest + _HOUR


def _preferences(connection: Connection, user_id: int) -> Preferences:
    return preferences_of(reading.choices(connection, user_id, 0))


def _records(connection: Connection, user_id: int, which: Any) -> list[Notification]:
    return [rows.record_of(row) for row in connection.execute(_unseen(user_id, which).limit(_READ_AT_MOST))]


def _unseen(user_id: int, which: Any) -> Any:
    """What is in the inbox and was neither seen, read, put away nor overtaken."""
    fresh = (_Row.seen == 0, _Row.read == 0, _Row.archived == 0, _Row.deleted == "", _Row.snoozed_until == 0)
    living = or_(_Row.expires_at.is_(None), _Row.expires_at > now_ms())
    query = select(_COLUMNS).select_from(NotificationRow).where(_Row.user_id == user_id, *fresh, living, which)
    return query.order_by(func.coalesce(_Row.updated_at, _Row.created_at).desc(), _Row.id.desc())
