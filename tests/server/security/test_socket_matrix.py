"""Every Socket.IO event × every identity. An event without a row fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handbell_server.socket.events import Sockets
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Socket
from tests.server.security.identities import EVERYBODY, NOBODY, PEOPLE, PRODUCERS, Scene, signed
from tests.support.waiting import until

# Who may connect; whoever may not can call nothing. `None` is a yes.
CONNECT: dict[str, str | None] = (
    dict.fromkeys(NOBODY, "auth") | dict.fromkeys(PEOPLE, None) | dict.fromkeys(PRODUCERS, "auth")
)
# What each call tells of the owner's notification: to the owner, and to any other person.
CALLS: dict[str, tuple[Any, Any]] = {
    "connect": ("see CONNECT", "see CONNECT"),
    "disconnect": ("says nothing", "says nothing"),
    "delta": (True, False),
    "snapshot": (True, False),
    "act": ("ok", "gone"),
    "position": (True, False),
    "receipts": (True, False),
    "active": (True, False),
}


class _Recorder:
    def __init__(self) -> None:
        self.events: list[str] = []

    def on_event(self, event: str, _handler: object) -> None:
        self.events.append(event)


def test_every_event_has_its_row() -> None:
    recorder = _Recorder()

    Sockets(None, None).register(recorder)  # type: ignore[arg-type]  # only the names are wanted

    assert set(recorder.events) == set(CALLS)
    assert set(CONNECT) == set(EVERYBODY)


@pytest.mark.parametrize("identity", EVERYBODY)
def test_who_may_connect(scene: Scene, identity: str) -> None:
    socket = Socket(scene.stage.url, {"token": scene.token(identity), "protocol": 1})

    assert socket.refusal() == CONNECT[identity]
    if CONNECT[identity] is None:
        socket.hears("hello")
    socket.close()


@pytest.mark.parametrize(
    "auth",
    [{}, {"token": None}, {"token": 5}, {"token": ["x"]}, {"token": "x" * 100_00}, {"user": "ana"}],
    ids=lambda auth: str(auth)[:30],
)
def test_an_auth_payload_that_is_none_is_refused(scene: Scene, auth: dict[str, object]) -> None:
    socket = Socket(scene.stage.url, auth | {"protocol": 1})

    assert socket.refusal() == "auth"
    socket.close()


def test_a_protocol_of_the_future_is_told_so(scene: Scene) -> None:
    socket = Socket(scene.stage.url, {"token": scene.token("owner"), "protocol": 2})

    assert socket.refusal() == "version"
    socket.close()


@pytest.fixture
def connected(scene: Scene) -> Iterator[dict[str, tuple[Socket, Any]]]:
    sockets = {who: Socket(scene.stage.url, {"token": scene.token(who), "protocol": 1}) for who in PEOPLE}
    yield {who: (socket, socket.hears("hello")) for who, socket in sockets.items()}
    for socket in sockets.values():
        socket.close()


def expected(event: str, who: str) -> Any:
    owner, others = CALLS[event]
    return owner if who == "owner" else others


@pytest.mark.parametrize("event", ["delta", "snapshot"])
def test_reading_shows_ones_own_and_nothing_else(
    scene: Scene, connected: dict[str, tuple[Socket, Any]], event: str
) -> None:
    scene.fresh()

    for who, (socket, hello) in connected.items():
        asked = {"epoch": hello["epoch"], "rev": 0} if event == "delta" else {}
        answer = socket.call(event, asked)
        found = {one["id"] for one in answer.get("changes", [])}
        assert (scene.sent["id"] in found) == expected(event, who), who


def test_acting_reaches_ones_own_and_nothing_else(scene: Scene, connected: dict[str, tuple[Socket, Any]]) -> None:
    scene.fresh()

    for who in reversed(PEOPLE):  # the owner last, for it deletes
        socket, _ = connected[who]
        action = {"id": new_id(), "kind": "delete", "ids": [[scene.sent["id"], 0]], "at": now_ms()}
        assert socket.call("act", {"actions": [action]})["acks"][0]["status"] == expected("act", who), who


def test_a_receipt_speaks_for_ones_own_device_only(scene: Scene, connected: dict[str, tuple[Socket, Any]]) -> None:
    scene.fresh()
    producer = scene.stage.rest(scene.key)

    def delivered() -> int:
        devices = producer.get(f"/v1/notifications/{scene.sent['id']}").body["devices"]
        return sum(device["delivered"] for device in devices)

    for who in PEOPLE[1:]:
        socket, hello = connected[who]
        socket.tell("position", {"epoch": hello["epoch"], "rev": 10**6})
        socket.call("snapshot", {})  # comes after it
    assert delivered() == 0
    socket, hello = connected["owner"]
    socket.tell("position", {"epoch": hello["epoch"], "rev": 10**6})
    socket.call("snapshot", {})

    until(lambda: delivered() == 1, 8, "the owner's one device to have it")


def test_what_was_shown_is_said_of_ones_own_notifications_only(
    scene: Scene, connected: dict[str, tuple[Socket, Any]]
) -> None:
    scene.fresh()
    producer = scene.stage.rest(scene.key)

    def shown() -> list[int]:
        devices = producer.get(f"/v1/notifications/{scene.sent['id']}").body["devices"]
        return [device["shown_at"] for device in devices if "shown_at" in device]

    for number, who in enumerate([*PEOPLE[1:], PEOPLE[0]]):
        socket, _ = connected[who]
        socket.tell("receipts", {"receipts": [{"id": scene.sent["id"], "shown": number}]})
        socket.call("snapshot", {})  # comes after it

    until(shown, 8, "the owner's word to be written down")
    assert shown() == [len(PEOPLE) - 1]


def test_an_absurd_receipt_is_refused_and_spoils_nobody_elses(
    scene: Scene, connected: dict[str, tuple[Socket, Any]]
) -> None:
    scene.fresh()
    (owner, hello), (other, others_hello) = connected["owner"], connected["other user"]
    other.tell("position", {"epoch": "\x00", "rev": 1})
    absurd = [
        {"epoch": "x" * 10_000, "rev": 1},
        {"epoch": others_hello["epoch"], "rev": 2**70},
        {"epoch": others_hello["epoch"], "rev": -1},
        {"epoch": others_hello["epoch"], "rev": -(2**70)},
    ]
    for sent in absurd:
        other.tell("position", sent)
    other.call("snapshot", {})  # comes after them
    owner.tell("position", {"epoch": hello["epoch"], "rev": 10**6})
    owner.call("snapshot", {})
    producer = scene.stage.rest(scene.key)

    def delivered() -> bool:
        devices = producer.get(f"/v1/notifications/{scene.sent['id']}").body["devices"]
        return any(device["delivered"] for device in devices)

    until(delivered, 8, "the owner's receipt to be written down all the same")
    late = Socket(scene.stage.url, {"token": scene.token("admin"), "protocol": 1})
    device = late.hears("hello")["device"]

    def online() -> bool:
        answer = scene.admin.rest.get("/v1/devices")
        return any(one["id"] == device and one.get("online") for one in answer.body["devices"])

    until(online, 8, "presence to be written down after it")
    late.close()
    for sent in absurd:
        assert other.call("position", sent)["error"]["code"] == "invalid", sent


def test_a_push_goes_to_its_owner_only(scene: Scene, connected: dict[str, tuple[Socket, Any]]) -> None:
    scene.fresh()

    pushed = connected["owner"][0].hears("push")
    assert [one["id"] for one in pushed["changes"]] == [scene.sent["id"]]
    for who in PEOPLE[1:]:
        scene.stage.rest(scene.key).notify(
            {"other user": scene.other.name, "admin": scene.admin.name}.get(who, "from-the-issuer"), f"For {who}"
        )
        first = connected[who][0].hears("push")
        assert [one["title"] for one in first["changes"]] == [f"For {who}"]


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        ("delta", None),
        ("delta", {"epoch": "x"}),
        ("delta", {"epoch": "x", "rev": "1"}),
        ("delta", {"epoch": "x", "rev": 2**70}),
        ("delta", {"epoch": "x", "rev": 0, "user": "ana"}),
        ("snapshot", [1]),
        ("snapshot", {"limit": 0}),
        ("act", {"actions": "all"}),
        ("act", {"actions": [], "user": "ana"}),
        ("act", "x" * 1000),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_call_that_is_none_is_answered_with_an_error(scene: Scene, event: str, sent: object) -> None:
    socket = Socket(scene.stage.url, {"token": scene.token("owner"), "protocol": 1})
    socket.hears("hello")

    answer = socket.call(event, sent)

    assert set(answer) == {"error"}
    assert answer["error"]["code"] in ("invalid", "malformed")
    socket.close()


def test_disabling_a_person_ends_a_socket_with_the_issuers_token(scene: Scene) -> None:
    token = signed(600, sub="leaver")
    socket = Socket(scene.stage.url, {"token": token, "protocol": 1})
    socket.hears("hello")

    scene.stage.server.cli("user", "disable", "leaver")

    assert socket.hears("bye")["reason"] == "revoked"
    socket.ends()
    again = Socket(scene.stage.url, {"token": token, "protocol": 1})
    assert again.refusal() == "auth"
    again.close()


def test_a_token_in_the_address_of_a_socket_opens_nothing(scene: Scene) -> None:
    token = scene.token("owner")
    socket = Socket(f"{scene.stage.url}/socket.io/?token={token}", {"protocol": 1})

    assert socket.refusal() == "auth"
    socket.close()


def test_a_jwt_for_somebody_who_cannot_be_here_is_refused_for_good(scene: Scene) -> None:
    """Not as "busy": a client would come back for ever."""
    for subject in ("auth0|12345", scene.owner.name):
        socket = Socket(scene.stage.url, {"token": signed(600, sub=subject), "protocol": 1})
        assert socket.refusal() == "auth"
        socket.close()
