"""The rules by which chance plays against the protocol, and the end of every game: quiet, and everything equal."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from handbell_shared.records import Action, ActionKind, AnswerGiven, Target
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

FAMILIES: list[list[ActionKind]] = [
    ["read", "unread"],
    ["seen", "unseen"],
    ["archive", "unarchive"],
    ["snooze", "snooze"],
    ["pin", "unpin"],
    ["answer", "answer"],
    ["delete", "unarchive"],
    ["delete", "read"],
]

users = st.sampled_from(USERS)
seats = st.integers(0, 2)
nodes = st.integers(0, 1)
some = st.integers(0, 9)
fates = st.sampled_from(["arrives", "arrives", "arrives", "request lost", "answer lost"])


class SyncMachine(RuleBasedStateMachine):
    parts: ClassVar[Parts]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.parts)
        self.books = Books(self.world)
        self.world.on_acks = self.books.acknowledged  # type: ignore[method-assign]
        self.backup: tuple[Any, Any] | None = None
        self._names = itertools.count()

    @initialize(few=st.integers(0, 4))
    def begin(self, few: int) -> None:
        """Most interesting things happen between live devices that hold something."""
        for user in USERS:
            self.burst(user, few)
        for i in range(len(self.world.seats)):
            self.bring_up(i, i % 2)

    # ---- producers

    @rule(
        user=users,
        once=st.none() | st.sampled_from("xyz"),
        key=st.none() | st.sampled_from("kk"),
        resolved=st.sampled_from([False, False, False, True]),
        tries=st.integers(1, 3),
        told=st.booleans(),
    )
    def produce(self, user: int, once: str | None, key: str | None, resolved: bool, tries: int, told: bool) -> None:
        for _ in range(tries if once else 1):  # a retry after an unknown outcome
            self._produce(user, once, key, resolved and key is not None, told)

    @rule(user=users, times=st.integers(1, 4))
    def burst(self, user: int, times: int) -> None:
        self.world.gathering = True
        for _ in range(times):
            self._produce(user, None, None, False, True)
        self.world.commit()

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

    @rule(family=st.sampled_from(FAMILIES), which=some, turns=st.permutations([0, 1]), skew=st.integers(-9, 9))
    def quarrel(self, family: list[ActionKind], which: int, turns: list[int], skew: int) -> None:
        """Two devices of one person do two things to one record, and the server hears of them in either order."""
        both = self.world.seats[:2]
        common = sorted(set(self._visible(both[0])) & set(self._visible(both[1])))
        if not common:
            return
        for seat, kind, late in zip(both, family, (0, skew), strict=True):
            self._act(seat, kind, [common[which % len(common)]], self.world.now - 100 + late, 1 + which)
        for turn in turns:
            if both[turn].client.live:
                self.world.step(both[turn])

    @rule(i=seats, kind=st.sampled_from(["read", "read", "seen", "archive"]))
    def act_on_all(self, i: int, kind: ActionKind) -> None:
        """"Mark all read" names what the person saw."""
        seat = self.world.seats[i]
        live = self._visible(seat)
        if live:
            self._act(seat, kind, live, self.world.now, 0)

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

    @rule(i=seats, n=nodes)
    def bring_up(self, i: int, n: int) -> None:
        """Most interesting things happen to live devices, and chance alone seldom gets there."""
        seat = self.world.seats[i]
        if seat.node is None:
            self.world.connect(seat, n)
        for _ in range(40):
            if seat.client.live or not self.world.step(seat):
                break
            self.books.check()

    @rule(i=seats)
    def keep_up(self, i: int) -> None:
        """What a device does in a quiet moment: hear everything and say everything."""
        seat = self.world.seats[i]
        while seat.inflight:
            self.world.deliver(seat)
            self.books.check()
        self.world.step(seat)

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

    @precondition(lambda self: self.backup is not None)
    @rule(new_epoch=st.booleans())
    def restore(self, new_epoch: bool) -> None:
        assert self.backup is not None
        self.world.restore(self.backup[0], new_epoch=new_epoch)
        self.books.restored(self.backup[1])

    @precondition(lambda self: not self.world.rotten)
    @rule(user=users, really=st.integers(0, 5))
    def rot(self, user: int, really: int) -> None:
        if not really:
            self.world.rotten.add(user)
            self.world.server.rot(user)

    # ---- checks

    @invariant()
    def holds(self) -> None:
        self.books.check()

    @rule()
    def come_to_rest(self) -> None:
        self._rest()

    def teardown(self) -> None:
        self._rest()

    def _rest(self) -> None:
        world = self.world
        world.commit()
        for seat in world.seats:
            if seat.node is None:  # the others stay as they are: the sweep must reach them
                world.connect(seat, 0)
        for turn in range(200):
            busy = False
            world.now += 50
            for node in world.nodes:
                node.sweep()
                if turn % 8 == 0:
                    node.tips()
            for seat in world.seats:
                while seat.inflight:
                    busy = True
                    world.deliver(seat)
                busy |= world.step(seat)
                self.books.check()
            if not busy and turn > 16:
                break
        else:
            raise AssertionError("I0 no rest")
        self.books.check_quiet()
