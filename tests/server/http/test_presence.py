"""Which of their devices a person uses: said by the devices, told to all of them, and forgotten when nobody says it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, update

from handbell_server.models import Device
from handbell_server.reads import presence
from handbell_shared.clock import now_ms
from tests.server.http.stage import Person, Socket, Stage
from tests.support.waiting import until


@pytest.fixture
def phone(stage: Stage, ana: Person) -> Person:
    return stage.device_of(ana.name, "phone")


def open_socket(stage: Stage, person: Person) -> tuple[Socket, dict[str, Any]]:
    socket = Socket(stage.url, {"token": person.token, "protocol": 1})
    return socket, socket.hears("hello")


def test_the_one_that_was_taken_up_last_is_in_use_and_all_hear_of_it(stage: Stage, ana: Person, phone: Person) -> None:
    laptop, hello = open_socket(stage, ana)
    pocket, _ = open_socket(stage, phone)
    assert "presence" in hello["caps"] and "in_use" not in hello

    laptop.tell("active", {"active": True})
    heard = [socket.hears("presence")["in_use"] for socket in (laptop, pocket)]
    pocket.tell("active", {"active": True})
    then = [socket.hears("presence")["in_use"] for socket in (laptop, pocket)]
    late, greeted = open_socket(stage, phone)
    listed = {one["name"]: one.get("in_use", False) for one in ana.rest.get("/v1/devices").body["devices"]}

    assert heard == 2 * [ana.device] and then == 2 * [phone.device]
    assert greeted["in_use"] == phone.device
    assert listed == {"laptop": False, "phone": True}
    for socket in (laptop, pocket, late):
        socket.close()


def test_who_leaves_it_or_goes_offline_uses_none(stage: Stage, ana: Person, phone: Person) -> None:
    laptop, _ = open_socket(stage, ana)
    pocket, _ = open_socket(stage, phone)

    laptop.tell("active", {"active": True})
    used = pocket.hears("presence")["in_use"]
    laptop.tell("active", {"active": False})
    left = pocket.hears("presence")["in_use"]
    laptop.tell("active", {"active": True})
    again = pocket.hears("presence")["in_use"]
    laptop.close()
    gone = pocket.hears("presence")["in_use"]

    assert (used, left, again, gone) == (ana.device, None, ana.device, None)
    pocket.close()


def test_a_device_that_vanished_without_a_word_is_not_in_use_for_long(stage: Stage, ana: Person, phone: Person) -> None:
    pocket, _ = open_socket(stage, phone)
    heard: list[str | None] = []

    def is_told() -> bool:
        """Of what a server leaves that is killed in a moment; on a busy machine the moment may be over too soon, and comes again."""
        now = now_ms()
        with stage.engine.execution_options(immediate=True).begin() as connection:
            lost = update(Device).where(Device.id == ana.device)
            connection.execute(lost.values(active_since=now - 60_000, activity_at=now, online_until=now + 700))
        with suppress(AssertionError):
            heard.append(pocket.hears("presence", timeout=1)["in_use"])
        return ana.device in heard

    until(is_told, 10, "the phone to hear that the laptop is in use")
    while heard[-1] is not None:
        heard.append(pocket.hears("presence")["in_use"])

    assert heard[-2:] == [ana.device, None]
    pocket.close()


def test_what_was_said_on_an_earlier_connection_is_forgotten(stage: Stage, ana: Person) -> None:
    laptop, _ = open_socket(stage, ana)
    laptop.tell("active", {"active": True})
    assert laptop.hears("presence")["in_use"] == ana.device
    laptop.close()

    again, _ = open_socket(stage, ana)

    def in_use() -> bool:
        with stage.engine.connect() as connection:
            return bool(presence.changed_since(connection, now_ms() - 1)) or any(
                one.get("in_use") for one in ana.rest.get("/v1/devices").body["devices"]
            )

    until(lambda: not in_use(), 5, "it to be forgotten")
    again.close()


def test_it_says_one_thing_only(stage: Stage, ana: Person) -> None:
    laptop, _ = open_socket(stage, ana)

    assert laptop.call("active", {"active": "yes"})["error"]["field"] == "active"
    assert laptop.call("active", {"active": True, "user": "ben"})["error"]["field"] == "user"
    laptop.close()


def test_the_second_that_finds_no_news_does_not_look_at_every_device(sqlite_stage: Stage) -> None:
    """Asked once a second in every process, for as many devices as there are."""
    asked: list[tuple[str, Any]] = []
    with sqlite_stage.engine.connect() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def _(_c: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
            asked.append((said, given))

        presence.changed_since(connection, now_ms())
        said, given = next(one for one in asked if "devices" in one[0])
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all()]

    searched = [line for line in plan if "devices" in line]
    assert len(searched) == 1 and not any(line.startswith("SCAN") for line in searched), plan
