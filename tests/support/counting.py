"""Notifications and what becomes of them, on a database without a server; and counting without waiting for its rounds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Engine, select, text, update

from handbell_server.actions import counting, people, receipts
from handbell_server.actions.inbox import Act
from handbell_server.jobs.counting import FINDERS
from handbell_server.models import Device, Inbox, NotificationRow
from handbell_server.reads import reading
from handbell_server.reads.uncounted import Finder, Portion
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, ActionKind, Mark, Target
from tests.support.engine_room import EngineRoom

_SCENE = ("notifications", "cohorts", "users", "producer_keys", "producers", "counting_progress", "leases")


def found(engine: Engine, find: Finder, after: int = 0) -> Portion | None:
    """What a finder sees now."""
    with reading.view(engine) as connection:
        return find(connection, after)


def take(room: EngineRoom, portion: Portion | None) -> Counter[str]:
    assert portion is not None
    counted: Counter[str] = room.errand(lambda c: counting.take(c, portion))
    return counted


def count_all(engine: Engine) -> int:
    """Count until there is nothing more; how many portions that took."""
    portions = 0
    for find in FINDERS:
        while (portion := found(engine, find)) is not None:
            with engine.execution_options(immediate=True).begin() as connection:
                counting.take(connection, portion)
            portions += 1
            assert portions < 1_000, "what was counted is found again and again"
    with engine.execution_options(immediate=True).begin() as connection:
        counting.finish(connection)
    return portions


def sweep(room: EngineRoom) -> None:
    """Everything as in a new database, in a hundredth of the time that one takes."""
    for table in _SCENE:
        run(room, text(f"DELETE FROM {table}"))
    run(room, text("UPDATE counting_state SET complete = false"))
    room.ana, room.bo, room.sender = room._settle_in()


def run(room: EngineRoom, statement: Any) -> None:
    """Change the database behind everybody's back."""
    room.errand(lambda c: c.execute(statement))


def tell(room: EngineRoom, user: int | None = None, **more: Any) -> str:
    return str(room.change(room.tell(room.ana if user is None else user, **more)).outcomes[0].id)


def does(room: EngineRoom, kind: ActionKind, an_id: str, user: int | None = None, **more: Any) -> None:
    with room.engine.connect() as connection:
        row = NotificationRow
        gens = connection.execute(select(row.gen, row.sgen, row.agen).where(row.id == an_id)).one()
    generation = {"archive": gens.agen, "seen": gens.sgen}.get(kind, gens.gen)
    one = Action(id=new_id(), kind=kind, ids=(Target(an_id, generation),), at=now_ms(), **more)
    room.change(Act(room.ana if user is None else user, (one,)))


def device(room: EngineRoom, user: int | None = None) -> str:
    user = room.ana if user is None else user
    return str(
        room.errand(
            lambda c: people.add_device(c, people.Person(user, "x", False), "laptop", "", new_id().replace("-", ""))
        )
    )


def holds(room: EngineRoom, device_id: str, rev: int | None = None) -> None:
    """The device says that it has everything up to there, or everything."""

    def write(connection: Any) -> None:
        of = select(Device.user_id).where(Device.id == device_id).scalar_subquery()
        at = rev if rev is not None else connection.execute(select(Inbox.rev).where(Inbox.user_id == of)).scalar_one()
        told = {"received_rev": at, "received_epoch": reading.epoch(connection)}
        connection.execute(update(Device).where(Device.id == device_id).values(told))

    room.errand(write)


def says(room: EngineRoom, device_id: str, an_id: str, user: int | None = None, **moments: Any) -> None:
    mark = Mark(an_id, **moments)
    user = room.ana if user is None else user
    room.errand(lambda c: receipts.write(c, user, device_id, {an_id: mark}, now_ms()))
