"""Passwords: argon2id, and the same cost whether the user exists or not.

Hashing takes tens of milliseconds and 19 MiB on purpose, so callers run these functions in a native thread, never
on the loop. argon2-cffi releases the interpreter lock while it works.

An unknown user is verified against a decoy: a well-formed hash with today's parameters whose digest is random
bytes. Nobody's password matches it, making it costs nothing, and checking it costs what a real check costs, so the
clock does not tell which names exist. Passwords are normalised to NFC first: the same "é" typed on two systems may
arrive as one character or as two.
"""

import base64
import os
import unicodedata
from functools import cache
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARS: Final = 8
MAX_CHARS: Final = 1_024  # beyond a passphrase this is only somebody making us work

# OWASP's floor for argon2id; raising a number makes needs_rehash() true for everything older.
_MEMORY_KIB: Final = 19 * 1_024
_PASSES: Final = 2
_LANES: Final = 1
_SALT_BYTES: Final = 16
_DIGEST_BYTES: Final = 32

PasswordFault = Literal["password_too_short", "password_too_long", "password_not_text"]


class PasswordRefusedError(ValueError):
    """A password that cannot be chosen; `code` is stable, the text is for a human."""

    def __init__(self, code: PasswordFault, detail: str) -> None:
        super().__init__(detail)
        self.code: PasswordFault = code


def hash_password(text: str) -> str:
    """The string to store for this password; raises PasswordRefusedError when it cannot be one."""
    if len(text) < MIN_CHARS:
        raise PasswordRefusedError("password_too_short", f"a password has at least {MIN_CHARS} characters")
    return _hasher().hash(_to_bytes(text))


def verify_password(stored: str | None, text: str) -> bool:
    """Whether the password is the stored one; `None` (no such user, no password) costs the same and is never right.

    What no stored hash can match (too long, not text) is refused before any work, for known and unknown users alike.
    """
    try:
        secret = _to_bytes(text)
    except PasswordRefusedError:
        return False
    try:
        matches = _hasher().verify(_decoy() if stored is None else stored, secret)
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's; asked after a successful sign-in."""
    try:
        return _hasher().check_needs_rehash(stored)
    except InvalidHashError:
        return True


def _to_bytes(text: str) -> bytes:
    if len(text) > MAX_CHARS:
        raise PasswordRefusedError("password_too_long", f"a password has at most {MAX_CHARS} characters")
    try:
        return unicodedata.normalize("NFC", text).encode()
    except UnicodeEncodeError:  # JSON can carry half a surrogate pair
        raise PasswordRefusedError("password_not_text", "the password holds characters that are not text") from None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(
        time_cost=_PASSES,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=_DIGEST_BYTES,
        salt_len=_SALT_BYTES,
    )


@cache
def _decoy() -> str:
    salt, digest = (base64.b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (_SALT_BYTES, _DIGEST_BYTES))
    return f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${salt}${digest}"
