"""The disk is full: nothing is promised, nothing is half-written, and all goes on when there is room again."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from handbell_server import database
from handbell_server.database import Checkpointer
from handbell_server.errors import Unavailable
from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES
from tests.support.databases import ready_file
from tests.support.devices import Device, fresh_start
from tests.support.engine_room import EngineRoom, engine_room
from tests.support.handbell import HandbellServer
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

MEGABYTE = 1024 * 1024
BODY = "x" * 3_000


@contextmanager
def a_disk(disk: Path, size: int) -> Iterator[Path]:
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, timeout=10, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {done.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=10)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with a_disk(tmp_path / "disk", 3 * MEGABYTE) as disk:
        yield disk


@pytest.fixture
def larger_disk(tmp_path: Path) -> Iterator[Path]:
    """It does not fill up before the test wants it to."""
    with a_disk(tmp_path / "disk", 32 * MEGABYTE) as disk:
        yield disk


@pytest.fixture
def server(handbell_server: StartsHandbell, small_disk: Path) -> Iterator[HandbellServer]:
    server = handbell_server(environment=ROOMY, start=False)
    server.data = small_disk / "data"
    server.start()
    yield server
    server.close()


def post_until_refused(rest: Rest, accepted: dict[str, str]) -> Answer:
    for number in range(5_000):
        body = f"{len(accepted)}/{number} {BODY}"
        answer = rest.notify("ana", "Build failed", body=body, idempotency=f"n{len(accepted)}")
        if answer.status != 201:
            return answer
        accepted[body] = answer.body["id"]
    raise AssertionError("the disk never filled up")


def test_a_full_disk_is_said_so_and_nothing_is_lost_when_there_is_room_again(
    server: HandbellServer, small_disk: Path
) -> None:
    server.add_user("ana", PASSWORD)
    key = server.add_producer("ci", SCOPES)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(MEGABYTE))
    accepted: dict[str, str] = {}
    with Rest(server.url, key) as rest, Rest(server.url) as door, door.sign_in("ana", PASSWORD) as ana:
        assert ana.token is not None
        with Device(server.url, "ana", ana.token) as device:
            assert device.online.wait(60)
            refused = post_until_refused(rest, accepted)
            assert (refused.status, refused.code) == (507, "disk_full"), refused
            assert int(refused.headers["retry-after"]) > 0
            # Full is full, also the tenth time; and what can be read can still be read.
            for n in range(10):
                answer = rest.notify("ana", "Build failed", body=f"in vain {n} {BODY}")
                assert answer.status in (201, 507), answer
                if answer.status == 201:
                    accepted[f"in vain {n} {BODY}"] = answer.body["id"]
            assert door.get("/healthz").status == 200
            assert len(ana.get("/v1/inbox?limit=1").body["notifications"]) == 1
            record = device.records()[0]
            device.act("read", record)
            ballast.unlink()
            until(lambda: rest.notify("ana", "x", body="room").status == 201, 15, "room to be found again")
            until(lambda: not device.outbox, 30, f"the action to be stored after all; {server.process.err}")
            until(lambda: not device.picture().difference(fresh_start(ana)), 15, "the device to agree")
            shown = {r.body: r.id for r in device.picture().records}
            lost = [body[:20] for body, an_id in accepted.items() if shown.get(body) != an_id]
            assert not lost, f"accepted and not there: {lost}; log: {server.process.err}"
            assert not device.rang_twice()
    server.kill9()
    with closing(sqlite3.connect(server.data / "handbell.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


class FillsUp:
    """The gate of a checkpointer: the first time that it is held, and there is something to catch up with, the disk is full."""

    def __init__(self, ballast: Path) -> None:
        self.full = threading.Event()
        self.failed = threading.Event()
        self._ballast = ballast
        self._gate = threading.Lock()
        self._written = 0

    def __enter__(self) -> None:
        ours = threading.current_thread().name == "handbell-checkpoint" and not self.full.is_set()
        if ours:
            enough = self._written + 5
            until(lambda: self._written >= enough, 30, "the log to have more that is not in the database yet")
        self._gate.acquire()
        if ours:
            with suppress(OSError), self._ballast.open("wb", buffering=0) as file:
                while file.write(bytes(MEGABYTE)):
                    pass
            self.full.set()

    def __exit__(self, kind: type[BaseException] | None, *_more: object) -> None:
        self._written += 1
        if kind is not None:
            self.failed.set()
        self._gate.release()


def test_a_disk_that_fills_up_while_the_log_is_caught_up_with_keeps_nobody_at_the_gate(
    larger_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOG_PAGES_AT_MOST", 1)
    file, ballast = larger_disk / "handbell.db", larger_disk / "ballast"
    url, gate, accepted = ready_file(file), FillsUp(ballast), set[str]()

    def tell(room: EngineRoom) -> int:
        """The status."""
        try:
            accepted.add(room.change(room.tell(room.ana, body=BODY)).outcomes[0].id)
        except Unavailable as refused:
            return refused.status
        return 201

    with closing(Checkpointer(str(file), every=0.01)) as checkpointer, engine_room(url, gate=gate) as room:
        cast(Any, checkpointer).gate = gate
        refused = next(status for _ in range(5_000) if (status := tell(room)) != 201)
        assert refused == 507
        assert gate.failed.wait(10), "the log could be caught up with on a full disk: nothing was tested"
        ballast.unlink()
        until(lambda: tell(room) == 201, 10, "room to be found again")
        assert {tell(room) for _ in range(20)} == {201}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert {row[0] for row in connection.execute("SELECT id FROM notifications")} == accepted
