"""The doctor's practice: an installation to make ill, and the doctor looking at it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from handbell_server import doctor
from handbell_server.cli.common import open_engine
from handbell_server.config import from_environment
from tests.support.handbell import COMMAND, HandbellServer
from tests.support.ports import free_port


class Practice:
    """A data folder, and the doctor looking at it through the command line."""

    def __init__(self, tmp_path: Path) -> None:
        self.server = HandbellServer(tmp_path, port=free_port())
        self.data = self.server.data
        self.file = self.data / "handbell.db"
        self.env: dict[str, str] = {"HANDBELL_PORT": str(self.server.port)}

    def sql(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def database(self) -> Iterator[Engine]:
        with open_engine(from_environment(self.env, {"data_dir": self.data})) as engine:
            yield engine

    def examine(self, *, full: bool = False) -> tuple[int, list[dict[str, str]]]:
        """In this process; the exit status as the command computes it."""
        findings = [finding.as_json() for finding in doctor.examine(self.data, full=full, environ=self.env)]
        return int(any(finding["level"] == "wrong" for finding in findings)), findings

    def examine_by_command(self, files: int = 8_192) -> tuple[int, list[dict[str, str]]]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HANDBELL_")}
        done = subprocess.run(
            ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *COMMAND, "doctor", "--json", "--data", str(self.data)],
            env=inherited | self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert not done.stderr, done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def finds(self, check: str, words: str, *, full: bool = False) -> dict[str, str]:
        """The one thing that is wrong."""
        return only_fault(self.examine(full=full), check, words)


def only_fault(said: tuple[int, list[dict[str, str]]], check: str, words: str) -> dict[str, str]:
    status, findings = said
    bad = [finding for finding in findings if finding["level"] == "wrong"]
    assert status == 1
    assert [finding["check"] for finding in bad] == [check], bad
    assert words in bad[0]["says"]
    assert bad[0]["todo"]
    return bad[0]
