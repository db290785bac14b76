"""Two servers, one PostgreSQL, one Redis: what is posted here is heard there, whatever becomes of the hints."""

from __future__ import annotations

import statistics
import time
from itertools import count
from pathlib import Path

import pytest

from handbell_shared.link_state import Offline
from tests.conftest import StartsHandbell
from tests.faults.storm import ROOMY, Storm
from tests.journey.conftest import Fleet
from tests.support.devices import Device
from tests.support.postgres import HOW, Mode, PostgresServer
from tests.support.redis import RedisServer
from tests.support.rest import Rest
from tests.support.waiting import until

SWEEP = 1.0
AT_ONCE = 0.5  # well below a sweep: only a hint is so fast
SLACK = 10.0  # what a busy machine may add: without the sweep nobody would ever tell
REDIS_IS_GIVEN = 0.25  # seconds, by a thread that no request waits for


def seconds_until_heard(rest: Rest, device: Device, body: str) -> float:
    """From the producer's call to the ring."""
    start = time.monotonic()
    assert rest.notify(device.user, "news", body=body).status == 201
    until(lambda: body in device.heard, 10, f"{device.name} to hear {body!r}")
    return device.heard[body] - start


def best_of(rest: Rest, device: Device, what: str, tries: int = 5) -> float:
    return min(seconds_until_heard(rest, device, f"{what} {number}") for number in range(tries))


def test_posted_at_one_server_is_heard_at_the_other_and_read_there_is_read_here(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    here, there = fleet.device("ana", a.url, "laptop"), fleet.device("ana", b.url, "phone")
    producer = fleet.producer(a)
    assert best_of(producer, there, "by hint") < AT_ONCE
    until(lambda: here.picture().badge == 5, 5, "the laptop's bell to show 5")
    for record in there.records():
        there.act("read", record)
    until(lambda: here.picture().badge == 0, 5, "the laptop's bell to go down")
    until(lambda: here.picture() == there.picture(), 5, "both to agree: the phone may still be told what it did itself")


def test_a_redis_that_dies_costs_a_sweep_and_nothing_else_and_comes_back(
    fleet: Fleet, redis_server: RedisServer
) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    device, producer = fleet.device("ana", b.url), fleet.producer(a)
    assert best_of(producer, device, "by hint") < AT_ONCE
    redis_server.kill9()
    for number in range(3):
        assert seconds_until_heard(producer, device, f"by the sweep {number}") < SWEEP + SLACK
    with Rest(a.url) as door:
        until(lambda: door.get("/readyz").body["hints"] == "degraded", 5, "readiness to say degraded")
        assert door.get("/readyz").status == 200
    redis_server.restart()
    with Rest(a.url) as door, Rest(b.url) as other:
        healed = "hints of both servers to be healthy again"
        numbers = count()
        until(
            lambda: (
                producer.notify("ana", "probe", body=f"probe {next(numbers)}").status == 201
                and all(one.get("/readyz").body["hints"] == "ok" for one in (door, other))
            ),
            20,
            healed,
        )
    assert best_of(producer, device, "by hint again") < AT_ONCE
    assert device.rang_twice() == []


def test_a_frozen_redis_delays_no_producer_and_the_sweep_delivers(fleet: Fleet, redis_server: RedisServer) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    device, producer = fleet.device("ana", b.url), fleet.producer(a)

    def post(number: int) -> float:
        start = time.monotonic()
        assert producer.notify("ana", "news", body=f"number {number}").status == 201
        return time.monotonic() - start

    before = [post(number) for number in range(40)]
    redis_server.freeze()
    during = [post(number) for number in range(100, 140)]
    until(lambda: "number 139" in device.heard, SWEEP + SLACK, "the sweep to deliver")
    redis_server.thaw()
    assert statistics.median(during) < max(REDIS_IS_GIVEN / 2, 5 * statistics.median(before))
    assert sorted(during)[-2] < 1.0, "and but for one, when the machine stood still, none"
    assert device.rang_twice() == []


def test_without_any_redis_the_sweep_alone_is_enough(fleet: Fleet) -> None:
    fleet.environment.pop("HANDBELL_REDIS_URL")
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    device, producer = fleet.device("ana", b.url), fleet.producer(a)
    for number in range(3):
        assert seconds_until_heard(producer, device, f"by the sweep {number}") < SWEEP + SLACK
    with Rest(a.url) as door:
        assert door.get("/readyz").body == {"ready": True, "database": "ok", "hints": "none"}


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_postgres_is_heard_as_503_and_loses_nothing(
    handbell_server: StartsHandbell,
    own_postgres: PostgresServer,
    redis_server: RedisServer,
    tmp_path: Path,
    mode: Mode,
) -> None:
    urls = {"HANDBELL_DATABASE_URL": own_postgres.create_database(), "HANDBELL_REDIS_URL": redis_server.url}
    servers = [handbell_server(name, environment=ROOMY | urls) for name in ("a", "b")]
    with Storm(servers, tmp_path, devices_each=1) as storm:
        storm.until_accepted(20)
        for device in storm.devices:
            until(device.online.is_set, 10, f"{device.name} to be online")
        own_postgres.process.stop(ask=HOW[mode], timeout=60)
        until(lambda: storm.evidence.refusals, 20, "a producer to hear that the database is away")
        own_postgres.process = own_postgres._start()
        storm.until_accepted(20)
        storm.verdict()
        assert {answer.status for answer in storm.evidence.refusals} == {503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in storm.evidence.refusals)
        # Sockets outlive the database: a device leaves only of its own will, tired of answers.
        away = [state.reason for device in storm.devices for state in device.states if isinstance(state, Offline)]
        assert all("unavailable" in reason or "busy" in reason for reason in away), away
