"""One account: its threads, its link, and what goes wrong with them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from handbell_desktop.account.session import Session
from handbell_desktop.kept.shown import Query
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.phrases import Phrases
from handbell_shared.link_state import Connecting, LinkState, Offline, Online, SignedOut
from handbell_shared.preferences import Preferences
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Action, Hello, Notification
from handbell_shared.replica import Applied
from tests.support.desks import PlayedLink, account, bell, fill
from tests.support.turns import ManualTurns

RECORDS = [bell("one"), bell("two"), bell("three")]


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.changes: list[Sequence[str] | None] = []
        self.states: list[tuple[LinkState | None, str]] = []
        self.news_titles: list[str] = []
        self.chosen: list[Preferences] = []

    def changed(self, session: Session, ids: Sequence[str] | None) -> None:
        self.changes.append(ids)

    def stood(self, session: Session) -> None:
        self.states.append((session.state, session.failure))

    def chose(self, session: Session) -> None:
        self.chosen.append(session.preferences)

    def news(self, session: Session, records: Sequence[Notification]) -> None:
        self.news_titles += [record.title for record in records]


class Room:
    """A session with its surroundings."""

    def __init__(self, folder: Path, *, signed_in: bool = True) -> None:
        self.turns = ManualTurns()
        self.heard = Heard()
        self.links: list[PlayedLink] = []
        self.session = Session(
            account("ana"),
            folder,
            turns=self.turns,
            listener=self.heard,
            phrases=Phrases(),
            link_factory=self._link,
            now=self.turns.now,
            badge=7,
        )
        self.session.open()
        if signed_in:
            self.session.start("token")

    @property
    def link(self) -> PlayedLink:
        self.turns.until(lambda: self.links and self.links[-1].started, "the link")
        return self.links[-1]

    def read(self, *records: Notification) -> None:
        done: list[bool] = []
        self.session.act("read", records, done=lambda: done.append(True))
        self.turns.until(lambda: done, "the act to be on disk")

    def opened(self) -> Room:
        self.turns.until(lambda: self.session.reader is not None, "the store to be open")
        return self

    def close(self) -> None:
        self.session.close()
        assert self.session.join(60)

    def _link(
        self, account: Any, token: str, replica: Any, *, on_state: Any, on_applied: Any, on_elsewhere: Any
    ) -> PlayedLink:
        self.links.append(PlayedLink(replica, token, on_state, on_applied, on_elsewhere))
        return self.links[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path, "ana", RECORDS)
    return tmp_path / "accounts" / "ana"


@pytest.fixture
def enter(folder: Path) -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def enter(**how: Any) -> Room:
        rooms.append(Room(folder, **how))
        return rooms[-1]

    yield enter
    for room in rooms:
        room.close()


Enters = Callable[..., Room]


def outbox(folder: Path) -> list[Action]:
    store = SqliteStore.open(folder / "inbox.db")
    try:
        return store.unsaid(1_000)
    finally:
        store.close()


def test_until_the_store_is_open_the_last_badge_is_shown(enter: Enters) -> None:
    room = enter()

    assert room.session.sight.badge(room.turns.now()) == 7
    room.opened()
    assert room.session.sight.badge(room.turns.now()) == 3
    assert room.heard.changes == [None]


def test_an_act_shows_before_it_is_on_disk_and_is_on_disk_soon(enter: Enters, folder: Path) -> None:
    room = enter().opened()
    link = room.link
    busy = threading.Lock()
    act, link.act = link.act, lambda action: (busy.acquire(), act(action))  # type: ignore[assignment]

    with busy:  # a long step of the link, say
        room.session.act("read", RECORDS[:1])
        now = room.turns.now()
        assert room.session.sight.badge(now) == 2
        assert [e.record.title for e in room.session.sight.page(Query(tab="unread"), now=now)] == ["three", "two"]
        assert room.session.sight.count(Query(tab="unread"), now=now) == 2
        assert room.session.sight.count(Query(tab="unread", text="on"), now=now) == 0
        assert room.session.sight.count(Query(tab="unread", text="tw"), now=now) == 1

    room.turns.until(lambda: [RECORDS[0].id] in room.heard.changes, "the act to be on disk")
    assert [action.kind for action in link.acted] == ["read"]
    busy.release()
    room.close()
    assert [action.kind for action in outbox(folder)] == ["read"]


def test_a_second_act_builds_on_the_first_before_that_is_on_disk(enter: Enters) -> None:
    room = enter().opened()
    (entry,) = room.session.sight.entries([RECORDS[0].id])

    room.session.act("read", [entry.record])
    room.session.act("unread", [room.session.sight.fold(entry.record)])
    room.read(room.session.sight.fold(entry.record))

    (entry,) = room.session.sight.entries([RECORDS[0].id])
    assert (entry.record.read, entry.record.gen) == (True, 1)


def test_acts_without_a_link_wait_in_the_outbox(enter: Enters, folder: Path) -> None:
    room = enter(signed_in=False).opened()
    room.read(RECORDS[0])
    room.close()

    assert len(outbox(folder)) == 1


def test_what_is_done_just_before_the_end_is_kept(enter: Enters, folder: Path) -> None:
    room = enter().opened()
    room.session.act("archive", RECORDS)
    room.close()

    assert [len(action.ids) for action in outbox(folder)] == [3]


def test_an_act_on_many_is_said_in_messages_that_the_server_takes(enter: Enters) -> None:
    room = enter().opened()
    room.read(*(bell(f"{number}") for number in range(TARGETS_PER_ACTION + 1)))

    assert [len(action.ids) for action in room.link.acted] == [TARGETS_PER_ACTION, 1]


def test_the_hour_is_the_servers(enter: Enters) -> None:
    room = enter().opened()
    ahead = 3_600_000
    assert room.link.replica is not None
    room.link.replica.on_hello(Hello("epoch", 1, room.turns.now() + ahead, 3, "d", 25))

    room.read(RECORDS[0])

    assert room.link.acted[0].at == room.turns.now() + ahead


def test_the_later_of_two_pins_wins_although_the_clock_stands_still(enter: Enters) -> None:
    room = enter().opened()
    theirs = bell("pinned elsewhere", pinned=True, pin_at=room.turns.now() + 5_000, pin_op="z")
    room.link.brings(theirs)

    room.session.act("unpin", [theirs])

    assert room.session.sight.fold(theirs).pinned is False


def test_a_burst_from_the_link_is_heard_in_one_turn_and_in_its_order(enter: Enters) -> None:
    room = enter().opened()
    link = room.link
    room.turns.run()
    room.heard.states.clear()

    link.says(Connecting())
    for number in range(3):
        link.brings(bell(f"missed {number}"))
    link.says(Online())

    assert len(room.turns._posted) == 1
    room.turns.run()
    assert room.heard.news_titles == ["missed 0", "missed 1", "missed 2"]
    assert [state for state, _ in room.heard.states] == [Connecting(), Online()]


def test_who_tries_and_fails_is_offline_all_the_while(enter: Enters) -> None:
    room = enter().opened()
    told = []
    for state in (Connecting(), Offline(1.0, "away"), Connecting(), Online(), Offline(1.0, "gone"), Connecting()):
        room.link.says(state)
        room.turns.run()
        told.append(room.session.connecting)

    assert told == [True, False, False, False, False, False]


def test_signed_out_keeps_everything_and_a_new_token_goes_on(enter: Enters) -> None:
    room = enter().opened()
    first = room.link
    first.says(SignedOut("revoked"))
    room.read(RECORDS[0])
    assert isinstance(room.session.state, SignedOut)
    assert room.session.reader is not None and room.session.reader.outbox_size() == 1

    room.session.start("another")
    room.turns.until(lambda: len(room.links) == 2 and room.link.started, "the second link")
    first.says(SignedOut("revoked"))  # a word of the old one that comes late
    room.turns.run()

    assert first.closed
    assert room.link.token == "another"
    assert room.link.replica is first.replica
    assert room.session.state is None and not room.session.token_refused


def test_a_store_that_is_in_use_is_said_and_tried_again(enter: Enters, folder: Path) -> None:
    other = SqliteStore.open(folder / "inbox.db")
    room = enter()
    room.turns.until(lambda: room.session.trouble, "the failure")
    assert room.session.trouble == Phrases().store_in_use()
    assert room.session.sight.badge(room.turns.now()) == 7
    assert room.session.sight.page(Query(), now=0) == []

    other.close()
    room.turns.advance(30)
    room.opened()
    assert room.session.trouble == ""
    assert room.link.token == "token"


def test_waking_up_tries_at_once(enter: Enters, folder: Path) -> None:
    other = SqliteStore.open(folder / "inbox.db")
    room = enter()
    room.turns.until(lambda: room.session.trouble, "the failure")
    other.close()

    room.session.wake()

    room.opened()
    link = room.link
    room.session.wake()
    room.turns.until(lambda: link.woken, "the link to be woken")


def test_a_store_that_could_be_opened_at_last_is_not_opened_twice(enter: Enters, folder: Path) -> None:
    other = SqliteStore.open(folder / "inbox.db")
    room = enter()
    room.turns.until(lambda: room.session.trouble, "the failure")
    other.close()
    room.turns.advance(30)
    room.session.wake()  # beside the attempt that is under way
    room.opened()

    room.session.wake()
    room.turns.until(lambda: room.link.woken, "the link to be woken")

    assert room.session.trouble == ""


def test_what_cannot_be_shown_does_not_swallow_what_follows(enter: Enters, caplog: pytest.LogCaptureFixture) -> None:
    room = enter().opened()

    def broken(session: Session, records: Sequence[Notification]) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    room.heard.news = broken  # type: ignore[method-assign]
    room.link.brings(bell("x"))
    room.link.online()
    room.turns.run()

    assert room.session.state == Online()
    caplog.clear()


def test_an_act_that_the_disk_refuses_is_taken_back_and_said(enter: Enters) -> None:
    room = enter().opened()
    act = room.link.act

    def full(action: Action) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    room.link.act = full  # type: ignore[method-assign]
    room.read(RECORDS[0])
    assert room.session.sight.badge(room.turns.now()) == 3
    assert "disk is full" in room.session.trouble

    room.link.act = act  # type: ignore[method-assign]
    room.read(RECORDS[0])
    assert room.session.sight.badge(room.turns.now()) == 2
    assert room.session.trouble == ""


def test_after_the_end_nothing_is_told(enter: Enters) -> None:
    room = enter().opened()
    link = room.link
    room.turns.run()
    room.close()
    before = len(room.heard.changes), len(room.heard.states)

    room.session._hear(1, Applied(("x",), (bell(),)))
    link.says(Online())
    room.turns.run()

    assert (len(room.heard.changes), len(room.heard.states)) == before
    assert room.heard.news_titles == []
