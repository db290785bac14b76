"""Desks without a server, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from handbell_shared.records import Notification
from tests.support.desks import MadeDesk, bell, make_desk

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
