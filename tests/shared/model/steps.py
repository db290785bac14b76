"""The single steps by which chance plays against the protocol."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from handbell_shared.records import Action, ActionKind, AnswerGiven, Chosen, Target
from tests.shared.model.books import Books
from tests.shared.model.registers import generation_of
from tests.shared.model.world import USERS, Fate, Parts, Seat, World

KINDS: list[ActionKind] = [
    "read",
    "unread",
    "seen",
    "unseen",
    "archive",
    "unarchive",
    "snooze",
    "pin",
    "unpin",
    "delete",
    "answer",
]

RULES = [f'rule:["{source}",null,null]' for source in "abc"]
users = st.sampled_from(USERS)
seats = st.integers(0, 2)
nodes = st.integers(0, 1)
some = st.integers(0, 9)
fates = st.sampled_from(["arrives", "arrives", "arrives", "request lost", "answer lost"])


class Steps(RuleBasedStateMachine):
    parts: ClassVar[Parts]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.parts)
        self.books = Books(self.world)
        self.world.on_acks = self.books.acknowledged  # type: ignore[method-assign]
        self.backup: tuple[Any, Any] | None = None
        self._names = itertools.count()
        self.calm = False

    # ---- producers

    @rule(
        user=users,
        once=st.sampled_from([None, None, "x", "y"]),
        key=st.sampled_from([None, "k", "k"]),
        resolved=st.sampled_from([False, False, False, True]),
        tries=st.integers(1, 3),
        told=st.booleans(),
    )
    def produce(self, user: int, once: str | None, key: str | None, resolved: bool, tries: int, told: bool) -> None:
        for _ in range(tries if once else 1):  # a retry after an unknown outcome
            self._produce(user, once, key, resolved and key is not None, told)

    def _produce(self, user: int, once: str | None, key: str | None, resolved: bool, told: bool) -> None:
        command = self.world.server.produce(user, once, key, resolved)
        self.world.submit(command, lambda an_id: self.books.produced(user, once, an_id), told=told)

    # ---- people

    @rule(i=seats, kind=st.sampled_from(KINDS), which=some, skew=st.integers(-2_000, 2_000), until=st.integers(0, 3))
    def act(self, i: int, kind: ActionKind, which: int, skew: int, until: int) -> None:
        seat = self.world.seats[i]
        live = self._visible(seat)
        if live:
            self._act(seat, kind, [live[which % len(live)]], self.world.now + skew, until)

    def _act(self, seat: Seat, kind: ActionKind, ids: Sequence[str], at: int, until: int) -> None:
        views = [seat.client.view(an_id) for an_id in ids]
        action = Action(
            id=f"op {next(self._names):04}",
            kind=kind,
            ids=tuple(Target(view.id, generation_of(kind, view)) for view in views if view is not None),
            at=at,
            until=self.world.now + 1_000 * (1 + until) if kind == "snooze" else 0,
            answer=AnswerGiven("yes") if kind == "answer" else None,
        )
        seat.client.act(action)
        self.books.said(seat, action)

    @rule(i=seats, name=st.sampled_from(["devices", "pause", *RULES]), which=some, skew=st.integers(-2_000, 2_000))
    def choose(self, i: int, name: str, which: int, skew: int) -> None:
        rule: list[Any] = [{"toast": False}, {"badge": False}, None]
        values: dict[str, list[Any]] = {"devices": ["all", "in_use", None], "pause": [1_000, 2_000, None]}
        self._choose(self.world.seats[i], name, values.get(name, rule)[which % 3], self.world.now + skew)

    def _choose(self, seat: Seat, name: str, value: Any, at: int) -> None:
        chosen = Chosen(name, value)
        action = Action(id=f"op {next(self._names):04}", kind="choose", ids=(), at=at, choice=chosen)
        seat.client.act(action)
        self.books.said(seat, action)

    def _visible(self, seat: Seat) -> list[str]:
        views = map(seat.client.view, sorted(seat.disk.records))
        return [view.id for view in views if view is not None and view.live]

    # ---- the channels

    @rule(i=seats, fate=fates, told=st.booleans())
    def step(self, i: int, fate: Fate, told: bool) -> None:
        self.world.step(self.world.seats[i], fate, told=told)

    @rule(i=seats, which=some, mode=st.sampled_from(["next", "next", "next", "repeat", "lose", "overtake"]))
    def deliver(self, i: int, which: int, mode: str) -> None:
        seat = self.world.seats[i]
        if not seat.inflight:
            return
        which = 0 if mode == "next" else which % len(seat.inflight)
        if mode == "lose":
            del seat.inflight[which]
        else:
            self.world.deliver(seat, which, keep=mode == "repeat")

    @rule(which=some, mode=st.sampled_from(["pass", "pass", "repeat", "lose"]))
    def hint(self, which: int, mode: str) -> None:
        if self.world.bus:
            self.world.hint(which % len(self.world.bus), keep=mode == "repeat", lose=mode == "lose")

    @rule(n=nodes)
    def sweep(self, n: int) -> None:
        self.world.nodes[n].sweep()

    @rule(n=nodes)
    def tips(self, n: int) -> None:
        self.world.nodes[n].tips()

    @rule(i=seats, n=nodes)
    def connect(self, i: int, n: int) -> None:
        self.world.connect(self.world.seats[i], n)

    @rule()
    def gather(self) -> None:
        self.world.gathering = True

    @rule(told=st.booleans())
    def commit(self, told: bool) -> None:
        self.world.commit(told=told)

    # ---- time

    @rule(ms=st.sampled_from([10, 300, 1_500]))
    def wait(self, ms: int) -> None:
        self.world.now += ms

    @rule(user=users)
    def wake(self, user: int) -> None:
        due = [r.id for r in self.world.server.records(user).values() if 0 < r.snoozed_until <= self.world.now]
        if due:
            self.world.submit(self.world.server.wake(user, due), lambda _: None)

    @rule(user=users, which=some)
    def expire(self, user: int, which: int) -> None:
        live = [record.id for record in self.world.server.records(user).values() if record.live]
        if live:
            self.world.submit(self.world.server.remove(user, [live[which % len(live)]]), lambda _: None)

    @rule(user=users)
    def trim(self, user: int) -> None:
        self.world.server.trim(user)
        self.books.trimmed(user)

    # ---- disaster

    @rule(i=seats, hard=st.booleans())
    def drop(self, i: int, hard: bool) -> None:
        (self.world.crash if hard else self.world.disconnect)(self.world.seats[i])

    @rule(n=nodes)
    def kill_node(self, n: int) -> None:
        self.world.kill_node(n)

    @rule()
    def back_up(self) -> None:
        self.backup = self.world.backup(), self.books.backup()

    @precondition(lambda self: not self.calm and self.backup is not None)
    @rule(new_epoch=st.booleans())
    def restore(self, new_epoch: bool) -> None:
        assert self.backup is not None
        self.world.restore(self.backup[0], new_epoch=new_epoch)
        self.books.restored(self.backup[1])

    @precondition(lambda self: not self.calm and not self.world.rotten)
    @rule(user=users, really=st.integers(0, 5))
    def rot(self, user: int, really: int) -> None:
        if not really:
            self.world.rotten.add(user)
            self.world.server.rot(user)
