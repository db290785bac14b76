"""Who is connected, and in which rooms: python-socketio's manager, remembering the rooms of each socket.

The stock manager looks for a leaving socket in every room there is (10 ms each at 50,000 sockets), and gives every
socket a room of its own in a two-way map, which is more memory than the rest of the connection.
"""

from collections.abc import Iterator
from typing import Any

from bidict import bidict
from socketio import Manager


class Rooms(Manager):  # type: ignore[misc]  # python-socketio has no types
    """`rooms[namespace][None]` stays the two-way map of all sockets; every other room is a plain dict."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[tuple[str, str], set[str]] = {}

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        if room is None:
            everybody = self.rooms.setdefault(namespace, {}).setdefault(None, bidict())
            everybody[sid] = eio_sid
            return
        if room == sid:
            return  # addressed through the map of all sockets
        rooms = self.rooms.get(namespace)
        if rooms is None or sid not in rooms[None]:
            raise ValueError("sid is not connected to requested namespace")
        if room in rooms[None]:
            raise ValueError("cannot enter a sid room")
        rooms.setdefault(room, {})[sid] = rooms[None][sid]
        self._rooms_of.setdefault((namespace, sid), set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        rooms = self.rooms.get(namespace, {})
        members = rooms.get(room, {})
        if sid not in members:
            return
        del members[sid]
        mine = self._rooms_of.get((namespace, sid))
        if mine is not None:
            mine.discard(room or "")
            if not mine:
                del self._rooms_of[namespace, sid]
        if not members:
            del rooms[room]
            if not rooms:
                del self.rooms[namespace]

    def basic_disconnect(self, sid: str, namespace: str, **_options: object) -> None:
        for room in list(self._rooms_of.get((namespace, sid), ())):
            self.basic_leave_room(sid, namespace, room)
        self.basic_leave_room(sid, namespace, None)
        self.callbacks.pop(sid, None)
        for waiting in (self.pending_connect, self.pending_disconnect):
            if sid in waiting.get(namespace, ()):
                waiting[namespace].remove(sid)
                if not waiting[namespace]:
                    del waiting[namespace]

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        rooms = self.rooms.get(namespace, {})
        everybody = rooms.get(None, {})
        members: dict[str, str] = {}
        for name in room if isinstance(room, list | tuple) else (room,):
            if name is not None and name in everybody:
                members[name] = everybody[name]
            else:
                members.update(rooms.get(name, {}))
        yield from members.items()

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        if sid not in self.rooms.get(namespace, {}).get(None, {}):
            return []
        return [sid, *self._rooms_of.get((namespace, sid), ())]
