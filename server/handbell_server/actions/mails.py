"""The outbox of e-mail: who sends what now, what came of it, and what is too old to keep.

Never twice. An e-mail is a copy of what the inbox holds, so one that is lost costs little and one that comes twice is a nuisance
nobody can take back. A row is claimed by one process, which says everything to the mail server but the last dot. Then it writes
`handing` here, on disk; only then it says the dot. A row that is found in `handing` and whose process is gone was perhaps
sent: it becomes `unknown`, for the operator to see, and nobody sends it again. A process that stood still for so long that its
claim ran out cannot write `handing` any more, and breaks its connection off instead.

What failed before the dot, or was refused, is tried again for a day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import uniform
from typing import Any, Final, Literal

from msgspec import Struct
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.installation import audit
from handbell_server.channels.mail.line import BRINK_S, CONNECT_S, LOOKUP_S, OVER_S
from handbell_server.models import Mail, Mailbox, MailItem, User
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id

Kind = Literal["confirm", "at_once", "digest"]
State = Literal["waiting", "sent", "unknown", "failed", "dropped"]

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000

# The pauses after the first attempt, the second, …; from then on the last one.
PAUSES_MS: Final = (30 * _SECOND, 2 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR)
_JITTER: Final = 0.2
GIVE_UP_MS: Final = _DAY
CLAIM_MS: Final = int((2 * LOOKUP_S + CONNECT_S + 2 * BRINK_S + OVER_S) * _SECOND)
KEPT_MS: Final = 7 * _DAY
_LOOKED_AT_AT_ONCE: Final = 20
_LISTED_AT_MOST: Final = 200


class Claimed(Struct, frozen=True, gc=False):
    """One e-mail to be sent, by whoever has claimed it."""

    id: str
    kind: Kind
    user_id: int
    user: str
    language: str | None
    address: str
    facts: Mapping[str, Any]
    attempts: int
    created_at: int


class Result(Struct, frozen=True, gc=False):
    """What came of an attempt. `waiting` is tried again; `nobody_there` says that the address itself was refused."""

    id: str
    state: State
    attempts: int = 0
    said: str | None = None
    nobody_there: bool = False


class Tally(Struct, gc=False):
    sent: int = 0
    retried: int = 0
    failed: int = 0
    unknown: int = 0

    def count(self, state: State) -> None:
        match state:
            case "sent":
                self.sent += 1
            case "waiting":
                self.retried += 1
            case "failed":
                self.failed += 1
            case "unknown":
                self.unknown += 1
            case "dropped":
                pass


class MailShown(Struct, frozen=True, gc=False):
    """For the operator: an e-mail that did not simply arrive. Never what it said."""

    id: str
    user: str
    kind: str
    state: str
    attempts: int
    created_at: int
    error: str | None


def put(connection: Connection, user_id: int, kind: Kind, address: str, facts: Mapping[str, Any] | None = None) -> str:
    """A new e-mail, due now; its id."""
    an_id, now = new_id(), now_ms()
    values = {"id": an_id, "user_id": user_id, "kind": kind, "address": address, "facts": json.dumps(facts or {})}
    # Of a thousand digests at eight o'clock nobody waits for any; a code or what is wanted at once goes before them.
    due_at = now if kind == "digest" else now - _HOUR
    connection.execute(insert(Mail).values(values | {"created_at": now, "due_at": due_at}))
    return an_id


def anything_due(connection: Connection) -> bool:
    """A cheap look before anything is claimed."""
    query = select(Mail.id).where(*_is_due(now_ms())).limit(1)
    return connection.execute(query).first() is not None


def anything_lost(connection: Connection) -> bool:
    """Whether somebody was handing an e-mail over for longer than anybody may."""
    query = select(Mail.id).where(Mail.state == "handing", Mail.claimed_until < now_ms()).limit(1)
    return connection.execute(query).first() is not None


def turn(connection: Connection, holder: str, results: Sequence[Result], *, more: bool) -> Claimed | None:
    """Write down what came of attempts, and claim the next e-mail if there is to be one."""
    for result in results:
        _write_down(connection, holder, result)
    return _claim(connection, holder) if more else None


def to_the_brink(connection: Connection, holder: str, mail_id: str, names: Sequence[str] = ()) -> bool:
    """Write down that the mail server may have it from now on, and which notifications the digest names.

    False when it is somebody else's by now.
    """
    now = now_ms()
    mine = update(Mail).where(Mail.id == mail_id, Mail.state == "waiting", Mail.claimed_by == holder)
    values = {"state": "handing", "claimed_until": now + CLAIM_MS, "named": json.dumps(names) if names else None}
    return bool(connection.execute(mine.where(Mail.claimed_until > now).values(values)).rowcount)


def release(connection: Connection, holder: str | None) -> int:
    """`holder` has ended; None is for everybody, when this process is known to be alone. How many are now unknown."""
    his = Mail.claimed_by == holder if holder is not None else Mail.claimed_by.is_not(None)
    connection.execute(update(Mail).where(Mail.state == "waiting", his).values(claimed_by=None, claimed_until=0))
    return _set_aside(connection, his)


def set_aside(connection: Connection) -> int:
    """What a process was handing over that did not live to hear the answer; how many those are."""
    return _set_aside(connection, Mail.claimed_until < now_ms())


def _set_aside(connection: Connection, which: Any) -> int:
    said = "The server ended before the mail server's answer came; it may have been sent."
    values = {"state": "unknown", "claimed_by": None, "last_error": said, "finished_at": now_ms()}
    lost = update(Mail).where(Mail.state == "handing", which).values(values).returning(Mail.id)
    found = connection.execute(lost).scalars().all()
    for mail_id in found:
        audit(connection, "server", "mail.unknown", mail_id)
    return len(found)


def _is_due(now: int) -> list[Any]:
    return [Mail.state == "waiting", Mail.due_at <= now, Mail.claimed_until < now]


def _claim(connection: Connection, holder: str) -> Claimed | None:
    now = now_ms()
    due = (
        select(Mail, User.name, User.language, User.disabled_at, Mailbox.address.label("wanted"), Mailbox.confirmed_at,
               Mailbox.asked)
        .join(User, User.id == Mail.user_id)
        .outerjoin(Mailbox, Mailbox.user_id == Mail.user_id)
        .where(*_is_due(now))
        .order_by(Mail.due_at)
        .limit(_LOOKED_AT_AT_ONCE)
        .with_for_update(skip_locked=True, of=Mail)
    )  # fmt: skip
    for row in connection.execute(due).all():
        if row.created_at < now - GIVE_UP_MS:
            _end(connection, row.id, "failed", row.last_error or "It could not be sent for a day.")
        elif not _is_wanted(row):
            _end(connection, row.id, "dropped", None)
        else:
            claim = update(Mail).where(Mail.id == row.id)
            connection.execute(claim.values(claimed_by=holder, claimed_until=now + CLAIM_MS))
            return Claimed(
                row.id, row.kind, row.user_id, row.name, row.language, row.address, json.loads(row.facts), row.attempts,
                row.created_at,
            )  # fmt: skip
    return None


def _is_wanted(row: Any) -> bool:
    """Whether the address is still the person's, and this is what may go there."""
    if row.disabled_at is not None or row.wanted != row.address:
        return False
    return row.asked == row.id if row.kind == "confirm" else row.confirmed_at is not None


def _write_down(connection: Connection, holder: str, result: Result) -> None:
    """Only what is still ours: somebody else may have set it aside, and an unknown one stays unknown."""
    if result.nobody_there:  # then the mailbox is touched, and whoever holds that one goes on to its e-mails
        whose = select(Mail.user_id).where(Mail.id == result.id).scalar_subquery()
        connection.execute(select(Mailbox.user_id).where(Mailbox.user_id == whose).with_for_update())
    mine = select(Mail).where(Mail.id == result.id, Mail.claimed_by == holder)
    row = connection.execute(mine.with_for_update()).one_or_none()
    if row is None:
        return
    if result.state == "waiting":
        pause = PAUSES_MS[min(result.attempts, len(PAUSES_MS) - 1)] * uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 — spreading load
        again = {"state": "waiting", "attempts": result.attempts + 1, "due_at": now_ms() + int(pause)}
        again |= {"claimed_by": None, "claimed_until": 0, "last_error": result.said}
        connection.execute(update(Mail).where(Mail.id == row.id).values(again))
        return
    _end(connection, row.id, result.state, result.said)
    if result.state == "unknown":
        audit(connection, "server", "mail.unknown", row.id)
    if result.nobody_there:
        _doubt(connection, row.user_id, row.address, result.said or "")


def _end(connection: Connection, mail_id: str, state: State, said: str | None) -> None:
    values = {"state": state, "last_error": said, "finished_at": now_ms(), "claimed_by": None}
    connection.execute(update(Mail).where(Mail.id == mail_id).values(values))


def _doubt(connection: Connection, user_id: int, address: str, said: str) -> None:
    """Nobody is there: nothing goes to this address until somebody confirms it again."""
    there = update(Mailbox).where(Mailbox.user_id == user_id, Mailbox.address == address)
    connection.execute(there.values(confirmed_at=None, asked=None, trouble=said))
    audit(connection, "server", "mailbox.refused", str(user_id))


def after_restore(connection: Connection) -> None:
    """What waited when the backup was made has been sent since, as far as anybody knows; and digests have been told."""
    now = now_ms()
    open_ones = update(Mail).where(Mail.state.in_(("waiting", "handing")))
    said = "A backup was restored; it may have been sent before."
    connection.execute(open_ones.values(state="unknown", claimed_by=None, finished_at=now, last_error=said))
    connection.execute(delete(MailItem).where(MailItem.mail_id.is_(None)))
    connection.execute(update(Mailbox).values(digested_to=now))


# ---- now and then


def tidy(connection: Connection) -> int:
    """Forget what is over; how many e-mails that are."""
    now = now_ms()
    # What nobody gathers, because no mail server is configured any more.
    connection.execute(delete(MailItem).where(MailItem.mail_id.is_(None), MailItem.due_at < now - 2 * GIVE_UP_MS))
    over = or_(Mail.finished_at < now - KEPT_MS, Mail.created_at < now - 2 * KEPT_MS)
    return connection.execute(delete(Mail).where(over)).rowcount


def troubled(connection: Connection) -> list[MailShown]:
    """What waits after a failure, was given up, or is unknown: the latest first."""
    query = (
        select(Mail, User.name)
        .join(User, User.id == Mail.user_id)
        .where(or_(Mail.state.in_(("failed", "unknown", "handing")), Mail.attempts > 0), Mail.state != "sent")
        .order_by(Mail.id.desc())
        .limit(_LISTED_AT_MOST)
    )
    return [
        MailShown(row.id, row.name, row.kind, row.state, row.attempts, row.created_at, row.last_error)
        for row in connection.execute(query)
    ]


def count_since(connection: Connection, kind: Kind, since: int, **whose: Any) -> int:
    """How many of a kind were written since then, for a person or to an address."""
    query = select(func.count()).select_from(Mail).where(Mail.kind == kind, Mail.created_at >= since)
    return connection.execute(query.filter_by(**whose)).scalar_one()
