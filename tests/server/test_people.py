"""People in the database, where no request is near."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from handbell_server.actions import people
from handbell_server.models import User
from tests.support.engine_room import EngineRoom


def test_a_number_is_never_given_to_a_second_person(room: EngineRoom) -> None:
    room.errand(lambda c: people.remove_user(c, "bo"))
    assert room.errand(lambda c: people.add_user(c, "cy", password_hash=None)) > room.bo


def test_an_error_of_the_database_names_no_hash(room: EngineRoom, caplog: pytest.LogCaptureFixture) -> None:
    values = {"name": "ana", "password_hash": "canary-of-a-hash", "admin": False, "created_at": 0}
    with pytest.raises(IntegrityError) as failed:
        room.errand(lambda c: c.execute(insert(User).values(values)))
    assert "uq_users_name" in str(failed.value) or "users.name" in str(failed.value)
    assert "canary" not in str(failed.value) + caplog.text
