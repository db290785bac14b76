"""A store has one owner at a time, and none once the owner is gone, however it went."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.kept.store_file import StoreInUse, StoreTooNew
from handbell_shared.records import Notification

OWNER = """
import sys
from pathlib import Path
from handbell_desktop.kept.store import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.db"


def test_another_program_is_kept_out_until_the_owner_is_killed(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"open\n"
        with pytest.raises(StoreInUse, match="in use by another Handbell"):
            SqliteStore.open(path)
        owner.kill()

    SqliteStore.open(path).close()


def test_a_refused_program_does_not_open_the_door_for_a_third(path: Path) -> None:
    with closing(SqliteStore.open(path)):
        for _ in range(2):
            with pytest.raises(StoreInUse):
                SqliteStore.open(path)


def test_what_is_in_the_file_of_the_lock_does_not_matter(path: Path) -> None:
    path.with_name("inbox.db.lock").write_bytes(os.urandom(5_000))

    with closing(SqliteStore.open(path)) as store:
        assert store.moved_aside is None
        with pytest.raises(StoreInUse):
            SqliteStore.open(path)


def test_a_file_that_cannot_be_opened_is_not_held(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.put(Notification(id="a"))
        store._execute("PRAGMA user_version = 1000")

    for _ in range(2):
        with pytest.raises(StoreTooNew):
            SqliteStore.open(path)


def test_a_file_that_is_damaged_is_replaced_without_letting_go_of_it(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 400)

    with closing(SqliteStore.open(path)) as store:
        assert store.moved_aside is not None
        with pytest.raises(StoreInUse):
            SqliteStore.open(path)
