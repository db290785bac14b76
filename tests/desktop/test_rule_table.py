"""The rules as a table: what stands in it, what holds in each line and whose word that is, and what a switch says."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.rule_table import EVERYTHING, Line, inherited, lines, turned
from handbell_shared.preferences import Preferences, Rule
from handbell_shared.records import Channel, Scope

CI, ERROR, STATUS = Scope("ci"), Scope(type="error"), Scope(category="status")


def table(*rules: Rule, critical: tuple[str, ...] = ()) -> dict[Scope, Line]:
    made = lines(Preferences(rules=rules), ["ci", "Backup"], ["error", "deploy"], critical)
    return {line.scope: line for line in made}


def test_everything_stands_first_then_sources_types_and_categories_with_what_rules_are_about() -> None:
    rules = (
        Rule(source="ci", type="error", toast=True),
        Rule(source="gone", toast=False),
        Rule(type="like", badge=False),
    )
    found = lines(Preferences(rules=rules), ["ci", "Backup"], ["error"], ["security"])

    assert [(line.part, line.scope) for line in found] == [
        ("everything", EVERYTHING),
        ("sources", Scope("Backup")),
        ("sources", CI),
        ("sources", Scope("ci", "error")),
        ("sources", Scope("gone")),
        ("types", ERROR),
        ("types", Scope(type="like")),
        *(
            ("categories", Scope(category=name))
            for name in ("messages", "orders", "security", "social", "status", "system")
        ),
    ]


@pytest.mark.parametrize(
    ("rules", "scope", "channel", "holds", "whose"),
    [
        ((), CI, "toast", True, None),
        ((), CI, "email", "digest", None),
        ((Rule(toast=False),), CI, "toast", False, EVERYTHING),
        ((Rule(toast=False),), EVERYTHING, "toast", False, EVERYTHING),
        ((Rule(toast=False), Rule(source="ci", toast=True)), CI, "toast", True, CI),
        ((Rule(category="status", badge=False),), ERROR, "badge", False, STATUS),
        ((Rule(category="status", badge=False),), Scope(type="deploy"), "badge", True, None),
        ((Rule(type="error", badge=False),), CI, "badge", True, None),  # only some of what comes from there
        ((Rule(source="ci", type="error", sound=True), Rule(source="ci", toast=False)), Scope("ci", "error"), "toast", False, CI),
        ((Rule(source="ci", email="never"),), CI, "email", "never", CI),
    ],
)  # fmt: skip
def test_what_holds_and_whose_word_it_is(
    rules: tuple[Rule, ...], scope: Scope, channel: Channel, holds: Any, whose: Scope | None
) -> None:
    line = table(*rules)[scope]

    assert (line.holds[channel], line.comes_from.get(channel)) == (holds, whose)
    assert line.own(channel) == (whose == scope)


@pytest.mark.parametrize(
    ("rules", "scope", "says"),
    [
        ((), CI, False),
        ((Rule(source="ci", toast=False),), CI, None),
        ((Rule(toast=False),), CI, True),
        ((Rule(toast=False), Rule(source="ci", toast=True)), CI, None),
        ((Rule(toast=False), Rule(source="ci", toast=False)), CI, True),
        ((Rule(toast=False),), EVERYTHING, None),
        ((Rule(category="status", toast=False),), ERROR, True),
    ],
)
def test_a_switch_goes_to_the_other_side_and_says_nothing_where_that_would_hold_anyway(
    rules: tuple[Rule, ...], scope: Scope, says: bool | None
) -> None:
    preferences = Preferences(rules=rules)
    line = table(*rules)[scope]

    assert turned(preferences, line, "toast") is says
    if says is None:
        assert inherited(preferences, line, "toast") is not line.holds["toast"]


def test_what_is_critical_is_locked_but_for_e_mail() -> None:
    made = table(Rule(toast=False, email="never"), critical=("status",))

    for scope in (ERROR, STATUS):
        line = made[scope]
        assert line.locked("toast") and line.locked("badge") and not line.locked("email")
        assert (line.holds["toast"], line.holds["email"]) == (True, "never")
    assert not made[CI].locked("toast")
