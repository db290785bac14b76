"""Looking at alarms: how one stands, for the producer that sent it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.models import AlarmRow, User
from handbell_shared.records import Alarm


class AlarmTold(Struct, frozen=True, gc=False):
    """Somebody whom an alarm has reached, and by which notification."""

    id: str
    user: str


class AlarmShown(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How an alarm stands. `people` are those for whom it rings now, `rings` counts from the first time it was told."""

    state: Literal["ringing", "acknowledged", "expired", "over"]
    rings: int
    people: tuple[str, ...] = ()
    told: tuple[AlarmTold, ...] = ()
    next_at: int | None = None
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None


def vigils() -> Select[Any]:
    """Rows for `rows.vigil_of`."""
    by = select(User.name).where(User.id == AlarmRow.user_id).scalar_subquery()
    return select(*(AlarmRow.__table__.c[name] for name in rows.VIGIL_COLUMNS.split(", ")), by.label("by"))


def standing(connection: Connection, producer_id: int, marker: Alarm | None) -> AlarmShown | None:
    """None where there is none, or it is over since so long that it is forgotten."""
    if marker is None:
        return None
    query = vigils().where(AlarmRow.id == marker.id, AlarmRow.producer_id == producer_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    vigil = rows.vigil_of(row)
    ids = [member.user_id for member in vigil.told]
    names = {one.id: one.name for one in connection.execute(select(User.id, User.name).where(User.id.in_(ids)))}
    told = tuple(AlarmTold(one.notification, names[one.user_id]) for one in vigil.told if one.user_id in names)
    if vigil.state == "ringing":
        people = tuple(names[one.user_id] for one in vigil.whose_turn if one.user_id in names)
        return AlarmShown(state="ringing", rings=vigil.rings, people=people, told=told, next_at=vigil.next_at)
    acknowledged = vigil.state == "acknowledged"
    return AlarmShown(
        state="acknowledged" if acknowledged else "expired" if vigil.state == "expired" else "over",
        rings=vigil.rings,
        told=told,
        acknowledged_by=(vigil.by or None) if acknowledged else None,
        acknowledged_at=vigil.ended_at if acknowledged else None,
    )
