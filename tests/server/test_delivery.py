"""Rooms: who is told what, in which order, and how a gap is healed. Real database, sockets that only remember."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from handbell_server.actions.produce import ProduceAll
from handbell_server.delivery import Delivery, Member
from handbell_server.engine.feed import Told
from handbell_server.reads import reading
from handbell_server.reads.presence import InUse
from handbell_server.runtime import Runtime
from handbell_shared import protocol
from handbell_shared.records import Push
from tests.support.engine_room import EngineRoom
from tests.support.waiting import TimedOutError


class Socket:
    """What one socket was given, as (event, payload)."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []

    def offer(self, packet: bytes) -> bool:
        event, payload = json.loads(packet[1:])
        self.got.append((event, payload))
        return True

    @property
    def revisions(self) -> list[tuple[str, int, int]]:
        return [(event, said.get("prev", -1), said["rev"]) for event, said in self.got]


class Ring:
    """Delivery over the engine room's database; `ana` has a socket that stands at the present."""

    def __init__(self, runtime: Runtime, room: EngineRoom) -> None:
        self.runtime = runtime
        self.room = room
        self.reads = 0
        self.delivery = Delivery(runtime, since=self._since, prepare=lambda packet: packet)
        self.delivery.epoch = "epoch"

    def _since(self, user: int, rev: int) -> Push | None:
        self.reads += 1
        push: Push | None = self.runtime.offload(self._read, user, rev)
        return push

    def _read(self, user: int, rev: int) -> Push | None:
        with reading.view(self.room.engine) as connection:
            return reading.push_since(connection, user, rev)

    def enter(self, user: int, sid: str = "sid") -> Socket:
        socket = Socket()
        at = self.delivery.join(user, Member(sid, socket, None, None))
        self.delivery.standing(at, self.room.number(f"SELECT rev FROM inboxes WHERE user_id = {user}"))
        return socket

    def post(self, count: int = 1) -> list[Told]:
        """Commit for ana, and hand back what delivery was not yet told."""
        del self.room.told[:]
        for number in range(count):
            self.room.change(self.room.tell(self.room.ana, f"n {number}"))
        return list(self.room.told)

    def settle(self, socket: Socket, rev: int) -> None:
        for _ in range(6_000):
            if socket.got and socket.got[-1][1]["rev"] == rev:
                return
            self.runtime.sleep(0.01)
        raise TimedOutError(f"revision {rev} never came: {socket.revisions}")


@pytest.fixture
def ring(room: EngineRoom) -> Iterator[Ring]:
    runtime = Runtime()
    yield Ring(runtime, room)
    runtime.close()


def test_what_this_process_committed_is_pushed_without_asking_the_database(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    ring.delivery.tell(ring.post(3))
    assert socket.revisions == [("push", 0, 1), ("push", 1, 2), ("push", 2, 3)]
    assert ring.reads == 0


def test_a_hint_of_another_process_is_read_once_and_pushed_whole(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    ring.post(3)
    ring.delivery.hinted([(ring.room.ana, 0, 1), (ring.room.ana, 1, 2), (ring.room.ana, 2, 3)])
    ring.settle(socket, 3)
    assert socket.revisions == [("push", 0, 3)]


def test_hints_that_are_late_repeated_or_of_strangers_tell_nobody(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    told = ring.post(2)
    ring.delivery.tell(told)
    ring.delivery.tell(told)
    ring.delivery.hinted([(ring.room.ana, 0, 1), (ring.room.ana, 1, 2), (ring.room.bo, 0, 1), (999, 0, 1)])
    ring.runtime.sleep(0.05)
    assert socket.revisions == [("push", 0, 1), ("push", 1, 2)]


def test_a_lost_hint_is_healed_by_the_sweep(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    ring.post(2)
    ring.delivery.swept("epoch", ring.delivery.standings(), [(ring.room.ana, 2)])
    ring.settle(socket, 2)
    assert socket.revisions == [("push", 0, 2)]
    assert ring.delivery.healed == 1


def test_our_own_push_behind_a_gap_waits_for_what_is_missing(ring: Ring) -> None:
    """Another process wrote revision 1 and its hint was lost; ours is revision 2."""
    socket = ring.enter(ring.room.ana)
    ring.post(1)
    ring.delivery.tell(ring.post(1))
    ring.settle(socket, 2)
    assert socket.revisions == [("push", 0, 2)]


def test_a_sweep_that_looked_before_a_commit_does_not_take_the_room_back(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    before = ring.delivery.standings()
    ring.delivery.tell(ring.post(1))
    ring.delivery.swept("epoch", before, [(ring.room.ana, 0)])
    assert socket.revisions == [("push", 0, 1)]


def test_an_inbox_that_went_back_is_told_by_a_tip(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    ring.delivery.tell(ring.post(2))
    ring.delivery.swept("epoch", ring.delivery.standings(), [(ring.room.ana, 1)])
    assert socket.revisions[-1] == ("tip", -1, 1)


def test_more_than_a_push_may_hold_is_a_tip_and_the_device_asks(ring: Ring) -> None:
    socket = ring.enter(ring.room.ana)
    answers = [ring.room.ask(ring.room.tell(ring.room.ana, f"n {n}")) for n in range(600)]
    last = max(answer.wait().outcomes[0].revision for answer in answers)
    ring.delivery.hinted([(ring.room.ana, 0, last)])
    ring.settle(socket, last)
    assert [event for event, *_ in socket.revisions] == ["tip"]


@pytest.mark.parametrize(
    ("count", "body"), [(protocol.CHANGES_PER_PUSH + 1, ""), (80, "x" * 4_000)], ids=["many", "long"]
)
def test_a_commit_of_more_than_a_push_may_hold_is_a_tip_as_well(ring: Ring, count: int, body: str) -> None:
    """As when the rules of somebody with a full inbox change."""
    socket = ring.enter(ring.room.ana)
    del ring.room.told[:]
    many = [ring.room.tell(ring.room.ana, f"n {number}", body=body) for number in range(count)]
    ring.room.change(ProduceAll(ring.room.sender.id, many, None))

    ring.delivery.tell(ring.room.told)

    assert socket.revisions == [("tip", -1, 1)]
    ring.delivery.tell(ring.post(1))
    assert socket.revisions[-1] == ("push", 1, 2), "and pushes go on behind it"
    assert ring.reads == 0


def test_what_is_committed_while_a_device_enters_is_not_lost(ring: Ring) -> None:
    """In the room already, its position not read yet."""
    socket = Socket()
    at = ring.delivery.join(ring.room.ana, Member("sid", socket, None, None))
    ring.delivery.tell(ring.post(1))
    ring.delivery.standing(at, 0)  # read just before that commit
    ring.settle(socket, 1)
    assert socket.revisions == [("push", 0, 1)]


def test_all_devices_of_a_user_hear_the_same_and_others_nothing(ring: Ring) -> None:
    one, two = ring.enter(ring.room.ana, "one"), ring.enter(ring.room.ana, "two")
    bo = ring.enter(ring.room.bo, "three")
    ring.delivery.tell(ring.post(1))
    assert one.got == two.got and len(one.got) == 1
    assert bo.got == []
    ring.delivery.leave(ring.room.ana, "one")
    ring.delivery.leave(ring.room.ana, "two")
    assert ring.room.ana not in ring.delivery.rooms


def test_what_a_newcomer_is_greeted_with_is_news_to_who_was_here_before(ring: Ring) -> None:
    before, newcomer = ring.enter(ring.room.ana, "before"), ring.enter(ring.room.ana, "newcomer")
    ring.delivery.used(ring.room.ana, InUse("phone", 1), greeted="newcomer")
    ring.delivery.used(ring.room.ana, InUse("phone", 2))
    assert before.got == [("presence", {"in_use": "phone"})]
    assert newcomer.got == []
