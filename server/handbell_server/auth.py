"""Who is asking: from a bearer token to an identity, with a short memory.

A good token is remembered for a second, so that a busy producer costs one look-up a second and a revoked one stops
within it. That it *was* good is remembered longer, as a hash: such a token is not a guess, and the limit on wrong tokens
from one address (`guessing.py`) does not hold it up. Bad tokens are never remembered and cannot fill our memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.engine import Connection

from handbell_server.actions import people, producers
from handbell_server.actions.producers import KnownProducer
from handbell_server.errors import Conflict, Invalid, Unauthenticated, Unavailable
from handbell_server.identity.tokens import Credential, DeviceToken, Jwt, ProducerKey, parse_bearer, parse_token
from handbell_server.models import Device, User
from handbell_server.reads.looking import Looks
from handbell_server.runtime import Runtime
from handbell_shared.clock import now_ms

if TYPE_CHECKING:
    from handbell_server.identity.jwt_issuer import IssuerVerifier

log = logging.getLogger(__name__)

_MEMORY_SECONDS = 1.0
_GOOD_SECONDS = 600.0
_ISSUER_WITHIN = 5.0
_MEMORY_AT_MOST = 50_000


class SignedIn(Struct, frozen=True, gc=False):
    """A person on a device. A token of the organisation's own issuer names no device, and ends by itself. `only` is the
    dialect beside which the token opens nothing."""

    user_id: int
    user: str
    admin: bool
    device: str | None
    expires_at: int | None = None
    only: str | None = None


Identity = SignedIn | KnownProducer
Errand = Callable[[Callable[[Connection], object]], object]


class Authenticator:
    """Call from greenlets; look-ups run in native threads."""

    def __init__(self, runtime: Runtime, looks: Looks, errand: Errand, issuer: IssuerVerifier | None) -> None:
        self._runtime = runtime
        self._looks = looks
        self._errand = errand
        self._issuer = issuer
        self._memory: dict[str, tuple[float, Identity]] = {}
        self._good_until: dict[bytes, float] = {}

    def by_header(self, header: str | None) -> Identity:
        """The identity of an Authorization header; Unauthenticated for anything that is none."""
        return self.remembered(header) or self._identify(header or "", parse_bearer(header))

    def remembered(self, header: str | None) -> Identity | None:
        """The identity of a header that was good a moment ago."""
        known = self._memory.get(header or "")
        return known[1] if known is not None and known[0] > monotonic() else None

    def was_good(self, header: str | None) -> bool:
        """Whether this header was good in the last minutes. It may have been revoked since; it is not a guess."""
        return self._good_until.get(_mark(header or ""), 0.0) > monotonic()

    def _vouch(self, header: str) -> None:
        if len(self._good_until) >= _MEMORY_AT_MOST:
            self._good_until.clear()
        self._good_until[_mark(header)] = monotonic() + _GOOD_SECONDS

    def by_token(self, token: object) -> Identity:
        """The identity of a bare token, as a socket brings it in CONNECT. Always looked up: a socket stays."""
        identity = self._identify(None, parse_token(token))
        self._vouch(bearer(str(token)))
        return identity

    def forget(self) -> None:
        """Remember nobody: something about identities has just changed here."""
        self._memory.clear()

    def _identify(self, remember_as: str | None, credential: Credential | None) -> Identity:
        if credential is None:
            raise Unauthenticated("Send `Authorization: Bearer` with a producer's key or a device's token.")
        identity = self._look_up(credential)
        if identity is None:
            raise Unauthenticated("This token or key is not valid.")
        if remember_as is not None:
            if len(self._memory) >= _MEMORY_AT_MOST:
                self._memory.clear()
            self._memory[remember_as] = (monotonic() + _MEMORY_SECONDS, identity)
            self._vouch(remember_as)
        return identity

    def _look_up(self, credential: Credential) -> Identity | None:
        match credential:
            case DeviceToken():
                return self._looks.read(_device, credential)
            case ProducerKey():
                return self._looks.read(_producer, credential)
            case Jwt():
                return self._of_issuer(credential)

    def _of_issuer(self, credential: Jwt) -> SignedIn | None:
        if self._issuer is None:
            return None
        from handbell_server.identity.jwt_issuer import TokenRefusedError

        try:
            claims = self._runtime.offload(self._issuer.verify, credential.token, pool="issuer", within=_ISSUER_WITHIN)
        except TimeoutError:
            raise Unavailable("The issuer's keys cannot be fetched in time.", retry_after=10) from None
        except TokenRefusedError as refused:
            if refused.reason == "keys_unavailable":
                raise Unavailable("The issuer's keys cannot be fetched.", retry_after=10) from None
            log.info("a token of the issuer was refused: %s", refused.reason)
            return None
        person = self._looks.read(_subject, claims.subject)
        if person is None:
            person = self._welcome(claims.subject, admin=claims.admin)
        if person is None or person.disabled:
            return None
        return SignedIn(person.id, person.name, claims.admin, None, claims.expires_at_ms)

    def _welcome(self, subject: str, *, admin: bool) -> people.Person | None:
        """An inbox for somebody never met before; None for who cannot have one, so that their client stops asking."""
        try:
            made = self._errand(lambda c: people.user_of_subject(c, subject, admin=admin))
        except (Invalid, Conflict) as problem:
            log.warning("the issuer names somebody who cannot have an inbox here: %s", problem.code)
            return None
        assert isinstance(made, people.Person)
        return made


def _subject(connection: Connection, subject: str) -> people.Person | None:
    query = select(User.id, User.name, User.disabled_at).where(User.subject == subject)
    row = connection.execute(query).one_or_none()
    return row and people.Person(row.id, row.name, False, disabled=row.disabled_at is not None)


def _device(connection: Connection, token: DeviceToken) -> SignedIn | None:
    query = (
        select(User.id, User.name, User.admin, Device.id.label("device"), Device.dialect)
        .join(Device, Device.user_id == User.id)
        .where(Device.token_hash == token.digest.hex(), Device.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    return row and SignedIn(row.id, row.name, bool(row.admin), row.device, only=row.dialect)


def _producer(connection: Connection, key: ProducerKey) -> Identity | None:
    found = producers.by_key(connection, key.key_id)
    if found is not None:
        return found[0] if key.matches(bytes.fromhex(found[1])) else None
    # Of a dialect's token the id is the digest; some shapes do not say whether it is a producer's or a person's.
    return _device(connection, DeviceToken(key.digest)) if key.key_id == key.digest.hex() else None


def bearer(token: str) -> str:
    """The header that REST would bring this token in: the same token is no guess here and there."""
    return f"Bearer {token}"


def _mark(header: str) -> bytes:
    return blake2b(header.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def expired(identity: SignedIn) -> bool:
    return identity.expires_at is not None and identity.expires_at <= now_ms()
