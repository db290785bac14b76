"""A server process of the model: it remembers nothing but the last revision it has told each connected inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from msgspec.structs import replace

from handbell_shared.records import Position, Push, Tip
from tests.shared.model.mistakes import Mistake
from tests.shared.model.registers import Mistakes
from tests.shared.model.server import Server

Send = Callable[[Push | Tip], None]


class Node(Protocol):
    """What the machine asks of a server process, of the model's and of the real one."""

    def join(self, user: int, name: str, send: Send) -> None: ...
    def leave(self, user: int, name: str) -> None: ...
    def tell(self, told: Iterable[Any]) -> None:
        """Its own writer has committed this."""

    def hinted(self, user: int, prev: int, rev: int) -> None:
        """Another process says so."""

    def sweep(self) -> None: ...
    def tips(self) -> None: ...


class ModelNode:
    def __init__(self, server: Server, mistakes: Mistakes) -> None:
        self._server = server
        self._mistakes = mistakes
        self._rooms: dict[int, dict[str, Send]] = {}
        self._last: dict[int, int] = {}

    def join(self, user: int, name: str, send: Send) -> None:
        room = self._rooms.setdefault(user, {})
        if not room:
            self._last[user] = self._server.standing(user).rev
        room[name] = send

    def leave(self, user: int, name: str) -> None:
        room = self._rooms.get(user, {})
        room.pop(name, None)
        if not room:
            self._rooms.pop(user, None)

    def tell(self, told: Iterable[Any]) -> None:
        for one in told:
            push: Push = one.push
            last = self._last.get(one.user_id, 0)
            if one.user_id not in self._rooms or push.rev <= last:
                continue
            if push.prev == last or Mistake.NODE_LIES_ABOUT_PREV in self._mistakes:
                self._push(one.user_id, replace(push, prev=last))
            else:
                self._catch_up(one.user_id)

    def hinted(self, user: int, prev: int, rev: int) -> None:
        if user in self._rooms and rev > self._last[user]:
            self._catch_up(user)

    def sweep(self) -> None:
        if Mistake.NO_SWEEP not in self._mistakes:
            for user in list(self._rooms):
                self._catch_up(user)

    def tips(self) -> None:
        if Mistake.NO_TIP not in self._mistakes:
            for user in self._rooms:
                self._say(user, Tip(self._server.epoch, self._server.standing(user).rev))

    def _catch_up(self, user: int) -> None:
        stand, last = self._server.standing(user), self._last[user]
        if stand.rev == last:
            return
        if not self._server.floor(user) <= last < stand.rev:
            self._last[user] = stand.rev
            if Mistake.NO_TIP not in self._mistakes:
                self._say(user, Tip(stand.epoch, stand.rev))
            return
        page = self._server.delta(user, Position(self._server.epoch, last), limit=10_000)
        self._push(user, replace(stand, prev=last, changes=page.changes, choices=page.choices))

    def _push(self, user: int, push: Push) -> None:
        self._last[user] = push.rev
        self._say(user, push)
        if Mistake.WRONG_ROOM in self._mistakes:
            for other in self._rooms:
                if other != user:
                    self._say(other, replace(push, prev=0))

    def _say(self, user: int, message: Push | Tip) -> None:
        for send in self._rooms[user].values():
            send(message)
