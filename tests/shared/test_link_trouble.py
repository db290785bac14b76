"""A link when something is wrong with the connection, the server or the way there, over real sockets."""

import gc
import logging
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from handbell_shared import connection, conversation, rest
from handbell_shared.ids import new_id
from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut
from handbell_shared.records import Action, Target
from handbell_shared.replica import Applied
from tests.shared.link_device import Device
from tests.shared.link_server import TOKEN, InboxServer, certificate, fickle_listener, silent_listener
from tests.support.proxy import Proxy
from tests.support.waiting import until

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
    assert offline.reason == "the server is starting anew"
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
    assert len(server.connects) == 1 + sum(isinstance(state, Offline) for state in device.states)


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


def test_a_connection_that_ends_before_connect_is_answered_is_given_up_at_once(
    make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WELCOME_WITHIN", 3_600)
    with fickle_listener(opens=True) as url:
        device = make_device(url)

        assert device.wait(Offline).reason == "the connection was lost"
        device.wait(Offline)


def test_a_server_that_never_answers_connect_is_given_up_in_time(
    make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WELCOME_WITHIN", 0.3)
    with fickle_listener(opens=True, stays=True) as url:
        device = make_device(url)

        assert device.wait(Offline).reason == "the server does not answer in time"


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


def test_a_handshake_that_ends_badly_leaves_no_socket_open(make_device: Callable[..., Device]) -> None:
    with fickle_listener() as url:
        device = make_device(url)
        for _ in range(3):
            device.wait(Offline)
        device.link.close()
    until(lambda: not any(t.name.startswith("handbell-connection") for t in threading.enumerate()), 5, "the threads")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        gc.collect()  # a socket that nobody has closed complains now
    assert [str(warning.message) for warning in seen] == []


# The far end is a library's, and one of its threads may fall over its goodbye to a client that has gone already.
@pytest.mark.filterwarnings(r"ignore:(?s).*\(writer\):pytest.PytestUnhandledThreadExceptionWarning")
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
def test_closing_waits_for_nothing_whatever_it_was_doing(
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

        assert time.monotonic() - started < 8  # a handshake would go on for ten
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
