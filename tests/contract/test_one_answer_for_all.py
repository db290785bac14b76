"""A question put to several: whoever answers when, and whatever is killed, in the end all hold the one answer that won.

A model of several processes on one database: fan-out, people and whoever brings the answer to the others take their steps
in any order, and some look at the database, are stopped for a while, and act on what they saw then.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from handbell_server.actions import answers, dispatches
from handbell_server.actions.answers import Chunk, Settle
from handbell_server.actions.dispatches import Leg, Reach
from handbell_server.actions.drafts import Asks, Draft, Sender
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Later, Produce, Recipient
from handbell_server.engine.feed import Command, Inquiry, Work
from handbell_server.engine.inbox import Inbox
from handbell_shared.ids import new_id
from handbell_shared.records import Action, AnswerGiven, Button, Notification, Question, Target
from tests.contract.memory_server import MemoryServer

USERS = tuple(range(1, 8))
CI = Sender(1, "ci")
BUTTONS = (Button("yes", "Yes"), Button("no", "No"))
AT_ONCE = 2  # users in a stretch: the others come in the next


class World:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.server = MemoryServer(USERS)
        self.now = 1_000
        self.statuses: list[str] = []
        until = 1_060 if seed % 2 else None
        draft = Draft(title="Deploy?", actions=BUTTONS, asks=Asks(True, until, "no"))
        self.run(Produce(CI, draft, [], later=[(None, Later("everyone", self.now, len(USERS)))]))
        ((self.question, _),) = self.server.inquiries.items()
        self.draft = Draft(title="Deploy?", actions=BUTTONS, question=Question(self.question, until, True))

    @property
    def inquiry(self) -> Inquiry:
        return self.server.inquiries[self.question]

    def run(self, *commands: Command) -> list[Any]:
        self.now += self.chance.randint(1, 4)
        results, _ = self.server.carry_out(commands, self.now)
        assert not any(isinstance(result, Exception) for result in results)
        return results

    def records(self) -> dict[int, Notification]:
        return {user: record for user in USERS for record in self.server.records(user).values()}

    # ---- what a process sees, and what it would do about that

    def fan_out(self) -> Command | None:
        journey = self.server.journeys[self.question]
        users = [Recipient(u, f"user {u}") for u in USERS if u > journey.cursor][:AT_ONCE]
        if journey.state != "waiting":
            return None
        return Reach(Leg(journey.id, "everyone", CI, self.draft, False, journey.cursor, tuple(users)))

    def settle(self) -> Command | None:
        inquiry = self.inquiry
        if inquiry.state == "closed" or (inquiry.state == "open" and (inquiry.due_at or self.now + 1) > self.now):
            return None
        asked = [(u, r.id) for u, r in sorted(self.records().items()) if u > inquiry.cursor][:AT_ONCE]
        return Settle(Chunk(inquiry.id, inquiry.state, inquiry.cursor, () if inquiry.state == "open" else tuple(asked)))

    def answer(self) -> Act | None:
        records = self.records()
        if not records:
            return None
        user = self.chance.choice(list(records))
        given = AnswerGiven(self.chance.choice(["yes", "no"]))
        target = Target(records[user].id, 0)
        return Act(user, [Action(id=new_id(), kind="answer", ids=(target,), at=self.now, answer=given)])

    def live(self) -> None:
        """Steps until nothing is left to do; some of what was seen is acted on much later."""
        seen: list[Command] = []
        for _ in range(60):
            looks = self.chance.choice([self.fan_out, self.settle, self.answer])
            command = looks()
            if command is not None:
                seen.append(command)
            while seen and self.chance.random() < 0.7:
                self._do(seen.pop(self.chance.randrange(len(seen))))
        while (last := self.fan_out() or self.settle()) is not None:
            self.run(last)

    def _do(self, command: Command) -> None:
        others = [command]
        second = self.answer() if self.chance.random() < 0.3 else None
        if second is not None:
            others.append(second)
        for one, result in zip(others, self.run(*others), strict=True):
            if isinstance(one, Act):
                self.statuses.append(result[0].status)


@pytest.fixture(autouse=True)
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatches, "CHUNK", AT_ONCE)
    monkeypatch.setattr(answers, "CHUNK", AT_ONCE)


def ends_as_it_should(seed: int) -> bool:
    world = World(seed)
    world.live()
    held = {record.answer.op if record.answer else "" for record in world.records().values()}
    decided = world.inquiry.answer
    one_for_all = held == {decided.op if decided else ""}
    accepted = world.statuses.count("ok")
    return one_for_all and accepted <= 1 and (accepted == 1 or decided is None or decided.deadline)


def test_in_the_end_all_hold_the_one_answer_that_won() -> None:
    assert all(ends_as_it_should(seed) for seed in range(150))


def _nobody_looks_again(work: Work, inbox: Inbox, record: Notification, question: Question) -> None:
    work.new_asked.append((question.id, inbox.user_id, record.id))


def _everybody_may(_work: Work, _record: Notification) -> bool:
    return True


@pytest.mark.parametrize(
    ("where", "name", "mistake"),
    [(answers, "reached", _nobody_looks_again), (answers, "may_answer", _everybody_may)],
    ids=["a fan-out that does not look whether it is decided", "an answer that does not look whether it is decided"],
)
def test_a_mistake_in_it_would_be_found(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, mistake: Any) -> None:
    monkeypatch.setattr(where, name, mistake)
    assert not all(ends_as_it_should(seed) for seed in range(150))


def test_an_answer_brought_by_two_is_brought_once() -> None:
    world = World(2)
    while (more := world.fan_out()) is not None:
        world.run(more)
    answer = world.answer()
    assert answer is not None
    world.run(answer)
    slow, fast = world.settle(), world.settle()
    assert slow is not None
    assert fast is not None
    assert world.run(fast) == [True]
    before = world.records()
    assert world.run(slow) == [False], "the other has moved on meanwhile"
    assert world.records() == before
