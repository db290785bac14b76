"""The house on either database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.alarms.house import House
from tests.server.http.stage import new_database
from tests.support.engine_room import EngineRoom, engine_room


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def one_room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    embedded = f"sqlite:///{tmp_path_factory.mktemp('alarms') / 'handbell.db'}"
    with engine_room(new_database(request.param, request) or embedded) as room:
        yield room


@pytest.fixture
def house(one_room: EngineRoom) -> Iterator[House]:
    house = House(one_room)
    yield house
    house.leave()
