"""Statistics on a million notifications: `python -m benchmarks.analytics`, beside the plain GROUP BY they stand for.

It fills an empty database (SQLite, or with --postgres a cluster of its own) with notifications of ninety days and what
became of them, and then measures three things in the same run:

- the baseline: one SELECT with GROUP BY over notifications, receipts and devices;
- the counting: portion by portion, without the pauses that a server makes; how long each holds the writer is what others
  may have to wait for it;
- the answers of `GET /v1/analytics`, without HTTP around them.

At the end the two must agree in every number, or the command fails.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter, thread_time
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from benchmarks.postgres import cluster
from handbell_server.actions import counting
from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_server.database import Checkpointer, is_sqlite
from handbell_server.jobs.counting import FINDERS
from handbell_server.reads import analytics, reading
from handbell_server.reads.analytics import Wanted
from handbell_server.reads.uncounted import FACTS
from handbell_shared.clock import now_ms

SCRATCH = Path("/var/tmp")  # noqa: S108 (/tmp may be memory, where a durable commit costs nothing)
DAY = 86_400_000
DAYS = 90
PRODUCERS = 20
TYPES = 12
OF_EACH = 500  # notifications in one inbox

_NOTIFICATION = (
    "seq", "id", "user_id", "producer_id", "ver", "crev", "source", "type", "title", "body", "priority", "created_at", "read",
)  # fmt: skip
_RECEIPT = ("notification_id", "device_id", "shown_at", "clicked_at", "dismissed_at")

# What the roll-up stands for, said in one statement; nothing here is deleted or answered.
_NAIVE = (
    "SELECT n.created_at / 86400000 AS day, n.type AS type, count(*) AS sent, "
    "sum(CASE WHEN n.read = 1 OR r.shown = 1 OR n.crev <= d.rev THEN 1 ELSE 0 END) AS delivered, "
    "sum(coalesce(r.shown, 0)) AS shown, sum(n.read) AS read, sum(coalesce(r.clicked, 0)) AS clicked, "
    "sum(coalesce(r.dismissed, 0)) AS dismissed, 0 AS answered, 0 AS expired "
    "FROM notifications n "
    "JOIN (SELECT user_id, max(received_rev) AS rev FROM devices GROUP BY user_id) d ON d.user_id = n.user_id "
    "LEFT JOIN (SELECT notification_id, 1 AS shown, "
    "max(CASE WHEN clicked_at IS NULL THEN 0 ELSE 1 END) AS clicked, "
    "max(CASE WHEN dismissed_at IS NULL THEN 0 ELSE 1 END) AS dismissed "
    "FROM receipts GROUP BY notification_id) r ON r.notification_id = n.id "
    "WHERE n.created_at >= :since {} GROUP BY 1, 2 ORDER BY 1, 2"
)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.analytics", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="notifications (1,000,000)")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where the database lives: a real disk")
    options = parser.parse_args(words)
    with ExitStack() as stack:
        scratch = Path(tempfile.mkdtemp(prefix="handbell-analytics-", dir=options.scratch))
        scratch.chmod(0o755)
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        url = f"sqlite:///{scratch / 'handbell.db'}"
        if options.postgres:
            url = stack.enter_context(stack.enter_context(cluster(scratch)).database("analytics"))
        engine = stack.enter_context(open_engine(Config(database_url=url)))
        return _measure(engine, options.rows)


def _measure(engine: Engine, rows: int) -> int:
    began = perf_counter()
    fill(engine, rows)
    print(f"{rows:,} notifications on {engine.dialect.name}, filled in {perf_counter() - began:.0f} s")
    today = datetime.now(UTC).date()
    since = {"since": now_ms() // DAY * DAY - 29 * DAY}
    print("\nbaseline: GROUP BY day, type over 30 days")
    _say("one producer", _timed(3, lambda: _naive(engine, since | {"producer": 1})))
    _say("all producers", _timed(3, lambda: _naive(engine, since)))
    _count(engine)
    print("\nGET /v1/analytics, from the cohorts")
    month, all_days = today - timedelta(29), today - timedelta(399)
    for name, wanted in {
        "one producer, 30 days by day and type": Wanted(1, month, today, ("day", "type")),
        "one producer, 400 days by day": Wanted(1, all_days, today, ("day",)),
        "all producers, 30 days by day and type": Wanted(None, month, today, ("day", "type")),
        "all producers, 400 days by source": Wanted(None, all_days, today, ("source",)),
    }.items():
        _say(name, _timed(50, lambda wanted=wanted: _cohorts(engine, wanted)))  # type: ignore[misc]
    return _compare(engine, today)


@contextmanager
def _writer(engine: Engine) -> Iterator[Connection]:
    """A connection that commits as the server's writer does."""
    with ExitStack() as stack:
        connection = stack.enter_context(engine.execution_options(immediate=True).connect())
        if is_sqlite(engine):
            stack.callback(Checkpointer(str(engine.url.database)).close)
            _driver(connection).execute("PRAGMA wal_autocheckpoint=0")
        yield connection


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _count(engine: Engine) -> None:
    print("\ncounting, portion by portion")
    with _writer(engine) as writer:
        _count_with(engine, writer)
    with engine.execution_options(immediate=True).begin() as connection:
        counting.finish(connection)
    _say("a round with nothing to count", _timed(5, lambda: _idle(engine)))


def _count_with(engine: Engine, writer: Connection) -> None:
    began, looked, held, worked, seen = perf_counter(), list[float](), list[float](), list[float](), 0
    for find in FINDERS:
        after, more = 0, True
        while more:
            start = perf_counter()
            with reading.view(engine) as connection:
                portion = find(connection, after)
            looked.append(perf_counter() - start)
            if portion is None:
                break
            start, cpu = perf_counter(), thread_time()
            with writer.begin():
                counting.take(writer, portion)
            held.append(perf_counter() - start)
            worked.append(thread_time() - cpu)
            seen += len(portion.sightings)
            after, more = portion.after, portion.more
    seconds = perf_counter() - began
    print(f"  {seen:,} sightings in {len(held):,} portions, {seconds:.1f} s: {seen / seconds:,.0f} a second")
    _say("looking, per portion (a reader's)", looked)
    _say("holding the writer, per portion", held)
    _say("processor time of that in this thread", worked)


def _idle(engine: Engine) -> None:
    with reading.view(engine) as connection:
        assert all(find(connection, 0) is None for find in FINDERS)


def _naive(engine: Engine, parameters: dict[str, int]) -> list[Any]:
    query = _NAIVE.format("AND n.producer_id = :producer" if "producer" in parameters else "")
    with engine.connect() as connection:
        return list(connection.execute(text(query), parameters))


def _cohorts(engine: Engine, wanted: Wanted) -> analytics.Found:
    with reading.view(engine) as connection:
        return analytics.statistics(connection, wanted)


def _compare(engine: Engine, today: date) -> int:
    naive = [tuple(int(getattr(row, fact)) for fact in FACTS) for row in _naive(engine, {"since": 0})]
    found = _cohorts(engine, Wanted(None, today - timedelta(399), today + timedelta(1), ("day", "type")))
    same = naive == [tuple(getattr(row, fact) for fact in FACTS) for row in found.rows]
    print(f"\n{len(naive):,} rows of each, all days: {'equal' if same else 'DIFFERENT'}; {found.total.sent:,} sent")
    return 0 if same else 1


def _timed(times: int, run: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(times):
        start = perf_counter()
        run()
        taken.append(perf_counter() - start)
    return taken


def _say(name: str, seconds: Sequence[float]) -> None:
    ordered = sorted(1000 * one for one in seconds)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"  {name:42} {statistics.median(ordered):9.2f} ms   p99 {high:9.2f}   longest {ordered[-1]:9.2f}", flush=True
    )


# ---- a database as it might be


def fill(engine: Engine, rows: int) -> None:
    """Inboxes with the notifications of ninety days. What became of them is chance, the same in every run."""
    users = max(1, rows // OF_EACH)
    now = now_ms()
    with engine.execution_options(immediate=True).begin() as connection:
        epoch = reading.epoch(connection)
        people = [(u, f"user{u}", False, now) for u in range(1, users + 1)]
        _write(connection, "users", ("id", "name", "admin", "created_at"), people)
        _write(connection, "inboxes", ("user_id", "rev"), ((u, OF_EACH) for u in range(1, users + 1)))
        devices = ((f"device{u}", u, "laptop", "", f"hash{u}", now, epoch, OF_EACH - 20) for u in range(1, users + 1))
        columns = ("id", "user_id", "name", "platform", "token_hash", "created_at", "received_epoch", "received_rev")
        _write(connection, "devices", columns, devices)
        _write(connection, "notifications", _NOTIFICATION, _notifications(users, now))
        _write(connection, "receipts", _RECEIPT, _receipts(users, now))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _ids(users: int, now: int) -> Iterator[tuple[int, int, int, str]]:
    """User, revision, moment and id; the last 48 bits make an id that can be made again."""
    for user in range(1, users + 1):
        for rev in range(1, OF_EACH + 1):
            at = now - (OF_EACH - rev) * DAYS * DAY // OF_EACH
            whole = f"{at:012x}"
            yield user, rev, at, f"{whole[:8]}-{whole[8:]}-7000-8000-{user * OF_EACH + rev:012x}"


def _notifications(users: int, now: int) -> Iterator[tuple[Any, ...]]:
    chance = Random(1)
    for seq, (user, rev, at, an_id) in enumerate(_ids(users, now), 1):
        producer, kind = chance.randint(1, PRODUCERS), chance.randint(1, TYPES)
        read = int(chance.random() < 0.6)
        yield (
            seq, an_id, user, producer, rev, rev, f"producer{producer}", f"type{kind}", "Build failed",
            "main is red since 4f2c1e, and this is about as much as people write", "normal", at, read,
        )  # fmt: skip


def _receipts(users: int, now: int) -> Iterator[tuple[Any, ...]]:
    chance = Random(2)
    for user, _, at, an_id in _ids(users, now):
        if chance.random() < 0.7:
            one = chance.random()
            yield an_id, f"device{user}", at, at if one < 0.2 else None, at if 0.2 <= one < 0.5 else None


def _write(connection: Connection, table: str, columns: Sequence[str], rows: Any) -> None:
    raw = _driver(connection)
    names = ", ".join(columns)
    if is_sqlite(connection.engine):
        raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    sys.exit(main())
