"""systemd hears that the server answers, and that it is about to end; nobody else is told anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_server import supervisor
from tests.conftest import StartsHandbell
from tests.support.handbell import HandbellServer


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def test_a_server_says_when_it_answers_and_when_it_ends(
    handbell_server: StartsHandbell, systemd: socket.socket
) -> None:
    server: HandbellServer = handbell_server(environment={supervisor.ADDRESS: systemd.getsockname()})

    assert systemd.recv(64) == b"READY=1"
    assert server.rest().get("/healthz").status == 200
    server.stop()
    assert systemd.recv(64) == b"STOPPING=1"


def test_a_socket_without_a_file_is_reached_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"handbell-{tmp_path.name}"
        listening.bind(f"\0{name}")
        listening.settimeout(60)
        monkeypatch.setenv(supervisor.ADDRESS, f"@{name}")

        supervisor.ready()

        assert listening.recv(64) == b"READY=1"


def test_where_nobody_listens_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(supervisor.ADDRESS, str(tmp_path / "nobody"))
    supervisor.ready()
    monkeypatch.delenv(supervisor.ADDRESS)
    supervisor.ending()
