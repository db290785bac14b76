"""Streams of lines: kept alive, bounded, counted, and ended with everything else."""

from __future__ import annotations

import json
import socket
import urllib.request

from tests.server.edge.conftest import QUICK
from tests.server.edge.raw import Bell, connect, read_to_end
from tests.support.waiting import until

QUICK_STREAMS = {"edge": QUICK["edge"] | {"keepalive_seconds": 0.5, "shed_seconds": 1.0, "sockets_per_address": 3}}


def lines(bell: Bell) -> socket.socket:
    sock = connect(bell, 4096)
    sock.sendall(b"GET /lines HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return sock


def say(bell: Bell, count: int, size: int) -> int:
    request = urllib.request.Request(f"{bell.url}/say/{count}/{size}", method="POST", data=b"")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(json.loads(answer.read())["taken"])


def test_a_stream_is_kept_alive_counted_and_bounded() -> None:
    with Bell(**QUICK_STREAMS) as bell:
        sock = lines(bell)
        first = sock.makefile("rb")
        while first.readline() != b"\r\n":
            pass
        assert say(bell, 2, 3) == 2
        heard: list[bytes] = []
        while heard.count(b"xxx\n") < 2 or b"alive\n" not in heard:
            heard.append(first.readline())
        assert set(heard) == {b"xxx\n", b"alive\n"}

        assert say(bell, 2_000, 8_000) < 2_000, "what waits for one that takes nothing is bounded"
        until(lambda: bell.said()["streams"] == 0, 5, "the deaf one to be given up")
        first.close()
        sock.close()

        others = [lines(bell) for _ in range(4)]
        until(lambda: bell.said()["streams"] == 3, 5, "as many as an address may have")
        refused = [sock for sock in others if b" 429 " in sock.recv(100)]
        assert len(refused) == 1
        others.remove(refused[0])
        refused[0].close()
        others[0].close()
        until(lambda: bell.said()["streams"] == 2, 5, "one that has gone to be noticed")
        others[1].sendall(b"GET /said HTTP/1.1\r\n\r\n")  # of a browser that sends ahead
        out, _ = bell.stop()

        assert "drained" in out
        assert b"HTTP/1.1" not in read_to_end(others[1]), "nobody answers on a stream"
        for sock in others:
            sock.close()
