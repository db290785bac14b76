"""Signing in and out."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.errors import Forbidden, Unauthenticated, Unavailable
from handbell_server.guessing import pay
from handbell_server.http.bodies import SignIn
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.identity import passwords
from handbell_server.identity.tokens import new_device_token
from handbell_server.services import Services
from handbell_shared.codes import Code

_HASH_WITHIN = 10.0


class Session(Struct, frozen=True, gc=False):
    """A device is signed in. The token is shown this once."""

    token: str
    device: str
    user: str


@endpoint(
    "POST",
    "/v1/sessions",
    "anyone",
    body=SignIn,
    answers={201: Session},
    problems=(401, 422, 429),
    example={"user": "ana", "password": "…", "device": {"name": "Ana's laptop", "platform": "linux"}},
)
def sign_in(call: Call) -> Answer:
    """Sign in on a device, with a password."""
    sent: SignIn = call.body
    person = by_password(call.services, call.address, sent.user, sent.password)
    token, digest = new_device_token()
    name, platform = sent.device.name.replace("\x00", ""), sent.device.platform.replace("\x00", "")

    def add(connection: Connection) -> str:
        if not people.is_still(connection, person):  # removed, disabled or renewed while the hash was computed
            raise Unauthenticated("The user or the password is wrong.", code=Code.WRONG_PASSWORD)
        return people.add_device(connection, person, name, platform, digest.hex())

    return Answer(201, Session(token, call.services.errand(add), person.name))


def by_password(services: Services, address: str, user: str, password: str) -> people.Person:
    """Who this is."""
    rates = services.rates
    # Before the hash is computed: guessing must cost the guesser, not us. An address may be a whole office.
    pay(rates.address, address, "Too many attempts to sign in.")
    pay(rates.sign_in, f"{address} {user}", "Too many attempts to sign in.")
    person = services.read(people.find_user, user) if "\x00" not in user else None
    stored = person.password_hash if person is not None and not person.disabled else None
    good = _verify(services, stored, password)
    if person is None or not good:
        raise Unauthenticated("The user or the password is wrong.", code=Code.WRONG_PASSWORD)
    if stored is not None and passwords.needs_rehash(stored):
        return _renew_hash(services, person, password)
    return person


def _renew_hash(services: Services, person: people.Person, password: str) -> people.Person:
    """Now, while we know the password, its hash can be made as strong as today's."""
    renewed = services.runtime.offload(passwords.hash_password, password, pool="hash")
    services.errand(lambda c: people.renew_password_hash(c, person, renewed))
    return replace(person, password_hash=renewed)


def _verify(services: Services, stored: str | None, password: str) -> bool:
    try:
        return services.runtime.offload(passwords.verify_password, stored, password, pool="hash", within=_HASH_WITHIN)
    except TimeoutError:
        raise Unavailable("Too many people sign in at once.", code=Code.OVERLOADED, retry_after=5) from None


@endpoint("DELETE", "/v1/sessions/current", "user", answers={204: None})
def sign_out(call: Call) -> Answer:
    """Sign this device out."""
    person = call.person
    if person.device is None:
        raise Forbidden("This token is the issuer's; it cannot be ended here.")
    device = person.device
    call.services.errand(lambda c: people.revoke_device(c, person.user_id, device, by=person.user))
    call.services.auth.forget()
    return Answer(204)
