"""The outbox of e-mail on a real database: one row is handed over by one process, once, whatever happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text, update

from handbell_server.actions import mailboxes, mails, people
from handbell_server.actions.mails import GIVE_UP_MS, PAUSES_MS, Claimed, Result
from handbell_server.models import Mail
from handbell_shared.clock import now_ms
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside

ADDRESS = "ana@home.example"


@pytest.fixture
def room(database_url: str) -> Iterator[EngineRoom]:
    with engine_room(database_url) as room:
        yield room


def ask(room: EngineRoom, address: str = ADDRESS) -> None:
    room.errand(lambda c: mailboxes.name_address(c, room.ana, address, "user:ana"))


def turn(room: EngineRoom, holder: str = "one", *results: Result, more: bool = True) -> Claimed | None:
    claimed: Claimed | None = room.errand(lambda c: mails.turn(c, holder, results, more=more))
    return claimed


def to_the_brink(room: EngineRoom, mail_id: str, holder: str = "one") -> bool:
    return bool(room.errand(lambda c: mails.to_the_brink(c, holder, mail_id)))


def rows(room: EngineRoom) -> list[Any]:
    with room.engine.connect() as connection:
        return list(connection.execute(select(Mail).order_by(Mail.id)))


def make(room: EngineRoom, **values: Any) -> None:
    room.errand(lambda c: c.execute(update(Mail).values(values)))


def claimed(room: EngineRoom, holder: str = "one") -> Claimed:
    ask(room)
    one = turn(room, holder)
    assert one is not None
    return one


def test_one_mail_is_claimed_by_one_process(room: EngineRoom) -> None:
    ask(room)
    with engine_room_beside(room) as other:
        first, second = turn(room, "one"), turn(other, "two")
        assert first is not None and second is None
        assert (first.kind, first.user, first.address, first.attempts) == ("confirm", "ana", ADDRESS, 0)

        make(room, claimed_until=1)  # the first one stood still for minutes
        again = turn(other, "two")
        assert again is not None and again.id == first.id
        assert not to_the_brink(room, first.id, "one"), "it may not say the dot any more"
        assert to_the_brink(other, first.id, "two")
        assert turn(other, "two", Result(first.id, "sent"), more=False) is None
        turn(room, "one", Result(first.id, "waiting", 0, "late news"), more=False)
    assert [(row.state, row.last_error) for row in rows(room)] == [("sent", None)]


def test_what_was_being_handed_over_when_a_process_died_is_never_sent_again(room: EngineRoom) -> None:
    one = claimed(room)
    assert to_the_brink(room, one.id)
    assert room.errand(mails.set_aside) == 0, "it may be at it still"

    make(room, claimed_until=1)
    assert turn(room, "two") is None
    assert room.errand(mails.set_aside) == 1

    assert turn(room, "two") is None
    turn(room, "one", Result(one.id, "waiting", 0, "late news"), more=False)
    assert [row.state for row in rows(room)] == ["unknown"]
    assert room.number("SELECT count(*) FROM audit_log WHERE action = 'mail.unknown'") == 1
    with room.engine.connect() as connection:
        assert [(one.user, one.state) for one in mails.troubled(connection)] == [("ana", "unknown")]


def test_a_server_that_ends_gives_back_what_was_not_at_the_brink(room: EngineRoom) -> None:
    one = claimed(room)
    room.errand(lambda c: mails.release(c, "one"))
    again = turn(room, "two")
    assert again is not None and again.id == one.id
    assert to_the_brink(room, one.id, "two")
    assert room.errand(lambda c: mails.release(c, None)) == 1
    assert [row.state for row in rows(room)] == ["unknown"]


def test_what_fails_is_tried_again_for_a_day_and_then_given_up(room: EngineRoom) -> None:
    one: Claimed | None = claimed(room)
    waits = []
    for _ in range(len(PAUSES_MS) + 2):
        assert one is not None
        before = now_ms()
        assert turn(room, "one", Result(one.id, "waiting", one.attempts, "451 later")) is None
        waits.append(rows(room)[0].due_at - before)
        make(room, due_at=1)
        one = turn(room)
    for wait, pause in zip(waits, [*PAUSES_MS, PAUSES_MS[-1], PAUSES_MS[-1]], strict=True):
        assert 0.79 * pause < wait < 1.21 * pause + 10_000
    assert one is not None and one.attempts == len(waits)

    turn(room, "one", Result(one.id, "waiting", one.attempts, "451 later"), more=False)
    make(room, due_at=1, created_at=now_ms() - GIVE_UP_MS - 1)
    assert turn(room) is None
    assert [(row.state, row.last_error) for row in rows(room)] == [("failed", "451 later")]


def test_what_nobody_wants_any_more_is_dropped_even_while_it_is_under_way(room: EngineRoom) -> None:
    one = claimed(room)
    ask(room, "elsewhere@home.example")
    assert not to_the_brink(room, one.id)
    second = turn(room)
    assert second is not None and second.address == "elsewhere@home.example"

    room.errand(lambda c: mails.release(c, "one"))
    room.errand(lambda c: people.set_disabled(c, "ana", True))
    assert turn(room) is None
    room.errand(lambda c: people.set_disabled(c, "ana", False))
    assert turn(room) is None
    assert [row.state for row in rows(room)] == ["dropped", "dropped"]
    room.errand(lambda c: people.remove_user(c, "ana"))
    assert rows(room) == []


def test_an_address_that_is_refused_for_good_has_to_be_confirmed_again(room: EngineRoom) -> None:
    room.errand(lambda c: mailboxes.set_confirmed(c, "ana", ADDRESS))
    room.errand(lambda c: mails.put(c, room.ana, "confirm", ADDRESS))
    room.errand(lambda c: c.execute(text("UPDATE mailboxes SET asked = (SELECT max(id) FROM mails)")))
    one = turn(room)
    assert one is not None
    turn(room, "one", Result(one.id, "failed", 0, "550 5.1.1 nobody", nobody_there=True), more=False)
    with room.engine.connect() as connection:
        assert mailboxes.mailbox_of(connection, room.ana) == mailboxes.MailboxShown(ADDRESS, False, "550 5.1.1 nobody")


def test_what_is_over_is_forgotten_after_a_week(room: EngineRoom) -> None:
    one = claimed(room)
    turn(room, "one", Result(one.id, "sent"), more=False)
    assert room.errand(mails.tidy) == 0
    make(room, finished_at=now_ms() - 8 * 86_400_000)
    assert room.errand(mails.tidy) == 1
