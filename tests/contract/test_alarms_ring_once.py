"""An alarm, whoever does what is due for it and however late: each is told once, rung once at a time, and not after its end.

A model of several processes on one database: some look what is due, are stopped for a while, and act on what they saw
then, perhaps twice, perhaps together with the person who acknowledges it.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from handbell_server.actions import escalating
from handbell_server.actions.alarms import draft_in
from handbell_server.actions.drafts import Draft, Sender
from handbell_server.actions.escalating import Due, Pursue
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Produce, Recipient
from handbell_server.actions.recall import Remove
from handbell_server.engine.feed import Command, Work
from handbell_server.rules.alarming import Terms, Vigil, due_of
from handbell_shared.ids import new_id
from handbell_shared.records import Action, ActionKind, Notification, Target
from tests.contract.memory_server import MemoryServer

USERS = (1, 2, 3, 4)
CI = Sender(1, "ci")
REPEAT, EXPIRE = 30, 75  # seconds
WAYS: tuple[ActionKind, ...] = ("read", "archive", "delete", "seen", "seen", "unread")


class World:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.server = MemoryServer(USERS)
        self.now = 1_000_000
        self.ended_at: int | None = None
        self.told_at: dict[int, int] = {}
        self.rung_at: list[tuple[int, int]] = []  # user, when
        self.versions: Counter[str] = Counter()
        terms = Terms("alarm", REPEAT, EXPIRE, tuple((user, f"user {user}") for user in USERS[1:]))
        self.draft = Draft(title="Down", key="shop", priority="urgent", alarm=terms)
        self.run(Produce(CI, self.draft, [Recipient(1, "user 1")]))

    @property
    def vigil(self) -> Vigil:
        return self.server.vigils["alarm"]

    def records(self, user: int) -> list[Notification]:
        return list(self.server.records(user).values())

    def run(self, *commands: Command) -> list[Any]:
        over, before = self.ended_at is not None, self.dealt_with()
        results, _ = self.server.carry_out(commands, self.now)
        assert not any(isinstance(result, Exception) for result in results), results
        for user in USERS:
            for record in self.records(user):
                self._heard(user, record, over)
        after = self.dealt_with()
        if all(isinstance(one, Pursue) for one in commands) and not over:
            assert before <= after, "ringing took back what a person did"
        if self.ended_at is None and after - before:
            self.ended_at = self.now
        return results

    def dealt_with(self) -> set[str]:
        """What somebody has read, archived or deleted, or its producer has ended."""
        every = [record for user in USERS for record in self.records(user)]
        return {one.id for one in every if one.read or one.archived or one.deleted or one.resolved}

    def _heard(self, user: int, record: Notification, over: bool) -> None:
        new = record.cver - self.versions[record.id]
        self.versions[record.id] = record.cver
        if not new or record.resolved:
            return
        assert not over, f"user {user} was rung after the end"
        assert new == 1, f"user {user} was rung {new} times at once"
        if record.cver == 1:
            assert user not in self.told_at, f"user {user} was told twice"
            self.told_at[user] = self.now
        else:
            self.rung_at.append((user, self.now))

    # ---- what a process sees, and what it would do about that

    def look(self) -> Pursue | None:
        vigil = self.vigil
        deed = due_of(vigil, self.now)
        if deed == "wait":
            return None
        draft, _ = draft_in(vigil.payload)
        found = Due(vigil, deed, CI, draft)
        if deed == "pass on" and vigil.step < len(vigil.people):
            following = Recipient(*vigil.people[vigil.step])
            found = replace(found, following=following, step=vigil.step + 1)
        return Pursue(found)

    def person(self) -> Command:
        user = self.chance.choice(sorted(self.told_at))
        (record,) = self.records(user)
        kind = self.chance.choice(WAYS) if self.chance.random() < 0.5 else "seen"
        generation = record.sgen if kind == "seen" else record.agen if kind == "archive" else record.gen
        return Act(user, [Action(id=new_id(), kind=kind, ids=(Target(record.id, generation),), at=self.now)])

    def producer(self) -> Command:
        if self.chance.random() < 0.5:
            return Remove(1, [self.records(1)[0].id], "recalled")
        return Produce(CI, replace(self.draft, alarm=None, resolved=True), [Recipient(1, "user 1")])

    def live(self) -> None:
        """Steps in any order; some of what was seen is acted on much later, or by two."""
        seen: list[Command] = []
        producer_ends = self.chance.choice([None, None, 3, 9, 15])
        for step in range(60):
            self.now += self.chance.choice([0, 1, 5, 29, 31, 80]) * 1_000
            found = self.look()
            if found is not None:
                seen += [found] * self.chance.choice([1, 1, 2])
            if self.chance.random() < 0.1:
                seen.append(self.person())
            if step == producer_ends and self.records(1)[0].live:
                seen.append(self.producer())
            while seen and self.chance.random() < 0.7:
                some = [seen.pop(self.chance.randrange(len(seen))) for _ in range(min(len(seen), 2))]
                self.run(*some[: self.chance.choice([1, 2])])
        for _ in range(60):
            if self.vigil.next_at is None:
                return
            self.now = max(self.now, self.vigil.next_at)
            last = self.look()
            assert last is not None
            self.run(last)
        raise AssertionError("it never ends")

    def judge(self) -> None:
        told = sorted(self.told_at)
        assert told == list(USERS[: len(told)]), "somebody was passed over"
        for before, after in pairwise(told):
            assert self.told_at[after] - self.told_at[before] >= EXPIRE * 1_000, "passed on too early"
        periods = Counter((user, (at - self.told_at[user]) // (REPEAT * 1_000)) for user, at in self.rung_at)
        assert all(times == 1 for times in periods.values()), "rung twice for one time"
        assert all(period > 0 for _, period in periods), "rung before its time"
        assert (self.vigil.state == "expired") <= (told == list(USERS)), "given up before everybody was told"
        for user in told:
            (record,) = self.records(user)
            assert record.alarm is not None
            if record.live:
                state = self.vigil.state if self.vigil.state in ("acknowledged", "expired") else "over"
                assert record.alarm.state == state, f"user {user} was not told how it ended"


def judge(seed: int) -> World:
    world = World(seed)
    world.live()
    world.judge()
    return world


def test_each_is_told_once_and_rung_once_at_a_time_and_hears_how_it_ended() -> None:
    ends = Counter(judge(seed).vigil.state for seed in range(300))
    assert set(ends) == {"acknowledged", "expired", "resolved", "recalled"}, "or chance has shown too little"


def _nobody_looks_at_the_time(vigil: Vigil, _now: int) -> str:
    return "settle" if vigil.state != "ringing" else "ring"


def _nobody_heeds(_work: Work) -> None:
    pass


def _never_moves(vigil: Vigil, _now: int) -> Vigil:
    return vigil


@pytest.mark.parametrize(
    ("where", "name", "mistake"),
    [
        (Work, "heed", _nobody_heeds),
        (escalating, "due_of", _nobody_looks_at_the_time),
        (escalating, "rung", _never_moves),
    ],
    ids=["nobody heeds that it was acknowledged", "nobody looks at the time again", "a ring that is not written down"],
)
def test_a_mistake_in_it_would_be_found(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, mistake: Any) -> None:
    monkeypatch.setattr(where, name, mistake)
    with pytest.raises(AssertionError):
        all(judge(seed) for seed in range(300))
