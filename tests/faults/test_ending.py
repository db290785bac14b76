"""A server is asked to end while thousands want something of it, some of whom will never finish saying what."""

from __future__ import annotations

import json
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import websocket

from handbell_shared.link_state import Offline
from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES
from tests.support.databases import ready_database
from tests.support.devices import Device, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.proxy import Proxy
from tests.support.rest import Rest
from tests.support.waiting import until

ENDS_WITHIN = 5.0
SLACK = 10.0  # a machine that is shared with others may stand still; who waits for clients like these waits longer
GOODBYE = "the server is starting anew"


@pytest.fixture
def files() -> Iterator[int]:
    """As many as this machine allows a process to have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Connections of every bad kind, and of the good one: somebody who asked, and reads the answer when there is time."""

    def __init__(self, server: HandbellServer) -> None:
        self._server = server
        self._open: list[socket.socket | websocket.WebSocket] = []

    def connect(self, words: str) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._server.port), timeout=20)
        sock.sendall(words.encode())
        self._open.append(sock)
        return sock

    def post(self, key: str, body: str) -> socket.socket:
        return self.connect(
            _request("POST /v1/notifications", key, json.dumps({"to": "ana", "title": "t", "body": body}))
        )

    def stop_in_the_middle(self, key: str) -> None:
        self.connect(_request("POST /v1/notifications", key, "x" * 500)[:-400])

    def ask_and_never_read(self, token: str) -> None:
        self.connect(_request("GET /v1/sync/snapshot?limit=500", token))

    def listen_deafly(self, token: str) -> None:
        address = f"ws://127.0.0.1:{self._server.port}/socket.io/?EIO=4&transport=websocket"
        deaf = websocket.create_connection(address, timeout=20)
        deaf.send("40" + json.dumps({"token": token, "protocol": 1}))
        self._open.append(deaf)

    def leave(self) -> None:
        for one in self._open:
            with suppress(OSError, websocket.WebSocketException):
                one.close() if isinstance(one, socket.socket) else one.shutdown()


def test_it_ends_in_time_tells_its_devices_to_move_and_keeps_every_promise(
    handbell_server: StartsHandbell, files: int, request: pytest.FixtureRequest
) -> None:
    # Two of each, and fewer than the 4,096 that may wait before a door.
    each = min(1_800 if request.config.getoption("--long") else 300, files // 4)
    server = handbell_server(environment=ROOMY)
    usual = _time_to_end(server)
    server.start()
    server.add_user("ana", PASSWORD)
    key = server.add_producer("ci", SCOPES)
    crowd = Crowd(server)
    request.addfinalizer(crowd.leave)
    with Rest(server.url) as door, Rest(server.url, key) as producer:
        tokens = [door.sign_in("ana", PASSWORD, f"device {n}").token or "" for n in range(4)]
        for n in range(20):
            assert producer.notify("ana", "t", body=f"before {n} " + "x" * 3_000).status == 201
    with Device(server.url, "ana", tokens[0]) as one, Device(server.url, "ana", tokens[1], "other") as other:
        until(lambda: one.online.is_set() and other.online.is_set(), 10, "the devices to be online")
        for _ in range(5):
            crowd.listen_deafly(tokens[2])
        for _ in range(each // 10):
            crowd.ask_and_never_read(tokens[3])
        # All of this is there before the server has looked at any of it.
        server.freeze()
        for _ in range(each):
            crowd.stop_in_the_middle(key)
        posts = {f"asked {n}": crowd.post(key, f"asked {n}") for n in range(each)}
        server.process.send(signal.SIGTERM)
        start = time.monotonic()
        server.thaw()
        assert server.process.wait() == 0
        assert time.monotonic() - start < ENDS_WITHIN + SLACK + usual
        for device in (one, other):
            [first, *_] = until(partial(absences, device), 10, f"{device.name} to notice")
            assert first.reason == GOODBYE
    promised = {body for body, sock in posts.items() if _status(sock) == 201}
    crowd.leave()

    server.start()
    with Rest(server.url, tokens[0]) as judge:
        there = [record.body for record in fresh_start(judge).records if record.body.startswith("asked")]
    assert len(there) == len(set(there))
    assert promised <= set(there), "it said yes, and forgot"
    assert len(promised) > each / 2, "whoever had knocked is served, as far as there is time"


def absences(device: Device) -> list[Offline]:
    return [state for state in device.states if isinstance(state, Offline)]


# As `handbell` itself, with less patience: the test has less, too.
SOON = """
import runpy, sys
from handbell_server import serving
serving._GIVES_UP_AFTER = 1.0
sys.argv = ["handbell", *sys.argv[4:]]
runpy.run_module("handbell_server", run_name="__main__")
"""


def test_it_ends_by_the_clock_when_its_database_is_frozen(tmp_path: Path, postgres_server: PostgresServer) -> None:
    url, soon = ready_database(postgres_server), (sys.executable, "-c", SOON)
    with Proxy(postgres_server.port) as network:
        frozen = {"HANDBELL_DATABASE_URL": url.replace(f":{postgres_server.port}/", f":{network.port}/")}
        with HandbellServer(tmp_path, environment=ROOMY | frozen, wrapper=soon).start() as server:
            key, crowd = server.add_producer("ci"), Crowd(server)
            network.freeze()
            asked = crowd.post(key, "asked")
            server.process.send(signal.SIGTERM)
            assert server.process.wait(30) == 1
            assert "ending without" in server.process.err.read_text()
            assert _status(asked) is None
            crowd.leave()


def _time_to_end(server: HandbellServer) -> float:
    """What this machine needs for a server that has nothing to do."""
    start = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - start


def _request(line: str, token: str, body: str = "") -> str:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{length}\r\n{body}"


def _status(sock: socket.socket) -> int | None:
    """What was answered; None when nothing was."""
    with suppress(OSError):
        line = sock.recv(4096).split(b"\r\n", 1)[0].split()
        return int(line[1]) if len(line) > 1 else None
    return None
