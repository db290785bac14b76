"""Secrets that we must be able to say again, at rest: AES-256-GCM under a key that is not in the database.

Most secrets here are somebody else's to prove, and a hash is enough. What we sign with we need as it is, so the database
holds it sealed: a copy of the database, or a backup, signs nothing. Each secret is bound to the row it is for.

The key comes from HANDBELL_SECRET_KEY. Beside the embedded database there is a file otherwise, made at the first start and
readable by its owner only; several processes on PostgreSQL have no folder in common, so there the operator must choose one.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handbell_server.config import Config, ConfigError
from handbell_server.exclusive import database_file

FILE_NAME: Final = "secret.key"
_SHORTEST: Final = 32
_NONCE: Final = 12
_VERSION: Final = "1."


class BrokenSealError(Exception):
    """Sealed under another key, for something else, or not at all."""


class Seal:
    __slots__ = ("_cipher",)

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(derived(key, "secrets at rest"))

    def close(self, secret: str, row: str) -> str:
        """The secret of this row, as the database may hold it."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, secret.encode(), row.encode())
        return _VERSION + base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, row: str) -> str:
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], row.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise BrokenSealError from error


def derived(key: str, purpose: str) -> bytes:
    """256 bits for one purpose; those for another tell nothing about them."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"handbell: {purpose}".encode()).derive(key.encode())


def seal_of(config: Config) -> Seal | None:
    """The seal of this installation; None where the operator would have to choose its key first."""
    key = key_of(config)
    return None if key is None else Seal(key)


def key_of(config: Config) -> str | None:
    """The installation's secret, from which the keys for all purposes are derived."""
    if config.secret_key:
        return config.secret_key
    return _from_file(database_file(config).parent / FILE_NAME) if config.embedded else None


def seal_row(producer_id: int) -> str:
    """What the secret of a producer's senders is bound to."""
    return f"producer:{producer_id}"


def _from_file(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path} cannot be used: {getattr(error, 'strerror', None) or error}.") from error
    if len(key) < _SHORTEST:
        raise ConfigError(f"{path} holds no key. Restore it, or delete it: then every webhook needs a new secret.")
    return key


def _make(path: Path) -> None:
    """Whole or not at all, and never readable by others."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_SHORTEST) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
