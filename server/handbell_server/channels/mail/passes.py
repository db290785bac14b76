"""The links in e-mail that need nobody signed in: a pass says who may have what done, and is signed by this installation.

    base64url( what for ∙ person ∙ address ∙ until ∙ signature )         at most 64 characters

The address is there as a fingerprint: a pass from an e-mail to somebody's former address opens nothing. Nothing is stored, so a
link works on every process and from a restored backup. A key of its own signs (`sealing.derived`); passes are never logged.
"""

from __future__ import annotations

import base64
import hmac
import struct
from hashlib import sha256
from typing import Final, Literal, get_args

from msgspec import Struct

Purpose = Literal["confirm", "at_once", "digest"]
_PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)
_FORM: Final = struct.Struct(">BQ6sI")
_SIGNATURE: Final = 17  # 36 bytes in all: every character of the text counts


class Pass(Struct, frozen=True, gc=False):
    purpose: Purpose
    user_id: int
    address: bytes
    until_s: int  # 0: for ever

    def is_for(self, address: str) -> bool:
        return hmac.compare_digest(self.address, _fingerprint(address))


class Passes:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, purpose: Purpose, user_id: int, address: str, until_s: int = 0) -> str:
        body = _FORM.pack(_PURPOSES.index(purpose), user_id, _fingerprint(address), until_s)
        return base64.urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")

    def read(self, text: str, now_s: float) -> Pass | None:
        """What the pass allows; None when it is none of ours, or over."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        body, signature = raw[: _FORM.size], raw[_FORM.size :]
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        purpose, user_id, address, until_s = _FORM.unpack(body)
        if until_s and until_s < now_s:
            return None
        return Pass(_PURPOSES[purpose], user_id, address, until_s)

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, sha256)[:_SIGNATURE]


def _fingerprint(address: str) -> bytes:
    return sha256(address.encode()).digest()[:6]
