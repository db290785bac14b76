"""The engine room on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Reused, ready_file
from tests.support.engine_room import EngineRoom, engine_room
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def _reused(postgres_server: PostgresServer) -> Reused:
    return Reused(postgres_server)


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineRoom]:
    if request.param == "sqlite":
        with engine_room(ready_file(tmp_path / "handbell.db")) as room:
            yield room
        return
    reused = request.getfixturevalue("_reused")
    assert isinstance(reused, Reused)
    url = reused.take()
    with engine_room(url) as room:
        yield room
    reused.give_back(url)
