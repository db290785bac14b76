"""When one more of a group rings, and when it only joins. Each test is one sentence of the policy."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.toast_policy import (
    News,
    Renew,
    Ring,
    TakeDown,
    Which,
)
from handbell_shared.records import Button
from tests.desktop.ring.story import Story, news, rung, summarised, which


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
