"""A person's devices: list them, sign one out from afar; and who is online."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import exists, select
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.actions.producers import KnownProducer
from handbell_server.errors import Forbidden, NotFound
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.models import Device, User
from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id


class Devices(Struct, frozen=True, gc=False):
    devices: tuple[people.SignedInDevice, ...]


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
