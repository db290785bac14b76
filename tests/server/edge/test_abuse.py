"""What strangers send, and that it costs them their connection and us next to nothing."""

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from handbell_server.socket.edge import EdgeLimits
from tests.server.edge.raw import CONNECT, Bare, Bell
from tests.server.edge.test_sockets import handshake
from tests.support.waiting import until


def fragments(client: Bare) -> None:
    """One message that never ends."""
    client.send(b"4" + b"x" * 15_000, first=0x01)
    for _ in range(20):
        client.send(b"x" * 15_000, first=0x00)


def tiny_fragments(client: Bare) -> None:
    client.send(b"4", first=0x01)
    for _ in range(100):
        client.send(b"x", first=0x00)


FRAMES: dict[str, tuple[Callable[[Bare], None], int]] = {
    "fragments without an end": (fragments, 1009),
    "a message in tiny fragments": (tiny_fragments, 1009),
    "a frame above the bound": (lambda c: c.sock.sendall(b"\x81\xff" + (1 << 30).to_bytes(8, "big")), 1009),
    "a length of 2^63": (lambda c: c.sock.sendall(b"\x81\xff" + b"\xff" * 8), 1009),
    "an unmasked frame": (lambda c: c.sock.sendall(b"\x81\x013"), 1002),
    "a reserved bit": (lambda c: c.send(b"3", first=0xC1), 1002),
    "a reserved opcode": (lambda c: c.send(b"3", first=0x83), 1002),
    "a reserved control opcode": (lambda c: c.send(b"3", first=0x8B), 1002),
    "a ping above 125 bytes": (lambda c: c.send(b"x" * 126, first=0x89), 1002),
    "a ping in fragments": (lambda c: c.send(b"x", first=0x09), 1002),
    "a continuation of nothing": (lambda c: c.send(b"x", first=0x80), 1002),
    "text that is not UTF-8": (lambda c: c.send(b"4\xff\xfe"), 1007),
    "a binary message": (lambda c: c.send(b"\x04abc", first=0x82), 1003),
}

PACKETS: dict[str, bytes] = {
    "nothing": b"",
    "no packet": b"hello",
    "an unknown type": b"9",
    "a client's ping": b"2",
    "a message without a type": b"4",
    "a binary packet as text": b"bAAAA",
    "an event with attachments": b'4510-["x",{"_placeholder":true,"num":0}]',
    "an answer with attachments": b'461-1[{"_placeholder":true,"num":0}]',
    "a connect error": b'44{"message":"x"}',
    "no JSON": b'42["delta"',
    "an event without a name": b"42[]",
    "an event named by a number": b"42[1]",
    "an event that is an object": b'42{"a":1}',
    "a forged connect": b'42["connect",{"token":"good"}]',
    "a forged disconnect": b'42["disconnect"]',
    "a foreign namespace": b'42/admin,["x"]',
    "an id of a thousand digits": b"42" + b"9" * 1000 + b'["delta"]',
    "an answer without an id": b"43[]",
    "a second connect": CONNECT,
    "deep JSON": b'42["delta",' + b"[" * 500 + b"]" * 500 + b"]",
    "very deep JSON": b'42["delta",' + b"[" * 30_000 + b"]" * 30_000 + b"]",
    "rather deep JSON": b'42["delta",' + b"[" * 40 + b"1" + b"]" * 40 + b"]",
}


@pytest.mark.parametrize("what", FRAMES)
def test_a_broken_frame_ends_the_connection_with_its_code(bell: Bell, what: str) -> None:
    send, code = FRAMES[what]
    client = Bare(bell)
    send(client)
    assert client.closed_with() == code


@pytest.mark.parametrize("what", PACKETS)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "stranger"])
def test_a_broken_packet_ends_the_connection_quietly(bell: Bell, what: str, signed_in: bool) -> None:
    if what == "a second connect" and not signed_in:
        return  # that would be the first
    client = Bare(bell, sign_in=signed_in)
    client.send(PACKETS[what])
    assert client.closed_with() in (1002, 1009)


@pytest.mark.parametrize(
    "what", ["no packet", "an event with attachments", "a binary packet as text", "very deep JSON"]
)
def test_a_broken_packet_by_polling_ends_the_session(bell: Bell, what: str) -> None:
    url = f"{bell.url}/socket.io/?EIO=4&transport=polling&sid={handshake(bell)}"
    for _ in range(2):  # the second finds no session any more
        request = urllib.request.Request(url, data=PACKETS[what], method="POST")
        with pytest.raises(urllib.error.HTTPError, match="400") as refusal:
            urllib.request.urlopen(request, timeout=60)
        assert b"Traceback" not in refusal.value.read()
        refusal.value.close()


def test_an_event_before_connect_ends_the_connection(bell: Bell) -> None:
    client = Bare(bell, sign_in=False)
    client.send(b'420["delta",{}]')
    assert client.closed_with() == 1002


def test_a_close_frame_is_echoed_and_a_ping_answered(bell: Bell) -> None:
    client = Bare(bell)
    client.send(b"hello", first=0x89)
    while (frame := client.frame())[0] != 10:
        pass
    assert frame[1] == b"hello"
    client.send((4321).to_bytes(2, "big") + b"bye", first=0x88)
    assert client.closed_with() == 4321


def test_more_events_than_allowed_end_the_connection_with_a_farewell(bell: Bell) -> None:
    handled, limits = bell.said()["handled"], EdgeLimits()
    client = Bare(bell)
    began = time.monotonic()
    for _ in range(300):
        client.send(b'42["delta",{"work":0.001}]')
    texts = []
    while (frame := client.frame())[0] == 1:
        texts.append(frame[1].decode())
    assert texts[-1] == '42["bye",{"reason":"limit"}]'
    assert int.from_bytes(frame[1][:2], "big") == 1008
    until(lambda: "limit" in bell.said()["ended"], 5, "the disconnect handler")
    allowed = limits.events_burst + limits.events_per_second * (time.monotonic() - began)
    assert bell.said()["handled"] - handled <= allowed < 300


def test_abuse_leaves_no_memory_and_no_traceback_behind() -> None:
    """What a thousand broken connections brought is gone when they are."""
    with Bell(edge={"sockets_per_address": 1000}) as bell:

        def abuse() -> None:
            for name in ("fragments without an end", "a frame above the bound", "text that is not UTF-8"):
                for _ in range(60):
                    client = Bare(bell)
                    FRAMES[name][0](client)
                    client.closed_with()
            until(lambda: bell.said()["sockets"] == 0, 5, "all of them to be forgotten")

        abuse()  # brings the process to its working size
        before = bell.said()["rss"]
        abuse()
        abuse()
        assert bell.said()["rss"] - before < 3_000_000
        assert bell.said()["outlets"] == 0
        _, log = bell.stop()
        assert "Traceback" not in log


def test_a_deaf_client_that_answers_pings_is_shed_and_then_dropped(quick_bell: Bell) -> None:
    """Neither its queue nor the others pay for it."""
    until(lambda: quick_bell.said()["outlets"] == 0, 5, "those of other tests to be gone")
    ended = quick_bell.said()["ended"].count("slow")
    deaf, listener = Bare(quick_bell, receive_buffer=4096), Bare(quick_bell)
    before = quick_bell.said()
    heard = 0
    answered = time.monotonic()

    def answer_ping() -> None:
        """Without having read any; now and then, or the rate limit would be faster."""
        nonlocal answered
        if time.monotonic() - answered > 0.3:
            answered = time.monotonic()
            with contextlib.suppress(OSError):
                deaf.send(b"3")

    while quick_bell.said()["shed"] == before["shed"]:
        quick_bell.push(count=4, size=4000)
        listened = 0
        while listened < 4:
            text = listener.text()
            listened += text.startswith('42["push",{"body"')
            if text == "2":
                listener.send(b"3")
        heard += 4
        answer_ping()
        assert heard < 20_000
    refused_from_here = quick_bell.push(count=10, size=10)
    assert refused_from_here == 10  # by the listener; the deaf one takes none
    assert quick_bell.said()["rss"] - before["rss"] < 3_000_000

    def dropped() -> bool:
        answer_ping()
        return bool(quick_bell.said()["ended"].count("slow") > ended)

    until(dropped, 6, "the deaf one to be dropped")
    deaf.close()
    listener.close()


def test_a_client_that_listens_again_gets_one_tip() -> None:
    with Bell() as bell:
        client = Bare(bell, receive_buffer=4096)
        while bell.said()["shed"] == 0:
            bell.push(count=20, size=4000)
        tips = 0
        while not tips:
            tips += client.text().startswith('42["tip"')
        said = bell.said()
        assert (said["shed"], said["drained"]) == (1, 1)
        assert bell.push() == 1
        client.close()
