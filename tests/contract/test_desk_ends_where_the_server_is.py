"""Whatever a person does at the desk, however the network and the program come and go: in the end it is at the server.

The real desk on real stores, the real appliers and the real commands of the server; one thread. The hands of the
sessions work when chance says so, so acts are on disk now, later, or (killed) never.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Chosen, Settings
from handbell_desktop.kept.shown import Query
from handbell_desktop.kept.state import Remembered
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.phrases import Phrases
from handbell_shared import records
from handbell_shared.actions import counts, generation_for
from handbell_shared.ids import new_id
from handbell_shared.link_state import Connecting, LinkState, Offline, Online
from handbell_shared.records import Action, ActionKind, Hello, Mark, Notification, Push, Target, Tip
from handbell_shared.replica import Applied, AskDelta, AskSnapshot, Mode, Replica, SendActions
from tests.conftest import Effort
from tests.contract.memory_server import PlayedServer
from tests.support.desks import ListedSecrets, ListedToaster, account
from tests.support.turns import ManualTurns

USERS = {"ana": 1, "ben": 2}
PAGE = 3
HOUR = 3_600_000
START = 1_800_000_000_000
VERBS = ["read", "unread", "archive", "unarchive", "pin", "unpin", "delete", "snooze", "seen", "open"]

users = st.sampled_from(sorted(USERS))
some = st.integers(0, 9)


class LazyHands:
    """Hands that do one job when they are told to, in the order they were asked."""

    def __init__(self, name: str) -> None:
        self.jobs: deque[Callable[[], object]] = deque()
        self.closing = False

    def do(self, job: Callable[[], object]) -> None:
        if not self.closing:
            self.jobs.append(job)

    def work(self) -> bool:
        if self.jobs:
            self.jobs.popleft()()
            return True
        return False

    def close(self) -> None:
        self.closing = True

    def join(self, within: float) -> bool:
        while self.work():
            pass
        return True


class PlayedServerLink:
    """A link whose every step is taken by the game."""

    def __init__(
        self,
        game: DeskMachine,
        user: int,
        replica: Replica,
        on_state: Callable[[LinkState], None],
        on_applied: Callable[[Applied], None],
    ) -> None:
        self.game = game
        self.user = user
        self.replica = replica
        self.inflight: list[Push] = []
        self.connected = False
        self._say = on_state
        self._on_applied = on_applied

    def start(self) -> None:
        self.game.links[self.user] = self

    def act(self, action: Action) -> None:
        self.replica.act(action)

    @contextmanager
    def reading(self) -> Iterator[Replica]:
        yield self.replica

    def use(self, used: bool) -> None:
        pass

    def mark(self, mark: Mark) -> None:
        pass  # no part of what a desk ends with

    def wake(self) -> None:
        pass

    def close(self) -> None:
        self.cut()

    # ---- the game

    def connect(self) -> None:
        if not self.connected:
            stand = self.game.server.standing(self.user)
            self.connected = True
            self._say(Connecting())
            self.replica.on_hello(Hello(stand.epoch, stand.rev, self.game.now, stand.unread, "d", 25))

    def cut(self) -> None:
        if self.connected:
            self.connected, self.inflight = False, []
            self.replica.on_disconnect()
            self._say(Offline(1.0, "cut"))

    def deliver(self, *, lost: bool = False) -> None:
        if self.inflight:
            push = self.inflight.pop(0)
            if not lost:
                self._heard(self.replica.on_push(push, self.game.now / 1000))

    def step(self, *, answer_lost: bool = False) -> bool:
        request = self.replica.wanted(self.game.now / 1000) if self.connected else None
        if request is None:
            return False
        server = self.game.server
        match request:
            case SendActions(actions):
                (acks,) = self.game.commit(server.act(self.user, actions))
                if not answer_lost:
                    self.replica.take_acks(acks)
            case AskDelta(position):
                self._heard(self.replica.take_delta(server.delta(self.user, position, PAGE), self.game.now / 1000))
            case AskSnapshot(after):
                self._heard(self.replica.take_snapshot(server.snapshot(self.user, after, PAGE)))
        if self.replica.mode is Mode.LIVE:
            self._say(Online())
        return True

    def catch_up(self) -> bool:
        """Whether there was anything to say or to hear."""
        self.connect()
        self.inflight.clear()
        stand = self.game.server.standing(self.user)
        self.replica.on_tip(Tip(stand.epoch, stand.rev))
        steps = 0
        while self.step():
            steps += 1
        return steps > 0

    def _heard(self, applied: Applied) -> None:
        if applied.changed or applied.news or applied.replaced_all:
            self._on_applied(applied)


class DeskMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.data = Path(self._folder.name)
        self.server = PlayedServer(USERS.values())
        self.links: dict[int, PlayedServerLink] = {}
        self.hands: list[LazyHands] = []
        self.turns = ManualTurns(now=START)
        self.alone = True  # nobody but this desk has changed anything since the last rest
        self._titles = itertools.count()

    @property
    def now(self) -> int:
        return self.turns.now()

    @initialize(few=st.integers(0, 4))
    def begin(self, few: int) -> None:
        self.begin_again()
        for user in USERS:
            for _ in range(few):
                self.produce(user, None, told=True)
        self.rest()

    # ---- producers, other devices, time

    @rule(user=users, key=st.sampled_from([None, None, "k"]), told=st.booleans())
    def produce(self, user: str, key: str | None, told: bool) -> None:
        self.alone = False
        self.commit(self.server.produce(USERS[user], None, key, False), told=told)

    @rule(user=users, kind=st.sampled_from(["read", "unread", "archive", "delete", "pin"]), which=some)
    def act_elsewhere(self, user: str, kind: ActionKind, which: int) -> None:
        records = [record for _, record in sorted(self.server.records(USERS[user]).items()) if record.live]
        if records:
            record = records[which % len(records)]
            self.alone = False
            target = Target(record.id, generation_for(kind, record))
            self.commit(self.server.act(USERS[user], [Action(id=new_id(), kind=kind, ids=(target,), at=self.now)]))

    @rule(seconds=st.sampled_from([0.1, 4, 11, 4_000]))
    def wait(self, seconds: float) -> None:
        self.turns.advance(seconds)
        self._wake()

    # ---- the person

    @rule(verb=st.sampled_from(VERBS), which=some, many=st.integers(1, 3), tab=st.sampled_from(["all", "archived"]))
    def do(self, verb: str, which: int, many: int, tab: Any) -> None:
        entries = self.desk.page(Query(tab=tab))
        chosen = [entries[(which + n) % len(entries)] for n in range(many)] if entries else []
        chosen = list({entry.record.id: entry for entry in chosen}.values())
        if verb == "snooze":
            self.desk.snooze(chosen, self.now + HOUR * (1 + which % 2))
        elif verb == "open":
            for entry in chosen[:1]:
                self.desk.open(entry)
        else:
            getattr(self.desk, verb)(chosen)

    @rule(verb=st.sampled_from(VERBS), which=some, many=st.integers(1, 3), tab=st.sampled_from(["all", "archived"]))
    def do_and_take_back(self, verb: str, which: int, many: int, tab: Any) -> None:
        """What is taken back is as if it had not been, whether it was on disk already or not."""
        before, deeds = self._shown(), len(self.desk._undo._deeds)
        self.do(verb, which, many, tab)
        if verb != "seen" and len(self.desk._undo._deeds) > deeds:
            for _ in range(which % 3):
                self.hands_work(which)
            self.desk.take_back()
            assert self._shown() == before

    @rule(name=st.sampled_from(["pause", "devices"]), user=users, which=some, here=st.booleans())
    def choose(self, name: str, user: str, which: int, here: bool) -> None:
        value = ([None, 1, 2] if name == "pause" else [None, "all", "in_use"])[which % 3]
        if here:
            self.desk.prefer(user, name, value)
            assert self._chosen(user)[name] == value
        else:
            action = Action(id=new_id(), kind="choose", ids=(), at=self.now, choice=records.Chosen(name, value))
            self.commit(self.server.act(USERS[user], [action]))

    @rule()
    def take_back(self) -> None:
        self.desk.take_back()

    @rule(tab=st.sampled_from(["unread", "archived"]))
    def mark_all_read(self, tab: Any) -> None:
        self.desk.mark_all_read(Query(tab=tab))

    # ---- the machine

    @rule(which=some)
    def hands_work(self, which: int) -> None:
        self.hands[which % len(self.hands)].work()

    @rule()
    def settle(self) -> None:
        """The hands do all there is, and all of it is heard."""
        while any([hands.work() for hands in self.hands]):  # noqa: C419 — each of them
            self.turns.run()
        self.turns.run()

    @rule()
    def quit_and_start(self) -> None:
        before = self._shown()
        self.desk.close()
        self.begin_again()
        assert self._shown() == before

    @rule()
    def kill_and_start(self) -> None:
        """What was not on disk has never been."""
        self.alone = False
        for session in self.desk.sessions:
            if session.reader is not None:
                session.reader.close()
            if session._store is not None:
                session._store.close()
        self.begin_again()

    def begin_again(self) -> None:
        self.links, self.hands = {}, []
        self.turns = ManualTurns(now=self.now)
        chosen = Chosen(self.data / "settings.json")
        chosen.settings = Settings(accounts=tuple(account(user) for user in USERS))
        self.desk = Desk(
            chosen=chosen,
            remembered=Remembered(self.data / "state.json"),
            secrets=ListedSecrets(dict.fromkeys(USERS, "token")),
            make_toaster=ListedToaster,
            turns=self.turns,
            phrases=Phrases(),
            data=self.data,
            opener=lambda link, token: None,
            link_factory=self._link,
            now=lambda: self.now,
        )
        self.hands = [self.desk._files, self.desk._keys.hands]  # type: ignore[list-item]
        self.desk.start()
        self.hands += [session._hands for session in self.desk.sessions]  # type: ignore[misc]
        self.settle()

    # ---- the network

    @rule(user=users)
    def connect(self, user: str) -> None:
        self.links[USERS[user]].connect()

    @rule(user=users)
    def cut(self, user: str) -> None:
        self.links[USERS[user]].cut()

    @rule(user=users, lost=st.booleans())
    def deliver(self, user: str, lost: bool) -> None:
        self.links[USERS[user]].deliver(lost=lost)

    @rule(user=users, times=st.integers(1, 4), answer_lost=st.booleans())
    def step(self, user: str, times: int, answer_lost: bool) -> None:
        for _ in range(times):
            self.links[USERS[user]].step(answer_lost=answer_lost)

    def commit(self, command: Any, *, told: bool = True) -> list[Any]:
        before = {user: self.server.standing(user).rev for user in USERS.values()}
        results, _ = self.server.run([command], self.now)
        for user, rev in before.items():
            push = self.server.push_since(user, rev)
            link = self.links.get(user)
            if push is not None and link is not None and link.connected and told:
                link.inflight.append(push)
        return results

    # ---- what must hold

    @invariant()
    def the_lists_and_the_bell_agree_at_every_moment(self) -> None:
        unread = self.desk.page(Query(tab="unread"), limit=1_000)
        everything = self.desk.page(Query(tab="all"), limit=1_000)
        assert all(counts(entry.record, self.now) for entry in unread)
        assert not any(entry.record.deleted or entry.record.archived for entry in everything)
        if not any(hands.jobs for hands in self.hands):  # else what an act brings into a list is not there yet
            assert self.desk.badge == len(unread) == self.desk.count(Query(tab="unread"))
            assert len(everything) == self.desk.count(Query(tab="all"))
            assert [e.record.id for e in everything if counts(e.record, self.now)] == [e.record.id for e in unread]

    @rule()
    def rest(self) -> None:
        """Let everything come to its end: then the desk shows what the server has, and nothing the person did is lost."""
        self.settle()
        self.turns.advance(11)  # what was held back is said
        self.settle()
        seen = self._shown()
        alone = self.alone and not self._wake()
        for _ in range(60):
            if not any([link.catch_up() for link in self.links.values()]):  # noqa: C419 — each of them
                break
            self.settle()
            self.turns.advance(0.1)
        else:
            raise AssertionError("no rest")
        assert self._wake() is False
        expected = {
            (name, record.id): _marks(record)
            for name, user in USERS.items()
            for record in self.server.records(user).values()
            if record.live
        }
        assert self._shown() == expected
        if alone:
            assert seen == expected
        for name, user in USERS.items():
            assert self._chosen(name) == {one.name: one.value for one in self.server.choices(user).values()}
        assert self.desk.badge == sum(self.server.standing(user).unread for user in USERS.values())
        assert [session.reader and session.reader.outbox_size() for session in self.desk.sessions] == [0, 0]
        self.alone = True

    def teardown(self) -> None:
        try:
            self.rest()
        finally:
            self.desk.close()
            self._folder.cleanup()

    def _wake(self) -> bool:
        """Snoozes that ended, as the server's own job ends them; whether there were any."""
        woken = False
        for user in USERS.values():
            due = [r.id for r in self.server.records(user).values() if r.live and 0 < r.snoozed_until <= self.now]
            if due:
                self.commit(self.server.wake(user, due))
                woken, self.alone = True, False
        return woken

    def _shown(self) -> dict[tuple[str, str], Any]:
        """Of everything there is, whichever list it is in."""
        return {
            (name, entry.record.id): _marks(entry.record)
            for name, user in USERS.items()
            for entry in self.desk.entries(name, sorted(self.server.records(user)))
        }

    def _chosen(self, name: str) -> dict[str, Any]:
        choices = next(one.sight.choices for one in self.desk.sessions if one.account.id == name)
        return {choice.name: choice.value for choice in choices.values()}

    def _link(
        self, account: Any, token: str, replica: Replica, *, on_state: Any, on_applied: Any, on_elsewhere: Any
    ) -> PlayedServerLink:
        assert isinstance(replica.store, SqliteStore)
        replica.store._connection.execute("PRAGMA synchronous = OFF")  # no power is cut in here
        return PlayedServerLink(self, USERS[account.user], replica, on_state, on_applied)


def _marks(record: Notification) -> tuple[object, ...]:
    return record.cver, record.read, record.archived, record.pinned, record.seen, record.snoozed_until


def test_any_interleaving_ends_where_the_server_is(effort: Effort) -> None:
    with (
        patch("handbell_desktop.account.session.Hands", LazyHands),
        patch("handbell_desktop.desk.Hands", LazyHands),
        patch("handbell_desktop.account.keys.Hands", LazyHands),
    ):
        run_state_machine_as_test(
            DeskMachine,
            settings=settings(
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
                max_examples=effort.of(25, long=5_000),
                stateful_step_count=effort.of(25, long=60),
            ),
        )
