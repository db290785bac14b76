"""Between the commit and the push: the narrowest place, and two servers, so that somebody is left to tell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES, ask
from tests.support.databases import ready_database
from tests.support.devices import Device
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.proxy import Proxy
from tests.support.redis import RedisServer
from tests.support.rest import NoAnswerError, Rest
from tests.support.waiting import until

# The sweep comes every second. Of whoever is not told by one this is the end of all patience: nothing else would ever tell them.
SWEPT_WITHIN = 30.0
# Redis is given a quarter of a second, by threads that nobody waits for.
AT_ONCE = 0.2


@dataclass
class Pair:
    """Two servers, one database; ana's device is on the second."""

    one: HandbellServer
    two: HandbellServer
    database: str
    key: str
    device: Device

    def stored(self, body: str) -> int:
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT count(*) FROM notifications WHERE body = %s", (body,)).fetchone()
            assert row is not None
            return int(row[0])

    def wait_for(self, body: str) -> None:
        """By the sweep, unless a hint was faster."""
        until(
            lambda: self.device.sees(body), SWEPT_WITHIN, f"the device to hear {body!r}; logs: {self.two.process.err}"
        )


@pytest.fixture
def to_database(postgres_server: PostgresServer) -> Iterator[tuple[Proxy, str]]:
    with Proxy(postgres_server.port) as proxy:
        yield proxy, ready_database(postgres_server)


@pytest.fixture
def pair(
    handbell_server: StartsHandbell, to_database: tuple[Proxy, str], request: pytest.FixtureRequest
) -> Iterator[Pair]:
    """Without Redis, unless the test is about it."""
    proxy, url = to_database
    hints: dict[str, str] = {}
    if "redis_server" in request.fixturenames:
        redis = request.getfixturevalue("redis_server")
        assert isinstance(redis, RedisServer)
        hints = {"HANDBELL_REDIS_URL": redis.url}
    behind = f"{url.rpartition(':')[0]}:{proxy.port}/{url.rpartition('/')[2]}"
    with ExitStack() as stack:
        two = handbell_server("two", environment=ROOMY | hints | {"HANDBELL_DATABASE_URL": url})
        one = handbell_server("one", environment=ROOMY | hints | {"HANDBELL_DATABASE_URL": behind})
        two.add_user("ana", PASSWORD)
        key = two.add_producer("ci", SCOPES)
        with Rest(two.url) as door, door.sign_in("ana", PASSWORD) as ana:
            assert ana.token is not None
            device = stack.enter_context(Device(two.url, "ana", ana.token))
        assert device.online.wait(60), device.states
        yield Pair(one, two, url, key, device)


def test_what_a_killed_server_committed_is_told_by_another_within_a_sweep(
    pair: Pair, to_database: tuple[Proxy, str]
) -> None:
    proxy, _ = to_database
    # The answer to the COMMIT never arrives: time enough to see the row, and to kill.
    with ThreadPoolExecutor(1) as pool, Rest(pair.one.url, pair.key) as rest:
        assert rest.notify("ana", "Warm", body="warm").status == 201
        pair.wait_for("warm")
        proxy.set(deaf_after=(b"committed", b"COMMIT"))
        asked = pool.submit(rest.notify, "ana", "Build failed", body="committed", idempotency="once")
        until(lambda: pair.stored("committed"), 10, "the commit")
        pair.one.kill9()
        with pytest.raises(NoAnswerError):
            asked.result(60)
    pair.wait_for("committed")
    with Rest(pair.two.url, pair.key) as rest:
        again = rest.notify("ana", "Build failed", body="committed", idempotency="once")
    assert again.headers.get("idempotency-replayed") == "true", "the retry did not find what the killed server stored"
    assert pair.stored("committed") == 1
    assert not pair.device.rang_twice()


def test_a_device_of_the_killed_server_hears_it_where_it_reconnects(pair: Pair, to_database: tuple[Proxy, str]) -> None:
    proxy, _ = to_database
    with Proxy(pair.one.port) as door, Rest(pair.two.url) as other:
        with other.sign_in("ana", PASSWORD, "a second one") as ana:
            assert ana.token is not None
            token = ana.token
        with Device(f"http://127.0.0.1:{door.port}", "ana", token, "second device") as device:
            assert device.online.wait(60), device.states
            proxy.set(deaf_after=(b"committed", b"COMMIT"))
            with ThreadPoolExecutor(1) as pool, Rest(pair.one.url, pair.key) as rest:
                pool.submit(rest.notify, "ana", "Build failed", body="committed")
                until(lambda: pair.stored("committed"), 10, "the commit")
                pair.one.kill9()
            door.target = pair.two.port
            until(lambda: device.sees("committed"), 10, f"the reconnected device to hear it: {device.states[-3:]}")
            assert not device.rang_twice()


def test_a_server_frozen_after_its_yes_keeps_nothing_from_the_devices_of_another(pair: Pair) -> None:
    with Rest(pair.one.url, pair.key) as rest:
        assert rest.notify("ana", "Build failed", body="frozen").status == 201
        pair.one.freeze()
    pair.wait_for("frozen")
    pair.one.thaw()


def test_a_dead_or_frozen_redis_delays_nobody_who_asks_and_is_healed_by_the_sweep(
    redis_server: RedisServer, pair: Pair
) -> None:
    def tell(body: str) -> float:
        since = time.monotonic()
        assert rest.notify("ana", "Build failed", body=body).status == 201
        answered = time.monotonic() - since
        pair.wait_for(body)
        return answered

    def hints_are(state: str, *servers: HandbellServer) -> None:
        for server in servers:
            until(lambda s=server: ask(s.url, "/readyz")["hints"] == state, 25, f"{server.url} to say {state!r}")  # type: ignore[misc]

    with Rest(pair.one.url, pair.key) as rest:
        hints_are("ok", pair.one, pair.two)
        tell("while all is well")
        for number, (break_it, heal_it) in enumerate(
            ((redis_server.freeze, redis_server.thaw), (redis_server.kill9, redis_server.restart))
        ):
            break_it()
            answered = [tell(f"without Redis {number}.{n}") for n in range(5)]
            assert min(answered) < AT_ONCE, f"requests waited for Redis: {answered}"
            hints_are("degraded", pair.one)
            assert ask(pair.one.url, "/readyz")["ready"], "a missing Redis is no reason to send people away"
            heal_it()
            hints_are("ok", pair.one, pair.two)
            tell(f"after Redis {number}")
    assert not pair.device.rang_twice()


def test_hints_come_much_sooner_than_a_sweep(
    handbell_server: StartsHandbell, postgres_server: PostgresServer, redis_server: RedisServer, tmp_path: Path
) -> None:
    """With a sweep of an hour only hints can explain that it comes at all; also after Redis was away."""
    environment = ROOMY | {
        "HANDBELL_DATABASE_URL": ready_database(postgres_server),
        "HANDBELL_REDIS_URL": redis_server.url,
        "HANDBELL_SWEEP_SECONDS": "3600",
    }
    one, two = (handbell_server(name, environment=environment) for name in ("one", "two"))
    one.add_user("ana", PASSWORD)
    key = one.add_producer("ci", SCOPES)
    with Rest(two.url) as door, door.sign_in("ana", PASSWORD) as ana, Rest(one.url, key) as rest:
        assert ana.token is not None
        with Device(two.url, "ana", ana.token) as device:
            assert device.online.wait(60)
            for round_, harm in enumerate((None, redis_server.kill9)):
                if harm is not None:
                    harm()
                    until(lambda: ask(two.url, "/readyz")["hints"] == "degraded", 25, "the loss to be noticed")
                    redis_server.restart()
                    until(lambda: ask(two.url, "/readyz")["hints"] == "ok", 25, "Redis to be found again")
                    assert rest.notify("ana", "x", body="the first may only find the way").status == 201
                    until(lambda: ask(one.url, "/readyz")["hints"] == "ok", 25, "the other to find Redis")
                body = f"by hint {round_}"
                assert rest.notify("ana", "Build failed", body=body).status == 201
                until(lambda b=body: device.sees(b), 10, f"{body!r} to come by a hint")  # type: ignore[misc]
