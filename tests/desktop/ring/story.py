"""What happens to the toast policy, one thing after the other, and what it orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.toast_policy import (
    Held,
    News,
    Order,
    Ring,
    Rules,
    Summarise,
    Toasts,
    Which,
)
from handbell_shared.preferences import Preferences, Urgent
from handbell_shared.records import Notification

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
