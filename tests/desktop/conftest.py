"""Desks without a server, and a server with two people, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from handbell_shared.records import Notification
from tests.support.desks import MadeDesk, bell, make_desk
from tests.support.handbell import HandbellServer

PASSWORD = "correct horse battery"
Makes = Callable[..., MadeDesk]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Makes]:
    made: list[MadeDesk] = []

    def make(records: Mapping[str, list[Notification]] | None = None, **how: Any) -> MadeDesk:
        made.append(make_desk(tmp_path, {"ana": [bell("a")]} if records is None else records, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandbellServer]:
    with HandbellServer(tmp_path_factory.mktemp("server")) as server:
        server.add_user("ana", PASSWORD)
        server.add_user("ben", PASSWORD)
        yield server.start()
