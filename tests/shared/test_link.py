"""A link between a replica and a server, over real sockets: whatever happens in between, the device ends up right."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handbell_shared import connection, conversation, rest
from handbell_shared.backoff import Backoff
from handbell_shared.device_store import MemoryStore
from handbell_shared.ids import new_id
from handbell_shared.link import Connecting, Incompatible, Link, LinkState, Offline, Online, SignedOut
from handbell_shared.records import Action, Target
from handbell_shared.replica import Applied, Replica
from tests.shared.link_server import TOKEN, InboxServer, certificate, silent_listener
from tests.support.proxy import Proxy
from tests.support.waiting import until


class Device:
    """A link with a store in memory, and all that it has told."""

    def __init__(self, url: str, *, ca_file: str | None = None) -> None:
        self.store = MemoryStore()
        self.replica = Replica(self.store)
        self.states: list[LinkState] = []
        self.applied: list[Applied] = []
        self._looked_at = 0
        self.link = Link(
            url,
            TOKEN,
            self.replica,
            on_state=self.states.append,
            on_applied=self.applied.append,
            ca_file=ca_file,
            backoff=Backoff(first=0.01, longest=0.05),
        )

    @property
    def state(self) -> LinkState | None:
        return self.states[-1] if self.states else None

    @property
    def news(self) -> list[str]:
        return [notification.title for applied in list(self.applied) for notification in applied.news]

    def titles(self) -> list[str]:
        with self.link.reading():
            return sorted(record.title for record in self.store.records.values())

    def wait(self, kind: type[LinkState], timeout: float = 8) -> Any:
        """The next state of this kind after the one that was waited for before; it may have passed already."""

        def find() -> int | None:
            return next(
                (i + 1 for i in range(self._looked_at, len(self.states)) if isinstance(self.states[i], kind)), None
            )

        found = until(find, timeout, f"{kind.__name__}")
        assert found is not None
        self._looked_at = found
        return self.states[found - 1]

    def agrees_with(self, server: InboxServer) -> None:
        def same() -> bool:
            with self.link.reading():
                here = (self.store.position.epoch, self.store.position.rev, dict(self.store.records))
            return here == (server.epoch, server.rev, server.records)

        until(same, 8, "the device to hold what the server holds")


@pytest.fixture
def server() -> Iterator[InboxServer]:
    with InboxServer() as running:
        yield running


@pytest.fixture
def make_device() -> Iterator[Callable[..., Device]]:
    devices: list[Device] = []

    def make(url: str, **options: Any) -> Device:
        device = Device(url, **options)
        devices.append(device)
        device.link.start()
        return device

    yield make
    for device in devices:
        device.link.close()


@pytest.fixture
def device(server: InboxServer, make_device: Callable[..., Device]) -> Device:
    """One that has caught up."""
    made = make_device(server.url)
    made.wait(Online)
    return made


# What a quiet day looks like.


def test_a_new_device_takes_a_snapshot_and_none_of_it_is_news(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    server.page = 2
    for number in range(5):
        server.create(f"old {number}")

    device = make_device(server.url)
    device.wait(Online)

    device.agrees_with(server)
    assert device.news == []
    assert device.states == [Connecting(), Online()]
    assert server.connects == [{"token": TOKEN, "protocol": 1}]


def test_a_push_is_news_at_once_without_a_question(server: InboxServer, device: Device) -> None:
    asked = len([call for call in server.calls if call[0] != "position"])
    server.notify("ding")

    until(lambda: device.news == ["ding"], 5, "the news")
    assert len([call for call in server.calls if call[0] != "position"]) == asked


def test_pushes_that_are_repeated_and_out_of_order_are_applied_once_each(server: InboxServer, device: Device) -> None:
    pushes = [server.create(f"{number}") for number in range(20)]
    for push in [*reversed(pushes), *pushes]:
        server.say("push", push)

    device.agrees_with(server)
    assert sorted(device.news, key=int) == [f"{number}" for number in range(20)]
    assert device.replica.resyncs == 0


def test_a_lost_push_is_fetched_when_the_next_one_shows_the_gap(server: InboxServer, device: Device) -> None:
    server.create("lost on the way")
    server.notify("arrived")

    device.agrees_with(server)
    assert sorted(device.news) == ["arrived", "lost on the way"]
    assert ("delta", {"epoch": "epoch-1", "rev": 0, "limit": 500}) in server.calls


def test_the_last_push_before_a_silence_is_found_by_the_tip(server: InboxServer, device: Device) -> None:
    server.create("nobody told")
    server.tip()

    until(lambda: device.news == ["nobody told"], 5, "the news")
    device.agrees_with(server)


def test_what_cannot_be_read_is_only_a_lost_hint(
    server: InboxServer, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    server.create("hidden")
    unreadable: list[object] = [None, 7, [], {"epoch": 3}, {"changes": [{"id": None}]}]
    for garbage in unreadable:
        server.say("push", garbage)
    server.tip()

    until(lambda: device.news == ["hidden"], 5, "the news")
    assert isinstance(device.state, Online)
    assert "cannot be read" in caplog.text


def test_the_receipt_says_how_far_the_device_has_come_at_most_once_a_second(
    server: InboxServer, device: Device
) -> None:
    started = time.monotonic()
    for number in range(30):
        server.notify(f"{number}")
    device.agrees_with(server)

    until(lambda: ("epoch-1", 30) in server.positions, 5, "the receipt")
    assert len(server.positions) <= 2 + (time.monotonic() - started)


# What a person does.


def test_an_action_is_stored_before_it_is_sent_and_goes_when_it_came_back(server: InboxServer, device: Device) -> None:
    server.notify("read me")
    until(lambda: device.news == ["read me"], 5, "the news")
    (an_id,) = device.store.records

    device.link.act(Action(id=new_id(), kind="read", ids=(Target(an_id),), at=1))

    with device.link.reading() as replica:
        seen = replica.view(an_id)
    assert seen is not None
    assert seen.read
    until(lambda: not device.store.outbox, 5, "the outbox to empty")
    device.agrees_with(server)
    assert server.records[an_id].read
    assert device.news == ["read me"]


def test_an_action_taken_offline_is_said_after_the_server_came_back(server: InboxServer, device: Device) -> None:
    server.notify("later")
    until(lambda: device.news == ["later"], 5, "the news")
    (an_id,) = device.store.records
    server.kill()
    device.wait(Offline)

    action = Action(id=new_id(), kind="archive", ids=(Target(an_id),), at=1)
    device.link.act(action)
    server.start()

    until(lambda: not device.store.outbox, 8, "the outbox to empty")
    assert server.records[an_id].archived
    assert [sent.id for sent in server.acted] == [action.id]


def test_an_action_the_server_will_not_have_is_taken_back_before_the_persons_eyes(
    server: InboxServer, device: Device
) -> None:
    stranger = new_id()
    device.link.act(Action(id=new_id(), kind="read", ids=(Target(stranger),), at=1))

    until(lambda: not device.store.outbox, 5, "the outbox to empty")
    until(lambda: Applied(changed=(stranger,)) in device.applied, 5, "the screen to be told")


# When the connection does not last.


def test_a_killed_server_is_found_again_and_nothing_rings_twice(server: InboxServer, device: Device) -> None:
    server.notify("before")
    until(lambda: device.news == ["before"], 5, "the news")
    for round_ in range(3):
        server.kill()
        device.wait(Offline)
        server.create(f"meanwhile {round_}")
        server.start()
        device.wait(Online)

    device.agrees_with(server)
    assert device.news == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2"]
    assert server.connects[-1] == {"token": TOKEN, "protocol": 1, "epoch": "epoch-1", "rev": 3, "after": None}


def test_a_kick_without_a_word_leads_to_a_new_connection(server: InboxServer, device: Device) -> None:
    for sid, _ in list(server.sio.manager.get_participants("/", None)):
        server.sio.disconnect(sid)

    until(lambda: len(server.connects) == 2, 5, "a second CONNECT")
    device.wait(Online)


def test_goodbye_for_a_restart_is_answered_after_the_time_it_names(server: InboxServer, device: Device) -> None:
    server.say("bye", {"reason": "restart", "retry_ms": 400})

    offline = device.wait(Offline)
    assert offline.retry_in >= 0.4
    assert "restart" in offline.reason
    device.wait(Online)


@pytest.mark.parametrize("reason", ["revoked", "expired"])
def test_goodbye_for_good_signs_out_and_keeps_the_outbox(server: InboxServer, device: Device, reason: str) -> None:
    server.mute.add("act")
    device.link.act(Action(id=new_id(), kind="read", ids=(Target(new_id()),), at=1))
    server.say("bye", {"reason": reason, "retry_ms": 0})

    assert device.wait(SignedOut) == SignedOut(reason)  # type: ignore[arg-type]
    device.link.wake()
    assert len(device.store.outbox) == 1
    assert device.state == SignedOut(reason)  # type: ignore[arg-type]
    assert len(server.connects) == 1


@pytest.mark.parametrize(
    ("code", "state"),
    [("auth", SignedOut("auth")), ("revoked", SignedOut("revoked")), ("version", Incompatible())],
)
def test_a_refusal_that_waiting_cannot_heal_is_said_and_not_asked_again(
    server: InboxServer, make_device: Callable[..., Device], code: str, state: LinkState
) -> None:
    server.refusal = {"code": code}
    device = make_device(server.url)

    device.wait(type(state))
    device.link.wake()

    assert device.states == [Connecting(), state]
    assert len(server.connects) == 1


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    server.refusal = {"code": "busy", "retry_ms": 500}
    device = make_device(server.url)
    offline = device.wait(Offline)
    server.refusal = None

    assert offline.retry_in >= 0.5
    device.wait(Online)
    assert len(server.connects) == 2


def test_waking_ends_the_waiting(server: InboxServer, make_device: Callable[..., Device]) -> None:
    server.refusal = {"code": "busy", "retry_ms": 60_000}
    device = make_device(server.url)
    device.wait(Offline)
    server.refusal = None

    device.link.wake()

    device.wait(Online)


# When the server is there and does not answer.


def test_a_server_that_greets_and_answers_nothing_is_left_for_a_new_connection(
    server: InboxServer, make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ANSWER_WITHIN", 0.2)
    server.mute.add("snapshot")
    device = make_device(server.url)

    assert "did not answer" in device.wait(Offline).reason
    assert Online() not in device.states
    server.mute.clear()
    device.wait(Online)


def test_a_server_that_never_says_hello_is_left_for_a_new_connection(
    server: InboxServer, make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "HELLO_WITHIN", 0.5)
    server.mute.add("hello")
    device = make_device(server.url)

    assert "hello" in device.wait(Offline).reason
    server.mute.clear()
    device.wait(Online)


def test_a_server_that_takes_connections_and_says_nothing_is_given_up(
    make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE_WITHIN", 0.3)
    with silent_listener() as nobody:
        device = make_device(nobody)

        device.wait(Offline)
        device.wait(Offline)

    assert Online() not in device.states


def test_a_network_that_swallows_everything_is_noticed_by_the_missing_pings(
    make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE_WITHIN", 0.5)
    server = InboxServer()
    server.ping = (0.2, 0.3)
    with server, Proxy(server.port) as network:
        device = make_device(f"http://127.0.0.1:{network.port}")
        device.wait(Online)

        network.set(blackhole=True)
        server.create("into the dark")
        device.wait(Offline)
        network.calm()

        device.wait(Online)
        until(lambda: device.news == ["into the dark"], 5, "the news")


def test_one_error_is_a_pause_and_not_the_end_of_a_connection(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    server.errors["snapshot"] = 1
    device = make_device(server.url)

    device.wait(Online)

    assert len(server.connects) == 1
    assert [event for event, _ in server.calls].count("snapshot") == 2


def test_errors_in_a_row_lead_to_a_new_connection(server: InboxServer, make_device: Callable[..., Device]) -> None:
    server.errors["snapshot"] = 2
    device = make_device(server.url)

    assert "internal" in device.wait(Offline).reason
    device.wait(Online)
    assert len(server.connects) == 2


def test_a_server_whose_database_is_away_is_waited_for_on_the_same_connection(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    server.error_code = "unavailable"
    server.errors["snapshot"] = 2
    device = make_device(server.url)

    device.wait(Online)

    assert len(server.connects) == 1


def test_waking_doubts_a_connection_that_seems_to_stand(
    server: InboxServer, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ANSWER_WITHIN", 0.3)
    server.mute.add("delta")

    device.link.wake()

    assert "did not answer" in device.wait(Offline).reason
    server.mute.clear()
    device.wait(Online)


def test_a_server_that_asks_for_snapshot_after_snapshot_is_not_worn_out(server: InboxServer, device: Device) -> None:
    server.floor = 1_000_000
    server.create("older than anything it can replay")
    server.tip()

    def snapshots() -> int:
        return [event for event, _ in server.calls].count("snapshot")

    until(lambda: snapshots() >= 3, 10, "two snapshots more")
    time.sleep(0.5)  # the time in which it would have asked some hundred times
    assert snapshots() <= 6


# When the way there is bad.


def test_polling_is_tried_where_the_websocket_is_refused(make_device: Callable[..., Device]) -> None:
    server = InboxServer()
    server.websocket = False
    with server:
        device = make_device(server.url)
        device.wait(Online)
        server.notify("through the letter box")
        until(lambda: device.news == ["through the letter box"], 5, "the news")

    assert server.transports == ["polling"]


def test_a_proxy_from_the_environment_is_not_asked_for_this_machine(
    server: InboxServer, make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")

    make_device(server.url).wait(Online)


@pytest.mark.parametrize("websocket", [True, False])
def test_a_private_authority_is_trusted_when_it_is_named_and_not_before(
    make_device: Callable[..., Device], tmp_path: Path, websocket: bool
) -> None:
    server = InboxServer()
    server.websocket = websocket
    server.tls = certificate(tmp_path)
    url = server.url.replace("http:", "https:")
    with server:
        stranger = make_device(url)
        assert "certificate verify failed" in stranger.wait(Offline).reason
        stranger.link.close()
        assert server.connects == []

        make_device(url, ca_file=server.tls[0]).wait(Online)
        with pytest.raises(rest.Unreachable, match="certificate verify failed"):
            rest.request(url, "GET", "/nothing")
        with pytest.raises(rest.Refused, match="404"):
            rest.request(url, "GET", "/nothing", ca_file=server.tls[0])


# The end.


@pytest.mark.parametrize("situation", ["online", "waiting", "handshake", "call"])
def test_closing_takes_less_than_two_seconds_whatever_it_was_doing(
    situation: str, server: InboxServer, make_device: Callable[..., Device]
) -> None:
    with silent_listener() as nobody:
        if situation == "waiting":
            server.refusal = {"code": "busy", "retry_ms": 60_000}
        if situation == "call":
            server.mute.add("snapshot")
        device = make_device(nobody if situation == "handshake" else server.url)
        if situation == "online":
            device.wait(Online)
        elif situation == "waiting":
            device.wait(Offline)
        elif situation == "call":
            until(lambda: bool(server.calls), 5, "the call")

        started = time.monotonic()
        device.link.close()

        assert time.monotonic() - started < 2
        assert not any(thread.name == "handbell-link" for thread in threading.enumerate())


def test_no_log_at_any_level_holds_the_token(
    server: InboxServer, make_device: Callable[..., Device], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    device = make_device(server.url)
    device.wait(Online)
    server.kill()
    device.wait(Offline)
    device.link.close()

    assert TOKEN not in caplog.text


def test_a_failing_listener_does_not_end_the_link(
    server: InboxServer, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(applied: Applied) -> None:
        raise RuntimeError("the screen is on fire")

    device.link._on_applied = fail
    server.notify("one")
    until(lambda: "on fire" in caplog.text, 5, "the log")
    device.link._on_applied = device.applied.append
    server.notify("two")

    until(lambda: device.news == ["two"], 5, "the news")
    assert device.titles() == ["one", "two"]


def test_a_store_that_fails_costs_a_new_connection_and_no_notification(
    server: InboxServer, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    put, device.store.put = device.store.put, None  # type: ignore[method-assign, assignment]
    server.notify("hard to keep")
    device.wait(Offline)

    device.store.put = put  # type: ignore[method-assign]

    until(lambda: device.news == ["hard to keep"], 5, "the news")
    assert "starts afresh" in caplog.text
