"""A database of the very first server becomes one like all others, and everybody goes on where they were."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from handbell_server import doctor
from handbell_server.actions import installation
from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from tests.support import first_schema
from tests.support.devices import Device
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

FOREVER = {"HANDBELL_RETAIN_DAYS": "36500", "HANDBELL_TOMBSTONE_DAYS": "36500", "HANDBELL_IDEMPOTENCY_HOURS": "876000"}


@pytest.fixture
def url(empty_database_url: str) -> str:
    first_schema.make(empty_database_url)
    return empty_database_url


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> str:
    """Another database of the same kind, made today."""
    if url.startswith("sqlite"):
        other = f"sqlite:///{tmp_path / 'fresh.db'}"
    else:
        other = request.getfixturevalue("postgres_server").create_database()
    with open_engine(Config(database_url=other)):
        return other


def test_its_schema_is_the_one_that_is_made_today(url: str, fresh_url: str) -> None:
    with open_engine(Config(database_url=url)) as engine:
        upgraded = _schema(engine)
    engine = create_engine(fresh_url)
    assert upgraded == _schema(engine)
    engine.dispose()


def test_every_row_is_there_and_the_doctor_finds_nothing(url: str) -> None:
    assert _wrong(url) == {"schema"}
    with open_engine(Config(database_url=url)) as engine, engine.connect() as connection:
        counted = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in _KEPT}
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert counted == {name: len(first_schema.ROWS[name]) for name in _KEPT}
    assert _wrong(url) == set()


def test_a_device_goes_on_where_it_was_and_a_producer_and_a_search_find_what_was(url: str, tmp_path: Path) -> None:
    server = HandbellServer(tmp_path, environment=FOREVER | {"HANDBELL_DATABASE_URL": url})
    had = first_schema.what_a_device_had()
    with server.start(), Device(server.url, "ana", first_schema.TOKEN, store=had) as laptop:
        until(laptop.online.is_set, 10, "the device to be up to date")
        with Rest(server.url, first_schema.KEY) as producer, Rest(server.url, first_schema.TOKEN) as person:
            # That server kept another hash of what was asked: a retry over the upgrade is refused, and told to nobody.
            assert producer.notify("ana", "Unread café", body="the unread one", idempotency="k-unread").status == 422
            assert producer.notify("ana", "News", body="from after the upgrade").status == 201
            until(lambda: laptop.sees("from after the upgrade"), 5, "the device to hear")
            read = laptop.sees("the unread one")
            assert read is not None
            laptop.act("read", read)
            until(lambda: not laptop.outbox, 5, "the server to hear of it")
            found = person.get("/v1/inbox?q=cafe%20expiring&state=all").body["notifications"]
            assert [one["body"] for one in found] == ["the expiring one"]
        assert laptop.resyncs == 0
    assert _wrong(url) == set()


def test_an_upgrade_that_is_killed_has_not_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'handbell.db'}"
    first_schema.make(url)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    engine = create_engine(url)
    before = _schema(engine)
    with monkeypatch.context() as then:
        then.setattr(installation, "found", killed)
        with pytest.raises(KeyboardInterrupt), open_engine(Config(database_url=url)):
            pass
    assert _schema(engine) == before
    engine.dispose()
    with open_engine(Config(database_url=url)):
        pass
    assert _wrong(url) == set()


def test_the_number_of_somebody_who_is_gone_is_given_to_nobody(tmp_path: Path) -> None:
    file = tmp_path / "handbell.db"
    first_schema.make(f"sqlite:///{file}")
    with open_engine(Config(database_url=f"sqlite:///{file}")):
        pass
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM users WHERE id = 3")
        connection.execute("INSERT INTO users (name, admin, created_at) VALUES ('dora', 0, 1)")
        assert connection.execute("SELECT id FROM users WHERE name = 'dora'").fetchone() == (4,)


# What the upgrade may add rows to, or begins anew.
_KEPT = [name for name in first_schema.TABLES if name not in ("audit_log", "search_progress")]


def _wrong(url: str) -> set[str]:
    environ = {"HANDBELL_DATABASE_URL": url, "HANDBELL_PORT": "0", "HANDBELL_SECRET_KEY": "k" * 32}
    of_this_machine = ("data folder", "disk", "open files")
    findings = doctor.examine(None, full=True, environ=environ)
    return {one.check for one in findings if one.level == "wrong" and one.check not in of_this_machine}


_OF_POSTGRES = """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, collation_name,
           is_nullable, column_default) FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'table', relname, concat_ws(' ', relkind, reloptions) FROM pg_class
           WHERE relnamespace = 'public'::regnamespace
"""
_OF_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def _schema(engine: Engine) -> dict[tuple[str, str], list[str]]:
    """Everything that was made, by kind and name, in the database's own words."""
    query = _OF_SQLITE if engine.dialect.name == "sqlite" else _OF_POSTGRES
    with engine.connect() as connection:
        return {(kind, name): sorted(_parts(made)) for kind, name, made in connection.execute(text(query))}


def _parts(made: str) -> Iterator[str]:
    """Without traces of how it came about: SQLite writes an added column into the last line, a renamed table in quotes."""
    for line in made.replace('"', "").splitlines():
        yield from (part.strip() for part in re.split(r",\s*(?![^()]*\))", line) if part.strip())
