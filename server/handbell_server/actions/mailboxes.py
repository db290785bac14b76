"""People's e-mail addresses: named, proven to be theirs, given up.

A person names an address and proves with a code or a link from an e-mail to it that they read what arrives there. How many such
e-mails are sent is bounded for the person and for the address, whoever names it, and so is how often a code may be guessed.
An operator may set an address that needs no proof.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import mails, people
from handbell_server.actions.installation import audit, take_turns
from handbell_server.errors import NotFound, RateLimited
from handbell_server.models import Mail, Mailbox, MailItem
from handbell_server.reads import reading
from handbell_shared.clock import now_ms
from handbell_shared.ids import made_at
from handbell_shared.mailing import next_digest, zone_for
from handbell_shared.preferences import preferences_of

_HOUR, _DAY = 3_600_000, 86_400_000
CODE_LIVES_MS: Final = _DAY
GUESSES: Final = 5
_ASKED_IN_AN_HOUR: Final = 5
_ASKED_IN_A_DAY: Final = 10
_TO_AN_ADDRESS_IN_A_DAY: Final = 5


class MailboxShown(Struct, frozen=True, gc=False):
    address: str
    confirmed: bool
    trouble: str | None


def mailbox_of(connection: Connection, user_id: int) -> MailboxShown | None:
    query = select(Mailbox.address, Mailbox.confirmed_at, Mailbox.trouble).where(Mailbox.user_id == user_id)
    row = connection.execute(query).one_or_none()
    return row and MailboxShown(row.address, row.confirmed_at is not None, row.trouble)


def name_address(connection: Connection, user_id: int, address: str, by: str) -> None:
    """The person says where they want e-mail. They are asked there first, unless it is confirmed already."""
    known = mailbox_of(connection, user_id)
    if known is not None and known.address == address and known.confirmed:
        return
    take_turns(connection)
    _check_asking(connection, user_id, address)
    _write(connection, user_id, address, confirmed_at=None)
    asked = mails.put(connection, user_id, "confirm", address)
    connection.execute(update(Mailbox).where(Mailbox.user_id == user_id).values(asked=asked))
    audit(connection, by, "mailbox.name", str(user_id))


def give_up(connection: Connection, user_id: int, by: str) -> None:
    """No e-mail any more; what waits is dropped."""
    _stop_waiting(connection, user_id)
    if connection.execute(delete(Mailbox).where(Mailbox.user_id == user_id)).rowcount:
        audit(connection, by, "mailbox.remove", str(user_id))


def confirm_by_code(connection: Connection, user_id: int, code: str, code_of: Callable[[str], str]) -> bool:
    """Whether that was the code of the latest question. A wrong one is counted, so the caller must not roll back."""
    row = _asked(connection, user_id)
    if row is None or row.guesses >= GUESSES or made_at(row.asked) < now_ms() - CODE_LIVES_MS:
        return False
    if not hmac.compare_digest(code_of(row.asked).encode(), code.encode()):
        connection.execute(update(Mailbox).where(Mailbox.user_id == user_id).values(guesses=row.guesses + 1))
        return False
    _confirm(connection, user_id, row.address)
    return True


def confirm_by_link(connection: Connection, user_id: int, is_for: Callable[[str], bool]) -> bool:
    """The link in the e-mail was followed, and its button pressed. Twice is fine."""
    known = mailbox_of(connection, user_id)
    if known is None or not is_for(known.address):
        return False
    if known.confirmed:
        return True
    if _asked(connection, user_id) is None:
        return False
    _confirm(connection, user_id, known.address)
    return True


def set_confirmed(connection: Connection, name: str, address: str | None, by: str = "operator") -> None:
    """The operator knows the address; or takes it away."""
    person = people.find_user(connection, name)
    if person is None:
        raise NotFound(f"There is no user {name!r}.")
    if address is None:
        give_up(connection, person.id, by)
        return
    _write(connection, person.id, address, confirmed_at=now_ms())
    _plan_digest(connection, person.id)
    audit(connection, by, "mailbox.set", str(person.id))


class _Question(Struct, frozen=True, gc=False):
    """Whether an address is the person's, asked by an e-mail."""

    address: str
    asked: str
    guesses: int


def _asked(connection: Connection, user_id: int) -> _Question | None:
    """The mailbox with an open question, held so that two guesses are two."""
    query = select(Mailbox.address, Mailbox.asked, Mailbox.guesses).where(
        Mailbox.user_id == user_id, Mailbox.asked.is_not(None)
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None or row.asked is None else _Question(row.address, row.asked, row.guesses)


def _confirm(connection: Connection, user_id: int, address: str) -> None:
    mine = update(Mailbox).where(Mailbox.user_id == user_id, Mailbox.address == address)
    connection.execute(mine.values(confirmed_at=now_ms(), asked=None, guesses=0, trouble=None))
    _plan_digest(connection, user_id)
    audit(connection, f"user:{user_id}", "mailbox.confirm", str(user_id))


def _write(connection: Connection, user_id: int, address: str, *, confirmed_at: int | None) -> None:
    """A new address begins anew; what waited for the one before is dropped."""
    _stop_waiting(connection, user_id)
    values = {"address": address, "confirmed_at": confirmed_at, "asked": None, "guesses": 0, "trouble": None}
    values["digest_at"] = None
    mine = update(Mailbox).where(Mailbox.user_id == user_id).values(values)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(Mailbox).values(values | {"user_id": user_id}))


def _plan_digest(connection: Connection, user_id: int) -> None:
    """From here on, as the person chose; a choice that changes plans anew where it is written (`store.py`)."""
    preferences, now = preferences_of(reading.choices(connection, user_id, 0)), now_ms()
    due_at = next_digest(preferences.digest, now, zone_for(preferences))
    mine = update(Mailbox).where(Mailbox.user_id == user_id)
    connection.execute(mine.values(digest_at=due_at, digested_to=now))


def _stop_waiting(connection: Connection, user_id: int) -> None:
    # The mailbox first, as whoever gathers for it: the other way round each would wait for the other.
    connection.execute(select(Mailbox.user_id).where(Mailbox.user_id == user_id).with_for_update())
    waiting = update(Mail).where(Mail.user_id == user_id, Mail.state == "waiting")
    connection.execute(waiting.values(state="dropped", finished_at=now_ms()))
    connection.execute(delete(MailItem).where(MailItem.user_id == user_id, MailItem.mail_id.is_(None)))


def _check_asking(connection: Connection, user_id: int, address: str) -> None:
    now = now_ms()
    for since, most, whose in (
        (now - _HOUR, _ASKED_IN_AN_HOUR, {"user_id": user_id}),
        (now - _DAY, _ASKED_IN_A_DAY, {"user_id": user_id}),
        (now - _DAY, _TO_AN_ADDRESS_IN_A_DAY, {"address": address}),
    ):
        if mails.count_since(connection, "confirm", since, **whose) >= most:
            raise RateLimited(
                "Too many confirmations were asked for; try again later.", retry_after=3_600, field="email"
            )
