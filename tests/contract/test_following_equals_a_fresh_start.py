"""Whoever followed the feed knows what a fresh start would tell: for every verb, and by every way of following."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, get_args

import pytest

import handbell_server.actions
from handbell_server.actions.alarms import draft_in
from handbell_server.actions.answers import Chunk, Settle
from handbell_server.actions.dispatches import Leg, Reach
from handbell_server.actions.drafts import Asks, Draft, Looks, Words
from handbell_server.actions.escalating import Due, Pursue
from handbell_server.actions.inbox import Act, ChooseAll, Wake
from handbell_server.actions.produce import Later, Once, Produce, ProduceAll, Recipient, Retried
from handbell_server.actions.recall import Remove, Withdraw
from handbell_server.engine.feed import Command
from handbell_server.errors import Invalid
from handbell_server.rules.alarming import Terms, due_of
from handbell_shared.actions import generation_for
from handbell_shared.device_store import MemoryStore
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.ids import new_id
from handbell_shared.preferences import FORGOTTEN, REMOVED_AT_MOST, name_of_rule
from handbell_shared.records import (
    Action,
    ActionKind,
    AnswerGiven,
    Chosen,
    Hello,
    Notification,
    Push,
    Scope,
    Target,
    Tip,
)
from handbell_shared.replica import AskDelta, AskSnapshot, Mode, Replica
from tests.contract.memory_server import BUTTONS, SENDER, MemoryServer
from tests.contract.real_node import RealNode

USER = 1
ANA, BO = Recipient(USER, "ana"), Recipient(2, "bo")
KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
LATER = new_id()
ONCE = Once("to-all", "its hash")
GERMAN = {"de": Words("Eine Glocke", "mit Worten")}


class Story:
    """An inbox with one of each: new, keyed, resolved, archived and read, pinned, snoozed until now."""

    def __init__(self) -> None:
        self.server = MemoryServer([USER, BO.user_id])
        self.server.languages[USER] = "de"
        self.now = 1_000_000
        for key in (None, "disk", "over", None, None, None):
            self.run(produce(key=key))
        self.new, self.keyed, self.resolved, self.archived, self.pinned, self.snoozed = sorted(self.records)
        self.run(produce(key="over", resolved=True))
        self.run(Produce(SENDER, Draft(title="To all"), [], later=[(None, Later("everyone", self.now, 1))], once=ONCE))
        (self.dispatch,) = self.server.journeys
        past: list[tuple[ActionKind, str]] = [
            ("read", self.archived),
            ("archive", self.archived),
            ("pin", self.pinned),
            ("seen", self.pinned),
            ("snooze", self.snoozed),
        ]
        for kind, an_id in past:
            self.run(self.acting(kind, an_id))
        known = set(self.records)
        self.run(produce(asks=Asks(shared=True, until=self.now + 50)))
        (self.asked,) = set(self.records) - known
        (self.question,) = self.server.inquiries
        self.now += 10

    @property
    def records(self) -> dict[str, Notification]:
        return dict(self.server.records(USER))

    def run(self, command: Command) -> Sequence[Any]:
        self.now += 1
        results, told = self.server.carry_out([command], self.now)
        assert not isinstance(results[0], Exception)
        return told

    def acting(self, kind: ActionKind, an_id: str) -> Act:
        target = Target(an_id, generation_for(kind, self.records[an_id]))
        answer = AnswerGiven("yes") if kind == "answer" else None
        until = self.now + 5 if kind == "snooze" else 0
        choice = Chosen(name_of_rule(Scope(SENDER.name)), {"badge": False}) if kind == "choose" else None
        return Act(
            USER,
            [Action(id=new_id(), kind=kind, ids=(target,), at=self.now, until=until, answer=answer, choice=choice)],
        )

    def settling(self) -> Settle:
        """Its time is up, and that is known; it is not told yet."""
        self.now += 100
        assert self.run(Settle(Chunk(self.question, "open", 0))) == []
        return Settle(Chunk(self.question, "closing", 0, ((USER, self.asked),)))

    def alarmed(self, seconds: int, *, then: Recipient | None = None, reads: bool = False) -> Pursue:
        """Something that rings until somebody has it, and what is due for it after so long."""
        people = () if then is None else ((then.user_id, then.name),)
        known = set(self.records)
        terms = Terms("alarm", 30, 60, people)
        self.run(Produce(SENDER, Draft(title="Down", priority="urgent", alarm=terms), [ANA]))
        self.now += seconds * 1_000
        if reads:
            self.run(self.acting("read", next(iter(set(self.records) - known))))
        vigil = self.server.vigils["alarm"]
        return Pursue(Due(vigil, due_of(vigil, self.now + 1), SENDER, draft_in(vigil.payload)[0], then, 1))

    def acting_on_some(self, kind: ActionKind) -> Act:
        return self.acting(kind, {"unarchive": self.archived, "unpin": self.pinned}.get(kind, self.new))


class Case(NamedTuple):
    name: str
    verb: type[Any]
    command: Callable[[Story], Command]
    tells: bool = True


def produce(key: str | None = None, resolved: bool = False, asks: Asks | None = None) -> Produce:
    return Produce(SENDER, Draft(title="A bell", key=key, resolved=resolved, actions=BUTTONS, asks=asks), [ANA])


def acting_case(kind: ActionKind) -> Case:
    return Case(kind, Act, lambda story: story.acting_on_some(kind))


def rule(source: str, says: dict[str, bool] | None, at: int) -> Action:
    return Action(id=new_id(), kind="choose", ids=(), at=at, choice=Chosen(name_of_rule(Scope(source)), says))


IN_GERMAN = Draft(title="A bell", looks=Looks("bells", "sun", "#ffcc00"), translations=GERMAN)
CASES = [
    *[acting_case(kind) for kind in KINDS],
    Case("a new notification", Produce, lambda _: produce()),
    Case("an incident told again", Produce, lambda _: produce("disk")),
    Case("an incident that is over", Produce, lambda _: produce("disk", resolved=True)),
    Case("an incident after one that was over", Produce, lambda _: produce("over")),
    Case(
        "a dispatch for later",
        Produce,
        lambda story: Produce(SENDER, Draft(title="x"), [], later=[(ANA, Later("user:1", story.now + 9, 1))]),
        tells=False,
    ),
    Case("a retry of what would be refused now", Retried, lambda _: Retried(7, ONCE, Invalid("now")), tells=False),
    Case("a notification in two languages", Produce, lambda _: Produce(SENDER, IN_GERMAN, [ANA])),
    Case("a batch", ProduceAll, lambda _: ProduceAll(SENDER.id, [produce(), produce("disk"), produce("disk")], None)),
    Case(
        "a leg of a dispatch",
        Reach,
        lambda story: Reach(Leg(story.dispatch, "everyone", SENDER, Draft(title="To all"), False, 0, (ANA,))),
    ),
    Case("a recall", Remove, lambda story: Remove(USER, [story.new, story.archived], "recalled")),
    Case("retention", Remove, lambda story: Remove(USER, [story.archived], "retention")),
    Case("retention and a pin", Remove, lambda story: Remove(USER, [story.pinned], "retention"), tells=False),
    Case("a dispatch taken back", Withdraw, lambda story: Withdraw(story.dispatch, SENDER.id), tells=False),
    Case("a deadline", Settle, lambda story: Settle(Chunk(story.question, "open", 0)), tells=False),
    Case("an answer brought to others", Settle, lambda story: story.settling()),
    Case("an alarm that rings again", Pursue, lambda story: story.alarmed(30)),
    Case("an alarm that is passed on", Pursue, lambda story: story.alarmed(60, then=BO)),
    Case("an alarm that nobody has", Pursue, lambda story: story.alarmed(60)),
    Case("an alarm that somebody has", Pursue, lambda story: story.alarmed(1, reads=True)),
    Case(
        "a request with several choices",
        ChooseAll,
        lambda story: ChooseAll(USER, [rule("ci", {"toast": False}, story.now), rule("nas", None, story.now)]),
    ),
    Case("a snooze that is over", Wake, lambda story: Wake(USER, [story.snoozed])),
]


class Device:
    def __init__(self, server: MemoryServer) -> None:
        self.server = server
        self.replica = Replica(MemoryStore())

    def catch_up(self) -> None:
        stand = self.server.standing(USER)
        self.replica.on_hello(Hello(stand.epoch, stand.rev, 0, stand.unread, "d", 25))
        while self.replica.mode is not Mode.LIVE:
            match self.replica.wanted(0.0):
                case AskDelta(position=position):
                    self.replica.take_delta(self.server.delta(USER, position, limit=2), 0.0)
                case AskSnapshot(after=after):
                    self.replica.take_snapshot(self.server.snapshot(USER, after, limit=2))

    def hear(self, message: Push | Tip) -> None:
        assert isinstance(message, Push)
        self.replica.on_push(message, 0.0)

    def knows(self) -> tuple[Any, ...]:
        store = self.replica.store
        assert isinstance(store, MemoryStore)
        assert self.replica.resyncs == 0
        return store.position, to_hex(store.digest), store.records, store.chosen, self.replica.badge(0)


def test_every_verb_has_its_case() -> None:
    verbs = set()
    for module in pkgutil.iter_modules(handbell_server.actions.__path__):
        found = vars(importlib.import_module(f"handbell_server.actions.{module.name}")).values()
        verbs |= {
            thing for thing in found if inspect.isclass(thing) and hasattr(thing, "needs") and hasattr(thing, "run")
        }

    assert {case.verb for case in CASES} == verbs
    assert {case.name for case in CASES if case.verb is Act} == set(KINDS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_following_the_feed_ends_where_a_fresh_start_does(case: Case) -> None:
    story = Story()
    pushed, polled, fresh = (Device(story.server) for _ in range(3))
    pushed.catch_up()
    polled.catch_up()
    node = RealNode(story.server)
    node.join(USER, "pushed", pushed.hear)
    before = story.server.standing(USER)

    node.tell(story.run(case.command(story)))
    polled.catch_up()
    fresh.catch_up()

    stand = story.server.standing(USER)
    assert (stand.rev > before.rev) is case.tells
    assert pushed.knows() == polled.knows() == fresh.knows()
    assert (
        stand.digest
        == to_hex(digest_of(story.records.values(), story.server.choices(USER).values()))
        == fresh.knows()[1]
    )
    assert {r.id: r for r in story.records.values() if r.live} == fresh.knows()[2]
    assert stand.unread == fresh.replica.badge(0)


def test_rules_that_were_removed_long_ago_are_forgotten_by_all_and_never_come_back() -> None:
    story = Story()
    story.run(Act(USER, [rule("first", {"toast": False}, story.now)]))
    away, following, fresh = (Device(story.server) for _ in range(3))
    away.catch_up()  # it knows the rule, and goes before it is removed
    following.catch_up()
    node = RealNode(story.server)
    node.join(USER, "following", following.hear)
    said_long_ago = rule("source 7", {"badge": False}, story.now)
    for number in range(REMOVED_AT_MOST):
        source = "first" if not number else f"source {number}"
        node.tell(story.run(Act(USER, [rule(source, None, story.now)])))
    assert len(story.server.choices(USER)) == REMOVED_AT_MOST

    node.tell(story.run(Act(USER, [rule("last", None, story.now)])))

    left = story.server.choices(USER)
    assert len(left) == REMOVED_AT_MOST // 2 + 1 and left[FORGOTTEN].ver == story.server.standing(USER).rev
    assert story.server.delta(USER, away.replica.store.position, 50).snapshot == "too_old"
    node.tell(story.run(Act(USER, [said_long_ago])))
    assert story.server.choices(USER) == left, "it was removed after that was said"
    node.tell(story.run(Act(USER, [rule("source 7", {"badge": False}, story.now)])))
    for device in (away, fresh):
        device.catch_up()
    assert away.knows() == following.knows() == fresh.knows()
    assert [one.source for one in away.replica.preferences().rules] == ["source 7"]
