"""A person's devices: list them, sign one out from afar; and who is online."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from sqlalchemy import exists, select
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.actions.producers import KnownProducer
from handbell_server.errors import Forbidden, NotFound
from handbell_server.guessing import pay
from handbell_server.http.bodies import DeviceName
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.identity.tokens import new_listening_token
from handbell_server.models import Device, User
from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id


class Devices(Struct, frozen=True, gc=False):
    devices: tuple[people.SignedInDevice, ...]


class NewListener(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    name: DeviceName
    dialect: Literal["ntfy", "gotify"]


class ListeningToken(Struct, frozen=True, gc=False):
    """The token is shown this once; the device is what it is listed and revoked as."""

    token: str
    device: str
    dialect: str


class PresencePage(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    cursor: Annotated[str, Meta(max_length=128)] | None = None


class Presence(Struct, frozen=True, gc=False):
    """Who has a device online, in the order of their names."""

    users: tuple[str, ...]
    next: str | None


@endpoint("GET", "/v1/devices", "user", answers={200: Devices})
def list_devices(call: Call) -> Answer:
    """Your signed-in devices, and which of them are online."""
    person = call.person
    return Answer(200, Devices(tuple(call.services.read(people.devices, person.user_id, person.device))))


@endpoint(
    "POST",
    "/v1/devices/tokens",
    "user",
    body=NewListener,
    answers={201: ListeningToken},
    problems=(403, 429),
    example={"name": "Ana's phone", "dialect": "ntfy"},
)
def make_token(call: Call) -> Answer:
    """Make a token for a program of another system that listens, such as the ntfy app; it opens nothing else."""
    person, wanted = call.person, call.body
    if person.device is None:
        raise Forbidden("This token is the issuer's, and what it makes would outlive it. Ask the operator for one.")
    pay(call.services.rates.sign_in, f"token {person.user_id}", "Too many tokens were made.")
    token, digest = new_listening_token(wanted.dialect)
    name = wanted.name.replace("\x00", "")

    def add(connection: Connection) -> str:
        found = people.signed_in(connection, person.user_id, person.device)
        return people.add_device(connection, found, name, wanted.dialect, digest.hex(), wanted.dialect)

    return Answer(201, ListeningToken(token, call.services.errand(add), wanted.dialect))


@endpoint("DELETE", "/v1/devices/{id}", "user", answers={204: None}, problems=(404,))
def revoke(call: Call) -> Answer:
    """Sign a device out; its connection closes within two seconds."""
    person, device = call.person, call.path["id"]
    if not is_id(device):
        raise NotFound("There is no such device.")
    call.services.errand(lambda c: people.revoke_device(c, person.user_id, device, by=person.user))
    call.services.auth.forget()
    return Answer(204)


@endpoint("GET", "/v1/presence", "both", query=PresencePage, answers={200: Presence}, problems=(403,))
def presence(call: Call) -> Answer:
    """Who is online (for administrators, and producers with the scope `presence`)."""
    if isinstance(call.identity, KnownProducer):
        call.identity.must("presence")
    elif not call.person.admin:
        raise Forbidden("This is for administrators.")
    asked: PresencePage = call.query
    names = call.services.read(_online, asked.limit + 1, asked.cursor or "")
    more = len(names) > asked.limit
    page = tuple(names[: asked.limit])
    return Answer(200, Presence(page, page[-1] if more else None))


def _online(connection: Connection, limit: int, after: str) -> list[str]:
    online = exists().where(Device.user_id == User.id, Device.online_until > now_ms())
    query = select(User.name).where(online, User.name > after.replace("\x00", "")).order_by(User.name).limit(limit)
    return list(connection.execute(query).scalars())
