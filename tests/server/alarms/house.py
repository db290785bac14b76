"""A house in which alarms ring: people, what a producer says to them, and time that passes at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import text

from handbell_server.actions import dispatches, escalating, people
from handbell_server.actions.dispatches import Reach
from handbell_server.actions.drafts import Draft
from handbell_server.actions.escalating import Due, Pursue
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Produce, Recipient
from handbell_server.reads import reading
from handbell_server.reads.listing import receipt
from handbell_server.rules.alarming import Terms
from handbell_server.watching import AlarmShown
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Notification, Target
from tests.support.engine_room import EngineRoom


class House:
    """ana, bo, cy and dee; what a producer says to them, and time that passes at once."""

    def __init__(self, room: EngineRoom) -> None:
        self.room = room
        more = [room.errand(partial(people.add_user, name=name, password_hash=None)) for name in ("cy", "dee")]
        self.ids = dict(zip(("ana", "bo", "cy", "dee"), (room.ana, room.bo, *more), strict=True))

    def leave(self) -> None:
        """Nothing is left for the next test: a database for each would be most of the time."""
        for table in ("alarms", "notifications", "dispatches", "questions", "webhooks"):
            self._run(f"DELETE FROM {table}")
        self._run("DELETE FROM users WHERE name IN ('cy', 'dee')")
        self._run("UPDATE users SET disabled_at = NULL")
        self._run("UPDATE inboxes SET digest = 0, unread = 0, floor = rev")
        self.room.told.clear()

    def _run(self, statement: str) -> None:
        self.room.errand(lambda c: c.execute(text(statement)))

    def alarm(self, *to: str, then: tuple[str, ...] = (), title: str = "The shop is down", **more: Any) -> str:
        """Ring for these, then for those; the id of the first notification."""
        return str(self.room.change(self.command(*to, then=then, title=title, **more)).outcomes[0].id)

    def command(self, *to: str, then: tuple[str, ...] = (), title: str = "The shop is down", **more: Any) -> Produce:
        listed = tuple((self.ids[name], name) for name in then)
        given: dict[str, Any] = {"priority": "urgent", "alarm": Terms(new_id(), 60, 300, listed)} | more
        return Produce(
            self.room.sender, Draft(title=title, **given), [Recipient(self.ids[n], n) for n in to or ("ana",)]
        )

    def passes(self, seconds: int) -> None:
        """So much later: everything that is written down was that much longer ago."""
        moved = ", ".join(f"{name} = {name} - {seconds * 1000}" for name in ("next_at", "started_at"))
        self.room.errand(lambda c: c.execute(text(f"UPDATE alarms SET {moved}")))

    def found(self) -> list[Due]:
        with self.room.engine.connect() as connection:
            return escalating.due(connection, now_ms())

    def rounds(self) -> list[str]:
        """What the rounds of the jobs would do now."""
        done = []
        while found := [self.room.change(Pursue(one)) for one in self.found()]:
            done += found
        return done

    def shown(self, name: str) -> Notification:
        (record,) = self.inbox(name)
        return record

    def inbox(self, name: str) -> tuple[Notification, ...]:
        with reading.view(self.room.engine) as connection:
            return reading.snapshot(connection, self.ids[name], "", 500).changes

    def sees(self, name: str) -> tuple[str, str]:
        alarm = self.shown(name).alarm
        assert alarm is not None
        return alarm.state, alarm.who

    def does(self, name: str, kind: Any, **more: Any) -> None:
        record = self.shown(name)
        action = Action(id=new_id(), kind=kind, ids=(Target(record.id, record.gen),), at=now_ms(), **more)
        self.room.change(Act(self.ids[name], (action,)))

    def stands(self, an_id: str) -> AlarmShown:
        with self.room.engine.connect() as connection:
            found = receipt(connection, self.room.sender.id, an_id)
        assert found is not None and found.alarm is not None
        return found.alarm


def carry(room: EngineRoom, dispatch_id: str) -> None:
    with room.engine.connect() as connection:
        leg = dispatches.next_leg(connection, dispatch_id)
    assert leg is not None
    room.change(Reach(leg))
