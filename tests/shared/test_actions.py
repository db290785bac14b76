"""Actions are joins: whatever the order and however often, the same actions end in the same record."""

from __future__ import annotations

import itertools
from typing import get_args

import hypothesis.strategies as st
from hypothesis import given
from msgspec.structs import replace

from handbell_shared.actions import counts, generation_for, join
from handbell_shared.records import Action, ActionKind, AnswerGiven, Notification, Target
from handbell_shared.records import Notification as Record

KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
JOINS = [kind for kind in KINDS if kind != "answer"]
BELL = Notification(id="n", ver=1)


def action(kind: ActionKind, name: str = "a", *, generation: int = 0, at: int = 1, until: int = 0) -> Action:
    answer = AnswerGiven("yes") if kind == "answer" else None
    return Action(id=name, kind=kind, ids=(Target("n", generation),), at=at, until=until, answer=answer)


def after(*actions: Action, record: Record = BELL) -> Record:
    for one in actions:
        record = join(record, one, one.ids[0].generation)
    return record


def shown(record: Record) -> Record:
    """Of a deleted record nothing travels but that it is gone."""
    return Record(id=record.id, deleted=record.deleted) if record.deleted else record


@st.composite
def several(draw: st.DrawFn) -> list[Action]:
    # Which of two answers was first is no join; the server decides it under a lock. So there is at most one here.
    kinds = draw(st.lists(st.sampled_from(JOINS), max_size=7))
    actions = [
        action(kind, f"op {n}", generation=draw(st.integers(0, 3)), at=draw(st.integers(1, 5)))
        for n, kind in enumerate(kinds)
    ]
    return [*actions, action("answer", "answer")] if draw(st.booleans()) else actions


@given(several(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(actions: list[Action], chance: object) -> None:
    if (
        actions and actions[-1].kind == "answer"
    ):  # it is to generation 0: what raises that decides whether it is in time
        actions = [one for one in actions if one.kind not in ("read", "unread")]
    shuffle, sample = chance.shuffle, chance.sample  # type: ignore[attr-defined]
    again = [*actions, *sample(actions, len(actions) // 2)]
    shuffle(again)

    assert shown(after(*again)) == shown(after(*actions))


def test_six_actions_of_two_devices_end_the_same_in_all_720_orders() -> None:
    actions = (
        action("read", "1", at=9),
        action("unread", "2"),
        action("read", "3", generation=1, at=5),
        action("snooze", "4", at=3, until=77),
        action("snooze", "5", at=2, until=99),
        action("archive", "6"),
    )

    ends = {repr(after(*order)) for order in itertools.permutations(actions)}

    assert len(ends) == 1
    assert after(*actions) == replace(
        BELL, gen=1, read=True, read_at=5, agen=0, archived=True, snooze_at=3, snooze_op="4", snoozed_until=77
    )


def test_a_repeated_action_gives_the_very_same_record() -> None:
    for kind in KINDS:
        once = after(action(kind))
        assert join(once, action(kind), 0) is once, kind


def test_each_action_does_what_its_name_says() -> None:
    effects = {
        "seen": {"seen": True},
        "unseen": {"sgen": 1},
        "read": {"read": True, "read_at": 1},
        "unread": {"gen": 1},
        "archive": {"archived": True},
        "unarchive": {"agen": 1},
        "snooze": {"snooze_at": 1, "snooze_op": "a", "snoozed_until": 9},
        "pin": {"pin_at": 1, "pin_op": "a", "pinned": True},
        "unpin": {"pin_at": 1, "pin_op": "a"},
        "delete": {"deleted": "user"},
        "choose": {},
    }
    assert effects.keys() == set(KINDS) - {"answer"}
    for kind, effect in effects.items():
        assert after(action(kind, until=9)) == replace(BELL, **effect), kind  # type: ignore[arg-type]


def test_a_late_read_of_an_older_generation_does_nothing() -> None:
    told_again = replace(BELL, gen=2, sgen=2, agen=2)

    for kind in ("read", "unread", "seen", "archive"):
        assert join(told_again, action(kind), 0) is told_again


def test_delete_wins_over_what_comes_before_and_after() -> None:
    for kind in KINDS:
        assert after(action("delete"), action(kind)).deleted == "user"
        assert after(action(kind), action("delete")).deleted == "user"


def test_the_first_answer_stands() -> None:
    answered = after(action("answer", "first"), action("answer", "second"))

    assert answered.answer is not None
    assert answered.answer.op == "first"


def test_an_answer_to_the_last_incident_does_not_answer_this_one() -> None:
    told_again = replace(BELL, gen=1)

    assert join(told_again, action("answer"), 0) is told_again


def test_read_twice_was_read_when_it_was_read_first() -> None:
    early, late = action("read", "1", at=3), action("read", "2", at=8)

    assert after(late, early).read_at == after(early, late).read_at == 3


def test_an_action_names_the_generation_of_its_own_register() -> None:
    record = replace(BELL, gen=1, sgen=2, agen=3)

    named = {kind: generation_for(kind, record) for kind in KINDS}

    assert named["read"] == named["unread"] == named["answer"] == 1
    assert named["seen"] == named["unseen"] == 2
    assert named["archive"] == named["unarchive"] == 3
    assert named["snooze"] == named["pin"] == named["delete"] == 0


def test_the_bell_counts_what_waits_for_the_person() -> None:
    assert counts(BELL, now=10)
    assert counts(replace(BELL, seen=True), now=10)
    assert counts(replace(BELL, snoozed_until=10), now=10)
    assert not counts(replace(BELL, snoozed_until=11), now=10)
    assert not counts(replace(BELL, read=True), now=10)
    assert not counts(replace(BELL, archived=True), now=10)
    assert not counts(replace(BELL, deleted="user"), now=10)
