"""What the other tests here prove of a server in memory holds for the databases: both load, keep and page the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from handbell_server.actions.answers import Chunk, Settle
from handbell_server.actions.dispatches import Leg, Reach
from handbell_server.actions.drafts import Asks, Draft, Looks, Sender, Words
from handbell_server.actions.inbox import Act, Wake
from handbell_server.actions.produce import Later, Once, Produce, Recipient
from handbell_server.actions.recall import Remove, Withdraw
from handbell_server.engine.feed import Command, Needs, Work, run_group
from handbell_server.engine.store import SqlSession
from handbell_server.models.base import Base
from handbell_server.reads import reading
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Actor, AnswerGiven, Button, Notification, Position, Target
from tests.contract.memory_server import MemoryServer
from tests.shared.model.registers import generation_of
from tests.shared.model.steps import KINDS

USERS = (1, 2, 3)
GERMAN = 2
NAMES = {user: f"user {user}" for user in USERS}
PRODUCERS = (Sender(1, "ci"), Sender(2, "shop"))
BUTTONS = (Button("yes", "Yes"), Button("say", "Say", kind="reply"))
PAGE = 3


class Twins:
    """One group of commands at a time, on a database and in memory."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.memory = MemoryServer(USERS)
        self.memory.epoch = reading.epoch(connection)
        self.memory.languages[GERMAN] = "de"
        self._sql = SqlSession(connection)

    def load(self, needs: Needs, now: int) -> Work:
        work, twin = self._sql.load(needs, now), self.memory.load(needs, now)
        assert (work.replays, work.applied, work.journeys) == (twin.replays, twin.applied, twin.journeys)
        assert work.languages == twin.languages
        assert work.inquiries == twin.inquiries
        assert work.inboxes.keys() == twin.inboxes.keys()
        for user, inbox in work.inboxes.items():
            other = twin.inboxes[user]
            assert (inbox.rev, inbox.digest, inbox.unread) == (other.rev, other.digest, other.unread)
            assert (inbox.records, inbox.keys) == (other.records, other.keys)
        return work

    def save(self, work: Work) -> None:
        self._sql.save(work)
        self.memory.save(work)

    def run(self, commands: Sequence[Command], now: int) -> list[Any]:
        return run_group(self, commands, now)[0]

    def compare(self, chance: random.Random) -> None:
        for user in USERS:
            rev = self.memory.standing(user).rev
            floor = chance.randint(0, rev + 1)
            assert reading.push_since(self.connection, user, floor) == self.memory.push_since(user, floor)
            position: Position | None = Position(self.memory.epoch, floor)
            while position is not None:
                page = reading.delta(self.connection, user, position, PAGE)
                assert page == self.memory.delta(user, position, PAGE)
                position = Position(page.epoch, *page.cursor) if page.more else None
            after, more = "", True
            while more:
                snapshot = reading.snapshot(self.connection, user, after, PAGE)
                assert snapshot == self.memory.snapshot(user, after, PAGE)
                after, more = snapshot.changes[-1].id if snapshot.changes else "", snapshot.more
            stored = reading.delta(self.connection, user, Position(self.memory.epoch), 1_000_000)
            assert stored.digest == to_hex(digest_of(stored.changes))


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    engine = create_engine(empty_database_url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO installation (id, epoch, created_at) VALUES (1, 'the epoch', 0)"))
        for user, name in NAMES.items():
            connection.execute(
                text(
                    "INSERT INTO users (id, name, admin, created_at, language) VALUES (:id, :name, :no, 0, :language)"
                ),
                {"id": user, "name": name, "no": False, "language": "de" if user == GERMAN else None},
            )
            connection.execute(text("INSERT INTO inboxes (user_id) VALUES (:id)"), {"id": user})
    yield engine
    engine.dispose()


def some_command(twins: Twins, chance: random.Random, now: int) -> Command:
    user = chance.choice(USERS)
    records = list(twins.memory.records(user).values())
    roll = chance.random()
    if roll < 0.35 or not records:
        return some_telling(chance, now)
    if roll < 0.75:
        return Act(user, [some_action(chance.sample(records, min(len(records), 2)), chance, now) for _ in range(2)])
    ids = [record.id for record in chance.sample(records, 1)]
    if roll < 0.82:
        return Remove(user, ids, chance.choice(["recalled", "expired", "retention"]))
    if roll < 0.86:
        return Wake(user, [record.id for record in records])
    questions = [inquiry for inquiry in twins.memory.inquiries.values() if inquiry.state != "closed"]
    if roll < 0.93 and questions:
        inquiry = chance.choice(questions)
        asked = sorted((u, r.id) for u in USERS for r in twins.memory.records(u).values() if _is_of(r, inquiry.id))
        return Settle(Chunk(inquiry.id, inquiry.state, inquiry.cursor, () if inquiry.state == "open" else tuple(asked)))
    waiting = [journey for journey in twins.memory.journeys.values() if journey.state == "waiting"]
    if not waiting:
        return some_telling(chance, now)
    journey = chance.choice(waiting)
    if chance.random() < 0.2:
        return Withdraw(journey.id, journey.producer_id)
    sender = PRODUCERS[journey.producer_id - 1]
    everybody = tuple(Recipient(user, name) for user, name in NAMES.items() if user > journey.cursor)
    return Reach(Leg(journey.id, "everyone", sender, Draft(title="To all"), False, journey.cursor, everybody))


def _is_of(record: Notification, question_id: str) -> bool:
    return record.question is not None and record.question.id == question_id


def some_telling(chance: random.Random, now: int) -> Produce:
    draft = Draft(
        title=f"At {now}",
        key=chance.choice([None, "k", "k", "l"]),
        resolved=chance.random() < 0.25,
        actions=chance.choice([(), BUTTONS]),
        asks=chance.choice(
            [None, Asks(chance.random() < 0.5, chance.choice([None, now + 5]), chance.choice(["", "yes"]))]
        ),
        actor=chance.choice([None, Actor("Ana", user=NAMES[1])]),
        data=chance.choice([None, {"build": 7, "ok": [True, None]}]),
        expires_at=chance.choice([None, now + 5]),
        silent=chance.random() < 0.2,
        looks=chance.choice([None, Looks(icon="sun"), Looks("deploys", "alert", "#17693f")]),
        translations=chance.choice([None, {"de": Words(f"Um {now}", link="https://ci.example/de")}]),
    )
    once = chance.choice([None, None, Once(chance.choice("abc"), "a request")])
    sender = chance.choice(PRODUCERS)
    if chance.random() < 0.15:
        return Produce(sender, draft, [], later=[(None, Later("everyone", now, len(USERS)))], once=once)
    users = chance.sample(USERS, chance.randint(1, 3))
    return Produce(sender, draft, [Recipient(user, NAMES[user]) for user in users], once=once)


def some_action(records: Sequence[Any], chance: random.Random, now: int) -> Action:
    kind = chance.choice(KINDS)
    return Action(
        id=new_id(),
        kind=kind,
        ids=tuple(Target(r.id, max(0, generation_of(kind, r) - chance.choice([0, 0, 0, 1]))) for r in records),
        at=now - chance.randint(-3, 9),
        until=now + chance.randint(1, 9) if kind == "snooze" else 0,
        answer=AnswerGiven(chance.choice(["yes", "say", "made up"]), text="Zoë") if kind == "answer" else None,
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_database_keeps_and_pages_what_the_memory_does(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    with engine.connect() as connection:
        twins = Twins(connection)
        for turn in range(60):
            now = 1_000_000 + 2 * turn
            twins.run([some_command(twins, chance, now) for _ in range(chance.randint(1, 4))], now)
            twins.compare(chance)


def test_an_incident_told_twice_in_one_group_is_stored_as_it_was_told(engine: Engine) -> None:
    with engine.connect() as connection:
        twins = Twins(connection)
        telling = Produce(PRODUCERS[0], Draft(title="Disk full", key="disk"), [Recipient(1, NAMES[1])])

        twins.run([telling, telling], now=1_000)

        twins.compare(random.Random(1))
        (record,) = twins.memory.records(1).values()
        assert (record.count, record.cver, record.gen) == (2, 2, 1)
