"""What the models say and what the migrations make is one schema."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from handbell_server import database, migrations
from handbell_server.actions import pairings, people, types
from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_server.models import Base
from handbell_server.rules.kinds import TypeDefinition
from tests.support.databases import migrate
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.waiting import until

# Each database's own, so only the migration knows them: full text, and the order of a person's rows.
_OWN = ("search_index", "search_documents", "ix_notifications_user_id_")


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url


def _is_compared(_object: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    return not (name is not None and name.startswith(_OWN))


def test_models_and_migrations_make_the_same_schema(database_url: str) -> None:
    with open_engine(Config(database_url=database_url)) as engine, engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                # SQLite tells DEFAULT '' in quotes and Alembic compares it without; PostgreSQL has the same migration.
                "compare_server_default": connection.dialect.name != "sqlite",
                "include_object": _is_compared,
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_start_finds_nothing_to_do(database_url: str) -> None:
    with open_engine(Config(database_url=database_url)) as engine:
        assert migrations.upgrade(engine) is None
        with engine.connect() as connection:
            assert migrations.current(connection) == migrations.HEAD


def test_an_installation_has_one_epoch_from_its_first_start_on(database_url: str) -> None:
    epochs = []
    for _ in range(2):
        with open_engine(Config(database_url=database_url)) as engine, engine.connect() as connection:
            epochs.append(connection.execute(text("SELECT epoch FROM installation")).scalars().all())
    assert epochs[0] == epochs[1]
    assert len(epochs[0]) == 1


def test_of_processes_that_start_at_once_on_an_empty_database_one_makes_the_schema(database_url: str) -> None:
    def start(_number: int) -> list[str]:
        with open_engine(Config(database_url=database_url)) as engine, engine.connect() as connection:
            return list(connection.execute(text("SELECT epoch FROM installation")).scalars())

    with ThreadPoolExecutor(3) as processes:
        epochs = list(processes.map(start, range(3)))

    assert [len(found) for found in epochs] == [1, 1, 1]
    assert epochs[0] == epochs[1] == epochs[2]


def test_who_starts_during_somebody_elses_long_upgrade_waits_longer_than_any_request_may(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.create_database()
    monkeypatch.setattr(database, "_PG_OPTIONS", "-c statement_timeout=400 -c lock_timeout=400")
    somebody = create_engine(url)
    with ThreadPoolExecutor(1) as processes, somebody.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": migrations._LOCK})
        connection.commit()
        started = processes.submit(migrate, url)
        until(lambda: _waits_too_long(connection) or started.done(), 10, "the other one to wait")
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
        assert started.result() == url
    somebody.dispose()


def test_a_server_that_waits_for_an_upgrade_ends_when_it_is_told(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.create_database()
    server = HandbellServer(tmp_path, environment={"HANDBELL_DATABASE_URL": url})
    somebody = create_engine(url)
    with somebody.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": migrations._LOCK})
        connection.commit()
        server.begin()
        until(lambda: _waits_too_long(connection), 20, "the server to wait")
        assert server.stop() == 0
    somebody.dispose()


def _waits_too_long(connection: Connection) -> bool:
    """For an upgrade, and for twice as long as a statement of the server has."""
    connection.rollback()  # or its moment would be the first look's
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND clock_timestamp() - query_start > interval '0.8 s'"
    return connection.execute(text(query)).first() is not None


def test_a_database_of_a_newer_handbell_is_left_alone(database_url: str) -> None:
    with open_engine(Config(database_url=database_url)):
        pass
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(migrations.TooNewError, match="9999"), open_engine(Config(database_url=database_url)):
        pass


def test_an_installation_of_the_first_schema_goes_on_with_all_it_has(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(migrations, "HEAD", "0001")
        with open_engine(Config(database_url=database_url)) as engine, engine.begin() as connection:
            assert not inspect(connection).has_table("pairings")
            assert not inspect(connection).has_table("registered_types")
            connection.execute(text("INSERT INTO users (id, name, admin, created_at) VALUES (7, 'ana', false, 1)"))
            connection.execute(text("INSERT INTO inboxes (user_id, rev, unread) VALUES (7, 42, 3)"))
            epoch = connection.execute(text("SELECT epoch FROM installation")).scalar_one()

    with open_engine(Config(database_url=database_url)) as engine, engine.begin() as connection:
        assert migrations.current(connection) == migrations.HEAD
        assert connection.execute(text("SELECT rev, unread FROM inboxes WHERE user_id = 7")).one() == (42, 3)
        assert connection.execute(text("SELECT epoch FROM installation")).scalar_one() == epoch
        assert people.language_of(connection, 7) is None
        assert types.types_of(connection, types.HOUSE) == (0, {}, {})
        assert types.define(connection, 1, "deploy", TypeDefinition(title="{{ data.app }}"), "ci")
        assert types.types_of(connection, 1)[0] == 1
        assert pairings.offer(connection, pairings.Granter(7)).code
        people.remove_user(connection, "ana")
        assert connection.execute(text("SELECT count(*) FROM pairings")).scalar_one() == 0
