"""The desk of this folder: online, and at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from handbell_desktop.kept.settings import Settings
from handbell_shared.records import Notification
from tests.desktop.ring.scene import Makes
from tests.support.desks import MadeDesk, make_desk


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Makes]:
    made: list[MadeDesk] = []

    def make(records: Mapping[str, list[Notification]] | None = None, **settings: Any) -> MadeDesk:
        one = make_desk(tmp_path, records or {"ana": []}, settings=Settings(**settings))
        for session in one.desk.sessions:
            one.link(session.account.id).online()
        one.settle()
        one.turns.advance(10)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()
