"""The group commit: what goes in together, what comes out, and what one bad command does to the others."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.engine.feed import Needs, Work
from handbell_server.errors import Conflict, Invalid, Unavailable
from handbell_shared.digest import to_hex
from tests.support.databases import ready_database
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside
from tests.support.postgres import PostgresServer


class Bad:
    """A command with something wrong in it."""

    weight = 1

    def __init__(self, error: Exception) -> None:
        self._error = error

    def needs(self, needs: Needs) -> None:
        pass

    def run(self, work: Work) -> Any:
        raise self._error


class Held:
    """The writer held in an errand, so that what is handed over meanwhile becomes one group."""

    def __init__(self, room: EngineRoom) -> None:
        self._room = room
        self._entered = threading.Event()
        self._let_go = threading.Event()

    def __enter__(self) -> None:
        def wait(_connection: Connection) -> None:
            self._entered.set()
            assert self._let_go.wait(60)

        threading.Thread(target=self._room.errand, args=(wait,), daemon=True).start()
        assert self._entered.wait(60)

    def __exit__(self, *_error: object) -> None:
        self._let_go.set()


def test_what_waits_is_committed_together_and_everybody_gets_their_own_answer(room: EngineRoom) -> None:
    groups = room.writer.groups
    with Held(room):
        answers = [room.ask(room.tell(user, f"n {n}")) for n in range(10) for user in (room.ana, room.bo)]
    outcomes = [answer.wait().outcomes[0] for answer in answers]
    assert room.writer.groups == groups + 1
    assert len({outcome.id for outcome in outcomes}) == 20
    assert {outcome.revision for outcome in outcomes} == {1}, "one group numbers each inbox once"
    assert [len(push.changes) for push in room.pushes(room.ana)] == [10]


def test_a_command_that_is_refused_leaves_the_others_of_its_group_alone(room: EngineRoom) -> None:
    with Held(room):
        good = room.ask(room.tell(room.ana))
        bad = room.ask(Bad(Invalid("no")))
        also_good = room.ask(room.tell(room.bo))
    assert good.wait().outcomes[0].id and also_good.wait().outcomes[0].id
    with pytest.raises(Invalid):
        bad.wait()


def test_a_command_that_breaks_down_takes_nobody_with_it(room: EngineRoom) -> None:
    with Held(room):
        good = room.ask(room.tell(room.ana))
        bad = room.ask(Bad(ZeroDivisionError()))
        also_good = room.ask(room.tell(room.bo))
    assert good.wait().outcomes[0].id and also_good.wait().outcomes[0].id
    with pytest.raises(ZeroDivisionError):
        bad.wait()
    assert room.number("SELECT count(*) FROM notifications") == 2


def test_two_requests_with_one_key_in_one_group_are_one_notification(room: EngineRoom) -> None:
    with Held(room):
        answers = [room.ask(room.tell(room.ana, once="key")) for _ in range(3)]
    results = [answer.wait() for answer in answers]
    assert len({result.outcomes[0].id for result in results}) == 1
    assert [result.replayed for result in results] == [False, True, True]
    assert room.number("SELECT count(*) FROM notifications") == 1


def test_a_retry_finds_the_first_notification_and_tells_nobody(room: EngineRoom) -> None:
    first = room.change(room.tell(room.ana, once="key"))
    told = len(room.told)
    again = room.change(room.tell(room.ana, once="key"))
    assert again.replayed and again.outcomes == first.outcomes
    assert len(room.told) == told
    with pytest.raises(Conflict):
        room.change(room.tell(room.ana, "something else", once="key"))


def test_two_processes_with_one_key_at_once_make_one_notification(postgres_server: PostgresServer) -> None:
    url = ready_database(postgres_server)
    with engine_room(url) as one, engine_room_beside(one) as two:
        for n in range(30):
            answers = [room.ask(room.tell(one.ana, once=f"key {n}")) for room in (one, two)]
            ids = {answer.wait().outcomes[0].id for answer in answers}
            assert len(ids) == 1, f"one key, {ids}"
        assert one.number("SELECT count(*) FROM notifications") == 30
        assert one.number("SELECT rev FROM inboxes WHERE user_id = 1") == 30


def test_revisions_of_two_processes_rise_by_one_and_have_no_holes(postgres_server: PostgresServer) -> None:
    url = ready_database(postgres_server)
    with engine_room(url) as one, engine_room_beside(one) as two:
        answers = [room.ask(room.tell(one.ana, f"{n}")) for n in range(100) for room in (one, two)]
        for answer in answers:
            answer.wait()
        pushes = sorted(one.pushes(one.ana) + two.pushes(one.ana), key=lambda push: push.rev)
        assert [push.prev for push in pushes] == [0, *(push.rev for push in pushes[:-1])]
        assert sum(len(push.changes) for push in pushes) == 200


def test_a_full_queue_refuses_at_once_and_takes_more_when_it_has_emptied(database_url: str) -> None:
    with engine_room(database_url, queue_limit=5) as room:
        with Held(room):
            kept = [room.ask(room.tell(room.ana)) for _ in range(4)]  # the errand that holds it waits too
            with pytest.raises(Unavailable) as refused:
                room.ask(room.tell(room.ana))
            assert refused.value.retry_after
        for answer in kept:
            answer.wait()
        assert room.change(room.tell(room.ana)).outcomes[0].id
        assert room.writer.backlog == 0


def test_closing_commits_what_was_handed_over(room: EngineRoom) -> None:
    answers = [room.ask(room.tell(room.ana, f"{n}")) for n in range(50)]
    room.writer.close()
    assert {answer.wait().outcomes[0].user for answer in answers} == {"ana"}
    assert room.number("SELECT count(*) FROM notifications") == 50


def test_an_errand_that_fails_is_rolled_back_and_the_writer_goes_on(room: EngineRoom) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("UPDATE inboxes SET rev = 99"))
        raise Invalid("in the middle")

    with pytest.raises(Invalid):
        room.errand(half)
    assert room.change(room.tell(room.ana)).outcomes[0].revision == 1


# At the end of the transaction, when COMMIT is under way.
_GOES_AWAY = (
    "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'",
    "CREATE CONSTRAINT TRIGGER go_away AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION go_away()",
)


def test_nobody_is_told_that_nothing_was_stored_when_an_errand_is_cut_off_in_its_commit(
    postgres_server: PostgresServer,
) -> None:
    with engine_room(ready_database(postgres_server)) as room:
        room.errand(lambda c: [c.execute(text(statement)) for statement in _GOES_AWAY])
        with pytest.raises(Unavailable, match="it is not known whether this was stored"):
            room.errand(lambda c: people.add_user(c, "cy", password_hash=None))
        assert room.change(room.tell(room.ana)).outcomes[0].id


def test_a_writer_whose_connections_were_ended_connects_again_and_loses_nothing(
    postgres_server: PostgresServer,
) -> None:
    with engine_room(ready_database(postgres_server)) as room:
        for n in range(5):
            end_others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            room.number(f"{end_others} AND datname = current_database()")
            room.change(room.tell(room.ana, f"{n}"))
        assert room.number("SELECT count(*) FROM notifications") == 5


def test_each_push_carries_the_digest_and_the_count_that_its_records_make(room: EngineRoom) -> None:
    an_id = room.change(room.tell(room.ana)).outcomes[0].id
    room.change(room.tell(room.ana))
    room.change(room.act(room.ana, "read", an_id))
    *_, last = room.pushes(room.ana)
    digest = room.number(f"SELECT digest FROM inboxes WHERE user_id = {room.ana}") & 0xFFFF_FFFF_FFFF_FFFF
    assert (last.rev, last.unread, last.digest) == (3, 1, to_hex(digest))
