"""Installations for the doctor."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from handbell_server.cli.common import open_engine
from handbell_server.config import from_environment
from tests.server.cli.practice import Practice
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a person and a producer, made once by the command line."""
    server = HandbellServer(tmp_path_factory.mktemp("template"))
    server.add_user("ana", "correct horse battery")
    server.add_producer("ci")
    return server.data


@pytest.fixture
def practice(tmp_path: Path, template: Path) -> Practice:
    healthy = Practice(tmp_path)
    shutil.copytree(template, healthy.data)
    return healthy


@pytest.fixture
def on_postgres(postgres_server: PostgresServer, practice: Practice) -> Practice:
    practice.env["HANDBELL_DATABASE_URL"] = postgres_server.create_database()
    environment: Mapping[str, str] = practice.env
    practice.server = HandbellServer(practice.data.parent, environment=environment)
    with open_engine(from_environment(environment)):
        return practice


@pytest.fixture
def served(practice: Practice) -> Iterator[Practice]:
    with practice.server.start():
        yield practice
