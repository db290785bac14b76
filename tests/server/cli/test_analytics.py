"""`handbell analytics`, as a producer and an administrator type it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.server.http.stage import Stage, created
from tests.support.counting import count_all
from tests.support.handbell import COMMAND
from tests.support.ports import free_port
from tests.support.waiting import until_it_is_one_day


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("analytics")) as stage:
        yield stage


def typed(stage: Stage, key: str | None, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
    chosen = {"HANDBELL_KEY": key or "", "HANDBELL_SERVER": url or stage.url}
    return subprocess.run(
        [*COMMAND, "analytics", *arguments],
        env=inherited | chosen,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(autouse=True)
def one_day() -> None:
    """Days are counted, and the server says which day it is."""
    until_it_is_one_day()


def test_numbers_are_shown_as_a_table_and_as_the_server_said_them(stage: Stage) -> None:
    ci, ana, boss = stage.producer(name="ci"), stage.person("ana"), stage.person("boss", admin=True)
    for kind in ("error", "error", "deploy"):
        sent = created(ci.notify(ana.name, "x", type=kind))
    ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "shown": 1, "clicked": 1}]})
    count_all(stage.engine)

    table = typed(stage, ci.token, "--by", "type")
    whole = typed(stage, boss.token, "--by", "day,source", "--json")
    refused = typed(stage, ci.token, "--by", "hour")
    away = typed(stage, ci.token, url=f"http://127.0.0.1:{free_port()}")

    assert [" ".join(line.split()) for line in table.stdout.splitlines()] == [
        "type sent delivered shown read clicked dismissed answered expired delivery click dismissal",
        "deploy 1 1 1 0 1 0 0 0 100.0% 100.0% 0.0%",
        "error 2 0 0 0 0 0 0 0 0.0% – –",
        "total 3 1 1 0 1 0 0 0 33.3% 100.0% 0.0%",
    ]
    (row,) = json.loads(whole.stdout)["rows"]
    assert (row["day"], row["source"], row["sent"]) == (datetime.now(UTC).date().isoformat(), "ci", 3)
    assert (refused.returncode, away.returncode, whole.returncode, table.returncode) == (1, 3, 0, 0)
    assert "each once" in refused.stderr
    assert typed(stage, None).returncode == 2
