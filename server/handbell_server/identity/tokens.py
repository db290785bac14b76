"""The secrets we hand out, and what arrives in an Authorization header or in a CONNECT payload.

    device token   hbd_<43 characters>              256 random bits, base64url
    producer key   hbp_<16 hex digits>_<43 characters>   the id finds the row, the secret proves it
    claim          hbc_<43 characters>              what a device that asked to be let in comes back with
    dialect token  hbt_<28>, A<14>, gtfya.<43>, tk_<29>   a producer's, for one dialect: some senders check the shape
    client token   C<14>, tk_<29>                         a person's, for a program that listens in one dialect

We keep only the SHA-256 of each. A slow hash would buy nothing: nobody guesses 256 bits. What is parsed carries the
digest and no longer the secret, so a credential that ends in a log line or a traceback is worth nothing.

Parsing never raises and never says why: whatever is not well-formed is nobody.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

MAX_CREDENTIAL_CHARS: Final = 8 * 1_024

_SECRET_BYTES: Final = 32
_KEY_ID_BYTES: Final = 8
# Lengths are fixed and the key id is hexadecimal because base64url may itself contain the separator "_".
_DEVICE_TOKEN: Final = re.compile(r"hbd_[A-Za-z0-9_-]{43}")
_PRODUCER_KEY: Final = re.compile(r"hbp_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_JWT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# The shortest is Gotify's, with 84 random bits: enough where an address may guess only so often, and its digest alone
# is worth nothing. The last three are the shapes that Gotify 1 and 2, Gotify 3 and ntfy hand out.
_DIALECT_TOKEN: Final = re.compile(
    r"hbt_[A-Za-z0-9_-]{28}|A[A-Za-z0-9._-]{14}|gtfya\.[A-Za-z0-9_-]{43}|tk_[a-z0-9]{29}"
)
_CLIENT_TOKEN: Final = re.compile(r"C[A-Za-z0-9._-]{14}")
SHAPES: Final = {"gotify": ("A", 14), "gotify3": ("gtfya.", 43), "ntfy": ("tk_", 29), "gotify-client": ("C", 14)}
_OTHER_SHAPE: Final = ("hbt_", 28)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_BEARER: Final = re.compile(r"bearer +([!-~]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeviceToken:
    """A device that claims to be signed in; looked up by its digest."""

    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProducerKey:
    """A producer's key; looked up by its id, proven by `matches`. ntfy's shape may also be that of a person's token."""

    key_id: str
    digest: bytes = field(repr=False)

    def matches(self, stored: bytes) -> bool:
        """Compare with the stored digest in a time that tells nothing."""
        return hmac.compare_digest(self.digest, stored)


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token that only has the shape of a JWT; the issuer's verifier says whether it is one."""

    token: str = field(repr=False)


Credential = DeviceToken | ProducerKey | Jwt


def new_device_token() -> tuple[str, bytes]:
    """A fresh (token, digest): the first is shown once, the second is stored."""
    token = f"hbd_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return token, digest_of(token)


def new_producer_key() -> tuple[str, str, bytes]:
    """A fresh (key id, key, digest): the key is shown once, the other two are stored."""
    key_id = secrets.token_hex(_KEY_ID_BYTES)
    key = f"hbp_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return key_id, key, digest_of(key)


def new_dialect_token(shape: str) -> str:
    """A fresh token of the shape that a dialect's senders expect."""
    prefix, length = SHAPES.get(shape, _OTHER_SHAPE)
    letters = _LETTERS if shape == "ntfy" else _LETTERS + _LETTERS[:26].upper() + "-_"
    return prefix + "".join(secrets.choice(letters) for _ in range(length))


def new_listening_token(dialect: str) -> tuple[str, bytes]:
    """A fresh (token, digest) for a program with which a person listens."""
    token = new_dialect_token("gotify-client" if dialect == "gotify" else dialect)
    return token, digest_of(token)


def is_dialect_token(token: str, shape: str) -> bool:
    """Whether a token from elsewhere has the shape that this dialect's have."""
    prefix, length = SHAPES.get(shape, _OTHER_SHAPE)
    return token.startswith(prefix) and len(token) == len(prefix) + length and bool(_DIALECT_TOKEN.fullmatch(token))


def new_claim() -> tuple[str, bytes]:
    """A fresh (secret, digest) for a device that waits to be let in."""
    secret = f"hbc_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return secret, digest_of(secret)


def digest_of(token: str) -> bytes:
    """What we store of a device token, a producer key, a claim or a pairing code."""
    return hashlib.sha256(token.encode()).digest()


def parse_bearer(header: str | None) -> Credential | None:
    """The credential of an `Authorization: Bearer` header, or None."""
    if not header or len(header) > MAX_CREDENTIAL_CHARS:
        return None
    bearer = _BEARER.fullmatch(header)
    return parse_token(bearer[1]) if bearer else None


def parse_token(token: object) -> Credential | None:
    """The credential in a bare token; anything may come out of a CONNECT payload, so anything may go in here."""
    if not isinstance(token, str) or len(token) > MAX_CREDENTIAL_CHARS:
        return None
    if _DEVICE_TOKEN.fullmatch(token) or _CLIENT_TOKEN.fullmatch(token):
        return DeviceToken(digest_of(token))
    if key := _PRODUCER_KEY.fullmatch(token):
        return ProducerKey(key[1], digest_of(token))
    if _DIALECT_TOKEN.fullmatch(token):
        digest = digest_of(token)
        return ProducerKey(digest.hex(), digest)
    return Jwt(token) if _JWT.fullmatch(token) else None
