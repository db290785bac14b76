"""The disk is full: nothing is promised, nothing is half-written, and all goes on when there is room again."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES
from tests.support.devices import Device, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

SIZE = 3 * 1024 * 1024
BODY = "x" * 3_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, timeout=10, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True, timeout=10)


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
    ballast.write_bytes(bytes(1024 * 1024))
    accepted: dict[str, str] = {}
    with Rest(server.url, key) as rest, Rest(server.url) as door, door.sign_in("ana", PASSWORD) as ana:
        assert ana.token is not None
        with Device(server.url, "ana", ana.token) as device:
            assert device.online.wait(10)
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
