"""What the renewal of who is online costs a real PostgreSQL: every device, every 30 seconds, so no index may hear of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from handbell_server import migrations
from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_server.models import Device, User
from handbell_server.reads import presence
from handbell_server.sweep import ONLINE_MS, set_online
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.support.databases import ready_database
from tests.support.postgres import PostgresServer

_DEVICES = 400


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    with open_engine(Config(database_url=url)) as engine:
        yield engine


def devices_of_many(engine: Engine, number: int = _DEVICES) -> list[str]:
    """Of two for each person, the first is in use, as in a house where all have chosen so."""
    ids = [new_id() for _ in range(number)]
    now = now_ms()
    common = {
        "name": "laptop",
        "platform": "linux Debian GNU/Linux 12",
        "created_at": now,
        "online_until": now + ONLINE_MS,
    }
    with engine.begin() as connection:
        people = [{"id": one, "name": f"user{one}", "created_at": now} for one in range(1, number // 2 + 1)]
        connection.execute(insert(User), people)
        rows = [{"id": an_id, "user_id": place // 2 + 1, "token_hash": an_id} for place, an_id in enumerate(ids)]
        connection.execute(insert(Device), [common | row for row in rows])
        presence.write(connection, [(an_id, True) for an_id in ids[::2]], now)
    return ids


def renewed(engine: Engine, devices: Sequence[str], round_: int = 1) -> tuple[int, int]:
    """How many rows a renewal wrote, and how many of them without a word to an index."""
    with engine.begin() as connection:
        before = counted(connection)
        set_online(connection, devices, now_ms() + ONLINE_MS + round_)
        after = counted(connection)
    return after[0] - before[0], after[1] - before[1]


def counted(connection: Connection) -> tuple[int, int]:
    """What this connection has written so far; what it has reported already is left out, which it does between transactions."""
    query = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'devices'"
    written, without = connection.execute(text(query)).one()
    return written, without


def test_a_renewal_writes_into_no_index(postgres_server: PostgresServer) -> None:
    with opened(ready_database(postgres_server)) as engine:
        devices = devices_of_many(engine)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM devices"))

        rounds = [renewed(engine, devices, number) for number in range(1, 5)]

    assert rounds == 4 * [(_DEVICES, _DEVICES)]


def test_a_server_that_exists_renews_without_its_indexes_a_few_rounds_after_its_upgrade(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.create_database()
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "0018")
        with opened(url) as engine:
            devices = devices_of_many(engine)
            assert renewed(engine, devices) == (_DEVICES, 0)

    with opened(url) as engine:
        rounds = [renewed(engine, devices, number) for number in range(2, 8)]

    assert rounds[-1] == (_DEVICES, _DEVICES), rounds


def test_who_uses_what_and_what_was_said_are_found_by_an_index(postgres_server: PostgresServer) -> None:
    with opened(ready_database(postgres_server)) as engine:
        devices_of_many(engine, 10_000)
        with engine.begin() as connection:
            connection.execute(text("UPDATE devices SET activity_at = activity_at - 600000"))
            connection.execute(text("ANALYZE devices"))
        now = now_ms()
        with engine.connect() as connection:
            asked = asked_of(connection)
            found = presence.in_use(connection, range(1, 101), now)
            said = presence.changed_since(connection, now - presence.OVERLAP_MS)
            plans = [explained(connection, *one) for one in list(asked)]

    assert len(found) == 100 and said == set()
    assert ["ix_devices_user_id" in plans[0], "ix_devices_activity_at" in plans[1]] == [True, True], plans
    assert not any("Seq Scan" in plan for plan in plans), plans


def asked_of(connection: Connection) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def _(_c: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
        asked.append((said, given))

    return asked


def explained(connection: Connection, said: str, given: Any) -> str:
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {said}", given))
