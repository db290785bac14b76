"""Registering types of notifications.

A type belongs to whoever registered it: a producer, or the whole house (`HOUSE`, written by administrators). So two
producers may mean different things by one name, and neither sees the other's. Every change counts up one number of the
installation, which each process reads together with a producer's key: that is how it learns to read the types anew.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.installation import audit, take_turns
from handbell_server.errors import Forbidden, Invalid, NotFound
from handbell_server.limits import InputLimits
from handbell_server.models import Installation, RegisteredType
from handbell_server.rules.builtin_types import BUILT_IN
from handbell_server.rules.kinds import Kind, TypeDefinition
from handbell_shared.clock import now_ms

HOUSE: Final = 0  # no producer has this number
TYPES_AT_MOST: Final = 200
_BYTES_AT_MOST: Final = InputLimits().type_bytes
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")

Row = RegisteredType
_decode = msgspec.json.Decoder(TypeDefinition).decode


def check_name(name: str) -> None:
    if not _NAME.match(name):
        raise Invalid(
            "A type's name begins with a small letter or digit and goes on with those or . _ - (at most 64).",
            field="name",
        )


def define(connection: Connection, owner: int, name: str, definition: TypeDefinition, by: str) -> bool:
    """Register the type, or register it anew; whether that changed anything."""
    if owner != HOUSE and name in BUILT_IN:
        raise Forbidden(f"The type {name!r} is built in; an administrator may define it anew.", field="name")
    text, now = msgspec.json.encode(definition).decode(), now_ms()
    if len(text.encode()) > _BYTES_AT_MOST:
        raise Invalid(f"A type has at most {_BYTES_AT_MOST} bytes.")
    take_turns(connection)
    mine = (Row.owner == owner, Row.name == name)
    known = connection.execute(select(Row.definition).where(*mine)).scalar_one_or_none()
    if known == text:
        return False  # as programs do that register their types at every start
    if known is not None:
        connection.execute(update(Row).where(*mine).values(definition=text, updated_at=now))
    else:
        count = connection.execute(select(func.count()).select_from(Row).where(Row.owner == owner)).scalar_one()
        if count >= TYPES_AT_MOST:
            raise Invalid(f"At most {TYPES_AT_MOST} types.", field="name")
        connection.execute(insert(Row).values(owner=owner, name=name, definition=text, updated_at=now))
    _changed(connection)
    audit(connection, by, "type.define", name)
    return True


def remove(connection: Connection, owner: int, name: str, by: str) -> None:
    """Forget the type; what was sent with it stays as it is."""
    take_turns(connection)
    gone = delete(Row).where(Row.owner == owner, Row.name == name).returning(Row.name)
    if connection.execute(gone).one_or_none() is None:
        raise NotFound("You have registered no such type.")
    _changed(connection)
    audit(connection, by, "type.remove", name)


def types_of(connection: Connection, owner: int) -> tuple[int, dict[str, Kind], dict[str, Kind]]:
    """The number of the last change, the types of the house, and the owner's own."""
    rev = connection.execute(select(Installation.types_rev)).scalar_one()
    house: dict[str, Kind] = {}
    own: dict[str, Kind] = {}
    query = select(Row.owner, Row.name, Row.definition).where(Row.owner.in_({HOUSE, owner}))
    for row in connection.execute(query):
        kinds = house if row.owner == HOUSE else own
        kinds[row.name] = Kind(row.name, _decode(row.definition))
    return rev, house, own


def _changed(connection: Connection) -> None:
    connection.execute(update(Installation).values(types_rev=Installation.types_rev + 1))
