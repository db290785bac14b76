"""Pairing: signing a device in by a short code that a signed-in person approves or offers."""

from __future__ import annotations

from msgspec import Struct

from handbell_server.actions import pairings
from handbell_server.actions.pairings import AskingDevice, Granter
from handbell_server.errors import Forbidden, Invalid, NotFound
from handbell_server.guessing import judged, pay
from handbell_server.http.bodies import Approval, Claim, Device, NewDevice, Redemption
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.sessions import Session
from handbell_server.identity.tokens import digest_of, new_claim, new_device_token
from handbell_shared.pairing import is_server, make_link

_TOO_MANY = "Too many pairing codes from this address."
_EXAMPLE_DEVICE = {"name": "Ana's laptop", "platform": "linux"}


class AskedPairing(Struct, frozen=True, gc=False):
    """Show the code, keep the secret: it is what claims the session. Both are shown this once."""

    code: str
    secret: str
    expires_at: int


class WaitingPairing(Struct, frozen=True, gc=False):
    """Nobody has approved the code yet."""

    expires_at: int


class ApprovedPairing(Struct, frozen=True, gc=False):
    """The device that was let in, as it calls itself."""

    device: AskingDevice


class OfferedPairing(Struct, frozen=True, gc=False):
    """A code for one new device, and the same as a link. They are shown this once."""

    code: str
    link: str
    expires_at: int


@endpoint(
    "POST",
    "/v1/pairings",
    "anyone",
    body=NewDevice,
    answers={201: AskedPairing},
    problems=(429,),
    example={"device": _EXAMPLE_DEVICE},
)
def ask(call: Call) -> Answer:
    """Ask to be let in: a code for somebody to approve on a device of theirs, within ten minutes."""
    sent: NewDevice = call.body
    pay(call.services.rates.address, call.address, _TOO_MANY)
    secret, digest = new_claim()
    device, address = _plain(sent.device), call.address
    opened = call.services.errand(lambda c: pairings.ask(c, device, address=address, secret_hash=digest.hex()))
    return Answer(201, AskedPairing(opened.code, secret, opened.expires_at))


@endpoint(
    "POST",
    "/v1/pairings/claim",
    "anyone",
    body=Claim,
    answers={201: Session, 202: WaitingPairing},
    problems=(404, 429),
    example={"secret": "hbc_…"},
)
def claim(call: Call) -> Answer:
    """Ask whether somebody has approved your code; every two seconds is often enough."""
    sent: Claim = call.body
    rates, secret_hash = call.services.rates, digest_of(sent.secret).hex()

    def look() -> tuple[bool, int]:
        found = call.services.read(pairings.waiting, secret_hash)
        if found is None:
            raise pairings.over()
        return found

    approved, expires_at = judged(rates.address, call.address, look, wrong=NotFound)
    pay(rates.user, f"claim {secret_hash}", "Too many requests for this code.")
    if not approved:
        return Answer(202, WaitingPairing(expires_at))
    token, digest = new_device_token()
    paired = call.services.errand(lambda c: pairings.claim(c, secret_hash, digest.hex()))
    return Answer(201, Session(token, paired.device, paired.user))


@endpoint(
    "POST",
    "/v1/pairings/approve",
    "user",
    body=Approval,
    answers={200: ApprovedPairing},
    problems=(404,),
    example={"code": "K7QM-3XWD"},
)
def approve(call: Call) -> Answer:
    """Let the device that shows this code in, as one of yours."""
    sent: Approval = call.body
    granter = _granter(call)
    return Answer(200, ApprovedPairing(call.services.errand(lambda c: pairings.approve(c, granter, sent.code))))


@endpoint("POST", "/v1/pairings/offer", "user", answers={201: OfferedPairing})
def offer(call: Call) -> Answer:
    """A code that makes one new device yours, within ten minutes."""
    granter, server = _granter(call), _address_of_ours(call)
    opened = call.services.errand(lambda c: pairings.offer(c, granter))
    return Answer(201, OfferedPairing(opened.code, make_link(server, opened.code), opened.expires_at))


@endpoint(
    "POST",
    "/v1/pairings/redeem",
    "anyone",
    body=Redemption,
    answers={201: Session},
    problems=(404, 429),
    example={"code": "K7QM-3XWD", "device": _EXAMPLE_DEVICE},
)
def redeem(call: Call) -> Answer:
    """Sign in on a device, with a code that somebody was offered."""
    sent: Redemption = call.body
    pay(call.services.rates.address, call.address, _TOO_MANY)
    token, digest = new_device_token()
    device = _plain(sent.device)
    paired = call.services.errand(lambda c: pairings.redeem(c, sent.code, device, digest.hex()))
    return Answer(201, Session(token, paired.device, paired.user))


def _granter(call: Call) -> Granter:
    """Who lets a device in. Trying codes costs as much as trying passwords does."""
    person, rates = call.person, call.services.rates
    if person.device is None:
        raise Forbidden("This token is the issuer's, and a device would outlive it. Ask the operator for a code.")
    pay(rates.address, call.address, _TOO_MANY)
    pay(rates.sign_in, f"{call.address} {person.user}", _TOO_MANY)
    return Granter(person.user_id, person.device, person.user)


def _plain(device: Device) -> AskingDevice:
    return AskingDevice(device.name.replace("\x00", ""), device.platform.replace("\x00", ""))


def _address_of_ours(call: Call) -> str:
    """How the one who asks has reached us; what a proxy says of it counts only when there is a proxy of ours."""
    config = call.services.config
    forwarded = (call.header("X-Forwarded-Proto") or "").lower() if config.trust_proxy else ""
    server = f"{'https' if forwarded == 'https' else 'http'}://{call.header('Host') or ''}"
    if not is_server(server):
        raise Invalid("Name the server in the Host header.", field="Host")
    return server
