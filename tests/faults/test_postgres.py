"""PostgreSQL restarted, cut off in the middle of a COMMIT, and slow to finish one that nobody waits for any more."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import pytest

from tests.conftest import Effort, StartsHandbell
from tests.faults.storm import ROOMY, Storm
from tests.support.databases import ready_database
from tests.support.handbell import HandbellServer
from tests.support.postgres import Mode, PostgresServer
from tests.support.proxy import Proxy
from tests.support.rest import NoAnswerError, Rest


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def through(proxy: Proxy, url: str) -> str:
    head, _, rest = url.rpartition(":")
    return f"{head}:{proxy.port}/{rest.partition('/')[2]}"


def test_restarts_of_postgres_lose_nothing_and_double_nothing(
    handbell_server: StartsHandbell, own_postgres: PostgresServer, tmp_path: Path, effort: Effort
) -> None:
    server = handbell_server(environment=ROOMY | {"HANDBELL_DATABASE_URL": own_postgres.create_database()})
    modes: list[Mode] = ["fast", "immediate"]
    with Storm([server], tmp_path) as storm:
        for number in range(effort.of(2, long=400)):
            storm.until_accepted(20)
            own_postgres.restart(modes[number % 2])
        storm.until_accepted(20)
        storm.verdict()
    assert server.process.alive


class Books:
    """How often each body is in the database, asked past the proxy and past the product."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(plain(url), autocommit=True)

    def stored(self) -> Counter[str]:
        """Also what is still to travel: to a topic, here one without subscribers."""
        rows = self._connection.execute(
            "SELECT body, count(*) FROM (SELECT body FROM notifications"
            " UNION ALL SELECT payload::json->0->>'body' FROM dispatches) AS said GROUP BY body"
        ).fetchall()
        return Counter({str(body): int(count) for body, count in rows})

    def say(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def close(self) -> None:
        self._connection.close()


class Cutter:
    """Watches for a COMMIT under way in PostgreSQL and cuts its connection, once.

    Without a proxy PostgreSQL itself ends the session, and if it still can, it rolls back.
    """

    def __init__(self, url: str, proxy: Proxy | None = None) -> None:
        self.cuts = 0
        self._proxy = proxy
        self._connection = psycopg.connect(plain(url), autocommit=True)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._over = threading.Event()

    def _watch(self) -> None:
        what = b"1" if self._proxy is not None else b"pg_terminate_backend(pid)"
        committing = b"SELECT " + what + b" FROM pg_stat_activity WHERE state = 'active' AND query = 'COMMIT'"
        while not self._over.is_set():
            if self._connection.execute(committing).fetchone() is not None:
                if self._proxy is not None:
                    self._proxy.cut()
                self.cuts += 1
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)
        self._connection.close()


@pytest.fixture
def cut_off(
    handbell_server: StartsHandbell, postgres_server: PostgresServer
) -> Iterator[tuple[HandbellServer, Proxy, Books, str]]:
    """A server whose PostgreSQL is behind a bad network, ana who may be told, and a producer's key."""
    url = ready_database(postgres_server)
    with Proxy(postgres_server.port) as proxy:
        # The duties of the background would write at moments that the test means to choose.
        server = handbell_server(environment=ROOMY | {"HANDBELL_DATABASE_URL": through(proxy, url)}, start=False)
        server.add_user("ana", "correct-horse-battery")
        key = server.add_producer("ci", ["send:user", "send:topic"])
        server.start()
        books = Books(url)
        assert proxy.connections, "the server does not go through the proxy"
        yield server, proxy, books, key
        books.close()
        server.close()


def post_once(rest: Rest, body: str, to: str | Mapping[str, str] = "ana") -> int:
    """One request without an idempotency key, and nobody who asks again: what is doubled then, the server doubled."""
    try:
        return rest.notify(to, "Build failed", body=body).status
    except NoAnswerError:
        return 0


def said_by_others(server: HandbellServer) -> list[dict[str, Any]]:
    """Lines of the log that are not ours. What is not JSON fails."""
    whole, _, _ = server.process.err.read_text().rpartition("\n")
    said: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines()]
    return [line for line in said if not line.get("logger", "handbell_server").startswith("handbell_server")]


def judge(books: Books, told: dict[str, int], where: str) -> None:
    stored = books.stored()
    doubled = [body for body in told if stored[body] > 1]
    lost = [body for body, status in told.items() if status == 201 and stored[body] == 0]
    denied = [body for body, status in told.items() if status not in (201, 503)]
    assert not (doubled or lost or denied), f"{doubled=} {lost=} {denied=} of {len(told)}; {where}"


def test_a_connection_cut_at_any_byte_of_a_commit_neither_loses_nor_doubles(
    cut_off: tuple[HandbellServer, Proxy, Books, str], effort: Effort
) -> None:
    server, proxy, books, key = cut_off
    told: dict[str, int] = {}
    rest = server.rest(key)
    assert post_once(rest, "a first one, so that everything is warm") == 201
    # A greeting and a first request are some 3,000 bytes; below that nothing can ever succeed.
    for limit in range(2_600, 9_000, effort.of(97, long=3)):
        proxy.set(cut_after=limit)
        proxy.cut()
        recipients: list[str | Mapping[str, str]] = ["ana", {"topic": "deploys"}, "ana"]
        for number, to in enumerate(recipients):
            body = f"cut after {limit}, {number}"
            told[body] = post_once(rest, body, to)
            if told[body] == 503:
                break  # it takes its time to say so, and would again
    proxy.calm()
    assert Counter(told.values())[201] > len(told) // 2, "nearly everything failed: nothing was tested"
    judge(books, told, f"log: {server.process.err}")
    assert not said_by_others(server), "the log has what the driver says to itself"


def test_a_commit_that_goes_on_after_the_cut_is_waited_for_and_not_run_again(
    cut_off: tuple[HandbellServer, Proxy, Books, str], effort: Effort
) -> None:
    """A tenth of a second between COMMIT and the disk: long enough to be cut off, reconnect and look too early."""
    server, proxy, books, key = cut_off
    rest = server.rest(key, timeout=30)
    assert post_once(rest, "a first one, so that everything is warm") == 201
    books.say("ALTER ROLE handbell SET commit_delay = 100000")
    books.say("ALTER ROLE handbell SET commit_siblings = 0")
    proxy.cut()  # the settings hold for new connections
    try:
        told: dict[str, int] = {}
        cuts = 0
        for number in range(effort.of(12, long=500)):
            body = f"cut while committing {number}"
            with Cutter(books.url, proxy) as cutter:
                told[body] = post_once(rest, body)
            cuts += cutter.cuts
    finally:
        books.say("ALTER ROLE handbell RESET commit_delay")
        books.say("ALTER ROLE handbell RESET commit_siblings")
    judge(books, told, f"log: {server.process.err}")
    assert cuts > len(told) // 2, f"only {cuts} commits were seen under way: nothing was tested"


def test_a_commit_that_was_rolled_back_unheard_is_run_again_and_not_taken_for_done(
    cut_off: tuple[HandbellServer, Proxy, Books, str], effort: Effort
) -> None:
    """Checks at the end of the transaction take a tenth of a second, and the session is ended during them."""
    server, _, books, key = cut_off
    rest = server.rest(key, timeout=30)
    assert post_once(rest, "a first one, so that everything is warm") == 201
    books.say(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END'"
    )
    for table in ("notifications", "dispatches"):
        books.say(
            f"CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION dawdle()"
        )
    told: dict[str, int] = {}
    cuts = 0
    recipients: list[str | Mapping[str, str]] = ["ana", {"topic": "deploys"}]
    for number in range(effort.of(6, long=500)):
        body = f"ended while committing {number}"
        with Cutter(books.url) as cutter:
            told[body] = post_once(rest, body, recipients[number % 2])
        cuts += cutter.cuts
    judge(books, told, f"log: {server.process.err}")
    assert cuts > len(told) // 2, f"only {cuts} commits were seen under way: nothing was tested"
