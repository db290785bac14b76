"""Whatever happens, in whatever order, and whoever is killed: the numbers are those of a recount."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from handbell_server.actions import counting, producers
from handbell_server.actions.drafts import Draft, Sender
from handbell_server.actions.produce import Produce, Recipient
from handbell_server.config import Config
from handbell_server.engine import rows
from handbell_server.errors import Unavailable
from handbell_server.jobs import due
from handbell_server.jobs.counting import FINDERS
from handbell_server.models import Cohort, Device, Inbox, NotificationRow, ReceiptRow
from handbell_server.reads import reading, uncounted
from handbell_server.reads.uncounted import FACTS, Portion
from handbell_shared.records import ActionKind, AnswerGiven, Button
from tests.conftest import Effort
from tests.support.counting import count_all, device, does, found, holds, run, says, sweep, take
from tests.support.engine_room import EngineRoom

Row = NotificationRow
DAY = 86_400_000
BUTTONS = (Button("yes", "Yes"), Button("no", "No"))


class World:
    """What people, devices and producers may do, and a recount after each step that knows nothing of the counting."""

    def __init__(self, room: EngineRoom, chance: Random) -> None:
        self.room = room
        self.chance = chance
        self.truth: dict[str, tuple[tuple[Any, ...], int]] = {}
        self.stale: list[Portion] = []
        second = room.errand(lambda c: producers.add_producer(c, "cd", [], key_id="k2", secret_hash="0" * 64))
        self.senders = (room.sender, Sender(second, "cd"))
        self.devices = [(user, device(room, user)) for user in (room.ana, room.ana, room.bo)]
        self.steps: tuple[Callable[[], None], ...] = (
            *[self.send] * 6, *[self.act] * 3, *[self.mark] * 2, *[self.move] * 2, self.lose, self.forget,
            *[self.find] * 2, *[self.take] * 2, self.take_again, self.killed,
        )  # fmt: skip

    def step(self) -> None:
        self.chance.choice(self.steps)()
        self.recount()

    def settle(self) -> None:
        """Before something ceases to be true, what was true is counted, as it is within seconds."""
        count_all(self.room.engine)

    def live(self) -> list[Any]:
        row = Row
        with self.room.engine.connect() as connection:
            return list(
                connection.execute(select(row.id, row.user_id, row.deleted).where(row.deleted == "").order_by(row.id))
            )

    def send(self) -> None:
        sender = self.chance.choice(self.senders)
        user = self.chance.choice(((self.room.ana, "ana"), (self.room.bo, "bo")))
        key = self.chance.choice((None, None, "disk", "net"))
        if key is not None:
            self.settle()  # it may be told anew
        draft = Draft(title="x", type=self.chance.choice(("error", "info", "deploy")), key=key, actions=BUTTONS)
        self.room.change(Produce(sender, draft, (Recipient(*user),)))
        past = self.chance.choice((0, 0, 1, 40)) * DAY
        if past:
            fresh = set(ids(self.room)) - set(self.truth)
            query = update(Row).where(Row.id.in_(fresh))
            run(self.room, query.values(created_at=Row.created_at - past))

    def act(self) -> None:
        kind: ActionKind = self.chance.choice(("read", "read", "answer", "archive", "seen", "unread"))
        if kind == "unread":
            self.settle()
        for row in self.some(3):
            more = {"answer": AnswerGiven(self.chance.choice(("yes", "no")))} if kind == "answer" else {}
            does(self.room, kind, row.id, row.user_id, **more)

    def mark(self) -> None:
        user, by = self.chance.choice(self.devices)
        for row in self.some(3):
            moment = self.chance.choice(("shown", "clicked", "dismissed"))
            says(self.room, by, row.id, user, **{moment: 1})  # often of what is somebody else's

    def move(self) -> None:
        self.settle()  # a device that jumps over an end has not had what ended
        user, by = self.chance.choice(self.devices)
        with self.room.engine.connect() as connection:
            rev = connection.execute(select(Inbox.rev).where(Inbox.user_id == user)).scalar_one()
            was = connection.execute(select(Device.received_rev).where(Device.id == by)).scalar_one()
        holds(self.room, by, self.chance.randint(min(was, rev), rev))

    def lose(self) -> None:
        self.settle()
        for row in self.some(2):
            if self.chance.random() < 0.5:
                query = update(Row).where(Row.id == row.id).values(expires_at=1)
                run(self.room, query)
                self.room.change(due.removals([(row.user_id, row.id)], "expired")[0])
            else:
                does(self.room, "delete", row.id, row.user_id)

    def forget(self) -> None:
        self.settle()
        if self.chance.random() < 0.3:
            run(self.room, delete(ReceiptRow))
        run(self.room, update(Row).where(Row.deleted != "").values(deleted_at=1))
        self.room.errand(lambda c: due.trim(c, Config()))

    def find(self) -> None:
        portion = found(self.room.engine, self.chance.choice(FINDERS), self.chance.choice((0, 0, self.room.ana)))
        if portion is not None:
            self.stale.append(portion)

    def take(self) -> None:
        if self.stale:
            take(self.room, self.chance.choice(self.stale))

    def take_again(self) -> None:
        self.find()
        self.take()
        self.take()

    def killed(self) -> None:
        """In the middle of a portion."""
        self.find()

        def broken(connection: Any) -> None:
            counting.take(connection, self.stale[-1])
            raise Unavailable("killed")

        if self.stale:
            with suppress(Unavailable):
                self.room.errand(broken)

    def some(self, most: int) -> list[Any]:
        live = self.live()
        return self.chance.sample(live, min(len(live), self.chance.randint(1, most)))

    def recount(self) -> None:
        """Straight over everything there is, into what has ever been."""
        with self.room.engine.connect() as connection:
            epoch = reading.epoch(connection)
            at: dict[int, int] = Counter()
            for user, held_epoch, rev in connection.execute(
                select(Device.user_id, Device.received_epoch, Device.received_rev)
            ):
                at[user] = max(at[user], rev if held_epoch == epoch else 0)
            said: dict[str, set[str]] = {}
            for told in connection.execute(select(ReceiptRow)):
                moments = {
                    name for name in ("shown", "clicked", "dismissed") if getattr(told, f"{name}_at") is not None
                }
                said.setdefault(told.notification_id, set()).update(moments)
            for row in connection.execute(select(Row)):
                answer = rows.question_in(row.extra)[1]
                is_so = {
                    "sent": True,
                    "read": bool(row.read),
                    "answered": answer is not None,
                    "shown": bool(said.get(row.id)),
                    "clicked": "clicked" in said.get(row.id, ()),
                    "dismissed": "dismissed" in said.get(row.id, ()),
                    "expired": row.deleted == "expired",
                }
                had = row.crev <= at[row.user_id] and (not row.deleted or row.ver > at[row.user_id])
                is_so["delivered"] = had or any(is_so[name] for name in ("read", "answered", "shown"))
                facts = sum(is_so[name] << place for place, name in enumerate(FACTS))
                key = (row.producer_id, row.created_at // DAY, row.source, row.type)
                first, before = self.truth.get(row.id, (key, 0))
                self.truth[row.id] = (first, before | facts)

    def expected(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        sums: dict[tuple[Any, ...], list[int]] = {}
        for key, facts in self.truth.values():
            of = sums.setdefault(key, [0] * len(FACTS))
            for place in range(len(FACTS)):
                of[place] += facts >> place & 1
        return {key: tuple(of) for key, of in sums.items()}

    def cohorts(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        with self.room.engine.connect() as connection:
            return {
                (row.producer_id, row.day, row.source, row.type): tuple(getattr(row, fact) for fact in FACTS)
                for row in connection.execute(select(Cohort))
            }


def ids(room: EngineRoom) -> list[str]:
    with room.engine.connect() as connection:
        return list(connection.execute(select(Row.id)).scalars())


def test_whatever_happens_in_whatever_order_the_numbers_are_those_of_a_recount(
    room: EngineRoom, effort: Effort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uncounted, "_ROWS", 3)
    monkeypatch.setattr(uncounted, "_INBOXES", 1)
    happened: Counter[str] = Counter()
    for seed in range(effort.of(1, long=300)):
        sweep(room)
        world = World(room, Random(5 + seed))
        for _ in range(80):
            world.step()
        count_all(room.engine)
        assert world.cohorts() == world.expected(), seed
        happened.update(dict(zip(FACTS, map(sum, zip(*world.expected().values(), strict=True)), strict=True)))
    assert all(happened[fact] > 0 for fact in FACTS), "something has to happen"
