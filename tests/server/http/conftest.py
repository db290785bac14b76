"""One running server for each database; every test brings its own people and producers to it."""

from collections.abc import Iterator

import pytest

from tests.server.http.stage import Person, Stage, new_database
from tests.support.rest import Rest


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    database_url = new_database(request.param, request)
    with Stage(tmp_path_factory.mktemp(f"http-{request.param}"), database_url) as stage:
        yield stage


@pytest.fixture
def ana(stage: Stage) -> Person:
    return stage.person("ana")


@pytest.fixture
def ben(stage: Stage) -> Person:
    return stage.person("ben")


@pytest.fixture
def ci(stage: Stage) -> Rest:
    """A producer that may do everything."""
    return stage.producer()
