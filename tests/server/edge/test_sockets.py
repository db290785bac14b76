"""Socket.IO over both transports, with the clients people use."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
import socketio

from tests.server.edge.raw import CONNECT, Bare, Bell, connect, masked, read_to_end
from tests.support.waiting import until

TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


def signed_in(bell: Bell, transports: list[str]) -> tuple[socketio.Client, list[tuple[str, Any]]]:
    client = socketio.Client(reconnection=False)
    heard: list[tuple[str, Any]] = []
    client.on("*", lambda event, data: heard.append((event, data)))
    client.connect(bell.url, auth={"token": "good"}, transports=transports, wait_timeout=60)
    return client, heard


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_client_connects_calls_and_is_pushed_to(bell: Bell, transports: list[str]) -> None:
    client, heard = signed_in(bell, transports)
    try:
        until(lambda: client.transport() == transports[-1], 5, "the last transport")
        assert client.call("delta", {"epoch": "é"}, timeout=60)["you"] == {"epoch": "é"}
        assert client.call("answer", 300_000, timeout=60) == "x" * 300_000
        until(lambda: bell.said()["outlets"] == 1, 5, "those of other tests to be gone")
        assert bell.push(count=40) == 40
        until(lambda: len(heard) == 42, 5, "40 pushes, after the early one and hello")
        assert [event for event, _ in heard[:2]] == ["push", "hello"]
    finally:
        client.disconnect()
    until(lambda: bell.said()["sockets"] == 0, 5, "the server to forget it")


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_refused_token_is_a_connect_error(bell: Bell, transports: list[str]) -> None:
    client = socketio.Client(reconnection=False)
    said: list[Any] = []
    client.on("connect_error", said.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(bell.url, auth={"token": "bad"}, transports=transports, wait_timeout=60)
    until(lambda: said, 5, "the refusal")


def test_nothing_of_an_application_comes_before_the_answer_to_connect(bell: Bell) -> None:
    client = Bare(bell, sign_in=False)
    client.send(CONNECT)
    kinds = [client.text()[:2] for _ in range(4)]
    assert kinds == ["0{", "40", "42", "42"]
    client.close()


def test_sockets_that_were_let_in_keep_nothing_of_their_requests(bell: Bell) -> None:
    """Also no garbage that waits for a collector: a thousand who come back would be 20 MB of it."""
    clients = [Bare(bell) for _ in range(20)]
    try:
        assert bell.said()["kept"] == {
            "Request": 1,
            "KeptEnviron": 1,
        }  # the request that asks, and one environment for all
    finally:
        for client in clients:
            client.close()


def test_frames_sent_with_the_handshake_are_not_lost(bell: Bell) -> None:
    client = Bare(bell, sign_in=False, ahead=masked(CONNECT))
    assert client.text().startswith("0")
    assert client.text().startswith("40")
    client.close()


def test_the_calls_of_one_client_keep_their_order_and_never_overlap(bell: Bell) -> None:
    client = Bare(bell)
    for number in range(10):
        client.send(b'42%d["delta",{"work":%s}]' % (number, b"0.02" if number % 2 else b"0"))
    answers: list[int] = []
    while len(answers) < 10:
        text = client.text()
        if text.startswith("43"):
            answers.append(int(text[2 : text.index("[")]))
    assert answers == list(range(10))
    client.close()


def test_pings_come_and_who_answers_them_stays(quick_bell: Bell) -> None:
    client = Bare(quick_bell)
    pings = 0
    while pings < 3:
        if client.text() == "2":
            pings += 1
            client.send(b"3")
    client.close()


def test_who_does_not_answer_pings_is_gone_after_interval_and_timeout(hasty_bell: Bell) -> None:
    began = time.monotonic()
    client = Bare(hasty_bell, sign_in=False, ahead=masked(CONNECT))
    client.closed_with()
    assert 1.9 < time.monotonic() - began < 20
    until(lambda: "ping timeout" in hasty_bell.said()["ended"], 5, "the disconnect handler")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_who_does_not_sign_in_is_closed_at_the_deadline(hasty_bell: Bell, transport: str) -> None:
    if transport == "websocket":
        began = time.monotonic()
        client = Bare(hasty_bell, sign_in=False)
        assert client.closed_with() == 1008
        assert 0.9 < time.monotonic() - began < 4.5  # five is the usual
    else:
        sessions = [handshake(hasty_bell) for _ in range(20)]
        until(lambda: hasty_bell.said()["sockets"] == 0, 5, "all of them to be forgotten")
        with pytest.raises(urllib.error.HTTPError, match="400"):
            hasty_bell.get(f"/socket.io/?EIO=4&transport=polling&sid={sessions[0]}")


def handshake(bell: Bell, **headers: str) -> str:
    request = urllib.request.Request(f"{bell.url}/socket.io/?EIO=4&transport=polling", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(json.loads(answer.read()[1:])["sid"])


def refused_with(bell: Bell, query: str = "", **headers: str) -> int | None:
    request = urllib.request.Request(f"{bell.url}/socket.io/?EIO=4&transport=polling{query}", headers=headers)
    try:
        urllib.request.urlopen(request, timeout=60).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return None


def test_one_address_has_a_bounded_number_of_sockets_and_handshakes() -> None:
    with Bell(edge={"sockets_per_address": 5}) as bell:
        sockets = [Bare(bell) for _ in range(5)]
        with pytest.raises(AssertionError, match="429"):
            Bare(bell)
        sockets.pop().close()
        until(lambda: bell.said()["sockets"] == 4, 5, "the place to be free again")
        sockets.append(Bare(bell))
    with Bell(edge={"handshakes_burst": 3, "handshakes_per_second": 0.001}) as bell:
        assert [refused_with(bell) for _ in range(4)] == [None, None, None, 429]


def test_a_page_of_a_foreign_origin_is_refused_and_a_listed_one_may_read() -> None:
    with Bell(edge={"origins": ["https://bell.example"], "hosts": ["bell.example", "127.0.0.1"]}) as bell:
        assert refused_with(bell, Origin="https://evil.example") == 403
        assert refused_with(bell, Origin="null") == 403
        assert refused_with(bell, Origin="https://bell.example") is None
        assert refused_with(bell) is None
        # A name bent to our address: Origin and Host agree with each other, but not with the operator.
        assert refused_with(bell, Origin="http://evil.example", Host="evil.example") == 421
        # Nobody is believed who merely says that a proxy forwarded it.
        assert refused_with(bell, Origin="https://evil.example", **{"X-Forwarded-Host": "evil.example"}) == 403


def test_without_a_list_of_hosts_a_bent_name_is_no_origin_of_ours(bell: Bell) -> None:
    assert refused_with(bell, Origin="http://evil.example", Host="evil.example") == 403
    assert refused_with(bell, Origin=bell.url) is None


def test_jsonp_is_refused(bell: Bell) -> None:
    assert refused_with(bell, "&j=0") == 400


def test_a_broken_upgrade_leaves_the_polling_session_as_it_was(bell: Bell) -> None:
    sid = handshake(bell)
    client = Bare(bell, query=f"&sid={sid}", sign_in=False)
    client.send(b"4nonsense")
    assert client.closed_with() is None
    request = urllib.request.Request(
        f"{bell.url}/socket.io/?EIO=4&transport=polling&sid={sid}", data=CONNECT, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.read() == b"OK"
    assert bell.get(f"/socket.io/?EIO=4&transport=polling&sid={sid}").startswith(b"40{")


def test_two_polls_at_a_time_end_the_session(bell: Bell) -> None:
    """Each would get some of the packets."""
    poll = f"/socket.io/?EIO=4&transport=polling&sid={handshake(bell)}"
    with connect(bell) as first:
        first.sendall(f"GET {poll} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert bell.get("/healthz") == b"ok"  # the first poll waits by now
        with pytest.raises(urllib.error.HTTPError, match="400"):
            bell.get(poll)
        assert read_to_end(first).endswith(b"\r\n\r\n1")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        bell.get(poll)
