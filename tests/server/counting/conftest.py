"""One database of each kind for all tests here, swept before each: a new one would take longer than the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.http.stage import new_database
from tests.support.counting import sweep
from tests.support.engine_room import EngineRoom, engine_room


@pytest.fixture(scope="package")
def sqlite_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    with engine_room(f"sqlite:///{tmp_path_factory.mktemp('counting') / 'handbell.db'}") as room:
        yield room


@pytest.fixture(scope="package")
def postgres_room(request: pytest.FixtureRequest) -> Iterator[EngineRoom]:
    with engine_room(new_database("postgres", request)) as room:
        yield room


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest) -> EngineRoom:
    # Two fixtures and not one with two values: that one would be made anew for every file.
    room = request.getfixturevalue(f"{request.param}_room")
    assert isinstance(room, EngineRoom)
    sweep(room)
    return room
