"""What muting, unmuting and trusting choose, by what was chosen before."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.rule_changes import MUTED, muting, trusting, unmuting
from handbell_shared.preferences import Preferences, Rule, Urgent, name_of_rule, preferences_of, ruling
from handbell_shared.records import Choice, Notification, Scope

RECORD = Notification(id="id", source="ci", type="error", category="status")
OFF: dict[str, Any] = {"toast": False, "sound": False, "push": False}
ON: dict[str, Any] = {"toast": True, "sound": True, "push": True}


def named(changes: dict[Scope, Any]) -> dict[str, Any]:
    return {name_of_rule(scope): says for scope, says in changes.items()}


def after(rules: tuple[Rule, ...], changes: dict[str, Any]) -> Preferences:
    said = {
        name_of_rule(rule.scope): {n: v for n in (*MUTED, "badge") if (v := getattr(rule, n)) is not None}
        for rule in rules
    }
    return preferences_of(Choice(name, value) for name, value in (said | changes).items())


@pytest.mark.parametrize(
    ("rules", "of_type", "changes"),
    [
        ((), False, {Scope("ci"): OFF}),
        ((), True, {Scope("ci", "error"): OFF}),
        ((Rule(source="ci", badge=False),), False, {Scope("ci"): OFF | {"badge": False}}),
        ((Rule(source="ci", toast=True),), False, {Scope("ci"): OFF}),
        ((Rule(source="ci", **OFF),), False, {}),
        # what was to ring in any case has been seen, and is to ring no more
        (
            (Rule(source="ci", type="error", toast=True, badge=True),),
            False,
            {Scope("ci"): OFF, Scope("ci", "error"): {"badge": True}},
        ),
        (
            (Rule(source="ci", category="status", sound=True),),
            False,
            {Scope("ci"): OFF, Scope("ci", None, "status"): None},
        ),
        # what is about others stays
        ((Rule(source="ci", type="info", toast=True), Rule(source="cd", toast=True)), False, {Scope("ci"): OFF}),
    ],
)
def test_muting(rules: tuple[Rule, ...], of_type: bool, changes: dict[Scope, Any]) -> None:
    found = muting(of_type, Preferences(rules=rules), RECORD)

    assert found == named(changes)
    assert all(ruling(after(rules, found), channel, RECORD).verdict is False for channel in MUTED)


@pytest.mark.parametrize(
    ("rules", "changes"),
    [
        ((Rule(source="ci", **OFF),), {Scope("ci"): None}),
        ((Rule(source="ci", badge=False, **OFF),), {Scope("ci"): {"badge": False}}),
        (
            (Rule(source="ci", type="error", **OFF), Rule(source="ci", toast=False)),
            {Scope("ci", "error"): None, Scope("ci"): None},
        ),
        ((Rule(**OFF),), {Scope("ci"): ON}),
        ((Rule(type="error", **OFF),), {Scope("ci"): ON}),
        ((Rule(type="error", category="status", toast=False),), {Scope("ci", "error"): {"toast": True}}),
        ((Rule(toast=False), Rule(source="ci", **OFF)), {Scope("ci"): {"toast": True}}),
        ((Rule(source="cd", toast=False),), {}),
    ],
)
def test_unmuting(rules: tuple[Rule, ...], changes: dict[Scope, Any]) -> None:
    found = unmuting(Preferences(rules=rules), RECORD)

    assert found == named(changes)
    assert all(ruling(after(rules, found), channel, RECORD).verdict is True for channel in MUTED)


@pytest.mark.parametrize(
    ("urgent", "trusted", "after"),
    [
        (Urgent(), True, ("trusted", ("ci",))),
        (Urgent(breaks_through="none", trusted=("cd",)), True, ("trusted", ("cd", "ci"))),
        (Urgent(breaks_through="trusted", trusted=("ci",)), True, None),
        (Urgent(breaks_through="trusted", trusted=("ci", "cd")), False, ("trusted", ("cd",))),
        (Urgent(breaks_through="trusted"), False, None),
    ],
)
def test_trusting(urgent: Urgent, trusted: bool, after: tuple[str, tuple[str, ...]] | None) -> None:
    found = trusting(trusted, Preferences(urgent=urgent), RECORD)

    assert found == ({} if after is None else {"urgent": {"breaks_through": after[0], "trusted": after[1]}})
