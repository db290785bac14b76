"""The public keys of an issuer: fetched rarely, kept long, and never in the way of a sign-in.

    fresh (5 min)        answer from memory
    stale, key known     one thread fetches, the others answer from memory; a failed fetch changes nothing
    key unknown          fetch, at most once a minute: tokens with invented key ids must not become a load on the issuer
    nothing loaded yet   fetch, at most every five seconds

A failed fetch is not repeated before the pause is over, so a dead issuer costs one waiting thread a minute. Loading
happens in the calling thread, so callers come from a native thread; how it is done is `jwks_fetch.py`.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from handbell_server.identity.jwks_fetch import KeysUnavailableError

PublicKey = RSAPublicKey | Ed25519PublicKey
PublicFamily = Literal["RS256", "EdDSA"]

FRESH_S: Final = 300.0
UNKNOWN_KEY_PAUSE_S: Final = 60.0
COLD_PAUSE_S: Final = 5.0
RSA_BITS: Final = range(2_048, 8_192 + 1)  # below: weak; above: one check keeps a core busy

_log = logging.getLogger(__name__)


class UnknownKeyError(Exception):
    """The key set is there, and the key is not in it."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of one family, by id."""

    by_id: dict[str, PublicKey] = field(default_factory=dict)
    all: tuple[PublicKey, ...] = ()

    def get(self, kid: str | None) -> PublicKey | None:
        """The key of this id; a token without an id is only unambiguous when there is a single key."""
        if kid is not None:
            return self.by_id.get(kid)
        return self.all[0] if len(self.all) == 1 else None


def parse_jwks(raw: bytes, family: PublicFamily) -> KeySet:
    """The keys of this family in a JWKS document; others and broken ones are passed over."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise KeysUnavailableError("the key set is not JSON") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeysUnavailableError("the key set has no list of keys")
    by_id: dict[str, PublicKey] = {}
    usable: list[PublicKey] = []
    for entry in entries:
        key = _public_key(entry, family)
        if key is None:
            continue
        usable.append(key)
        if isinstance(entry.get("kid"), str):
            by_id.setdefault(entry["kid"], key)
    if not usable:
        raise KeysUnavailableError(f"the key set has no key for {family}")
    return KeySet(by_id, tuple(usable))


def check_public_key(key: object, family: PublicFamily) -> PublicKey | None:
    """The key itself when it is of the family, of a sound size and public: a published private key proves nothing."""
    if family == "RS256":
        return key if isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS else None
    return key if isinstance(key, Ed25519PublicKey) else None


def _public_key(entry: Any, family: PublicFamily) -> PublicKey | None:
    if not isinstance(entry, dict):
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    if entry.get("alg", family) != family:
        return None
    try:
        return check_public_key(jwt.PyJWK(entry, algorithm=family).key, family)
    except Exception:  # a broken key of whatever kind must not hide the good ones beside it
        return None


class JwksCache:
    """One issuer's key set as this process knows it; safe to use from many threads."""

    def __init__(
        self, load: Callable[[], bytes], family: PublicFamily, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._family: PublicFamily = family
        self._clock = clock
        self._loading = threading.Lock()
        self._keys: KeySet | None = None  # replaced whole, so readers need no lock
        self._next_routine_load = float("-inf")
        self._next_unknown_load = float("-inf")

    def find(self, kid: str | None) -> PublicKey:
        """The key of this id; raises UnknownKeyError, or KeysUnavailableError when there is no key set at all."""
        key = self._keys.get(kid) if self._keys else None
        if key is not None and self._clock() < self._next_routine_load:
            return key
        # Who has a stale answer does not wait for the thread that fetches a fresh one; who has none does.
        if not self._loading.acquire(blocking=key is None):
            assert key is not None
            return key
        try:
            self._load_if_due(kid)
            keys = self._keys
        finally:
            self._loading.release()
        if keys is None:
            raise KeysUnavailableError("the key set was never loaded")
        found = keys.get(kid)
        if found is None:
            raise UnknownKeyError("the issuer has no such key")
        return found

    def _load_if_due(self, kid: str | None) -> None:
        now = self._clock()
        unknown = self._keys is not None and self._keys.get(kid) is None
        due = now >= self._next_routine_load or (unknown and now >= self._next_unknown_load)
        if not due:
            return
        if unknown:
            self._next_unknown_load = now + UNKNOWN_KEY_PAUSE_S
        try:
            self._keys = parse_jwks(self._load(), self._family)
        except KeysUnavailableError as error:
            pause = COLD_PAUSE_S if self._keys is None else UNKNOWN_KEY_PAUSE_S
            self._next_routine_load = self._clock() + pause
            self._next_unknown_load = self._next_routine_load
            _log.warning("the keys of the token issuer could not be loaded: %s", error)
            return
        self._next_routine_load = self._clock() + FRESH_S
