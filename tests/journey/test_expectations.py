"""Two servers and a promise that is not kept: the one on duty is killed around the moment of telling, and it is told once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from handbell_shared.clock import now_ms
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
_TOLD = "SELECT count(*) FROM notifications"


class Database:
    """What the test does beside the servers."""

    def __init__(self, fleet: Fleet) -> None:
        self._url = fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
        self._connection = fleet.stack.enter_context(psycopg.connect(self._url, autocommit=True))

    def ask(self, query: str, *values: object) -> int:
        found = self._connection.execute(query, values)
        row = found.fetchone() if found.description else None
        return 0 if row is None else int(row[0])

    @contextmanager
    def hold(self, query: str) -> Iterator[None]:
        """Nobody else gets these rows."""
        with psycopg.connect(self._url) as connection:
            connection.execute(query)
            yield
            connection.rollback()

    def becomes_due(self, name: str) -> None:
        self.ask("UPDATE expectations SET due_at = %s WHERE name = %s", now_ms(), name)

    def somebody_waits(self) -> bool:
        return self.ask(_WAITING) > 0

    def free_the_duties(self) -> None:
        """As if the lease of who was killed had run out."""
        self.ask("UPDATE leases SET until = 0")


def rows(server: HandbellServer) -> list[dict[str, Any]]:
    with Rest(server.url) as door, door.sign_in("ana", PASSWORD) as ana:
        found: list[dict[str, Any]] = ana.get("/v1/inbox").body["notifications"]
        return found


def test_a_server_killed_around_the_moment_of_telling_leaves_one_notification(fleet: Fleet) -> None:
    [first] = fleet.serve("first")  # and so it has the duty
    fleet.people("ana")
    database, producer = Database(fleet), fleet.producer(first)
    for name in ("before", "between"):
        assert producer.put(f"/v1/expectations/{name}", {"every": 3_600, "to": "ana"}).status == 200
    [second] = fleet.serve("second")

    first.freeze()
    database.becomes_due("before")
    with database.hold("SELECT 1 FROM expectations WHERE name = 'before' FOR UPDATE"):
        first.thaw()
        until(database.somebody_waits, 15, "the first to have found it and to wait for its row")
        first.kill9()
    database.free_the_duties()
    until(lambda: database.ask(_TOLD) == 1, 15, "the second to tell in its place")

    with database.hold("SELECT 1 FROM inboxes FOR UPDATE"):
        database.becomes_due("between")
        until(lambda: database.ask("SELECT count(*) FROM dispatches") == 2, 15, "the second to move it")
        until(database.somebody_waits, 15, "the notification to wait for the inbox")
        second.kill9()
    first.start()
    database.free_the_duties()
    until(lambda: database.ask(_TOLD) == 2, 15, "the first to tell in its place")

    until(lambda: database.ask("SELECT count(*) FROM dispatches WHERE state <> 'done'") == 0, 15, "both to be done")
    assert sorted((row["key"], row.get("count", 1), row.get("cver", 1)) for row in rows(first)) == [
        ("expectation:before", 1, 1),
        ("expectation:between", 1, 1),
    ]
