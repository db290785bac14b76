"""One running server for each database; every test brings its own people and producers to it."""

from collections.abc import Iterator

import pytest

from tests.server.http.stage import Person, Stage, new_database
from tests.support.rest import Rest


@pytest.fixture(scope="package")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("http-sqlite")) as stage:
        yield stage


@pytest.fixture(scope="package")
def postgres_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("http-postgres"), new_database("postgres", request)) as stage:
        yield stage


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    # Two fixtures and not one with two values: that one would start its servers anew for every file.
    stage = request.getfixturevalue(f"{request.param}_stage")
    assert isinstance(stage, Stage)
    return stage


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
