"""How many there may be holds for two processes too that add the last one at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from handbell_server.actions import expectations, mailboxes, pairings, topics, types, webhooks
from handbell_server.actions.drafts import Draft
from handbell_server.actions.expectations import Wanted
from handbell_server.actions.pairings import AskingDevice
from handbell_server.errors import Problem
from handbell_server.rules.kinds import TypeDefinition
from handbell_shared.ids import new_id
from tests.support.databases import ready_database
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside
from tests.support.postgres import PostgresServer
from tests.support.waiting import until

WANTED = Wanted(86_400, 3_600, "ping", "ana", Draft(title=""), False)
PHONE = AskingDevice("phone", "android")
PEOPLE = cycle(("ana", "bo"))

# table, where the bound is, its name, and what adds one
ADDED: dict[str, tuple[Any, str, Callable[[Connection, EngineRoom], Any]]] = {
    "webhooks": (
        webhooks,
        "OF_A_PRODUCER",
        lambda c, room: webhooks.register(c, room.sender.id, new_id(), "https://h.example/", webhooks.EVENTS, "sealed"),
    ),
    "expectations": (
        expectations,
        "OF_A_PRODUCER",
        lambda c, room: expectations.define(c, room.sender.id, new_id(), WANTED),
    ),
    "subscriptions": (topics, "SUBSCRIPTIONS_AT_MOST", lambda c, room: topics.subscribe(c, room.ana, new_id())),
    "registered_types": (
        types,
        "TYPES_AT_MOST",
        lambda c, room: types.define(c, room.sender.id, new_id().lower(), TypeDefinition(), "ci"),
    ),
    "pairings": (
        pairings,
        "ASKING_FROM_AN_ADDRESS",
        lambda c, room: pairings.ask(c, PHONE, address="192.0.2.1", secret_hash=new_id()),
    ),
    "mails": (
        mailboxes,
        "_TO_AN_ADDRESS_IN_A_DAY",
        lambda c, room: mailboxes.name_address(c, getattr(room, next(PEOPLE)), "both@example.org", "both"),
    ),
}
WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted "
    "AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
)


@pytest.fixture(scope="module")
def two_processes(postgres_server: PostgresServer) -> Iterator[tuple[EngineRoom, EngineRoom]]:
    with engine_room(ready_database(postgres_server)) as one, engine_room_beside(one) as two:
        yield one, two


@pytest.mark.parametrize("table", ADDED)
def test_of_two_processes_one_adds_the_last_that_there_may_be(
    two_processes: tuple[EngineRoom, EngineRoom], monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    one, two = two_processes
    module, bound, add = ADDED[table]
    monkeypatch.setattr(module, bound, 1)
    other: list[Future[Any]] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_more: Any) -> None:
        """The other process begins when this one has counted already."""
        if statement.startswith(f"INSERT INTO {table} ") and not other:
            other.append(pool.submit(two.errand, lambda c: add(c, two)))
            until(lambda: other[0].done() or one_waits(two), 10, "the other to add one, or to wait for its turn")

    with ThreadPoolExecutor(1) as pool:
        event.listen(one.engine, "before_cursor_execute", meanwhile)
        try:
            one.errand(lambda c: add(c, one))
        finally:
            event.remove(one.engine, "before_cursor_execute", meanwhile)
        with pytest.raises(Problem):
            other[0].result(60)

    assert one.number(f"SELECT count(*) FROM {table}") == 1


def one_waits(room: EngineRoom) -> bool:
    with room.engine.connect() as connection:
        return bool(connection.execute(WAITING).scalar_one())
