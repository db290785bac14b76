"""The library as a program uses it, against a running server; every test for both clients, by the same sentences."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handbell import AsyncHandbell, Handbell
from handbell.results import Told
from tests.server.http.stage import Person, Stage

Bell = Callable[..., Handbell]


class Awaited:
    """An asyncio client, asked as one that blocks: every call runs its loop until there is an answer."""

    def __init__(self, client: object, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not inspect.iscoroutinefunction(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = self._runner.run(found(*args, **kwargs))
            return Awaited(answer, self._runner) if isinstance(answer, Told) else answer

        return call


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("client")) as stage:
        yield stage


@pytest.fixture
def ana(stage: Stage) -> Person:
    return stage.person("ana")


@pytest.fixture
def key(stage: Stage) -> str:
    token = stage.producer().token
    assert token is not None
    return token


@pytest.fixture(params=["blocking", "asyncio"])
def make(request: pytest.FixtureRequest) -> Iterator[Bell]:
    """Makes a client of either kind, which is closed with the test."""
    with asyncio.Runner() as runner:
        made: list[Any] = []

        def build(*args: Any, **kwargs: Any) -> Any:
            if request.param == "blocking":
                made.append(Handbell(*args, **kwargs))
            else:
                made.append(Awaited(AsyncHandbell(*args, **kwargs), runner))
            return made[-1]

        yield build
        for one in made:
            one.close()


@pytest.fixture
def bell(make: Bell, stage: Stage, key: str) -> Handbell:
    return make(stage.url, key)
