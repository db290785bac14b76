"""compose.yaml carried out: two servers, a worker, PostgreSQL, Redis, and nginx with TLS, used as docs/deploying.md says."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_shared import rest
from tests.deployment.clean_root.compose import Compose, stand_ins
from tests.deployment.clean_root.images import Builder
from tests.deployment.clean_root.roots import CleanRoot
from tests.deployment.handed_out import CONTAINER, assigned
from tests.support.devices import Device
from tests.support.waiting import until

NAME = "bell.example"
URL = f"https://{NAME}"
PASSWORD = "correct-horse-battery"
KEPT = "/var/backups/handbell/handbell.backup"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Chain and key, signed by themselves."""
    chain, key = tmp_path / "bell.pem", tmp_path / "bell.key"
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(chain)]
    subprocess.run([*made, *subject], check=True, capture_output=True)
    return chain, key


@pytest.fixture
def compose(
    builder: Builder, root: CleanRoot, certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Compose]:
    """`cp example.env .env`, filled in, and `docker compose up --detach --build --wait`."""
    chosen = assigned((CONTAINER / "example.env").read_text(encoding="utf-8"))
    chosen |= {"TLS_CERTIFICATE": str(certificate[0]), "TLS_KEY": str(certificate[1])}
    chosen |= {"DATABASE_PASSWORD": "d" * 48, "SECRET_KEY": "s" * 64, "SERVER_NAME": NAME}
    folder = tmp_path / "compose"
    folder.mkdir()
    made = Compose(CONTAINER / "compose.yaml", chosen, builder, stand_ins(root), folder)
    try:
        made.up()
        _say_where(NAME, made.containers["proxy"].address, monkeypatch)
        yield made
    finally:
        made.close()


@pytest.mark.timeout(1800)
def test_compose_serves_by_tls_is_upgraded_server_by_server_and_comes_back_from_its_backup(
    compose: Compose, certificate: tuple[Path, Path]
) -> None:
    ca = str(certificate[0])
    server = compose.containers["server-1"]
    added = server.exec("handbell", "user", "add", "ana", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    key = server.exec("handbell", "producer", "add", "ci").stdout.strip()
    token = rest.sign_in(URL, "ana", PASSWORD, "laptop", "linux", ca_file=ca).token

    def tell(body: str) -> None:
        about = {"to": "ana", "title": "News", "body": body}
        rest.request(URL, "POST", "/v1/notifications", token=key, json=about, ca_file=ca)

    with Device(URL, "ana", token, ca_file=ca) as device:
        until(device.online.is_set, 15, "the device to be online")
        tell("through nginx")
        until(lambda: "through nginx" in device.heard, 10, "the device to hear")
        assert compose.run("backup") == 0, compose.said.tail()

        for name in ("server-1", "server-2", "worker"):
            assert compose.stop(name) == 0, name
            if name != "worker":
                until(device.online.is_set, 10, "the device to be online by the other server")
                tell(f"without {name}")
                until(lambda n=name: f"without {n}" in device.heard, 10, "the device to hear")  # type: ignore[misc]
            compose.start(name)

        for name in ("server-1", "server-2", "worker"):
            assert compose.stop(name) == 0, name
        assert compose.run("backup", "restore", KEPT) == 0, compose.said.tail()
        for name in ("server-1", "server-2", "worker"):
            compose.start(name)
        until(lambda: device.online.is_set() and device.sees("through nginx"), 20, "the device to be back")
        until(lambda: not device.sees("without server-1"), 10, "what came after the backup to be gone")
        tell("after the restore")
        until(lambda: "after the restore" in device.heard, 10, "the device to hear")


def _say_where(name: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To this process alone: the machine's own names stay as they are."""
    ask = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **said: ask(address if host == name else host, *more, **said)
    )
