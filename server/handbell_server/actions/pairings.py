"""Pairing: making a new device somebody's by a short code instead of a password.

    ask      a device shows a code and keeps a secret ─► approve  a signed-in person types the code
                                                      ─► claim    the device comes back with its secret
    offer    a signed-in person is shown a code       ─► redeem   the new device types it

One table row is one code. It carries a `secret_hash` when a device asked, and a `user_id` from the moment somebody is
answerable for it. It is used by deleting it, so of two that come at the same moment, on whichever processes, one finds
it. A code that is wrong, used, over, or whose person is gone or disabled answers in the same way: `_over`.

Only hashes are stored. Those of codes could be undone by trying all of them; that a code is worth something for ten
minutes only is what protects it then.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.actions.installation import audit, take_turns
from handbell_server.actions.people import Person
from handbell_server.errors import NotFound, RateLimited, Unavailable
from handbell_server.identity.tokens import digest_of
from handbell_server.models import Pairing
from handbell_shared import pairing
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from handbell_shared.ids import new_id

LIVES_MS: Final = 600_000
OFFERS_OF_A_PERSON: Final = 5
ASKING_FROM_AN_ADDRESS: Final = 20
ASKING_AT_ALL: Final = 10_000


class AskingDevice(Struct, frozen=True, gc=False):
    """What a device says of itself. Anybody's words: show them as plain text."""

    name: str
    platform: str


class Granter(Struct, frozen=True, gc=False):
    """Who is answerable for a new device: a person on a device of theirs, or the operator in their name."""

    user_id: int
    device: str | None = None
    by: str = "operator"


class OpenCode(Struct, frozen=True, gc=False):
    code: str
    expires_at: int


class Paired(Struct, frozen=True, gc=False):
    """A code has become a device."""

    device: str
    user: str


# ---- a device asks, a person approves


def ask(connection: Connection, device: AskingDevice, *, address: str, secret_hash: str) -> OpenCode:
    """A code for a person to approve. How many may wait is bounded, for an address and for all."""
    take_turns(connection)
    _sweep(connection)
    waiting = select(func.count()).select_from(Pairing).where(Pairing.secret_hash.is_not(None))
    address = address.replace("\x00", "")[:128]
    if connection.execute(waiting.where(Pairing.address == address)).scalar_one() >= ASKING_FROM_AN_ADDRESS:
        raise RateLimited("Too many devices at this address wait to be let in.", retry_after=60)
    if connection.execute(waiting).scalar_one() >= ASKING_AT_ALL:
        raise Unavailable("Too many devices wait to be let in.", code=Code.OVERLOADED, retry_after=60)
    return _open(connection, secret_hash=secret_hash, address=address, name=device.name, platform=device.platform)


def approve(connection: Connection, granter: Granter, code: str) -> AskingDevice:
    """Let the device that shows this code in; answers what it says of itself."""
    person = _answerable(connection, granter)
    row = connection.execute(
        update(Pairing)
        .where(Pairing.code_hash == _hash_of(code), Pairing.expires_at > now_ms())
        .where(Pairing.secret_hash.is_not(None), Pairing.user_id.is_(None))
        .values(user_id=person.id, granted_by=granter.device)
        .returning(Pairing.id, Pairing.name, Pairing.platform)
    ).one_or_none()
    if row is None:
        raise over()
    audit(connection, granter.by, "pairing.approve", row.id, {"name": row.name, "platform": row.platform})
    return AskingDevice(row.name, row.platform)


def waiting(connection: Connection, secret_hash: str) -> tuple[bool, int] | None:
    """Whether the device that has this secret was approved, and until when it may wait; None when that is over."""
    query = select(Pairing.user_id, Pairing.expires_at).where(
        Pairing.secret_hash == secret_hash, Pairing.expires_at > now_ms()
    )
    row = connection.execute(query).one_or_none()
    return row and (row.user_id is not None, row.expires_at)


def claim(connection: Connection, secret_hash: str, token_hash: str) -> Paired:
    """The approved device comes for its token."""
    mine = Pairing.secret_hash == secret_hash
    person = _person_of(connection, connection.execute(select(Pairing.user_id).where(mine)).scalar_one_or_none())
    row = connection.execute(
        delete(Pairing)
        .where(mine, Pairing.user_id == person.id, Pairing.expires_at > now_ms())
        .returning(Pairing.name, Pairing.platform)
    ).one_or_none()
    if row is None:
        raise over()
    return Paired(people.add_device(connection, person, row.name, row.platform, token_hash), person.name)


# ---- a person offers, a device redeems


def offer(connection: Connection, granter: Granter) -> OpenCode:
    """A code that makes one new device the person's. Only the newest few of a person stay open."""
    _sweep(connection)
    person = _answerable(connection, granter)
    older = (
        select(Pairing.id)
        .where(Pairing.user_id == person.id, Pairing.secret_hash.is_(None))
        .order_by(Pairing.id.desc())
        .offset(OFFERS_OF_A_PERSON - 1)
    )
    connection.execute(delete(Pairing).where(Pairing.id.in_(connection.execute(older).scalars().all())))
    opened = _open(connection, user_id=person.id, granted_by=granter.device)
    audit(connection, granter.by, "pairing.offer", person.name)
    return opened


def redeem(connection: Connection, code: str, device: AskingDevice, token_hash: str) -> Paired:
    """The device that was shown an offered code becomes the person's."""
    offered = (Pairing.code_hash == _hash_of(code), Pairing.secret_hash.is_(None))
    person = _person_of(connection, connection.execute(select(Pairing.user_id).where(*offered)).scalar_one_or_none())
    used = delete(Pairing).where(*offered, Pairing.expires_at > now_ms()).returning(Pairing.id)
    if connection.execute(used).one_or_none() is None:
        raise over()
    return Paired(people.add_device(connection, person, device.name, device.platform, token_hash), person.name)


# ---- parts


def over() -> NotFound:
    """The one answer to every code that opens nothing."""
    return NotFound("This code is not valid, or not any more. Begin again with a new one.", code=Code.CODE_EXPIRED)


def _hash_of(code: str) -> str:
    """What is stored of the code in what somebody typed; of what is no code, something that is never stored."""
    return digest_of(pairing.normalise(code) or "").hex()


def _open(connection: Connection, **more: object) -> OpenCode:
    code, now = pairing.new_code(), now_ms()
    # The database refuses a code that is open already; whoever runs this tries again, and gets another.
    values = {"id": new_id(), "code_hash": _hash_of(code), "expires_at": now + LIVES_MS, "name": "", "platform": ""}
    connection.execute(insert(Pairing).values(values | more))
    return OpenCode(pairing.shown(code), now + LIVES_MS)


def _sweep(connection: Connection) -> None:
    connection.execute(delete(Pairing).where(Pairing.expires_at <= now_ms()))


def _person_of(connection: Connection, user_id: int | None) -> Person:
    """The person behind a code, held so that nobody disables them, or signs their devices out, meanwhile."""
    person = None if user_id is None else people.held(connection, user_id)
    if person is None:
        raise over()
    return person


def _answerable(connection: Connection, granter: Granter) -> Person:
    """The person who grants, on a device that is still theirs."""
    return people.signed_in(connection, granter.user_id, granter.device)
