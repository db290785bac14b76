"""Everything around the protocol that may go wrong: seats, channels, a bus of hints, processes that die.

It does not care whether server, process and device are the model's or the real ones; `Parts` says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Protocol

from handbell_shared.records import (
    Ack,
    Action,
    Choice,
    DeltaPage,
    Hello,
    Notification,
    Position,
    Push,
    SnapshotPage,
    Tip,
)
from handbell_shared.replica import Applied, AskDelta, AskSnapshot, Request, SendActions
from tests.shared.model.node import Node

USERS = (1, 2)
PAGE = 2
Fate = Literal["arrives", "request lost", "answer lost"]


class AnyServer(Protocol):
    epoch: str

    def produce(self, user: int, once: str | None, key: str | None, resolved: bool) -> Any: ...
    def act(self, user: int, actions: Sequence[Action]) -> Any: ...
    def remove(self, user: int, ids: Sequence[str]) -> Any: ...
    def wake(self, user: int, ids: Sequence[str]) -> Any: ...
    def run(self, commands: Sequence[Any], now: int) -> tuple[list[Any], Sequence[Any]]: ...
    def standing(self, user: int) -> Push: ...
    def records(self, user: int) -> Mapping[str, Notification]: ...
    def choices(self, user: int) -> Mapping[str, Choice]: ...
    def digest_of(self, records: Iterable[Notification], choices: Iterable[Choice]) -> str: ...
    def delta(self, user: int, at: Position, limit: int) -> DeltaPage: ...
    def snapshot(self, user: int, after: str, limit: int) -> SnapshotPage: ...
    def trim(self, user: int) -> None: ...
    def rot(self, user: int) -> None: ...
    def backup(self) -> Any: ...
    def restore(self, backup: Any, epoch: str | None) -> None: ...


class Client(Protocol):
    resyncs: int

    @property
    def live(self) -> bool: ...
    def on_hello(self, hello: Hello) -> None: ...
    def on_disconnect(self) -> None: ...
    def on_tip(self, tip: Tip) -> None: ...
    def on_push(self, push: Push, now: float) -> Applied: ...
    def wanted(self, now: float) -> Request | None: ...
    def take_delta(self, page: DeltaPage, now: float) -> Applied: ...
    def take_snapshot(self, page: SnapshotPage) -> Applied: ...
    def take_acks(self, acks: Iterable[Ack]) -> None: ...
    def act(self, action: Action) -> None: ...
    def view(self, an_id: str) -> Notification | None: ...
    def badge(self, now: int) -> int: ...
    def chooses(self, name: str) -> Any: ...


class Disk(Protocol):
    @property
    def position(self) -> Position: ...
    @property
    def records(self) -> Mapping[str, Notification]: ...
    @property
    def outbox(self) -> Mapping[str, tuple[Action, int | None]]: ...
    @property
    def chosen(self) -> Mapping[str, Choice]: ...


@dataclass(frozen=True)
class Parts:
    """The four things the protocol is made of."""

    server: Callable[[Iterable[int]], AnyServer]
    node: Callable[[Any], Node]
    disk: Callable[[], Any]
    client: Callable[[Any], Client]
    joins_last: bool = False


@dataclass
class Seat:
    """One device, with what has been sent to it and what a test remembers of it."""

    user: int
    name: str
    disk: Disk
    client: Client
    node: Node | None = None
    inflight: list[Push | Tip] = field(default_factory=list)
    connection: int = 0
    asked: bool = False
    lineage: int = -1
    resyncs: int = 0
    toasts: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass
class Waiting:
    command: Any
    answer: Callable[[Any], None]


class World:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.server = parts.server(USERS)
        self.nodes = [parts.node(self.server), parts.node(self.server)]
        self.seats = [self.seat(1, "a"), self.seat(1, "b"), self.seat(2, "c")]
        self.bus: list[tuple[int, int, int, int]] = []  # to which process; user, prev, rev
        self.now = 1_000_000
        self.lineage = 0
        self.rotten: set[int] = set()
        self.gathering = False
        self._group: list[Waiting] = []

    def seat(self, user: int, name: str) -> Seat:
        disk = self.parts.disk()
        return Seat(user, name, disk, self.parts.client(disk))

    # ---- group commits

    def submit(self, command: Any, answer: Callable[[Any], None], *, told: bool = True) -> None:
        """Hand a command to the writer, which commits at once unless a group is gathering."""
        self._group.append(Waiting(command, answer))
        if not self.gathering or len(self._group) >= 4:
            self.commit(told=told)

    def commit(self, *, told: bool = True) -> None:
        """`told` false is a kill between commit and publish."""
        self.gathering = False
        group, self._group = self._group, []
        if not group:
            return
        self.now += 1  # no two commits in one millisecond: a restored server could not be told from itself
        results, hints = self.server.run([waiting.command for waiting in group], self.now)
        if told:
            self.nodes[0].tell(hints)
            self.bus += [(1, hint.user_id, hint.push.prev, hint.push.rev) for hint in hints]
        for waiting, result in zip(group, results, strict=True):
            waiting.answer(result)

    # ---- connections

    def connect(self, seat: Seat, node: int) -> None:
        self.disconnect(seat)
        seat.node = self.nodes[node]
        if not self.parts.joins_last:
            seat.node.join(seat.user, seat.name, seat.inflight.append)
        stand = self.server.standing(seat.user)
        seat.client.on_hello(Hello(stand.epoch, stand.rev, self.now, stand.unread, seat.name, 25))

    def disconnect(self, seat: Seat) -> None:
        if seat.node is not None:
            seat.node.leave(seat.user, seat.name)
        seat.node, seat.inflight, seat.asked = None, [], False
        seat.connection += 1
        seat.client.on_disconnect()

    def crash(self, seat: Seat) -> None:
        self.disconnect(seat)
        seat.resyncs += seat.client.resyncs
        seat.client = self.parts.client(seat.disk)

    def install_anew(self, seat: Seat) -> None:
        """The same person at a device that knows nothing, neither what it held nor what it had to say."""
        self.disconnect(seat)
        seat.resyncs += seat.client.resyncs
        fresh = self.seat(seat.user, seat.name)
        seat.disk, seat.client, seat.lineage = fresh.disk, fresh.client, -1
        seat.seen, seat.toasts = {}, Counter()

    def kill_node(self, node: int) -> None:
        for seat in self.seats:
            if seat.node is self.nodes[node]:
                self.disconnect(seat)
        if node == 0:  # the one with the writer: what was gathering there never happened
            self.gathering, self._group = False, []
            for seat in self.seats:
                seat.asked = False
        self.nodes[node] = self.parts.node(self.server)
        self.bus = [hint for hint in self.bus if hint[0] != node]

    # ---- what a device asks and hears

    def step(self, seat: Seat, fate: Fate = "arrives", *, told: bool = True) -> bool:
        """Carry out the next request of a device; whether there was one."""
        request = None if seat.node is None or seat.asked else seat.client.wanted(self.now / 1000)
        if request is None:
            return False
        if fate == "request lost":
            return True
        match request:
            case SendActions(actions=actions):
                seat.asked = True
                answer = partial(self._acknowledged, seat, seat.connection, fate)
                self.submit(self.server.act(seat.user, actions), answer, told=told)
            case AskDelta(position=position):
                page = self.server.delta(seat.user, position, PAGE)
                if fate == "arrives":
                    self._take_delta(seat, page)
            case AskSnapshot(after=after):
                snapshot = self.server.snapshot(seat.user, after, PAGE)
                if fate == "arrives":
                    self._heard(seat, seat.client.take_snapshot(snapshot))
        return True

    def _take_delta(self, seat: Seat, page: DeltaPage) -> None:
        self._heard(seat, seat.client.take_delta(page, self.now / 1000))
        if page.snapshot is None and not page.more:
            if self.parts.joins_last and seat.node is not None:
                seat.node.join(seat.user, seat.name, seat.inflight.append)
            if seat.client.live:
                seat.lineage = self.lineage

    def _acknowledged(self, seat: Seat, connection: int, fate: Fate, acks: Iterable[Ack]) -> None:
        self.on_acks(seat, acks)
        if seat.connection == connection:
            seat.asked = False
            if fate == "arrives":
                seat.client.take_acks(acks)

    def on_acks(self, seat: Seat, acks: Iterable[Ack]) -> None:
        """For whoever keeps the books."""

    def deliver(self, seat: Seat, index: int = 0, *, keep: bool = False) -> None:
        """A push or tip reaches the device: the next one, or out of order; `keep` repeats it later."""
        message = seat.inflight[index] if keep else seat.inflight.pop(index)
        if isinstance(message, Tip):
            seat.client.on_tip(message)
        else:
            self._heard(seat, seat.client.on_push(message, self.now / 1000))

    def _heard(self, seat: Seat, applied: Applied) -> None:
        for news in applied.news:
            assert not news.read, "I11 a toast for what is read already"
            seat.toasts[self.lineage, news.id, news.cver] += 1

    def hint(self, index: int, *, keep: bool = False, lose: bool = False) -> None:
        node, user, prev, rev = self.bus[index] if keep else self.bus.pop(index)
        if not lose:
            self.nodes[node].hinted(user, prev, rev)

    # ---- disaster

    def backup(self) -> Any:
        return self.server.backup(), set(self.rotten)

    def restore(self, backup: Any, *, new_epoch: bool) -> None:
        self.lineage += 1
        stored, rotten = backup
        self.rotten = set(rotten)
        self.server.restore(stored, f"epoch {self.lineage}" if new_epoch else None)
        for node in range(len(self.nodes)):
            self.kill_node(node)
        for seat in self.seats:
            self.disconnect(seat)
            seat.lineage, seat.seen = -1, {}
