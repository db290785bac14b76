"""The engine room on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engine_room import EngineRoom, engine_room


@pytest.fixture
def room(database_url: str) -> Iterator[EngineRoom]:
    with engine_room(database_url) as room:
        yield room
