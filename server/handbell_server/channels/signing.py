"""Signatures as Standard Webhooks wants them (https://www.standardwebhooks.com), so that receivers need no code of ours.

webhook-id         the event; the same in every attempt, so that a receiver can drop what it had already
webhook-timestamp  seconds of this attempt, so that an old one cannot be replayed
webhook-signature  v1,<base64 of HMAC-SHA256 over "id.timestamp.body">, one for each secret that is valid now
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(event_id: str, seconds: int, body: bytes, valid: Iterable[str]) -> dict[str, str]:
    """The three headers, signed with every secret that is valid now."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(secret, event_id, seconds, body) for secret in valid),
    }


def _signature(secret: str, event_id: str, seconds: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{event_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()
