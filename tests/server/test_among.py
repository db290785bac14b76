"""`among`: a list of any length is one parameter, so there is one statement for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, select

from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_server.engine.among import among
from handbell_server.models import Device, User
from tests.support.databases import ready_database, ready_file
from tests.support.postgres import PostgresServer

NUMBERS = select(User.id).where(among(User.id, "people")).order_by(User.id)
TEXTS = select(Device.id).where(among(Device.id, "devices")).order_by(Device.id)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Of twenty people, each with a device."""
    on_file = request.param == "sqlite"
    url = ready_file(tmp_path / "h.db") if on_file else ready_database(request.getfixturevalue("postgres_server"))
    with open_engine(Config(database_url=url)) as engine:
        common = {"name": "laptop", "platform": "linux", "created_at": 1}
        with engine.begin() as connection:
            connection.execute(insert(User), [{"id": n, "name": f"user{n}", "created_at": 1} for n in range(1, 21)])
            rows = [{"id": f"d{n:02}", "user_id": n, "token_hash": str(n)} for n in range(1, 21)]
            connection.execute(insert(Device), [common | row for row in rows])
        yield engine


def test_it_finds_the_members_of_a_list_and_nobody_else(engine: Engine) -> None:
    with engine.connect() as connection:
        numbers = [connection.execute(NUMBERS, {"people": asked}).scalars().all() for asked in ([], [3], {99, 7, 2})]
        texts = connection.execute(TEXTS, {"devices": ["d20", "d1", "d05"]}).scalars().all()

    assert numbers == [[], [3], [2, 7]]
    assert texts == ["d05", "d20"]


def test_lists_of_every_length_are_the_same_statement(engine: Engine) -> None:
    said: set[str] = set()
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, text, *_: said.add(text))
    with engine.connect() as connection:
        for length in (0, 1, 2, 20, 500):
            connection.execute(NUMBERS, {"people": range(length)})

    assert len([text for text in said if "users" in text]) == 1


def test_postgres_takes_the_list_apart_once_also_in_a_plan_made_for_any_list(postgres_server: PostgresServer) -> None:
    with open_engine(Config(database_url=ready_database(postgres_server))) as engine, engine.begin() as connection:
        asked = str(NUMBERS.compile(dialect=engine.dialect)).replace("%(people)s::VARCHAR", "$1")
        connection.exec_driver_sql(f"PREPARE numbers (text) AS {asked}")
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        plan = connection.exec_driver_sql("EXPLAIN (VERBOSE) EXECUTE numbers ('1')").scalars().all()

    taken_apart = [line.strip() for line in plan if "string_to_array" in line]
    assert any(line.startswith("Output: unnest(") for line in taken_apart), plan
    assert not any(line.startswith("Filter:") for line in taken_apart), plan  # that would be for every row
