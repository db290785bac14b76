"""The real delivery of one process, with its packets, on a server that is in memory and a loop that is at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import msgspec

from handbell_server.delivery import Delivery, Member
from handbell_server.engine.feed import Told
from handbell_server.runtime import Runtime
from handbell_shared.records import Push, Tip
from tests.contract.memory_server import MemoryServer
from tests.shared.model.node import Send

T = TypeVar("T")

_decode = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode
_KINDS: dict[str, type[Push] | type[Tip]] = {"push": Push, "tip": Tip}


class _AtOnce:
    """A runtime without waiting: what is spawned has run, what is offloaded has come back."""

    def spawn(self, work: Callable[..., object], *arguments: Any) -> None:
        work(*arguments)

    def offload(self, work: Callable[..., T], *arguments: Any) -> T:
        return work(*arguments)


class _Socket:
    def __init__(self, send: Send) -> None:
        self._send = send

    def offer(self, packet: bytes) -> bool:
        kind, body = _decode(packet[1:])
        self._send(msgspec.json.decode(body, type=_KINDS[kind]))
        return True


class RealNode:
    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._delivery = Delivery(cast("Runtime", _AtOnce()), since=server.push_since, prepare=lambda packet: packet)
        self._delivery.epoch = server.epoch
        self._look: tuple[str, dict[int, int], list[tuple[int, int]]] = (server.epoch, {}, [])

    def join(self, user: int, name: str, send: Send) -> None:
        room = self._delivery.join(user, Member(name, _Socket(send), None, None))
        self._delivery.standing(room, self._server.standing(user).rev)

    def leave(self, user: int, name: str) -> None:
        self._delivery.leave(user, name)

    def tell(self, told: Iterable[Told]) -> None:
        self._delivery.tell(told)

    def hinted(self, user: int, prev: int, rev: int) -> None:
        self._delivery.hinted([(user, prev, rev)])

    def sweep(self) -> None:
        """Take in the look that began at the last sweep, for a look is always a little old, and begin another."""
        self._delivery.swept(*self._look)
        before = self._delivery.standings()
        self._look = self._server.epoch, before, [(user, self._server.standing(user).rev) for user in before]

    def tips(self) -> None:
        self._delivery.tip_due(float("inf"))
