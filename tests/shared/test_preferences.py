"""What a person chose, and what follows for a notification."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from handbell_shared.attention import QuietHours
from handbell_shared.ids import new_id
from handbell_shared.preferences import (
    FOR_EVER,
    Preferences,
    Rule,
    Urgent,
    breaks_through,
    later,
    muted_by,
    name_of_rule,
    preferences_of,
    rank,
    ruling,
    why_not,
)
from handbell_shared.records import Choice, Notification, Scope

ERROR = Notification(id=new_id(), source="ci", type="error", title="Build failed")
LIKE = Notification(id=new_id(), source="blog", type="like", title="Ana liked it")


def with_rules(*rules: Rule) -> Preferences:
    return Preferences(rules=rules)


@pytest.mark.parametrize(
    ("rules", "toasts"),
    [
        pytest.param((), True, id="nobody said anything"),
        pytest.param((Rule(toast=False),), False, id="nothing shall toast"),
        pytest.param((Rule(toast=False), Rule(category="status", toast=True)), True, id="but this category"),
        pytest.param((Rule(category="status", toast=False), Rule(type="error", toast=True)), True, id="but this type"),
        pytest.param(
            (Rule(type="error", toast=True), Rule(source="ci", toast=False)), False, id="a mute holds over a type"
        ),
        pytest.param(
            (Rule(source="ci", toast=False), Rule(source="ci", type="error", toast=True)),
            True,
            id="but the errors of it",
        ),
        pytest.param(
            (Rule(source="ci", category="status", toast=True), Rule(source="ci", type="error", toast=False)),
            False,
            id="a type of it before a category of it",
        ),
        pytest.param((Rule(source="other", toast=False),), True, id="somebody else is muted"),
        pytest.param((Rule(source="ci", badge=False), Rule(toast=False)), False, id="each channel for itself"),
    ],
)
def test_the_most_specific_rule_decides(rules: tuple[Rule, ...], toasts: bool) -> None:
    for order in (rules, rules[::-1]):
        assert ruling(with_rules(*order), "toast", ERROR).verdict is toasts


_WORDS = st.sampled_from([None, "ci", "error", "status", "other"])
_RULES = st.builds(
    Rule, source=_WORDS, type=_WORDS, category=_WORDS, toast=st.sampled_from([None, True, False])
)  # fmt: skip


@given(st.lists(_RULES, max_size=40, unique_by=lambda rule: rule.scope))
def test_the_rule_that_decides_is_found_as_if_all_were_asked(rules: list[Rule]) -> None:
    covers = [
        rule
        for rule in rules
        if rule.source in (None, "ci") and rule.type in (None, "error") and rule.category in (None, "status")
    ]
    said = sorted((rank(rule.scope), rule.toast) for rule in covers if rule.toast is not None)

    assert ruling(with_rules(*rules), "toast", ERROR).verdict is (said[-1][1] if said else True)
    assert (muted_by(with_rules(*rules), ERROR) is not None) is bool(said and said[-1][1] is False)


def test_what_is_closed_names_the_rule_that_closed_it() -> None:
    preferences = with_rules(Rule(source="blog", toast=False), Rule(category="social", badge=False, sound=False))

    assert muted_by(preferences, LIKE) == {
        "toast": Scope("blog"),
        "sound": Scope(category="social"),
        "badge": Scope(category="social"),
    }
    assert muted_by(preferences, ERROR) is None


def test_what_is_critical_cannot_be_muted() -> None:
    preferences = with_rules(Rule(source="ci", toast=False, badge=False, email="now"))
    critical = Notification(id=new_id(), source="ci", type="error", critical=True)

    assert muted_by(preferences, critical) is None
    assert ruling(preferences, "toast", critical).verdict is True
    assert ruling(preferences, "email", critical).verdict == "now"


def test_urgent_breaks_through_for_those_the_person_trusts() -> None:
    urgent = Notification(id=new_id(), source="ci", priority="urgent")
    over = Notification(id=new_id(), source="ci", priority="urgent", resolved=True)

    def breaks(record: Notification, **said: Any) -> bool:
        return breaks_through(Preferences(urgent=Urgent(**said)), record)

    assert breaks(urgent)
    assert breaks(urgent, breaks_through="trusted", trusted=("ci",))
    assert not breaks(urgent, breaks_through="trusted", trusted=("backup",))
    assert not breaks(urgent, breaks_through="none")
    assert not breaks(over)
    assert not breaks(ERROR)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("zone", "Europe/Berlin", None),
        ("zone", "Europe/Atlantis", "time zone"),
        ("zone", "../../etc/passwd", "time zone"),
        ("pause", FOR_EVER, None),
        ("pause", FOR_EVER + 1, "Expected"),
        ("pause", "tomorrow", "Expected"),
        ("quiet_hours", {"enabled": True, "start": "23:00"}, None),
        ("quiet_hours", {"start": "24:00"}, "Expected"),
        ("quiet_hours", {"begin": "23:00"}, "Unknown"),
        ("urgent", {"breaks_through": "trusted", "trusted": ["ci"]}, None),
        ("urgent", {"breaks_through": "sometimes"}, "Invalid"),
        ("devices", "in_use", None),
        ("digest", {"every": "weekly", "at": "07:30", "day": 4}, None),
        ("digest", {"every": "yearly"}, "Invalid"),
        ("tell_senders", {"read": False}, None),
        ('rule:["ci",null,null]', {"toast": False, "email": "now"}, None),
        ('rule:["ci",null,null]', {"toast": "no"}, "Expected"),
        ('rule:["ci", null, null]', {"toast": False}, "nothing of this name"),
        ('rule:["ci"]', {"toast": False}, "nothing of this name"),
        ("rule:nonsense", {}, "nothing of this name"),
        ("colour", "blue", "nothing of this name"),
        ("rule:" + "x" * 600, {}, "too long"),
        ("zone", None, None),
    ],
)
def test_only_what_can_be_understood_can_be_chosen(name: str, value: Any, reason: str | None) -> None:
    said = why_not(name, value)

    assert said is None if reason is None else said is not None and reason in said


def test_choices_become_preferences_and_null_is_the_default_again() -> None:
    choices = [
        Choice("zone", "Asia/Tokyo", 1, "a"),
        Choice("quiet_hours", {"enabled": True, "start": "21:00"}, 1, "b"),
        Choice(name_of_rule(Scope("ci")), {"toast": False}, 1, "c"),
        Choice(name_of_rule(Scope("gone")), None, 1, "d"),
        Choice("from a newer server", {"anything": True}, 1, "e"),
        Choice("devices", "on the moon", 1, "f"),
        Choice("pause", None, 1, "g"),
    ]

    assert preferences_of(choices) == Preferences(
        zone="Asia/Tokyo", quiet_hours=QuietHours(enabled=True, start="21:00"), rules=(Rule(source="ci", toast=False),)
    )


@given(
    st.lists(
        st.builds(Choice, st.just("zone"), st.sampled_from(["UTC", None]), st.integers(0, 3), st.sampled_from("abc")),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_choices_end_alike_in_any_order(choices: list[Choice], chance: Any) -> None:
    by_writer = {(one.at, one.op): one for one in choices}  # one writer writes one thing at one moment

    def end(order: list[Choice]) -> Choice | None:
        held: Choice | None = None
        for one in order:
            held = later(held, one)
        return held

    once = list(by_writer.values())
    again = once + once
    chance.shuffle(again)
    assert end(once) == end(again)
