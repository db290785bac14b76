"""When a toast rings. Each test is one sentence of the policy."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.toast_policy import (
    Held,
    Ring,
    Rules,
    TakeDown,
    TakeDownSummary,
    Toasts,
    Which,
)
from handbell_shared.records import Actor, Alarm
from tests.desktop.ring.story import NOW, Story, held, news, rung, summarised, which

# What may toast at all.


@pytest.mark.parametrize(
    ("why", "members"),
    [
        ("read", {"read": True}),
        ("archived", {"archived": True}),
        ("snoozed", {"snoozed_until": NOW + 1}),
        ("deleted", {"deleted": "user"}),
        ("expired", {"expires_at": NOW}),
        ("silent", {"silent": True}),
        ("the person's own doing", {"actor": Actor("Ana", user="ana")}),
        ("a resolution of what is not on the screen", {"resolved": True}),
    ],
)
@pytest.mark.parametrize("priority", ["normal", "urgent"])
def test_what_may_not_toast_does_not(why: str, members: dict[str, Any], priority: str) -> None:
    one = news(priority=priority, **members)

    assert Story().arrive(one) == [], why
    assert Story().catch_up(one, away=policy.AWAY + 1) == [], why


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"snoozed_until": NOW},
        {"expires_at": NOW + 1},
        {"actor": Actor("Ben", user="ben")},
        {"actor": Actor("a cron job")},
        {"seen": True},
    ],
)
def test_what_may_toast_does_once(members: dict[str, Any]) -> None:
    assert rung(Story().arrive(news(**members))) == ["a"]


def test_who_wants_no_toasts_gets_none() -> None:
    story = Story(Rules(toasts=False))

    assert story.arrive(news("u", priority="urgent")) == [Held(which("u"), "off")]
    assert story.catch_up(news(), news("b"), away=policy.AWAY + 1) == [Held(which("a", "b"), "off")]
    assert story.state == Toasts()


def test_where_the_person_is_not_only_urgent_ones_ring() -> None:
    story = Story(Rules(elsewhere=True))

    orders = story.arrive(news("a"), news("u", priority="urgent"), news("mine", actor=Actor("Ana", "ana")))
    later = story.catch_up(news("b"), news("c"), away=policy.AWAY + 1)

    assert rung(orders) == ["u"] and held(orders) == {"elsewhere": ["a"]}
    assert later == [Held(which("b", "c"), "elsewhere")]
    assert story.state.missed == (), "what was shown there is not told again here"


# Bursts.


def test_what_is_in_a_summary_has_no_toast_of_its_own_and_says_so() -> None:
    orders = Story().arrive(*(news(title) for title in "abcde"))

    assert held(orders) == {"summary": ["d", "e"]}


def test_three_toast_and_everything_more_is_one_summary_that_grows() -> None:
    story = Story()

    assert rung(story.arrive(news("a"), news("b"))) == ["a", "b"]
    orders = story.arrive(news("c"), news("d"), news("e"), after=1_000)
    assert rung(orders) == ["c"]
    assert summarised(orders) == ["d", "e"]
    orders = story.arrive(news("f"), after=1_000)
    assert rung(orders) == []
    assert summarised(orders) == ["d", "e", "f"]


def test_a_burst_lasts_as_long_as_news_keep_coming() -> None:
    story = Story()
    for number in range(10):
        story.arrive(news(f"{number}"), after=policy.BURST_ENDS_AFTER - 1)

    assert story.state.shown == policy.AT_MOST
    assert len(story.state.summary) == 10 - policy.AT_MOST


def test_after_five_seconds_of_silence_the_next_toasts_again() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abcd"))

    assert rung(story.arrive(news("e"), after=policy.BURST_ENDS_AFTER)) == ["e"]


def test_a_silent_one_does_not_make_a_burst_longer() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abc"))
    story.arrive(news("hush", silent=True), after=4_000)

    assert rung(story.arrive(news("d"), after=1_000)) == ["d"]


def test_urgent_ones_toast_beside_the_three_and_are_bounded_too() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abc"))

    orders = story.arrive(*(news(f"u{number}", priority="urgent") for number in range(7)))

    assert rung(orders) == ["u0", "u1", "u2", "u3", "u4"]
    assert summarised(orders) == ["u5", "u6"]
    assert orders[-1].rings == which("u5", "u6")  # type: ignore[union-attr]  # they are heard


def test_a_summary_of_a_burst_is_not_heard_again_for_what_is_not_urgent() -> None:
    orders = Story().arrive(*(news(title, priority="high") for title in "abcd"))

    assert orders[-1].rings == ()  # type: ignore[union-attr]


def test_a_summary_counts_each_once() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abcde"))

    assert summarised(story.arrive(news("d", cver=2))) == ["e", "d"]


def test_a_summary_that_was_waved_away_counts_from_one_again() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abcde"))
    story.state = policy.summary_closed(story.state)

    assert summarised(story.arrive(news("f"))) == ["f"]


# One row that is told again.


def test_what_is_told_again_replaces_its_toast_and_costs_nothing() -> None:
    story = Story()
    story.arrive(news("a"))

    for _ in range(5):
        orders = story.arrive(news("a", cver=2, count=2))
        assert orders == [Ring(news("a", cver=2, count=2), again=True, silent=True)]
    assert story.state.shown == 1


def test_what_is_told_again_later_is_heard_again() -> None:
    story = Story()
    story.arrive(news("a"))

    (order,) = story.arrive(news("a", cver=2), after=policy.BURST_ENDS_AFTER)

    assert order == Ring(news("a", cver=2), again=True)


RINGING = {"priority": "urgent", "alarm": Alarm("r", 30)}


def test_what_rings_until_acknowledged_is_heard_again_also_while_other_news_keeps_coming() -> None:
    story = Story()
    story.arrive(news("a", **RINGING))
    for minute in range(2, 5):
        story.arrive(news(f"other {minute}"), after=28_000)
        assert story.arrive(news("a", cver=minute, **RINGING), after=2_000) == [
            Ring(news("a", cver=minute, **RINGING), again=True)
        ]
    (order,) = story.arrive(news("a", cver=9, **RINGING), after=4_999)
    assert order == Ring(news("a", cver=9, **RINGING), again=True, silent=True)


def test_what_somebody_else_has_acknowledged_does_not_toast() -> None:
    acknowledged = Alarm("r", 30, "acknowledged", "bo")
    assert Story().arrive(news("a", priority="urgent", alarm=acknowledged)) == []


def test_what_is_told_again_after_its_toast_has_gone_is_a_toast_like_any() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abc"))
    story.state = policy.closed(story.state, Which("ana", "a"))

    assert summarised(story.arrive(news("a", cver=2))) == ["a"]


def test_a_resolution_replaces_its_toast_silently() -> None:
    story = Story()
    story.arrive(news("a", priority="urgent"))

    (order,) = story.arrive(news("a", priority="urgent", resolved=True), after=60_000)

    assert order == Ring(news("a", priority="urgent", resolved=True), again=True, silent=True)


# Taking down.


def test_what_is_dealt_with_is_taken_down_and_nothing_else_is() -> None:
    story = Story()
    story.arrive(news("a"), news("b"))

    assert story.deal_with("b", "never shown") == [TakeDown(Which("ana", "b"))]
    assert story.deal_with("b") == []


def test_a_summary_is_taken_down_with_the_last_it_stands_for() -> None:
    story = Story()
    story.arrive(*(news(title) for title in "abcde"))

    assert story.deal_with("d") == []
    assert story.state.summary == which("e")
    assert story.deal_with("e") == [TakeDownSummary()]
