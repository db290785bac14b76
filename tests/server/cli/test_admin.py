"""`handbell user …` and `handbell producer …`, typed by an operator while the server runs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from handbell_shared.clock import now_ms
from tests.conftest import StartsHandbell
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

ROOMY = {"HANDBELL_SIGN_IN_RATE": "1000", "HANDBELL_SIGN_IN_BURST": "1000"}


@pytest.fixture
def server(handbell_server: StartsHandbell) -> HandbellServer:
    return handbell_server(environment=ROOMY)


def sign_in(server: HandbellServer, password: str) -> int:
    with Rest(server.url) as rest:
        about = {"name": "laptop", "platform": "test"}
        return rest.post("/v1/sessions", {"user": "ana", "password": password, "device": about}).status


def test_a_person_is_added_let_in_kept_out_and_removed(server: HandbellServer) -> None:
    first, second = "correct horse battery", "another horse entirely"

    assert server.cli("user", "add", "ana", "--admin", "--password-stdin", stdin=f"{first}\n") == (
        "ana can sign in now.\n"
    )
    assert sign_in(server, first) == 201
    with pytest.raises(AssertionError, match="Error"):
        server.cli("user", "add", "ana", "--password-stdin", stdin=f"{first}\n")
    with pytest.raises(AssertionError, match="Error"):
        server.cli("user", "add", "bo", "--password-stdin", stdin="short\n")

    with Rest(server.url) as door, door.sign_in("ana", first) as laptop:
        assert server.cli("user", "password", "ana", "--password-stdin", stdin=f"{second}\n").startswith(
            "ana has a new"
        )
        assert (sign_in(server, first), sign_in(server, second)) == (401, 201)
        assert laptop.get("/v1/inbox").status == 401

    assert server.cli("user", "disable", "ana") == "ana is disabled.\n"
    assert sign_in(server, second) == 401
    assert json.loads(server.cli("user", "list", "--json")) == {
        "name": "ana",
        "admin": True,
        "disabled": True,
        "unread": 0,
    }
    assert server.cli("user", "disable", "ana", "--undo") == "ana is enabled.\n"
    assert sign_in(server, second) == 201
    assert server.cli("user", "list") == "ana\t0 unread\tadmin\n"
    assert server.cli("user", "remove", "ana", "--yes") == "ana is gone.\n"
    assert sign_in(server, second) == 401
    assert server.cli("user", "list") == ""


def test_a_producer_gets_its_key_and_nothing_else_and_loses_it(server: HandbellServer) -> None:
    server.add_user("ana", "correct horse battery")

    def tells(key: str) -> int:
        with Rest(server.url, key) as rest:
            return rest.notify("ana", "Build failed").status

    first = server.cli("producer", "add", "ci", "--scope", "send:user", "--scope", "recall").removesuffix("\n")
    assert tells(first) == 201
    assert server.cli("producer", "list") == "ci\trecall send:user\n"
    with pytest.raises(AssertionError, match="Error"):
        server.cli("producer", "add", "ci")

    second = server.cli("producer", "rotate", "ci").removesuffix("\n")
    assert (tells(first), tells(second)) == (201, 201)
    third = server.cli("producer", "rotate", "ci", "--grace", "0").removesuffix("\n")
    assert tells(third) == 201
    until(
        lambda: tells(second) == 401, 15, "the key without grace to be forgotten: a good one is remembered for a moment"
    )
    assert server.cli("producer", "revoke", "ci") == "No key of ci is valid any more.\n"
    until(lambda: tells(third) == 401, 15, "the revoked key to be forgotten")


def test_a_producer_that_is_disabled_ends_what_it_has_going_also_what_comes_a_moment_late(
    server: HandbellServer,
) -> None:
    server.add_user("ana", "correct horse battery")
    key = server.cli("producer", "add", "ci").removesuffix("\n")
    ringing: dict[str, Any] = {"priority": "urgent", "until_acknowledged": {"repeat": 30, "expire": 3_600}}
    with Rest(server.url, key) as ci, Rest(server.url) as door, door.sign_in("ana", "correct horse battery") as laptop:
        assert ci.notify("ana", "The shop is down", **ringing).status == 201
        assert ci.notify("ana", "Tomorrow", deliver_at=now_ms() + 86_400_000).status == 201
        assert ci.put("/v1/expectations/backup", {"every": 86_400, "to": "ana"}).status == 200
        assert server.cli("producer", "revoke", "ci").splitlines() == [
            "No key of ci is valid any more.",
            "It still has going: 1 alarm that rings, 1 notification on its way, 1 expected sign of life. "
            "`handbell producer disable ci` ends that.",
        ]
        key = server.cli("producer", "rotate", "ci").removesuffix("\n")

        assert server.cli("producer", "disable", "ci").splitlines() == [
            "ci is disabled: its keys open nothing, and nobody hears of it any more.",
            "Ended: 1 alarm that rings, 1 notification on its way, 1 expected sign of life.",
        ]

        def rings() -> list[str]:
            return [one["alarm"].get("state", "on") for one in laptop.get("/v1/inbox").body["notifications"]]

        until(lambda: rings() == ["over"], 15, "the server's rounds to tell that the alarm is over")
        assert server.cli("producer", "list") == "ci\trecall receipts send:user\tdisabled\n"
        # As another process accepts it that has known the key a second ago.
        with closing(sqlite3.connect(server.data / "handbell.db", isolation_level=None)) as database:
            database.execute("UPDATE alarms SET state = 'ringing', next_at = 9000000000000, finished_at = NULL")
            state = "SELECT state FROM alarms"
            until(lambda: database.execute(state).fetchone() == ("over",), 15, "the rounds to end what came late")

        assert server.cli("producer", "disable", "ci", "--undo") == "ci is enabled; its keys are good again.\n"
        with Rest(server.url, key) as again:
            until(lambda: again.notify("ana", "Back").status == 201, 15, "the key to open again")
