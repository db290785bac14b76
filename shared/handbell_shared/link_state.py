"""How a link stands. Apart from `link.py`, because who only shows it should not have to load what connects."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Connecting(Struct, frozen=True):
    """On the way: no connection yet, or not caught up yet."""


class Online(Struct, frozen=True):
    """The connection stands and this device has caught up."""


class Offline(Struct, frozen=True):
    retry_in: float
    reason: str


class SignedOut(Struct, frozen=True):
    """The token is not taken any more. Final: sign in again, and keep the outbox."""

    reason: Literal["auth", "revoked", "expired"]


class Incompatible(Struct, frozen=True):
    """Server and device speak different versions of the protocol. Final."""


LinkState = Connecting | Online | Offline | SignedOut | Incompatible
