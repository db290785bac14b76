"""A backup is put back under devices that have seen more than it knows."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES
from tests.support.devices import Device, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.proxy import Proxy
from tests.support.rest import Rest
from tests.support.waiting import until


def copy_of(server: HandbellServer, to: Path) -> None:
    """As an operator's cron job would: SQLite's own online backup."""
    with closing(sqlite3.connect(server.data / "handbell.db")) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def put_back(server: HandbellServer, copy: Path, *, new_epoch: bool) -> None:
    """By hand, past the restore command: with its one important step, or without it."""
    server.stop()
    for left in server.data.glob("handbell.db*"):
        left.unlink()
    shutil.copy(copy, server.data / "handbell.db")
    if new_epoch:
        with closing(sqlite3.connect(server.data / "handbell.db")) as database:
            database.execute("UPDATE installation SET epoch = lower(hex(randomblob(16)))")
            database.commit()


@pytest.mark.parametrize("new_epoch", [True, False], ids=["with a new epoch", "with a forgotten epoch"])
@pytest.mark.parametrize("more_since", [0, 12], ids=["behind", "overtaken"])
def test_a_restored_backup_is_what_every_device_shows_in_the_end(
    handbell_server: StartsHandbell, tmp_path: Path, new_epoch: bool, more_since: int
) -> None:
    server = handbell_server(environment=ROOMY)
    server.add_user("ana", PASSWORD)
    key = server.add_producer("ci", SCOPES)
    with Rest(server.url) as door:
        tokens = [door.sign_in("ana", PASSWORD, f"device {n}").token or "" for n in range(3)]
    proxy = Proxy(server.port)
    one, two = Device(server.url, "ana", tokens[0], "one"), Device(f"http://127.0.0.1:{proxy.port}", "ana", tokens[1])
    try:
        with Rest(server.url, key) as rest:
            for n in range(5):
                assert rest.notify("ana", "t", body=f"kept {n}").status == 201
            copy_of(server, tmp_path / "copy.db")
            for n in range(8):
                assert rest.notify("ana", "t", body=f"forgotten {n}").status == 201
        until(lambda: len(one.records()) == len(two.records()) == 13, 10, "both devices to show all")
        proxy.freeze()  # so that this device still has something to say
        kept = [record for record in two.records() if record.body.startswith("kept")]
        for record in kept:
            two.act("read", record)
        put_back(server, tmp_path / "copy.db", new_epoch=new_epoch)
        server.start()
        with Rest(server.url, key) as rest:
            for n in range(more_since):
                assert rest.notify("ana", "t", body=f"since {n}").status == 201
        proxy.cut()
        proxy.thaw()
        with Rest(server.url, tokens[2]) as judge:
            until(lambda: not two.outbox and not one.outbox, 20, f"what was pending to be said; {two.states[-3:]}")
            for device in (one, two):
                until(
                    lambda d=device: not d.picture().difference(fresh_start(judge)),  # type: ignore[misc]
                    20,
                    f"{device.name} to show what the backup knows; log: {server.process.err}",
                )
            shown = fresh_start(judge).records
        assert sorted(r.body for r in shown) == sorted(
            [f"kept {n}" for n in range(5)] + [f"since {n}" for n in range(more_since)]
        )
        unread = [r.body for r in shown if r.body.startswith("kept") and not r.read]
        assert not unread, f"what was pending was not said again: {unread}"
        assert not one.rang_twice() and not two.rang_twice()
    finally:
        for device in (one, two):
            device.close()
        proxy.stop()
