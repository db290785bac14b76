"""What each step of a trace is to a person."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.why_sentences import About, Here, Known, Told, now_here, tell
from handbell_shared.preferences import FOR_EVER, Preferences, Rule
from handbell_shared.records import Scope

CI = Scope("ci")


class Plain:
    def when(self, at: int) -> str:
        return f"<{at}>"

    def type_name(self, a_type: str) -> str:
        return a_type.capitalize()

    def category_name(self, category: str) -> str:
        return category.capitalize()


def about(*rules: Rule, source: str = "ci") -> About:
    return About(user="ana", source=source, naming=Plain(), preferences=Preferences(rules=rules))


def said(told: list[Told]) -> list[str]:
    return [str(one.says) for one in told]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"step": "stored"}, "Came from ci"),
        ({"step": "told_again", "count": 3}, "Told again, 3 times in all"),
        ({"step": "told_again", "count": 1}, "Told again"),
        ({"step": "told_again", "count": 2, "why": "resolved"}, "Its sender says that it is over"),
        ({"step": "rung_again"}, "Rang again"),
        ({"step": "alarm", "why": "ringing"}, "Rings again and again until somebody acknowledges it"),
        (
            {"step": "alarm", "why": "passed", "by": "Ben"},
            "Nobody acknowledged it in time, so it was passed on to Ben",
        ),
        ({"step": "alarm", "why": "acknowledged", "by": "Ben"}, "Acknowledged by Ben"),
        ({"step": "alarm", "why": "acknowledged"}, "Acknowledged by you"),
        ({"step": "alarm", "why": "expired"}, "Nobody acknowledged it"),
        ({"step": "alarm", "why": "over"}, "There is nothing to acknowledge any more"),
        ({"step": "critical", "why": "category"}, "Critical: no rule can mute it"),
        ({"step": "silent"}, "Its sender wanted it to come without ringing"),
        ({"step": "grouped", "why": "group"}, "Shown together with others of its group"),
        ({"step": "grouped", "why": "actor"}, "Shown together with what others did to the same thing"),
        ({"step": "delivered", "device": "laptop"}, "Reached laptop"),
        ({"step": "shown", "device": "laptop"}, "Shown on laptop"),
        ({"step": "clicked", "device": "laptop"}, "Clicked on laptop"),
        ({"step": "dismissed", "device": "laptop"}, "Waved away on laptop"),
        ({"step": "held", "device": "laptop", "why": "quiet"}, "Held back on laptop: it was quiet"),
        ({"step": "held", "device": "laptop", "why": "summary"}, "Part of one summary on laptop"),
        ({"step": "held", "device": "laptop", "why": "off"}, "Not shown on laptop: notifications are off there"),
        (
            {"step": "held", "device": "laptop", "why": "elsewhere"},
            "Not shown on laptop: you were using another device",
        ),
        ({"step": "held", "why": "moonlight"}, "Held back on a device"),
        ({"step": "seen"}, "Seen by you"),
        ({"step": "read"}, "Read by you"),
        ({"step": "answered", "by": "Ben"}, "Answered by Ben"),
        ({"step": "answered", "by": "ana"}, "Answered by you"),
        ({"step": "answered", "why": "deadline"}, "Nobody answered in time"),
        ({"step": "archived"}, "Archived by you"),
        ({"step": "snoozed", "until": 7}, "Put to sleep by you, until <7>"),
        ({"step": "mailed"}, "Sent to you by e-mail"),
        ({"step": "mailed", "why": "digest"}, "Named in an e-mail that sums up"),
        ({"step": "not_mailed", "why": "dropped"}, "No e-mail: you had seen it before"),
        ({"step": "not_mailed", "why": "failed"}, "The e-mail could not be delivered"),
        ({"step": "not_mailed", "why": "unknown"}, "An e-mail was under way; whether it arrived is not known"),
        ({"step": "not_mailed", "why": "moonlight"}, "No e-mail was sent"),
        ({"step": "gone", "why": "user"}, "Deleted by you"),
        ({"step": "gone", "why": "recalled"}, "Taken back by its sender"),
        ({"step": "gone", "why": "expired"}, "Gone, because its time was over"),
        ({"step": "gone", "why": "retention"}, "Gone, because it was old"),
        (
            {"step": "beamed", "why": "moonlight", "device": "laptop"},
            "Something that only a newer Handbell has words for: beamed · moonlight · laptop",
        ),
        ({"step": "alarm", "why": "snoring"}, "Something that only a newer Handbell has words for: alarm · snoring"),
        ({"step": "muted"}, "Something that only a newer Handbell has words for: muted"),
    ],
    ids=lambda value: "-".join(str(one) for one in value.values()) if isinstance(value, dict) else "",
)
def test_a_step_is_a_sentence(step: dict[str, Any], says: str) -> None:
    (told,) = tell([Known(**step, at=12)], about())

    assert (str(told.says), told.at) == (says, 12)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Scope(), "Muted by your rule for everything"),
        (Scope("ci"), "Muted by your rule for everything from ci"),
        (Scope(None, "error"), "Muted by your rule for “Error”"),
        (Scope("ci", "error"), "Muted by your rule for “Error” from ci"),
        (Scope(None, None, "social"), "Muted by your rule for the category “Social”"),
        (Scope("ci", None, "social"), "Muted by your rule for the category “Social” from ci"),
        (Scope(None, "like", "social"), "Muted by your rule for “Like” of the category “Social”"),
        (Scope("ci", "like", "social"), "Muted by your rule for “Like” of the category “Social” from ci"),
    ],
)
def test_a_rule_is_named_by_what_it_is_about(rule: Scope, says: str) -> None:
    there = Rule(source=rule.source, type=rule.type, category=rule.category, sound=False)

    (told,) = tell([Known(step="muted", channel="sound", rule=rule)], about(there))

    assert (str(told.says), told.rule) == (f"{says}: no sound", rule)


def test_what_one_rule_closed_is_one_sentence_and_another_rule_is_another() -> None:
    everything = Scope()
    lines = [
        Known(step="stored", at=1),
        *(Known(step="muted", channel=channel, rule=CI) for channel in ("toast", "sound", "push", "telepathy")),
        Known(step="muted", channel="badge", rule=everything),
        Known(step="muted", channel="email", rule=everything),
        Known(step="read", at=2),
    ]

    told = tell(lines, about(Rule(source="ci", toast=False), Rule(badge=False)))

    assert said(told) == [
        "Came from ci",
        "Muted by your rule for everything from ci: no toast, no sound, no push, no telepathy",
        "Muted by your rule for everything: not counted on the bell, no e-mail",
        "Read by you",
    ]
    assert [one.rule for one in told] == [None, CI, everything, None]


def test_a_rule_that_is_another_by_now_cannot_be_changed_here() -> None:
    (told,) = tell([Known(step="muted", channel="toast", rule=CI)], about())

    assert str(told.says) == "Muted by your rule for everything from ci: no toast. You have changed that since."
    assert told.rule is None


def test_names_are_one_line_and_end_somewhere_and_are_never_taken_for_places_to_fill() -> None:
    odd = "{device}\n" + "x" * 500

    (stored, held) = tell([Known(step="stored"), Known(step="held", device=odd, why="quiet")], about(source=odd))

    assert str(stored.says).startswith("Came from {device} xxx") and len(str(stored.says)) < 150
    assert str(held.says).endswith("…: it was quiet")
    assert str(tell([Known(step="stored")], about(source=""))[0].says) == "Came in"


@pytest.mark.parametrize(
    ("here", "says"),
    [
        (Here(waits=True), []),
        (Here(own=True), ["You did this yourself: that never rings"]),
        (Here(expires_at=50), ["Its time was over"]),
        (Here(expires_at=200), ["Counts until <200>, and is gone after that"]),
        (Here(waits=True, quiet_until=700), ["Now: it is quiet until <700>"]),
        (Here(waits=True, quiet_until=FOR_EVER), ["Now: paused, until you end the pause"]),
        (Here(waits=True, elsewhere=True), ["Now: you are using another device"]),
        (Here(waits=True, off=True, quiet_until=700), ["Now: notifications are off on this computer"]),
        (Here(waits=False, off=True, quiet_until=700, elsewhere=True), []),
    ],
)
def test_how_it_stands_on_this_device_now(here: Here, says: list[str]) -> None:
    assert said(list(now_here(here, Plain(), 100))) == says
