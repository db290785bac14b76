"""Answers that never arrive, servers that stand still, and clients that never listen."""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Effort, StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES, Storm
from tests.support.devices import Device, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.proxy import Proxy
from tests.support.rest import Rest
from tests.support.waiting import until

BIG = "x" * 3_000
PINGS = {"HANDBELL_PING_INTERVAL": "1", "HANDBELL_PING_TIMEOUT": "2"}
LET_GO_AFTER = 3.0  # by these: whoever waited for a deaf one would wait as long


@pytest.fixture
def server(handbell_server: StartsHandbell) -> HandbellServer:
    return handbell_server(environment=ROOMY | PINGS)


@pytest.fixture
def key(server: HandbellServer) -> str:
    server.add_user("ana", PASSWORD)
    return server.add_producer("ci", SCOPES)


@pytest.fixture
def ana(server: HandbellServer, key: str) -> Iterator[Rest]:
    assert key
    with Rest(server.url) as door, door.sign_in("ana", PASSWORD) as rest:
        yield rest


def test_actions_whose_acknowledgement_is_lost_take_effect_once(
    server: HandbellServer, key: str, ana: Rest, effort: Effort
) -> None:
    rounds = effort.of(5, long=500)
    assert ana.token is not None
    with Proxy(server.port) as proxy, Rest(server.url, key) as rest:
        for number in range(rounds):
            assert rest.notify("ana", "Build failed", body=f"build {number}").status == 201
        with Device(f"http://127.0.0.1:{proxy.port}", "ana", ana.token) as device:
            until(lambda: len(device.records()) == rounds, 10, "the device to catch up")
            for number in range(rounds):
                assert device.online.wait(60), device.states[-3:]
                record = device.sees(f"build {number}")
                assert record is not None
                before = revision(ana)
                proxy.set(deaf_after=())  # the server acts, and its answer is lost
                device.act("read", record)
                device.act("unread", record)
                device.act("archive", record)
                until(lambda b=before: revision(ana) > b, 10, "the server to carry the actions out")  # type: ignore[misc]
                assert device.outbox, "the acknowledgement has arrived: nothing was lost"
                proxy.calm()
                proxy.cut()
                until(lambda: not device.outbox, 10, "the outbox to empty")
            now = fresh_start(ana)
            until(lambda: not device.picture().difference(fresh_start(ana)), 10, "the device to agree")
            wrong = [r for r in now.records if (r.gen, r.read, r.agen, r.archived) != (1, False, 0, True)]
            assert not wrong, f"actions took effect twice or not at all: {wrong}"
            assert not device.resyncs


def revision(rest: Rest) -> int:
    """Where the inbox stands, also while it changes."""
    return int(rest.get("/v1/sync/snapshot?limit=1").body["rev"])


def test_a_network_that_cuts_and_delays_at_random_loses_nothing_and_doubles_nothing(
    server: HandbellServer, tmp_path: Path, effort: Effort
) -> None:
    with Proxy(server.port, seed=4) as proxy:
        door = f"http://127.0.0.1:{proxy.port}"
        with Storm([server], tmp_path, doors=[door], seed=4) as storm:
            proxy.set(delay=0.005, jitter=0.005)
            for number in range(effort.of(12, long=5_000)):
                storm.until_accepted(8)
                (proxy.cut if number % 2 else proxy.reset)(0.5)
            proxy.calm()
            storm.verdict()


def test_a_server_that_stood_still_goes_on_and_nobody_is_told_twice(
    handbell_server: StartsHandbell, tmp_path: Path, effort: Effort
) -> None:
    server = handbell_server(environment=ROOMY)
    with Storm([server], tmp_path, seed=5) as storm:
        for _ in range(effort.of(1, long=100)):
            storm.until_accepted(30)
            server.freeze()
            time.sleep(5)  # standing still for this long is what is tested
            server.thaw()
            storm.until_accepted(30)
        storm.verdict()


def deaf_client(port: int, token: str) -> socket.socket:
    """Signs in over a WebSocket and never reads another byte."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    link.settimeout(10)
    link.connect(("127.0.0.1", port))
    nonce = base64.b64encode(os.urandom(16)).decode()
    link.sendall(
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n".encode()
    )
    assert b" 101 " in link.recv(300), "no WebSocket"
    said = b"40" + json.dumps({"token": token, "protocol": 1}).encode()
    mask = os.urandom(4)
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(said))
    link.sendall(bytes([0x81, 0xFE]) + len(said).to_bytes(2, "big") + mask + body)
    return link


def is_let_in(link: socket.socket) -> bool:
    """Whether the answer to CONNECT lies there, unread."""
    with suppress(BlockingIOError):
        return b"40{" in link.recv(4_096, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    return False


def online(server: HandbellServer) -> int:
    with Rest(server.url) as rest:
        text = rest.get("/metrics").body.decode()
    line = next(line for line in text.splitlines() if line.startswith("handbell_devices_online"))
    return int(float(line.split()[-1]))


def test_devices_that_never_listen_are_let_go_and_cost_the_others_nothing(
    server: HandbellServer, key: str, ana: Rest
) -> None:
    assert ana.token is not None
    server.add_user("bo", PASSWORD)
    with Rest(server.url) as door, Rest(server.url, key) as rest:
        tokens = [door.sign_in("ana", PASSWORD, f"deaf {n}").token for n in range(5)]
        with door.sign_in("bo", PASSWORD) as bo:
            assert bo.token is not None
            with Device(server.url, "bo", bo.token) as listener, Device(server.url, "ana", ana.token) as sister:
                assert listener.online.wait(60) and sister.online.wait(10)
                deaf = [deaf_client(server.port, token) for token in tokens if token is not None]
                try:
                    for link in deaf:
                        until(partial(is_let_in, link), 10, "the deaf ones to be signed in")
                    late = []
                    for number in range(300):
                        assert rest.notify("ana", "Flood", body=f"{number} {BIG}").status == 201
                        if number % 10 == 0:
                            since = time.monotonic()
                            assert rest.notify("bo", "Ping", body=f"ping {number}").status == 201
                            until(lambda n=number: f"ping {n}" in listener.heard, 5, "bo to hear")  # type: ignore[misc]
                            late.append(listener.heard[f"ping {number}"] - since)
                    assert sorted(late)[len(late) // 2] < LET_GO_AFTER / 3, f"bo waited for the deaf: {late}"
                    until(lambda: online(server) == 2, 15, f"the deaf ones to be let go; {online(server)} are there")
                finally:
                    for link in deaf:
                        link.close()
                until(lambda: not sister.picture().difference(fresh_start(ana)), 10, "ana's other device to agree")


def test_clients_that_leave_while_they_are_let_in_leave_no_ghosts(
    server: HandbellServer, key: str, ana: Rest, effort: Effort
) -> None:
    """A socket that is gone before its handler has finished must not stay in its room for ever."""
    assert key
    assert ana.token is not None

    def come_and_go(token: str, times: int) -> None:
        for number in range(times):
            link = deaf_client(server.port, token)
            time.sleep(0.001 * (number % 8))  # some leave before, some while, some after they are let in
            link.close()

    threads = [
        threading.Thread(target=come_and_go, args=(ana.token, effort.of(40, long=2_000)), daemon=True) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    until(lambda: online(server) == 0, 15, f"the last ghost to leave; {online(server)} are there")
