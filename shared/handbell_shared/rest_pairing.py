"""The requests of pairing: a device becomes a person's without a password being typed on it.

    the device asks     ask → shows the code → claim, claim, claim … until somebody has approved it elsewhere
    the person offers   offer → shows code and link → the new device redeems it

Like everything in `rest.py` they raise `Refused` for a no and `Unreachable` for no answer. `Refused` with the code
`code_expired` means the same in all of them: this code is over, or never was one; begin again with a new one.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from handbell_shared import pairing
from handbell_shared.codes import Code
from handbell_shared.rest import SignedIn, Unreachable, request

EXPIRED: Final = Code.CODE_EXPIRED
ASK_AGAIN_SECONDS: Final = 2.0  # how long a device waits between two claims

T = TypeVar("T", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True):
    """A code to show and a secret to keep: whoever has the secret gets the session, so `repr` leaves both out."""

    code: str
    secret: str
    expires_at: int

    def __repr__(self) -> str:
        return f"Asked(expires_at={self.expires_at})"


class Waiting(msgspec.Struct, frozen=True):
    """Nobody has approved it yet."""

    expires_at: int


class Approved(msgspec.Struct, frozen=True):
    """The device that was let in, as it calls itself: anybody's words, to be shown as plain text."""

    class Device(msgspec.Struct, frozen=True):
        name: str
        platform: str = ""

    device: Device


class Offered(msgspec.Struct, frozen=True):
    """A code that signs one device in. It is a secret for as long as it lives: `repr` leaves it out."""

    code: str
    link: str
    expires_at: int

    def __repr__(self) -> str:
        return f"Offered(expires_at={self.expires_at})"


def ask(url: str, name: str, platform: str, *, ca_file: str | None = None) -> Asked:
    """A code for the person to approve on another device."""
    about = {"device": {"name": name, "platform": platform}}
    return _told(url, request(url, "POST", "/v1/pairings", json=about, ca_file=ca_file), Asked)


def claim(url: str, secret: str, *, ca_file: str | None = None) -> SignedIn | Waiting:
    """The session, once somebody has approved the code; it is answered once."""
    answer = request(url, "POST", "/v1/pairings/claim", json={"secret": secret}, ca_file=ca_file)
    if isinstance(answer, dict) and "token" in answer:
        return _told(url, answer, SignedIn)
    return _told(url, answer, Waiting)


def approve(url: str, token: str, code: str, *, ca_file: str | None = None) -> Approved:
    """Let the device that shows this code in, as a device of whoever the token belongs to."""
    answer = request(url, "POST", "/v1/pairings/approve", token=token, json={"code": code}, ca_file=ca_file)
    return _told(url, answer, Approved)


def offer(url: str, token: str, *, ca_file: str | None = None) -> Offered:
    """A code for a new device of whoever the token belongs to."""
    answer = request(url, "POST", "/v1/pairings/offer", token=token, ca_file=ca_file)
    offered = _told(url, answer, Offered)
    try:
        # By the address that has just worked here; the server only knows what a proxy lets it see of it.
        return Offered(offered.code, pairing.make_link(url, offered.code), offered.expires_at)
    except ValueError:
        raise _odd(url) from None


def redeem(url: str, code: str, name: str, platform: str, *, ca_file: str | None = None) -> SignedIn:
    """Become a new device of whoever offered the code."""
    about = {"code": code, "device": {"name": name, "platform": platform}}
    return _told(url, request(url, "POST", "/v1/pairings/redeem", json=about, ca_file=ca_file), SignedIn)


def _told(url: str, answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError:  # its words may quote what came, and what came may be a secret
        raise _odd(url) from None


def _odd(url: str) -> Unreachable:
    return Unreachable(f"{url.rpartition('@')[2]} does not answer like a Handbell server")
