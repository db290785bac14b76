"""Telling the connected devices what was committed, in order, and healing what was missed.

For each user with a socket here, a `Room` remembers the last revision it has told. Everything that says "user U went
from revision p to r" — our own writer after a commit, a hint from another process, the sweep — comes to the same three
answers:

    r <= last          told already                         → nothing
    p == last          the next one, and its text is here   → push it
    else               something is missing                 → read everything after `last` and push that

The database is the truth, so a lost hint costs at most one sweep, and a lost push at most one tip. A device joins its
room *before* its position is read: what is committed in between is told to it, and the other order would lose it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from random import uniform
from time import monotonic
from typing import Any, Protocol

import msgspec

from handbell_server.engine.feed import Told
from handbell_server.reads.presence import InUse
from handbell_server.runtime import Runtime
from handbell_shared import protocol
from handbell_shared.records import Presence, Push, Tip

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_CATCH_UP_AT_ONCE = 8  # reads under way at the same time, so that a sweep after an outage leaves room for requests


# Everything that happened to a user after a revision, or None when nothing did. Waits; called in greenlets.
Since = Callable[[int, int], Push | None]


class Outlet(Protocol):
    """One socket, as the edge hands it to us."""

    def offer(self, packet: Any) -> bool: ...


class Member:
    """A socket in a room. While `shed` it has missed something, and a tip will tell it so."""

    __slots__ = ("device", "expires_at", "next_tip", "outlet", "sid")

    def __init__(self, sid: str, outlet: Outlet, device: str | None, expires_at: int | None) -> None:
        self.sid = sid
        self.outlet = outlet
        self.device = device
        self.expires_at = expires_at
        self.next_tip = monotonic() + tip_pause()


class Follower(Protocol):
    """Somebody who follows by another protocol (`following.py`); it keeps its own place in the feed."""

    sid: str
    device: str | None
    expires_at: int | None

    def hear(self, push: Push) -> None:
        """This was committed."""

    def missing(self) -> None:
        """Something was, and is not told here."""

    def end(self, reason: str) -> None: ...


class Room:
    """A user's sockets and followers in this process. `last` is None until the first of them has been told where it stands."""

    __slots__ = ("asked_again", "catching_up", "followers", "in_use", "in_use_until", "last", "members", "user_id")

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.last: int | None = None
        self.members: dict[str, Member] = {}
        self.followers: dict[str, Follower] = {}
        self.catching_up = False
        self.asked_again = False
        self.in_use: str | None = None  # the device that its members were told the person uses
        self.in_use_until = 0  # when that was read, it was online until then


def tip_pause() -> float:
    """About every 25 seconds, and not everybody at once."""
    return protocol.TIP_INTERVAL * uniform(0.8, 1.2)  # noqa: S311 — spreading load, not guarding anything


class Delivery:
    """All rooms of this process. Everything here runs on the loop; reads are offloaded."""

    def __init__(self, runtime: Runtime, *, since: Since, prepare: Callable[[bytes], Any]) -> None:
        self._runtime = runtime
        self._since = since
        self._prepare = prepare
        self._reading = 0
        self._queue: list[Room] = []
        self.rooms: dict[int, Room] = {}
        self.epoch = ""
        self.told = 0
        self.healed = 0
        self.shed = 0

    # ---- who is there

    def join(self, user_id: int, member: Member) -> Room:
        room = self._room(user_id)
        room.members[member.sid] = member
        return room

    def follow(self, user_id: int, follower: Follower) -> Room:
        room = self._room(user_id)
        room.followers[follower.sid] = follower
        return room

    def _room(self, user_id: int) -> Room:
        room = self.rooms.get(user_id)
        if room is None:
            room = self.rooms[user_id] = Room(user_id)
        return room

    def leave(self, user_id: int, sid: str) -> None:
        room = self.rooms.get(user_id)
        if room is None:
            return
        room.members.pop(sid, None)
        room.followers.pop(sid, None)
        if not (room.members or room.followers) and self.rooms.get(user_id) is room:
            del self.rooms[user_id]

    def standing(self, room: Room, rev: int) -> None:
        """A member's position was read, after it joined; the room follows from there."""
        if room.last is None:
            room.last = rev
            if room.asked_again:  # something was committed while we read
                self._missing(room)
        elif room.last < rev:
            self._missing(room)

    # ---- what happened

    def tell(self, told: Iterable[Told]) -> None:
        """Our own writer has committed this."""
        for one in told:
            room = self.rooms.get(one.user_id)
            if room is not None and room.last is not None:
                self._follow(room, one.push.prev, one.push.rev, one.push)
            elif room is not None:
                self._missing(room)

    def hinted(self, hints: Iterable[tuple[int, int, int]]) -> None:
        """Another process says: this user went from one revision to another."""
        for user_id, prev, rev in hints:
            room = self.rooms.get(user_id)
            if room is not None:
                self._follow(room, prev, rev, None)

    def standings(self) -> dict[int, int]:
        """What has been told, user by user: taken before the sweep looks, and compared after it."""
        return {room.user_id: room.last for room in self.rooms.values() if room.last is not None}

    def swept(self, epoch: str, before: Mapping[int, int], revisions: Iterable[tuple[int, int]]) -> None:
        """Where inboxes really stand. `before` is what was told when the look began: a look is always a little old,
        so only a revision below *that* means that the inbox went back."""
        if self.epoch and epoch != self.epoch:
            log.warning("the installation's epoch has changed: every device starts from a snapshot")
        changed, self.epoch = epoch != self.epoch, epoch
        for user_id, rev in revisions:
            room = self.rooms.get(user_id)
            if room is None or room.last is None:
                continue
            if rev < before.get(user_id, rev) or changed:  # a backup was restored under us
                room.last = rev
                self._tip(room)
            elif rev > room.last:
                self.healed += 1
                self._missing(room)

    def tip_due(self, now: float) -> None:
        """Say where the feed stands, to those who have not heard for a while."""
        for room in list(self.rooms.values()):
            packet = None
            for member in room.members.values():
                if member.next_tip > now or room.last is None:
                    continue
                packet = packet or self._tip_packet(room.last)
                member.next_tip = now + tip_pause()
                member.outlet.offer(packet)

    def tip_one(self, user_id: int, sid: str) -> None:
        """A socket that did not keep up has drained: one tip tells it to catch up."""
        room = self.rooms.get(user_id)
        if room is not None and room.last is not None and sid in room.members:
            room.members[sid].outlet.offer(self._tip_packet(room.last))

    def used(self, user_id: int, found: InUse | None, greeted: str = "") -> None:
        """The person uses this device now; None is none that says so. A socket that was just greeted knows it."""
        room = self.rooms.get(user_id)
        if room is None:
            return
        device, room.in_use_until = found or (None, 0)
        if room.in_use != device:
            room.in_use = device
            packet = self._prepare(b'2["presence",' + _encode(Presence(device)) + b"]")
            for member in room.members.values():
                if member.sid != greeted:
                    member.outlet.offer(packet)

    def not_renewed(self, now: int) -> set[int]:
        """People whose device in use was online until now, as far as this process has heard."""
        rooms = self.rooms.values()
        return {room.user_id for room in rooms if room.in_use is not None and room.in_use_until <= now}

    # ---- the three answers

    def _follow(self, room: Room, prev: int, rev: int, push: Push | None) -> None:
        if room.last is None:
            self._missing(room)
        elif rev <= room.last:
            return
        elif push is not None and prev == room.last and not room.catching_up:
            self._push(room, push)
        else:
            self._missing(room)

    def _push(self, room: Room, push: Push) -> None:
        room.last = push.rev
        if len(push.changes) > protocol.CHANGES_PER_PUSH:  # the rules of somebody with a full inbox have changed
            self._tip(room)
            return
        for follower in list(room.followers.values()):
            follower.hear(push)
        if not room.members:
            return
        told = b'2["push",' + _encode(push) + b"]"
        large = len(told) > protocol.PUSH_BYTES and len(push.changes) > 1
        packet = self._tip_packet(push.rev) if large else self._prepare(told)
        for member in room.members.values():
            self.told += 1
            if not member.outlet.offer(packet):
                self.shed += 1

    def _tip(self, room: Room) -> None:
        assert room.last is not None
        for follower in list(room.followers.values()):
            follower.missing()
        packet = self._tip_packet(room.last)
        for member in room.members.values():
            member.outlet.offer(packet)

    def _tip_packet(self, rev: int) -> Any:
        return self._prepare(b'2["tip",' + _encode(Tip(self.epoch, rev)) + b"]")

    def _missing(self, room: Room) -> None:
        """Read on from `last`, once however often it is asked for."""
        if room.catching_up or room.last is None:
            room.asked_again = True  # the read under way may have been too early to see it
            return
        room.catching_up = True
        if self._reading < _CATCH_UP_AT_ONCE:
            self._reading += 1
            self._runtime.spawn(self._catch_up, room)
        else:
            self._queue.append(room)

    def _catch_up(self, room: Room | None) -> None:
        try:
            while room is not None:
                self._catch_up_one(room)
                room = self._queue.pop(0) if self._queue else None
        finally:
            self._reading -= 1

    def _catch_up_one(self, room: Room) -> None:
        try:
            while room.last is not None and self.rooms.get(room.user_id) is room:
                since, room.asked_again = room.last, False
                push = self._since(room.user_id, since)
                if push is None:
                    if room.asked_again:
                        continue
                    return
                if room.last == since and push.rev > since and (push.changes or push.choices):
                    self._push(room, push)
                else:
                    room.last = push.rev
                    self._tip(room)
        except Exception:
            log.warning("catching up failed; the sweep will come back to it", exc_info=True)
        finally:
            room.catching_up = False
