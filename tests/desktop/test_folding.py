"""What is kept for the eyes always is what the records and the outbox say, whatever happened in between."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from handbell_desktop.kept.folding import words_of
from handbell_desktop.kept.shown import Query, Reader
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.kept.store_file import UPGRADES, open_file
from handbell_shared.ids import new_id
from handbell_shared.records import Action, ActionKind, Actor, AnswerGiven, Notification, Position, Target
from handbell_shared.replica import Replica

NOW = 50
KINDS: tuple[ActionKind, ...] = (
    "seen",
    "unseen",
    "read",
    "unread",
    "archive",
    "unarchive",
    "snooze",
    "pin",
    "unpin",
    "delete",
    "answer",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.db"


# Any sequence of steps.

ids = st.sampled_from("abc")
ops = st.sampled_from(["op 1", "op 2", "op 3"])
numbers = st.integers(0, 2)
records = st.builds(
    Notification,
    id=ids,
    ver=numbers,
    cver=numbers,
    title=st.sampled_from(["one", "one two", "two\0three", "drei", ""]),
    body=st.sampled_from(["", "one one", "zwei"]),
    source=st.sampled_from(["ci", "shop"]),
    actor=st.sampled_from([None, Actor("Ana")]),
    updated_at=st.sampled_from([None, 7]),
    created_at=numbers,
    gen=numbers,
    read=st.booleans(),
    agen=numbers,
    archived=st.booleans(),
    snoozed_until=st.sampled_from([0, NOW, NOW + 1]),
    snooze_at=numbers,
    pinned=st.booleans(),
    deleted=st.sampled_from(["", "", "", "user"]),
)
actions = st.builds(
    Action,
    id=ops,
    kind=st.sampled_from(KINDS),
    ids=st.lists(st.builds(Target, ids, numbers), min_size=1, max_size=3).map(tuple),
    at=numbers,
    until=st.sampled_from([0, NOW - 1, NOW + 1]),
    answer=st.sampled_from([AnswerGiven("yes"), AnswerGiven("no")]),
)
doings = st.one_of(
    st.tuples(st.just("put"), records),
    st.tuples(st.just("put"), records),
    st.tuples(st.just("enqueue"), actions),
    st.tuples(st.just("enqueue"), actions),
    st.tuples(st.just("acknowledge"), st.tuples(ops, numbers)),
    st.tuples(st.just("unacknowledge"), numbers),
    st.tuples(st.just("settle"), numbers),
    st.tuples(st.just("forget"), ops),
    st.tuples(st.just("swap"), st.lists(records.filter(lambda record: record.live), max_size=4)),
)


def do(store: SqliteStore, what: str, value: object) -> None:
    match what, value:
        case "swap", list():
            store.stage_begin(Position("e", 1))
            store.stage(value)
            store.stage_swap()
        case "acknowledge", (str() as action, int() as rev):
            store.acknowledge(action, rev)
        case _:
            getattr(store, what)(value)


def assert_true(store: SqliteStore, reader: Reader) -> None:
    replica = Replica(store)
    views = {record.id: replica.view(record.id) for record in store.live()}
    expected = {an_id: view for an_id, view in views.items() if view is not None and view.live}
    entries = [entry for tab in ("all", "archived") for entry in reader.page(Query(tab=tab), now=NOW)]
    unread = reader.page(Query(tab="unread"), now=NOW)

    assert {entry.record.id: entry.record for entry in entries} == expected
    assert len(entries) == len(expected)
    assert [entry.key for entry in unread] == sorted((entry.key for entry in unread), reverse=True)
    assert reader.badge(NOW) == replica.badge(NOW) == len(unread)
    assert words_in(store) == {
        (an_id, word) for an_id in expected for word in tokens(words_of(store.record(an_id) or expected[an_id]))
    }


def words_in(store: SqliteStore) -> set[tuple[str, str]]:
    store._execute("INSERT INTO found (found) VALUES ('integrity-check')")
    store._execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab (main, found, instance)")
    return set(store._execute("SELECT id, term FROM temp.vocabulary LEFT JOIN shown ON n = doc").fetchall())


def tokens(text: str) -> list[str]:
    return text.lower().replace("\0", " ").split()


@settings(max_examples=50, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.lists(doings, min_size=1, max_size=4), st.sampled_from([False, False, False, True])),
        min_size=4,
        max_size=12,
    )
)
def test_what_is_shown_is_what_records_and_outbox_say(steps: list[tuple[list[tuple[str, object]], bool]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "inbox.db"
        with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
            for doing, fails in steps:
                with suppress(InterruptedError), store.step():
                    for what, value in doing:
                        do(store, what, value)
                    if fails:
                        raise InterruptedError
                assert_true(store, reader)


def test_of_two_answers_the_first_is_shown_until_it_is_refused(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        store.put(Notification(id="a"))
        for op, answer in (("op 2", "yes"), ("op 1", "no")):
            store.enqueue(Action(id=op, kind="answer", ids=(Target("a"),), at=1, answer=AnswerGiven(answer)))
        assert_true(store, reader)
        store.put(Notification(id="a", ver=2))
        assert [entry.record.answer and entry.record.answer.action for entry in reader.entries(["a"])] == ["yes"]

        store.forget("op 2")

        assert [entry.record.answer and entry.record.answer.action for entry in reader.entries(["a"])] == ["no"]


# How it comes to be.


def test_a_file_of_the_first_version_shows_what_it_holds_with_what_was_done(path: Path) -> None:
    kept, deleted, quiet = (Notification(id=new_id(), title=title) for title in ("kept", "deleted", "quiet"))
    read = Action(id=new_id(), kind="read", ids=(Target(kept.id), Target(kept.id, 1)), at=7)
    delete = Action(id=new_id(), kind="delete", ids=(Target(deleted.id),), at=7)
    with closing(open_file(path, UPGRADES[:1])) as old:
        for record in (kept, deleted, quiet):
            old.connection.execute("INSERT INTO record VALUES (?, ?)", (record.id, msgspec.json.encode(record)))
        for seq, action in enumerate((read, delete)):
            body = msgspec.json.encode(action)
            old.connection.execute("INSERT INTO outbox VALUES (?, ?, NULL, ?)", (seq, action.id, body))
            old.connection.execute("INSERT INTO pending VALUES (?, ?)", (action.ids[0].id, seq))

    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        assert_true(store, reader)
        assert store.unsaid(10) == [read, delete]
        assert [entry.record for entry in reader.page(Query(tab="unread"), now=NOW)] == [quiet]


def test_what_other_code_has_folded_is_folded_afresh(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.put(Notification(id="a", title="told"))
        store._execute("UPDATE shown SET read = 1")
        store._execute("UPDATE state SET shown_by = shown_by - 1")

    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        assert_true(store, reader)


def test_an_index_that_breaks_is_made_anew_at_the_next_start(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.put(Notification(id="a", title="told"))
        store._execute("UPDATE found_data SET block = zeroblob(length(block)) WHERE id > 10")
        with pytest.raises(sqlite3.DatabaseError, match="malformed"), store.step():
            store._execute("INSERT INTO found (found) VALUES ('integrity-check')")

    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        assert store.moved_aside is None
        assert_true(store, reader)


def test_a_file_whose_index_cannot_be_opened_is_damaged(path: Path) -> None:
    action = Action(id=new_id(), kind="read", ids=(Target("a"),), at=7)
    with closing(SqliteStore.open(path)) as store:
        store.put(Notification(id="a", title="told"))
        store.enqueue(action)
        store._execute("UPDATE found_data SET block = x'0000000000ffffffffffffffffffff' WHERE id = 10")

    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        assert store.moved_aside is not None
        assert store.unsaid(2) == [action]
        store.put(Notification(id="a", title="told again"))
        assert_true(store, reader)


# Beside each other.


def pairs(store: SqliteStore) -> Iterator[None]:
    """Two records that are always alike, and a third that comes and goes with every step."""
    for number in range(150):
        with store.step():
            store.put(Notification(id="a", ver=number, title=f"the {number}"))
            if number % 10 == 0:
                store.stage_begin(Position("e", number))
                store.stage([Notification(id="a", title=f"the {number}")])
                store.stage_swap()
            store.put(Notification(id="b", ver=number, title=f"the {number}"))
        yield


def test_a_reader_never_sees_half_of_a_step_and_nobody_waits(path: Path) -> None:
    seen: list[list[str]] = []
    over = threading.Event()

    def read() -> None:
        with closing(Reader(path, "me")) as reader:
            while not over.is_set():
                seen.append([entry.record.title for entry in reader.page(Query(text="the"), now=NOW)])

    with closing(SqliteStore.open(path)) as store:
        thread = threading.Thread(target=read)
        thread.start()
        for _ in pairs(store):
            pass
        over.set()
        thread.join()

    assert len({title for titles in seen for title in titles}) > 1
    assert all(not titles or (len(titles) == 2 and titles[0] == titles[1]) for titles in seen)


def test_a_step_that_is_under_way_holds_no_reader_up_and_no_reader_holds_it_up(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store, closing(Reader(path, "me")) as reader:
        with store.step():
            store.put(Notification(id="a"))
            assert reader.badge(NOW) == 0
        assert reader.badge(NOW) == 1
        reader._connection.execute("BEGIN")
        assert reader.badge(NOW) == 1
        store.put(Notification(id="b"))
        assert reader.badge(NOW) == 1
        reader._connection.execute("COMMIT")
        assert reader.badge(NOW) == 2


def test_a_store_may_end_before_its_reader(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.put(Notification(id="a"))
        reader = Reader(path, "me")
        assert reader.badge(NOW) == 1
    assert reader.badge(NOW) == 1
    with closing(SqliteStore.open(path)) as store, closing(reader):
        store.put(Notification(id="b"))
        assert reader.badge(NOW) == 2
