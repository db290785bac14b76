"""Lists, badge and search, as a person meets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from handbell_desktop.kept.shown import Entry, Key, Query, Reader, Tab, match_of
from handbell_desktop.kept.store import SqliteStore
from handbell_shared.actions import generation_for
from handbell_shared.ids import new_id
from handbell_shared.records import Action, ActionKind, Actor, Notification, Target
from handbell_shared.replica import Replica

NOW = 1_000


class Inbox:
    def __init__(self, path: Path) -> None:
        self.store = SqliteStore.open(path)
        self.reader = Reader(path, "me@work")

    def close(self) -> None:
        self.reader.close()
        self.store.close()

    def receives(self, title: str = "ding", *, at: int = 0, **more: object) -> Notification:
        record = Notification(id=new_id(), title=title, created_at=at, **more)  # type: ignore[arg-type]
        self.store.put(record)
        return record

    def does(self, kind: ActionKind, *records: Notification, until: int = 0) -> None:
        targets = tuple(Target(record.id, generation_for(kind, record)) for record in records)
        Replica(self.store).act(Action(id=new_id(), kind=kind, ids=targets, at=1, until=until))

    def titles(self, tab: Tab = "all", *, now: int = NOW, **more: object) -> list[str]:
        query = Query(tab=tab, **more)  # type: ignore[arg-type]
        entries = self.reader.page(query, now=now)
        assert self.reader.count(query, now=now) == len(entries)
        return [entry.record.title for entry in entries]

    def finds(self, text: str) -> list[str]:
        return self.titles(text=text)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with closing(Inbox(tmp_path / "a folder? #1 ü" / "inbox.db")) as inbox:
        yield inbox


# Lists.


def test_pinned_ones_come_first_and_then_the_newest(inbox: Inbox) -> None:
    inbox.receives("old", at=1)
    inbox.receives("updated", at=2, updated_at=9)
    inbox.receives("new", at=5)
    inbox.does("pin", inbox.receives("pinned", at=3))

    assert inbox.titles() == ["pinned", "updated", "new", "old"]


def test_each_tab_shows_what_it_says(inbox: Inbox) -> None:
    inbox.receives("new")
    inbox.does("read", inbox.receives("read"))
    inbox.does("archive", inbox.receives("archived"))
    inbox.does("snooze", inbox.receives("asleep"), until=NOW + 1)
    inbox.does("snooze", inbox.receives("awake again"), until=NOW)
    inbox.does("delete", inbox.receives("deleted"))

    assert inbox.titles("unread") == ["awake again", "new"]
    assert inbox.titles("all") == ["awake again", "asleep", "read", "new"]
    assert inbox.titles("archived") == ["archived"]
    assert inbox.reader.badge(NOW) == 2
    assert inbox.reader.badge(NOW + 1) == 3


def test_an_entry_is_the_record_with_what_was_done_and_not_yet_said(inbox: Inbox) -> None:
    record = inbox.receives("told", at=7)
    assert inbox.reader.entry(record.id) == Entry("me@work", 7, record)

    inbox.does("pin", record)

    entry = inbox.reader.entry(record.id)
    assert entry is not None
    assert entry.record.pinned
    assert entry.key == Key(True, 7, record.id)
    assert inbox.reader.entry("nobody") is None


def test_an_update_moves_it_up(inbox: Inbox) -> None:
    first = inbox.receives("first", at=1)
    inbox.receives("second", at=2)
    inbox.store.put(Notification(id=first.id, ver=2, cver=2, title="first again", created_at=1, updated_at=3))

    assert inbox.titles() == ["first again", "second"]
    assert inbox.finds("again") == inbox.finds("first") == ["first again"]


def test_several_are_fetched_at_once(inbox: Inbox) -> None:
    one, _, three = (inbox.receives(name, at=at) for at, name in enumerate(["one", "two", "three"]))

    entries = inbox.reader.entries({one.id, three.id, "nobody"})

    assert [entry.record for entry in entries] == [three, one]
    assert inbox.reader.entries([]) == []


def test_filters_all_have_to_agree(inbox: Inbox) -> None:
    inbox.receives("red", at=1, type="error", source="ci", priority="high")
    inbox.receives("green", at=2, type="success", source="ci")
    inbox.receives("sold", at=3, type="success", source="shop", priority="high")

    assert inbox.titles(source="ci") == ["green", "red"]
    assert inbox.titles(type="success", priority="high") == ["sold"]
    assert inbox.titles("unread", since=2) == ["sold", "green"]
    assert inbox.titles(before=2) == ["red"]
    assert inbox.titles("archived", source="ci") == []
    assert inbox.titles(source="ci", text="green") == ["green"]


def test_filters_offer_what_is_there(inbox: Inbox) -> None:
    assert inbox.reader.types() == []
    for name in ("b", "a", "b", ""):
        inbox.receives(type=f"type {name}", source=name)

    assert inbox.reader.types() == ["type ", "type a", "type b"]
    assert inbox.reader.sources() == ["a", "b"]


@pytest.mark.parametrize("tab", ["unread", "all"])
@pytest.mark.parametrize("text", ["", "ding"])
def test_pages_joined_are_the_list_even_among_equals(inbox: Inbox, tab: Tab, text: str) -> None:
    for number in range(20):
        inbox.receives(f"ding {number}", at=number // 6, pinned=number % 7 == 0)
    query = Query(tab=tab, text=text)
    whole = inbox.reader.page(query, now=NOW)

    pages: list[Entry] = []
    while page := inbox.reader.page(query, now=NOW, after=pages[-1].key if pages else None, limit=3):
        pages += page

    assert pages == whole
    assert len(whole) == 20
    assert [entry.key for entry in whole] == sorted((entry.key for entry in whole), reverse=True)


def test_the_next_one_to_wake_is_known(inbox: Inbox) -> None:
    assert inbox.reader.next_snooze_end(NOW) is None
    for until in (NOW + 9, NOW + 5, NOW):
        inbox.does("snooze", inbox.receives(), until=until)

    assert inbox.reader.next_snooze_end(NOW) == NOW + 5
    assert inbox.reader.next_snooze_end(NOW + 5) == NOW + 9
    assert inbox.reader.next_snooze_end(NOW + 9) is None


def test_what_is_still_to_be_said_is_counted(inbox: Inbox) -> None:
    record = inbox.receives()
    inbox.does("read", record)
    inbox.does("pin", record)
    assert inbox.reader.outbox_size() == 2

    inbox.store.acknowledge(inbox.store.unsaid(1)[0].id, 5)

    assert inbox.reader.outbox_size() == 1


def test_a_list_is_read_along_an_index_and_nothing_is_sorted(inbox: Inbox) -> None:
    plans: list[str] = []
    inbox.reader._connection.set_trace_callback(plans.append)
    inbox.reader.badge(NOW)
    for tab in ("unread", "all", "archived"):
        inbox.reader.count(Query(tab=tab, type="t", priority="low", since=5), now=NOW)
        inbox.reader.page(Query(tab=tab, text="ding"), now=NOW, after=Key(False, 3, "x"))
    inbox.reader._connection.set_trace_callback(None)

    for sql in (sql for sql in plans if "INDEXED BY" in sql):
        steps = [row[3] for row in inbox.reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step], sql
        assert sum("TEMP B-TREE" in step for step in steps) == ("LIMIT" in sql), sql  # of the one page alone


def test_a_reader_belongs_to_one_thread_and_cannot_write(inbox: Inbox) -> None:
    trouble: list[Exception] = []

    def read() -> None:
        try:
            inbox.reader.badge(NOW)
        except Exception as error:
            trouble.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert "thread" in str(trouble[0])
    with pytest.raises(Exception, match="readonly"):
        inbox.reader._connection.execute("DELETE FROM shown")


# Search.


def test_every_word_has_to_be_there_and_the_last_may_be_begun(inbox: Inbox) -> None:
    inbox.receives("Build failed on main", at=1)
    inbox.receives("Build passed", at=2, body="on main")

    assert inbox.finds("build") == ["Build passed", "Build failed on main"]
    assert inbox.finds("main build fai") == ["Build failed on main"]
    assert inbox.finds("fai main") == []
    assert inbox.finds("BUILD PASSED") == ["Build passed"]


def test_title_body_source_and_actor_are_searched(inbox: Inbox) -> None:
    inbox.receives("t", body="about **cheese**", source="the shop", actor=Actor("Zoë Ångström"))

    for text in ("t", "cheese", "shop", "zoe", "Ångström", "angstrom", "ANGSTR"):
        assert inbox.finds(text) == ["t"], text
    assert inbox.finds("bread") == []


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "v2.1", "AND", "OR", "NOT NEAR", "c++", "don't", 'say "hi"', "a*b", "🔔 bell"]
)
def test_signs_and_operators_are_words_like_others(inbox: Inbox, text: str) -> None:
    inbox.receives(f"before {text} behind")
    inbox.receives("10 0 1 0 v1.2 b a")

    assert inbox.finds(text) == [f"before {text} behind"]


@pytest.mark.parametrize("text", ["***", "🎉", '"', "-", "…"])
def test_signs_alone_find_nothing(inbox: Inbox, text: str) -> None:
    inbox.receives(text)

    assert inbox.finds(text) == []


def test_blanks_are_no_search(inbox: Inbox) -> None:
    inbox.receives("ding")

    assert inbox.finds(" \t\n") == ["ding"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text() | st.text("\"*:^()-+{}\\ 'ORANDNEAR,0123", max_size=40) | st.text(st.characters(categories=["Cs", "Cc"]))
)
def test_whatever_is_typed_is_no_error(inbox: Inbox, text: str) -> None:
    inbox.store.put(Notification(id="a"))  # in an empty inbox nobody would look
    inbox.reader.page(Query(text=text), now=NOW)
    inbox.reader.count(Query(text=text, tab="unread"), now=NOW)


@pytest.mark.parametrize("text", ["x" * 10_000, "x " * 5_000, "x." * 5_000, '"' * 10_000, "(" * 10_000, "é🎉" * 5_000])
def test_ten_thousand_signs_are_no_error(inbox: Inbox, text: str) -> None:
    inbox.receives()
    inbox.finds(text)
    assert len(match_of(text)) < 3_000


# Two questions that belong together.


def test_what_is_asked_together_is_answered_out_of_one_state(inbox: Inbox) -> None:
    inbox.receives("a")
    with inbox.reader.still():
        assert inbox.reader.badge(NOW) == 1
        inbox.receives("b")
        assert inbox.reader.badge(NOW) == 1
    assert inbox.reader.badge(NOW) == 2


def test_of_some_it_is_told_which_count_and_which_a_list_holds(inbox: Inbox) -> None:
    urgent = inbox.receives("urgent", priority="urgent")
    read = inbox.receives("read")
    inbox.does("read", read)
    asked = [urgent.id, read.id, "unknown"]

    assert inbox.reader.waiting(asked, NOW) == {urgent.id: "urgent"}
    assert inbox.reader.count(Query(tab="all"), now=NOW, among=asked) == 2
    assert inbox.reader.count(Query(tab="all", text="urgent"), now=NOW, among=[read.id]) == 0


def test_another_state_of_the_store_has_another_number(inbox: Inbox) -> None:
    before = inbox.reader.version
    assert inbox.reader.version == before
    inbox.receives("a")
    assert inbox.reader.version != before
