"""A damaged store, and one whose program is killed at any moment: what was done is not lost, and nothing is half there."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from handbell_desktop.kept.store import SqliteStore
from handbell_shared.digest import digest_of
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Position
from tests.desktop.keeping import bell, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "device" / "inbox.db"


def fill(path: Path) -> list[Action]:
    actions = [read(new_id()) for _ in range(400)]
    with closing(SqliteStore.open(path)) as store, store.step():
        for number in range(2_000):
            store.put(bell(f"a bell that will be damaged {number}"))
        for action in actions:
            store.enqueue(action)
        store.move(Position("e", 5), 5)
    return actions


def damage(path: Path, holding: bytes) -> int:
    """Overwrite every page that holds these bytes; answers how many there were."""
    content = bytearray(path.read_bytes())
    pages = [at for at in range(4096, len(content), 4096) if holding in content[at : at + 4096]]
    for at in pages:
        content[at : at + 4096] = random.Random(at).randbytes(4096)
    path.write_bytes(content)
    return len(pages)


def test_a_damaged_cache_is_moved_aside_and_the_outbox_goes_on(path: Path) -> None:
    actions = fill(path)
    assert damage(path, b"a bell that will be damaged") > 50

    with closing(SqliteStore.open(path)) as store:
        assert store.unsaid(1_000) == actions
        assert store.position == Position()
        assert list(store.live()) == []
        assert store.moved_aside is not None
        assert store.moved_aside.exists()
        assert list(store.pending_for(actions[3].ids[0].id)) == [actions[3]]

    with closing(SqliteStore.open(path)) as store:
        assert store.moved_aside is None
        assert store.unsaid(1_000) == actions


def test_what_was_held_back_is_no_part_of_what_a_rescue_saves(path: Path) -> None:
    actions = fill(path)
    with closing(SqliteStore.open(path)) as store:
        store.hold(Action(id=new_id(), kind="delete", ids=actions[3].ids, at=9))
    assert damage(path, b"a bell that will be damaged") > 50

    with closing(SqliteStore.open(path)) as store:
        assert store.unsaid(1_000) == actions


def test_of_a_damaged_outbox_both_ends_are_kept(path: Path) -> None:
    actions = fill(path)
    assert damage(path, b'"id":"%s"' % actions[200].id.encode()) == 1

    with closing(SqliteStore.open(path)) as store:
        kept = store.unsaid(1_000)

    assert kept == [action for action in actions if action in kept]
    assert (kept[0], kept[-1]) == (actions[0], actions[-1])
    assert actions[200] not in kept
    assert len(kept) > 350


@pytest.mark.parametrize("content", [b"this is not a database" * 400, os.urandom(9_000)])
def test_a_file_that_is_no_database_at_all_is_moved_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with closing(SqliteStore.open(path)) as store:
        assert store.moved_aside is not None
        assert store.moved_aside.read_bytes() == content
        store.enqueue(read(new_id()))


# A kill at any moment.

FOLLOWER = """
import sys
from pathlib import Path
from handbell_desktop.kept.store import SqliteStore
from handbell_shared.ids import new_id
from handbell_shared.digest import digest_of
from handbell_shared.records import Action, Notification, Position, SnapshotPage, Target
from handbell_shared.replica import Mode, Replica

store = SqliteStore.open(Path(sys.argv[1]))
replica = Replica(store)
print("open", flush=True)
while True:
    rev = store.position.rev + 1
    if rev % 10:
        records = [Notification(id=new_id(), ver=rev, title="x" * 300) for _ in range(3)]
        replica._apply(records, Position("e", rev))
        replica.act(Action(id=new_id(), kind="read", ids=(Target(records[0].id),), at=rev))
    else:
        replica.mode = Mode.SNAPSHOT
        replica.take_snapshot(SnapshotPage("e", rev, tuple(store.live()), more=False))
"""


def test_killed_at_any_moment_records_cursor_digest_and_outbox_are_of_one_step(path: Path, tmp_path: Path) -> None:
    chance = random.Random(20)
    last = kills = 0
    while kills < 12 or last <= 20:  # a slow machine gets less done between two of them
        kills += 1
        with subprocess.Popen([sys.executable, "-c", FOLLOWER, path], stdout=subprocess.PIPE, cwd=tmp_path) as follower:
            assert follower.stdout is not None
            assert follower.stdout.readline() == b"open\n"
            time.sleep(chance.uniform(0.0, 0.15))  # not to wait for something: the moment is what is varied
            follower.send_signal(signal.SIGKILL)
        with closing(SqliteStore.open(path)) as store:
            records = list(store.live())
            steps = {record.ver for record in records}
            rev = store.position.rev
            assert store.moved_aside is None
            assert store.digest == digest_of(records)
            assert rev >= last
            assert steps <= set(range(1, rev + 1))
            assert all(number in steps for number in range(1, rev + 1) if number % 10)
            assert len(records) == 3 * len(steps)
            # An action follows its step; the kill may fall between the two, and takes no other.
            assert len(steps) - kills <= len(store.unsaid(100_000)) <= len(steps)
            last = rev
