"""People in the database, where no request is near."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from handbell_server.actions import people
from handbell_server.errors import Unauthenticated
from handbell_server.models import User
from tests.support.databases import ready_database
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside
from tests.support.postgres import PostgresServer


def test_a_number_is_never_given_to_a_second_person(room: EngineRoom) -> None:
    room.errand(lambda c: people.remove_user(c, "bo"))
    assert room.errand(lambda c: people.add_user(c, "cy", password_hash=None)) > room.bo


def test_an_error_of_the_database_names_no_hash(room: EngineRoom, caplog: pytest.LogCaptureFixture) -> None:
    values = {"name": "ana", "password_hash": "canary-of-a-hash", "admin": False, "created_at": 0}
    with pytest.raises(IntegrityError) as failed:
        room.errand(lambda c: c.execute(insert(User).values(values)))
    assert "uq_users_name" in str(failed.value) or "users.name" in str(failed.value)
    assert "canary" not in str(failed.value) + caplog.text


def test_somebody_new_whom_two_processes_meet_at_the_same_moment_is_one_person(
    postgres_server: PostgresServer,
) -> None:
    with engine_room(ready_database(postgres_server)) as one, engine_room_beside(one) as two:
        met: list[people.Person] = []

        def meanwhile(_connection: object, _cursor: object, statement: str, *_more: Any) -> None:
            """The other process is faster, just after this one has looked."""
            if "users.subject =" in statement and not met:
                met.append(two.errand(lambda c: people.user_of_subject(c, "new", admin=False)))

        event.listen(one.engine, "after_cursor_execute", meanwhile)
        person = one.errand(lambda c: people.user_of_subject(c, "new", admin=False))

        assert met and person == met[0]


def test_a_password_that_was_good_a_moment_ago_lets_nobody_in_after_it_was_changed(room: EngineRoom) -> None:
    room.errand(lambda c: people.set_password(c, "ana", "the first hash"))
    ana = room.errand(lambda c: people.find_user(c, "ana"))
    assert room.errand(lambda c: people.is_still(c, ana))

    room.errand(lambda c: people.set_password(c, "ana", "the second hash"))
    room.errand(lambda c: people.renew_password_hash(c, ana, "the first, stronger"))

    assert not room.errand(lambda c: people.is_still(c, ana))
    assert room.errand(lambda c: people.find_user(c, "ana")).password_hash == "the second hash", "and it stays"
    bo = room.errand(lambda c: people.find_user(c, "bo"))
    room.errand(lambda c: people.set_disabled(c, "bo", True))
    assert not room.errand(lambda c: people.is_still(c, bo))


def test_a_device_that_is_signed_out_leaves_no_other_behind_in_the_second_in_which_it_is_remembered(
    room: EngineRoom,
) -> None:
    ana = room.errand(lambda c: people.find_user(c, "ana"))
    laptop = room.errand(lambda c: people.add_device(c, ana, "laptop", "test", "hash"))
    assert room.errand(lambda c: people.signed_in(c, room.ana, laptop)).name == "ana"
    with pytest.raises(Unauthenticated):
        room.errand(lambda c: people.signed_in(c, room.bo, laptop))

    room.errand(lambda c: people.revoke_device(c, room.ana, laptop, by="ana"))

    with pytest.raises(Unauthenticated):
        room.errand(lambda c: people.signed_in(c, room.ana, laptop))
