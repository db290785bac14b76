"""When a toast rings. Each test is one sentence of the policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.toast_policy import (
    Held,
    News,
    Order,
    Renew,
    Ring,
    Rules,
    Summarise,
    TakeDown,
    TakeDownSummary,
    Toasts,
    Which,
)
from handbell_shared.preferences import Preferences, Urgent
from handbell_shared.records import Actor, Alarm, Button, Notification

NOW = 1_000_000
NEVER = Preferences(urgent=Urgent(breaks_through="none"))


def news(title: str = "a", **members: Any) -> News:
    return News("ana", "ana", Notification(id=title, title=title, **members))


def which(*titles: str) -> tuple[Which, ...]:
    return tuple(Which("ana", title) for title in titles)


@dataclass
class Story:
    """What happens one after the other; `orders` are those of the last step."""

    rules: Rules = field(default_factory=Rules)
    state: Toasts = field(default_factory=Toasts)
    now: int = NOW
    orders: list[Order] = field(default_factory=list)

    def arrive(self, *some: News, after: int = 0) -> list[Order]:
        self.now += after
        self.state, self.orders = policy.arrived(self.state, self.rules, some, self.now)
        return self.orders

    def catch_up(self, *some: News, away: int) -> list[Order]:
        self.state, self.orders = policy.caught_up(self.state, self.rules, some, away, self.now)
        return self.orders

    def quiet_ends(self, *still: News) -> list[Order]:
        self.state, self.orders = policy.quiet_is_over(
            self.state, Rules(), self.state.missed, [one.which for one in still], still[:1]
        )
        return self.orders

    def deal_with(self, *titles: str) -> list[Order]:
        self.state, self.orders = policy.dealt_with(self.state, which(*titles))
        return self.orders


def rung(orders: list[Order]) -> list[str]:
    return [order.news.record.title for order in orders if isinstance(order, Ring)]


def held(orders: list[Order]) -> dict[str, list[str]]:
    return {order.why: [one.id for one in order.which] for order in orders if isinstance(order, Held)}


def summarised(orders: list[Order]) -> list[str]:
    (summary,) = (order for order in orders if isinstance(order, Summarise))
    return [one.id for one in summary.which]


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


# Groups.


def step(title: str, **members: Any) -> News:
    return news(title, **{"group": "build 7", **members})


def test_one_more_of_a_group_joins_its_toast_silently_and_costs_nothing() -> None:
    story = Story()
    story.arrive(step("a"), news("b"), news("c"))

    orders = story.arrive(step("d"), step("e"), after=1_000)

    assert orders == [
        Ring(step("d"), again=True, silent=True, on=Which("ana", "a")),
        Ring(step("e"), again=True, silent=True, on=Which("ana", "a")),
    ]
    assert story.state.standing_for(Which("ana", "a")) == which("a", "d", "e")
    assert story.state.shown == 3


def test_a_group_that_arrives_at_once_is_one_toast_heard_once() -> None:
    orders = Story().arrive(*(step(title) for title in "abcdef"))

    assert [(order.on, order.silent) for order in orders if isinstance(order, Ring)] == [
        (None, False),
        *5 * [(Which("ana", "a"), True)],
    ]


def test_one_more_of_a_group_after_the_burst_is_heard() -> None:
    story = Story()
    story.arrive(step("a"))

    (order,) = story.arrive(step("b"), after=policy.BURST_ENDS_AFTER)

    assert order == Ring(step("b"), again=True, on=Which("ana", "a"))


@pytest.mark.parametrize(
    ("why", "members"),
    [
        ("another group", {"group": "build 8"}),
        ("another sender's", {"source": "cd"}),
        ("urgent", {"priority": "urgent"}),
        ("asks something", {"actions": (Button("yes", "Yes"),)}),
    ],
)
def test_what_has_to_be_seen_by_itself_gets_a_toast_of_its_own(why: str, members: dict[str, Any]) -> None:
    story = Story()
    story.arrive(step("a"))

    assert story.arrive(step("b", **members)) == [Ring(step("b", **members))], why


@pytest.mark.parametrize("members", [{"priority": "urgent"}, {"actions": (Button("yes", "Yes"),)}], ids=str)
def test_nothing_joins_what_has_to_be_seen_by_itself(members: dict[str, Any]) -> None:
    story = Story()
    story.arrive(step("a", **members))

    assert story.arrive(step("b")) == [Ring(step("b"))]


def test_accounts_do_not_share_a_toast() -> None:
    story = Story()
    story.arrive(step("a"))
    of_ben = News("ben", "ben", step("b").record)

    assert story.arrive(of_ben) == [Ring(of_ben)]


def test_a_member_that_is_told_again_is_the_newest_on_its_groups_toast() -> None:
    story = Story()
    story.arrive(step("a"), step("b"))

    assert story.arrive(step("a", cver=2)) == [Ring(step("a", cver=2), True, True, Which("ana", "a"))]
    assert story.state.standing_for(Which("ana", "a")) == which("b", "a")


def test_a_resolution_of_what_is_not_on_the_toast_does_not_join_it() -> None:
    story = Story()
    story.arrive(step("a"))

    assert story.arrive(step("b", resolved=True)) == []


def test_a_toast_of_a_group_stays_until_all_it_stands_for_are_dealt_with() -> None:
    story = Story()
    story.arrive(step("a"), step("b"), step("c"))

    assert story.deal_with("a") == [Renew(Which("ana", "a"))]
    assert story.deal_with("nothing of it") == []
    assert story.deal_with("b", "c") == [TakeDown(Which("ana", "a"))]
    assert story.state.up == ()


def test_after_a_toast_of_a_group_has_gone_the_next_member_is_a_toast_like_any() -> None:
    story = Story()
    story.arrive(step("a"), step("b"))
    story.state = policy.closed(story.state, Which("ana", "a"))

    assert story.arrive(step("c")) == [Ring(step("c"))]


def test_what_called_a_toast_and_comes_back_urgent_replaces_it() -> None:
    story = Story()
    story.arrive(step("a"), step("b"))
    story.deal_with("a")

    assert story.arrive(step("a", cver=2, priority="urgent")) == [Ring(step("a", cver=2, priority="urgent"))]
    assert story.state.on_screen == {Which("ana", "a")}


def test_a_toast_stands_for_so_many_and_the_rest_is_told_as_ever() -> None:
    story = Story()
    some = [step(f"{number}") for number in range(3 * policy.TOGETHER_AT_MOST + 7)]

    orders = story.arrive(*some)

    assert {len(up.members) for up in story.state.up} == {policy.TOGETHER_AT_MOST}
    assert len(story.state.up) == policy.AT_MOST
    assert len(summarised(orders)) == 7


def test_members_that_waited_at_the_server_are_in_the_summary_of_the_absence() -> None:
    story = Story()
    story.arrive(step("a"))

    orders = story.catch_up(step("b"), step("c"), away=policy.AWAY + 1)

    assert rung(orders) == []
    assert summarised(orders) == ["b", "c"]


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
