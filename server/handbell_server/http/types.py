"""Types of notifications: look them up, register them, forget them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from handbell_server.actions import types
from handbell_server.actions.producers import KnownProducer
from handbell_server.errors import Forbidden, NotFound
from handbell_server.http.bodies import check_buttons, check_link
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.produce import take
from handbell_server.rules.builtin_types import BUILT_IN
from handbell_server.rules.kinds import Kind, TypeDefinition, check, compiled, templates_of

Origin = Literal["own", "house", "built-in"]


class ShownType(TypeDefinition, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A type, and whose it is: your own, the whole house's, or a built-in one."""

    name: str
    origin: Origin


class Types(Struct, frozen=True, gc=False):
    types: tuple[ShownType, ...]


_EXAMPLE = {
    "title": "{{ data.app }} {{ data.version }} is live",
    "link": "https://ci.example/{{ data.app | urlencode }}",
    "translations": {"de": {"title": "{{ data.app }} {{ data.version }} ist da"}},
    "icon": "success",
    "colour": "#17693f",
    "category": "deploys",
    "priority": "low",
    "ttl": 604800,
}


@endpoint("GET", "/v1/types", "both", answers={200: Types})
def show_all(call: Call) -> Answer:
    """The types there are for you, by their names."""
    return Answer(200, Types(tuple(sorted(_known(call).values(), key=lambda one: one.name))))


@endpoint("GET", "/v1/types/{name}", "both", answers={200: ShownType}, problems=(404,))
def show(call: Call) -> Answer:
    """What a type says and looks like."""
    found = _known(call).get(call.path["name"])
    if found is None:
        raise NotFound("There is no such type.")
    return Answer(200, found)


@endpoint(
    "PUT",
    "/v1/types/{name}",
    "both",
    body=TypeDefinition,
    answers={200: ShownType},
    problems=(403, 429),
    example=_EXAMPLE,
)
def define(call: Call) -> Answer:
    """Register a type of yours, or register it anew; as an administrator, one for every producer."""
    owner, by = _registrar(call)
    name = call.path["name"]
    types.check_name(name)
    definition = call.services.runtime.offload(_checked, call.body)
    if call.services.errand(lambda c: types.define(c, owner, name, definition, by)):
        call.services.auth.forget()
    return Answer(200, _shown(Kind(name, definition), "house" if owner == types.HOUSE else "own"))


@endpoint("DELETE", "/v1/types/{name}", "both", answers={204: None}, problems=(403, 404, 429))
def remove(call: Call) -> Answer:
    """Forget a type you registered; what was sent with it stays as it is."""
    owner, by = _registrar(call)
    name = call.path["name"]
    types.check_name(name)
    call.services.errand(lambda c: types.remove(c, owner, name, by))
    call.services.auth.forget()
    return Answer(204)


def _registrar(call: Call) -> tuple[int, str]:
    """Whose types the caller may change, and who that is."""
    if isinstance(call.identity, KnownProducer):
        take(call, 1)
        return call.identity.id, call.identity.name
    if not call.person.admin:
        raise Forbidden("This is for administrators, and for producers with their key.")
    return types.HOUSE, call.person.user


def _known(call: Call) -> dict[str, ShownType]:
    owner = call.identity.id if isinstance(call.identity, KnownProducer) else types.HOUSE
    _rev, house, own = call.services.read(types.types_of, owner)
    shown = {name: _shown(kind, "built-in") for name, kind in BUILT_IN.items()}
    shown |= {name: _shown(kind, "house") for name, kind in house.items()}
    return shown | {name: _shown(kind, "own") for name, kind in own.items()}


def _shown(kind: Kind, origin: Origin) -> ShownType:
    return ShownType(name=kind.name, origin=origin, **asdict(kind.definition))


def _checked(sent: TypeDefinition) -> TypeDefinition:
    """Read every template; in a native thread, for dozens of them take a while."""
    check(sent)
    for field, text in templates_of(sent):
        if field.endswith("link") and compiled(field, text).fixed:
            check_link(text, field)
    check_buttons(sent.actions, lambda link, field: None)  # whether constant or not: that was just decided
    return replace(sent, colour=sent.colour.lower()) if sent.colour is not None else sent
