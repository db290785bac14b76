"""The game: single steps, scenes that chance alone would seldom play, and an end where everything must be equal."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from handbell_shared.records import ActionKind
from tests.shared.model.steps import KINDS, RULES, Steps, nodes, seats, some, users
from tests.shared.model.world import USERS, Seat

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


class SyncMachine(Steps):
    @initialize(few=st.integers(0, 4), calm=st.booleans())
    def begin(self, few: int, calm: bool) -> None:
        """Most interesting things happen between live devices that hold something. Half of the games are calm: history
        is never rewritten, and the promises are stricter."""
        self.calm = calm
        for user in USERS:
            self.burst(user, few)
        for i in range(len(self.world.seats)):
            self.bring_up(i, i % 2)

    @rule(user=users, times=st.integers(1, 4))
    def burst(self, user: int, times: int) -> None:
        self.world.gathering = True
        for _ in range(times):
            self._produce(user, None, None, False, True)
        self.world.commit()

    @rule(i=seats)
    def keep_up(self, i: int) -> None:
        """What a device does in a quiet moment: hear everything and say everything."""
        seat = self.world.seats[i]
        while seat.inflight:
            self.world.deliver(seat)
            self.books.check()
        self.world.step(seat)

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

    @rule(i=seats, kind=st.sampled_from(["read", "read", "seen", "archive"]))
    def act_on_all(self, i: int, kind: ActionKind) -> None:
        """ "Mark all read" names what the person saw."""
        seat = self.world.seats[i]
        live = self._visible(seat)
        if live:
            self._act(seat, kind, live, self.world.now, 0)

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

    @rule(i=seats, kind=st.sampled_from(KINDS), then=st.sampled_from(["told again", "told again", "snoozed"]))
    def incident(self, i: int, kind: ActionKind, then: str) -> None:
        """Something happens, a person does something about it, and it comes back."""
        seat = self.world.seats[i]
        self._produce(seat.user, None, "k", False, True)
        self.keep_up(i)
        keyed = [an_id for an_id in self._visible(seat) if seat.disk.records[an_id].key == "k"]
        if not keyed:
            return
        self._act(seat, kind, keyed[-1:], self.world.now, 0)
        if then == "told again":
            self.world.step(seat)
            self._produce(seat.user, None, "k", False, True)
        elif keyed[-1] in self._visible(seat):
            self._act(seat, "snooze", keyed[-1:], self.world.now, 0)
            self.world.step(seat)
            self.world.now += 1_500
            self.wake(seat.user)

    @rule(i=seats, which=some, cut=st.booleans())
    def lose_one(self, i: int, which: int, cut: bool) -> None:
        """One of three pushes is lost; or the last one before a silence, which no later push would show."""
        seat = self.world.seats[i]
        self.keep_up(i)
        for _ in range(3):
            self._produce(seat.user, None, None, False, True)
        if seat.inflight:
            del seat.inflight[-1 if cut else which % len(seat.inflight)]
        while cut and seat.inflight:
            self.world.deliver(seat)
        if cut:
            self._rest()

    @rule(
        i=seats,
        n=nodes,
        forget=st.booleans(),
        meanwhile=st.lists(st.sampled_from(["tell", "expire", "again"]), max_size=4),
        killed=st.booleans(),
    )
    def interrupt(self, i: int, n: int, forget: bool, meanwhile: list[str], killed: bool) -> None:
        """A device that was away catches up page by page, perhaps from nothing, while the inbox goes on changing."""
        seat = self.world.seats[i]
        self.world.disconnect(seat)
        if forget:
            self.world.install_anew(seat)
        self.burst(seat.user, 3)
        self.world.connect(seat, n)
        for turn, what in enumerate(meanwhile):
            self.world.step(seat)
            if what == "expire":
                self.expire(seat.user, turn)
            else:
                self._produce(seat.user, None, "k" if what == "again" else None, False, True)
        if killed:
            self.world.crash(seat)

    @rule(i=seats, rules=st.permutations(RULES), late=st.integers(0, 2), away=st.booleans())
    def rules_come_and_go(self, i: int, rules: list[str], late: int, away: bool) -> None:
        """Until the oldest that went are forgotten; another device of the person has something old to say of one of them."""
        seat, others = self.world.seats[i], [one for one in self.world.seats if one.user == self.world.seats[i].user]
        other = others[-1 if others[0] is seat else 0]
        self.bring_up(i, 0)
        before = self.world.now
        self.choose(i, rules[0], 0, 0)
        self._hear(seat)
        if away:
            self._hear(other)
            self.world.disconnect(other)
        if other is not seat and late:
            self._choose(other, rules[late], {"badge": False}, before - 1)
        for name in rules:
            self.world.now += 1
            self.choose(i, name, 2, 0)
            self._hear(seat)

    def _hear(self, seat: Seat) -> None:
        for _ in range(3):
            self.keep_up(self.world.seats.index(seat))

    @precondition(lambda self: not self.calm and self.world.lineage < 2)
    @rule(user=users, i=seats)
    def history_repeats(self, user: int, i: int) -> None:
        """The same numbers for other contents: what a device has heard of never happened, and something else did."""
        self._produce(user, None, "k", False, True)
        self.keep_up(i)
        self.back_up()
        self._produce(user, None, "k", False, True)
        self.keep_up(i)
        self.restore(new_epoch=False)
        self._produce(user, None, "k", False, True)

    @precondition(lambda self: not self.calm and self.world.lineage < 2)
    @rule(i=seats, which=st.integers(0, 2), skew=st.integers(-2_000, 2_000))
    def history_repeats_with_another_choice(self, i: int, which: int, skew: int) -> None:
        """The same numbers and the same records, and only what was chosen tells the two histories apart."""
        self.keep_up(i)
        self.back_up()
        for turn in range(2):
            self.choose(i, "devices", which + turn, skew)
            self.bring_up(i, 0)
            self.keep_up(i)
            if not turn:
                self.restore(new_epoch=False)

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
