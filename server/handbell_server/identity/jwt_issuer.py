"""Verifying a JWT of the organisation's own issuer.

What decides is configured: issuer, audience, algorithm, keys. What the token's header says is at most compared with
it: `alg` must be the configured one, `kid` only picks among the configured keys, and a header that carries a key, an
address of a key or a demand to understand something is refused outright. PyJWT checks signature and claims; we bound
what goes in, check the types of what comes out, and turn every failure into one closed list of reasons.
"""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import jwt
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from handbell_server.identity.issuer_config import IssuerConfig
from handbell_server.identity.jwks import JwksCache, PublicKey, UnknownKeyError
from handbell_server.identity.jwks_fetch import KeysUnavailableError, fetch_jwks, read_jwks

MAX_TOKEN_CHARS: Final = 8 * 1_024
MAX_SUBJECT_CHARS: Final = 255
_YEAR_9999: Final = 253_402_300_799

Reason = Literal[
    "malformed",  # not three parts of base64url with JSON objects, or larger than 8 KiB
    "header",  # jku, jwk, x5u, x5c, crit, b64, or a typ that is no access token
    "algorithm",  # not the issuer's
    "unknown_key",  # the kid is not in the key set
    "keys_unavailable",  # the only one that is our trouble: 503, not 401
    "signature",
    "expired",
    "not_yet_valid",
    "issuer",
    "audience",
    "missing_claim",
    "claim",  # there, and not what such a claim can be
]

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_REFUSED_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
# An issuer signs other things with the same keys (logout and event tokens); those sign nobody in.
_TOKEN_TYPES: Final = frozenset({"jwt", "application/jwt", "at+jwt", "application/at+jwt"})

# The first class that fits: subclasses stand before their parents.
_REASONS: Final[tuple[tuple[type[jwt.PyJWTError], Reason], ...]] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet_valid"),
    (jwt.MissingRequiredClaimError, "missing_claim"),
    (jwt.InvalidIssuerError, "issuer"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.InvalidIssuedAtError, "claim"),
    (InvalidSubjectError, "claim"),
    (InvalidJTIError, "claim"),
    (jwt.InvalidAlgorithmError, "algorithm"),
    (jwt.InvalidSignatureError, "signature"),
    (jwt.PyJWTError, "malformed"),
)


class TokenRefusedError(Exception):
    """The token proves nothing; `reason` is stable and for our logs, not for the one who sent it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: who, until when, and whether the issuer calls them an administrator."""

    subject: str
    expires_at_ms: int
    admin: bool


class IssuerVerifier:
    """Verifies the tokens of one issuer; may fetch keys, so it belongs into a native thread."""

    def __init__(self, config: IssuerConfig, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._find_key = _key_finder(config, clock)

    def verify(self, token: str) -> Claims:
        """The claims of a good token; raises TokenRefusedError for any other."""
        header = _header_of(token)
        self._check_header(header)
        try:
            key = self._find_key(header.get("kid"))
        except UnknownKeyError:
            raise TokenRefusedError("unknown_key") from None
        except KeysUnavailableError:
            raise TokenRefusedError("keys_unavailable") from None
        return self._claims(self._decode(token, key))

    def _check_header(self, header: dict[str, Any]) -> None:
        if _REFUSED_HEADERS & header.keys():
            raise TokenRefusedError("header")
        token_type = header.get("typ", "JWT")
        if not isinstance(token_type, str) or token_type.lower() not in _TOKEN_TYPES:
            raise TokenRefusedError("header")
        if header.get("alg") != self._config.algorithm:
            raise TokenRefusedError("algorithm")
        if not isinstance(header.get("kid", ""), str):
            raise TokenRefusedError("malformed")

    def _decode(self, token: str, key: bytes | PublicKey) -> dict[str, Any]:
        config = self._config
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[config.algorithm],
                issuer=config.issuer,
                audience=config.audience,
                leeway=config.leeway_s,
                options={
                    "require": ["exp", "iss", "aud", "sub", config.user_claim],
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRefusedError(_reason_for(error)) from None

    def _claims(self, payload: dict[str, Any]) -> Claims:
        # PyJWT reads times with int(): "17" and true would pass.
        if not all(_is_time(payload[name]) for name in ("exp", "iat", "nbf") if name in payload):
            raise TokenRefusedError("claim")
        user = payload[self._config.user_claim]
        if not _is_name(user) or not payload["sub"]:
            raise TokenRefusedError("claim")
        admin_claim = self._config.admin_claim
        return Claims(
            subject=user,
            expires_at_ms=int(payload["exp"] * 1_000),
            admin=admin_claim is not None and payload.get(admin_claim) is True,
        )


def _key_finder(config: IssuerConfig, clock: Callable[[], float]) -> Callable[[str | None], bytes | PublicKey]:
    if config.algorithm == "HS256" or config.key is not None:
        fixed = config.fixed_key()
        return lambda _kid: fixed
    if config.jwks_url is not None:
        load = partial(fetch_jwks, config.jwks_url, allow_http_loopback=config.allow_http_loopback)
        return JwksCache(load, config.algorithm, clock=clock).find
    assert config.jwks_file is not None
    return JwksCache(partial(read_jwks, config.jwks_file), config.algorithm, clock=clock).find


def _header_of(token: str) -> dict[str, Any]:
    """The header, unverified: good for refusing and for picking a key, for nothing else."""
    if len(token) > MAX_TOKEN_CHARS or not _SHAPE.fullmatch(token):
        raise TokenRefusedError("malformed")
    segment = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        raise TokenRefusedError("malformed") from None
    if not isinstance(header, dict):
        raise TokenRefusedError("malformed")
    return header


def _reason_for(error: jwt.PyJWTError) -> Reason:
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _YEAR_9999


def _is_name(value: object) -> bool:
    # isprintable() also refuses control and direction-changing characters and halves of surrogate pairs.
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT_CHARS and value.isprintable()
