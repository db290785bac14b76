"""What is told after an absence and after quiet hours. Each test is one sentence of the policy."""

from __future__ import annotations

from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.toast_policy import (
    Held,
    Ring,
    Rules,
    Toasts,
)
from tests.desktop.ring.story import NEVER, Story, news, rung, summarised, which

# Absences.


def test_after_an_absence_there_is_one_summary_and_urgent_ones_singly() -> None:
    orders = Story().catch_up(news("a"), news("u", priority="urgent"), news("b"), away=policy.AWAY + 1)

    assert rung(orders) == ["u"]
    assert summarised(orders) == ["a", "b"]
    assert orders[-1].why == "away"  # type: ignore[union-attr]
    assert orders[-1].rings == which("a", "b")  # type: ignore[union-attr]


def test_a_short_absence_with_little_news_is_as_if_it_had_not_been() -> None:
    assert rung(Story().catch_up(*(news(title) for title in "abc"), away=policy.AWAY)) == ["a", "b", "c"]


def test_a_short_absence_with_much_news_is_one_summary() -> None:
    orders = Story().catch_up(*(news(title) for title in "abcd"), away=1_000)

    assert rung(orders) == []
    assert summarised(orders) == ["a", "b", "c", "d"]


def test_a_single_one_that_was_missed_is_shown_as_itself() -> None:
    assert rung(Story().catch_up(news("a"), news("old", read=True), away=policy.AWAY + 1)) == ["a"]


def test_an_absence_without_news_is_not_mentioned() -> None:
    assert Story().catch_up(away=policy.AWAY + 1) == []


# Quiet.


def test_a_clock_that_is_set_back_begins_a_new_burst() -> None:
    story = Story()
    story.arrive(news("a"), news("b"), news("c"), news("d"))

    assert rung(story.arrive(news("e"), after=-60_000)) == ["e"]


def test_while_it_is_quiet_nothing_rings_and_afterwards_one_summary_tells_of_all() -> None:
    story = Story(Rules(quiet=True, preferences=NEVER))
    assert story.arrive(news("a"), news("u", priority="urgent")) == [Held(which("a", "u"), "quiet")]
    assert story.catch_up(news("b"), news("c"), away=policy.AWAY + 1) == [Held(which("b", "c"), "quiet")]
    assert story.state.missed == which("a", "u", "b", "c")

    orders = story.quiet_ends(news("a"), news("c"))

    assert summarised(orders) == ["a", "c"]
    assert orders[-1].why == "quiet"  # type: ignore[union-attr]
    assert story.state.missed == ()


def test_that_it_is_over_is_said_in_the_quiet_too_where_it_is_on_the_screen() -> None:
    story = Story(Rules(quiet=True))
    story.arrive(news("u", priority="urgent"))

    (order,) = story.arrive(news("u", cver=2, priority="urgent", resolved=True), after=60_000)

    assert order == Ring(news("u", cver=2, priority="urgent", resolved=True), again=True, silent=True)
    assert story.state.missed == ()


def test_urgent_ones_break_through_where_the_person_allows_it() -> None:
    story = Story(Rules(quiet=True))

    assert rung(story.arrive(news("a"), news("u", priority="urgent"))) == ["u"]
    assert story.state.missed == which("a")


def test_a_single_one_that_quiet_held_back_is_shown_as_itself() -> None:
    assert rung(Story(state=Toasts(missed=which("a"))).quiet_ends(news("a"))) == ["a"]


def test_quiet_in_which_all_was_dealt_with_is_not_mentioned() -> None:
    story = Story(Rules(quiet=True))
    story.arrive(news("a"), news("b"))
    story.deal_with("a", "b")

    assert story.state.missed == ()
    assert story.quiet_ends() == []
