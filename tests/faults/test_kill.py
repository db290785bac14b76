"""kill -9, at moments nobody chose and at every moment there is."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.conftest import Effort, StartsHandbell
from tests.faults.storm import ROOMY, Storm
from tests.support.databases import ready_database
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer


def kill_again_and_again(server: HandbellServer, kills: int, seed: int) -> None:
    """Mostly under load, and every fifth time while it is still starting."""
    chance = random.Random(seed)
    for number in range(kills):
        if number % 5 == 4:
            server.begin()
            time.sleep(chance.uniform(0, 0.6))  # the moment itself is what is drawn here
        else:
            server.start()
            time.sleep(chance.uniform(0, 0.35))
        server.kill9()
    server.start()


@pytest.mark.timeout(14_400)
def test_fifty_kills_under_load_lose_nothing_and_double_nothing(
    handbell_server: StartsHandbell, tmp_path: Path, effort: Effort, capsys: pytest.CaptureFixture[str]
) -> None:
    server = handbell_server(environment=ROOMY)
    with Storm([server], tmp_path) as storm:
        storm.until_accepted(20)
        server.kill9()
        kill_again_and_again(server, effort.of(49, long=5_000), seed=2)
        said = storm.verdict()
    with capsys.disabled():
        print(f"\n  SQLite, kill -9: {said}")


@pytest.mark.timeout(14_400)
def test_kills_of_both_servers_of_a_postgres_lose_nothing_and_double_nothing(
    handbell_server: StartsHandbell,
    postgres_server: PostgresServer,
    tmp_path: Path,
    effort: Effort,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = ROOMY | {"HANDBELL_DATABASE_URL": ready_database(postgres_server)}
    servers = [handbell_server(name, environment=environment) for name in ("one", "two")]
    chance = random.Random(3)
    with Storm(servers, tmp_path) as storm:
        for _ in range(effort.of(6, long=2_000)):
            time.sleep(chance.uniform(0, 0.5))
            victim = chance.choice(servers)
            victim.kill9()
            victim.start()
        said = storm.verdict()
    with capsys.disabled():
        print(f"\n  PostgreSQL, kill -9 of two servers: {said}")


@pytest.mark.timeout(14_400)
def test_a_server_that_stops_in_the_middle_of_a_transaction_harms_neither_the_other_nor_itself(
    handbell_server: StartsHandbell, postgres_server: PostgresServer, tmp_path: Path, effort: Effort
) -> None:
    """It may hold locks while it stands still, and finds its connections ended when it goes on."""
    environment = ROOMY | {"HANDBELL_DATABASE_URL": ready_database(postgres_server)}
    servers = [handbell_server(name, environment=environment) for name in ("one", "two")]
    chance = random.Random(6)
    with Storm(servers, tmp_path, seed=6, pause=0.01) as storm:
        for _ in range(effort.of(2, long=500)):
            storm.until_accepted(20)
            victim = chance.choice(servers)
            victim.freeze()
            time.sleep(chance.uniform(0.2, 1.2))
            victim.thaw()
        storm.verdict()
