"""What a device keeps. The first half is the contract, the same for memory and for the file; the second is the file."""

import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.kept.store_file import UPGRADES, StoreInUse, StoreTooNew, open_file
from handbell_shared.device_store import DeviceStore, MemoryStore
from handbell_shared.digest import digest_of
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Choice, Position, Target
from handbell_shared.replica import Replica
from tests.desktop.keeping import bell, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "device" / "inbox.db"


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[DeviceStore]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        with closing(SqliteStore.open(path)) as opened:
            yield opened


# The contract.


def test_a_new_store_knows_nothing(store: DeviceStore) -> None:
    assert store.position == Position()
    assert store.digest == 0
    assert list(store.live()) == []
    assert store.unsaid(10) == []
    assert store.record(new_id()) is None


def test_a_record_comes_back_as_it_was_kept_and_the_newest_wins(store: DeviceStore) -> None:
    old = bell("old")
    new = bell("new", an_id=old.id, ver=2)
    with store.step():
        store.put(old)
        store.put(new)

    assert store.record(old.id) == new
    assert list(store.live()) == [new]


def test_a_deleted_record_is_dropped(store: DeviceStore) -> None:
    record = bell()
    with store.step():
        store.put(record)
        store.put(bell(an_id=record.id, ver=2, deleted="user"))

    assert store.record(record.id) is None
    assert list(store.live()) == []


@pytest.mark.parametrize("digest", [0, 1, 2**63, 2**64 - 1])
def test_the_cursor_and_the_digest_move_together(store: DeviceStore, digest: int) -> None:
    with store.step():
        store.move(Position("e", 2**53, "after"), digest)

    assert store.position == Position("e", 2**53, "after")
    assert store.digest == digest


def test_a_staged_set_is_invisible_until_it_becomes_the_set(store: DeviceStore) -> None:
    old, new = bell("old"), [bell(f"{number}", ver=number) for number in range(3)]
    with store.step():
        store.put(old)
        store.stage_begin(Position("e", 9))
        store.stage(new[:2])
    assert list(store.live()) == [old]

    with store.step():
        store.stage(new[2:])
        store.stage_swap()

    assert {record.id: record for record in store.live()} == {record.id: record for record in new}
    assert store.position == Position("e", 9)
    assert store.digest == digest_of(new)


def test_a_snapshot_that_begins_again_forgets_the_pages_before(store: DeviceStore) -> None:
    with store.step():
        store.stage_begin(Position("e", 1))
        store.stage([bell()])
        store.stage_begin(Position("f", 2))
        store.stage_swap()

    assert list(store.live()) == []
    assert store.position == store.staged_position == Position("f", 2)


def test_a_choice_that_is_forgotten_is_gone_and_the_others_stay(store: DeviceStore) -> None:
    with store.step():
        store.choose(Choice("pause", 5, 1, "a", 3))
        store.choose(Choice('rule:["ci",null,null]', None, 1, "b", 4))
        store.unchoose('rule:["ci",null,null]')

    assert dict(store.choices()) == {"pause": Choice("pause", 5, 1, "a", 3)}


def test_actions_are_said_in_the_order_they_were_done(store: DeviceStore) -> None:
    actions = [read(new_id()) for _ in range(5)]
    with store.step():
        for action in actions:
            store.enqueue(action)
        store.acknowledge(actions[1].id, 4)

    assert store.unsaid(3) == [actions[0], actions[2], actions[3]]


def test_every_action_that_names_a_record_is_pending_for_it_until_it_is_settled(store: DeviceStore) -> None:
    one, two = new_id(), new_id()
    first, second, third = read(one), read(two, one, one), read(two)
    with store.step():
        for action in (first, second, third):
            store.enqueue(action)
    assert list(store.pending_for(one)) == [first, second]
    assert list(store.pending_for(new_id())) == []

    store.acknowledge(first.id, 5)
    store.acknowledge(second.id, 6)
    assert list(store.pending_for(one)) == [first, second]

    store.settle(5)
    assert list(store.pending_for(one)) == [second]
    assert list(store.pending_for(two)) == [second, third]


def test_what_a_server_has_forgotten_is_said_again(store: DeviceStore) -> None:
    first, second = read(new_id()), read(new_id())
    with store.step():
        store.enqueue(first)
        store.enqueue(second)
    store.acknowledge(first.id, 3)
    store.acknowledge(second.id, 4)

    store.unacknowledge(beyond=3)

    assert store.unsaid(10) == [second]


def test_a_forgotten_action_is_gone(store: DeviceStore) -> None:
    record = new_id()
    action = read(record)
    store.enqueue(action)
    store.forget(action.id)
    store.acknowledge(action.id, 1)

    assert store.unsaid(10) == []
    assert list(store.pending_for(record)) == []


def test_an_action_does_not_inherit_the_records_of_one_that_has_gone(store: DeviceStore) -> None:
    before, after = read(new_id()), read(new_id())
    store.enqueue(before)
    store.acknowledge(before.id, 1)
    store.settle(1)
    store.enqueue(after)

    assert list(store.pending_for(before.ids[0].id)) == []
    assert list(store.pending_for(after.ids[0].id)) == [after]


# The file.


def test_everything_is_there_after_a_restart(path: Path) -> None:
    kept, action = bell("kept"), read(new_id())
    with closing(SqliteStore.open(path)) as store, store.step():
        store.put(kept)
        store.move(Position("e", 4, kept.id), 2**64 - 3)
        store.enqueue(action)
        store.stage_begin(Position("f", 8))

    with closing(SqliteStore.open(path)) as store:
        assert list(store.live()) == [kept]
        assert store.position == Position("e", 4, kept.id)
        assert store.digest == 2**64 - 3
        assert store.unsaid(1) == list(store.pending_for(action.ids[0].id)) == [action]
        assert store.staged_position == Position("f", 8)
        assert store.moved_aside is None


def test_a_step_that_fails_has_not_happened(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        with store.step():
            store.move(Position("e", 1), 1)

        def fail() -> None:
            with store.step():
                store.put(bell())
                store.enqueue(read(new_id()))
                store.move(Position("e", 2), 2)
                raise OSError("no space left on device")

        with pytest.raises(OSError, match="no space"):
            fail()

        assert (store.position, store.digest) == (Position("e", 1), 1)
        assert list(store.live()) == []
        assert store.unsaid(1) == []
        with store.step():
            store.move(Position("e", 3), 3)


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    with closing(SqliteStore.open(path)) as store:
        store.enqueue(read(new_id()))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert set(modes.values()) == {0o600}
    assert "inbox.db-wal" in modes


def test_a_second_program_is_told_that_the_store_is_in_use(path: Path) -> None:
    with closing(SqliteStore.open(path)), pytest.raises(StoreInUse, match="in use"):
        SqliteStore.open(path)

    SqliteStore.open(path).close()


def test_an_older_file_is_lifted_and_keeps_what_it_holds(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.enqueue(read(new_id()))
    tomorrow = (*UPGRADES, "ALTER TABLE record ADD COLUMN words TEXT")

    with closing(open_file(path, tomorrow)) as file:
        connection = file.connection
        assert file.rescue is None
        assert connection.execute("PRAGMA user_version").fetchone() == (len(tomorrow),)
        assert connection.execute("SELECT words FROM record").fetchall() == []
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    SqliteStore.open(path).close()

    with pytest.raises(sqlite3.OperationalError):
        open_file(path, (*UPGRADES, "CREATE TABLE half (a); CREATE TABLE nonsense"))

    with closing(SqliteStore.open(path)) as store:
        assert store._execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchone() is None


def test_a_file_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    open_file(path, (*UPGRADES, "CREATE TABLE later (a)")).close()
    before = path.read_bytes()

    with pytest.raises(StoreTooNew):
        SqliteStore.open(path)

    assert path.read_bytes() == before


def test_what_is_held_back_shows_and_is_said_only_when_it_is_meant(path: Path) -> None:
    record = bell("a")
    action = Action(id=new_id(), kind="delete", ids=(Target(record.id, 0),), at=9)
    with closing(SqliteStore.open(path)) as store:
        store.put(record)
        store.hold(action)
        assert (store.unsaid(9), list(store.pending_for(record.id))) == ([], [action])

        store.enqueue(action)

        assert store.unsaid(9) == [action]
    with closing(SqliteStore.open(path)) as store:
        assert store.unsaid(9) == [action]


# How long it takes; printed, not judged.


def test_a_snapshot_of_5000_records_is_swapped_in_one_step(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [bell("a title of an ordinary length " * 2, ver=number) for number in range(5_000)]
    with closing(SqliteStore.open(path)) as store:
        took = _timed(lambda: store.stage_begin(Position("e", 5_000)), store)
        staging = sum(
            _timed(lambda page=records[at : at + 500]: store.stage(page), store)  # type: ignore[misc]
            for at in range(0, 5_000, 500)
        )
        swap = _timed(store.stage_swap, store)
        replica = Replica(store)
        started = time.perf_counter()
        assert replica.badge(now=0) == 5_000
        badge = time.perf_counter() - started
    reopen = time.perf_counter()
    with closing(SqliteStore.open(path)) as store:
        reopen = time.perf_counter() - reopen
        assert store.digest == digest_of(records)
    with capsys.disabled():
        print(
            f"\n5,000 records: staged in {(took + staging) * 1e3:.0f} ms, swapped in {swap * 1e3:.0f} ms,"
            f" badge counted in {badge * 1e3:.0f} ms, opened and checked in {reopen * 1e3:.0f} ms"
        )


def _timed(what: Callable[[], None], store: SqliteStore) -> float:
    started = time.perf_counter()
    with store.step():
        what()
    return time.perf_counter() - started
