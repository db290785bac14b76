"""The pure parts: frames, rooms and addresses, without a network."""

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handbell_server.socket.edge.frames import FrameReader, unmask
from handbell_server.socket.edge.guard import Guard
from handbell_server.socket.edge.limits import EdgeLimits
from handbell_server.socket.edge.rooms import Rooms
from tests.server.edge.raw import masked


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_unmasking_is_the_xor_of_every_byte(payload: bytes, mask: bytes) -> None:
    assert unmask(payload, mask) == bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


@given(st.lists(st.text(max_size=200), max_size=5), st.data())
def test_frames_are_understood_wherever_the_network_cuts_them(texts: list[str], data: st.DataObject) -> None:
    stream = b"".join(masked(text.encode()) for text in texts)
    reader = FrameReader(65_536)
    got: list[Any] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert got == texts


def rooms_with(sockets: int) -> tuple[Rooms, list[str]]:
    rooms = Rooms()
    sids = [f"sid{number}" for number in range(sockets)]
    for sid in sids:
        rooms.basic_enter_room(sid, "/", None, eio_sid=f"eio-{sid}")
        rooms.basic_enter_room(sid, "/", sid, eio_sid=f"eio-{sid}")
        rooms.basic_enter_room(sid, "/", f"user:{sid}")
    return rooms, sids


def test_leaving_costs_the_same_among_many_as_among_few() -> None:
    def seconds_per_leave(sockets: int) -> float:
        rooms, sids = rooms_with(sockets)
        began = time.perf_counter()
        for sid in sids[:100]:
            rooms.basic_disconnect(sid, "/")
        return (time.perf_counter() - began) / 100

    assert seconds_per_leave(20_000) < max(20 * seconds_per_leave(200), 100e-6)


def test_rooms_hold_who_entered_until_they_leave() -> None:
    rooms, _ = rooms_with(3)
    rooms.basic_enter_room("sid0", "/", "user:sid1")
    assert dict(rooms.get_participants("/", "user:sid1")) == {"sid0": "eio-sid0", "sid1": "eio-sid1"}
    assert dict(rooms.get_participants("/", "sid2")) == {"sid2": "eio-sid2"}
    assert len(dict(rooms.get_participants("/", None))) == 3
    assert sorted(rooms.get_rooms("sid0", "/")) == ["sid0", "user:sid0", "user:sid1"]

    rooms.basic_leave_room("sid0", "/", "user:sid1")
    rooms.basic_disconnect("sid1", "/")
    assert dict(rooms.get_participants("/", "user:sid1")) == {}
    for sid in ("sid0", "sid2"):
        rooms.basic_disconnect(sid, "/")
    assert rooms.rooms == {}


def test_only_proxies_of_ours_say_who_is_behind_them() -> None:
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"}
    assert Guard(EdgeLimits()).address(environ) == "10.0.0.1"
    assert Guard(EdgeLimits(trusted_hops=1)).address(environ) == "203.0.113.9"
    assert Guard(EdgeLimits(trusted_hops=3)).address(environ) == "10.0.0.1"
