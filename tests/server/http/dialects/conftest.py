"""One running server; what is stored and read is the same on both databases, and `test_settings.py` asks both."""

import pytest

from tests.server.http.dialects.speaking import Speaker
from tests.server.http.stage import Person, Stage


@pytest.fixture
def stage(sqlite_stage: Stage) -> Stage:
    return sqlite_stage


@pytest.fixture
def sender(stage: Stage, ana: Person) -> Speaker:
    """A producer whose senders tell Ana, where they name nobody."""
    return Speaker.of(stage, to=ana.name)
