"""When a toast rings: pure functions on a small state, so that every rule is a line in a table of tests.

Only news may toast: a content version that came over the link, is unread, is not the person's own doing and was not
sent to be silent. Then the number is kept small, because a bell that never stops is taken off the desk:

    live news ──► at most 3 toasts in a burst ──► everything more is ONE summary, updated in place
      urgent  ──► at most 5, beside those 3
      told again in a row that is on the screen ──► replaces it in place, without a sound while the burst lasts
      one more of a group that is on the screen ──► the same; the toast then stands for all of them
      what rings until acknowledged ──► is heard again, whatever else comes; not twice within such a burst
      resolved ──► replaces what is on the screen, silently; never a toast of its own
    after an absence ──► one summary of all; urgent ones singly
    paused, quiet ──► nothing, and one summary afterwards; urgent ones break through where the person allows it
    another device is in use, and the person wants toasts there alone ──► nothing here but urgent ones
    closed to toasts by the person's rules ──► nothing, then or afterwards

A burst ends after five seconds without news. What is urgent, and what asks something, is never one of several on a toast:
it has to be seen, and answered, by itself. One single thing that was missed is shown as itself: that is the shortest
summary of one.

The functions answer the new state and the orders to carry out (`ringing.py` does). They know keys of records, not
records on a disk: whether something that was missed is still worth telling is for the one who can look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from handbell_desktop.phrases import Why
from handbell_shared.actions import waits
from handbell_shared.grouping import group_of
from handbell_shared.preferences import DEFAULT, Preferences, breaks_through
from handbell_shared.records import HeldFor, Notification

AT_MOST: Final = 3
URGENT_AT_MOST: Final = 5
TOGETHER_AT_MOST: Final = 50
BURST_ENDS_AFTER: Final = 5_000
AWAY: Final = 60_000


class Which(NamedTuple):
    """A record of an account; what it is called on the platform is for the one who shows it."""

    account: str
    id: str


class News(Struct, frozen=True):
    account: str
    user: str
    record: Notification

    @property
    def which(self) -> Which:
        return Which(self.account, self.record.id)

    @property
    def urgent(self) -> bool:
        return self.record.priority == "urgent"


class Rules(Struct, frozen=True, kw_only=True):
    """What the person wants just now, of the account that the news are of."""

    toasts: bool = True
    quiet: bool = False  # paused, or in the quiet hours
    elsewhere: bool = False  # another device is in use, and toasts are wanted there alone
    preferences: Preferences = DEFAULT


class Up(Struct, frozen=True):
    """A toast on the screen. It is called by the first it showed; of a group it may stand for several, the newest last."""

    which: Which
    members: tuple[Which, ...]
    group: str | None = None


class Ring(Struct, frozen=True):
    """Show this one. `again`: it replaces its own toast; `silent`: without a sound.

    `on` is the toast of its group, where that stands for others too.
    """

    news: News
    again: bool = False
    silent: bool = False
    on: Which | None = None


class Renew(Struct, frozen=True):
    """This toast stands for fewer than before: show it anew, without a sound."""

    which: Which


class Summarise(Struct, frozen=True):
    """Show or update the summary of these, newest last. `rings` are those that make its sound."""

    which: tuple[Which, ...]
    why: Why
    rings: tuple[Which, ...] = ()


class TakeDown(Struct, frozen=True):
    which: Which


class TakeDownSummary(Struct, frozen=True):
    pass


class Held(Struct, frozen=True):
    """These would have had a toast, and have none, for this reason."""

    which: tuple[Which, ...]
    why: HeldFor


Order = Ring | Renew | Summarise | TakeDown | TakeDownSummary | Held


class Toasts(Struct, frozen=True, kw_only=True):
    """What is on the screen and what is to come; kept by the one who asks."""

    up: tuple[Up, ...] = ()
    summary: tuple[Which, ...] = ()  # what the summary on the screen stands for
    missed: tuple[Which, ...] = ()  # what came while it was quiet
    shown: int = 0  # of this burst
    urgent: int = 0  # of this burst
    last: int = 0  # when the last news of this burst came
    heard: Mapping[Which, int] = field(default_factory=dict)  # when each alarm on the screen was last heard

    @property
    def on_screen(self) -> frozenset[Which]:
        """All that a toast of its own, or of its group, stands for."""
        return frozenset(which for up in self.up for which in up.members)

    def standing_for(self, which: Which) -> tuple[Which, ...]:
        """What this toast stands for, the newest last; nothing when it is not up."""
        return next((up.members for up in self.up if up.which == which), ())


def may_toast(news: News, now: int) -> bool:
    record = news.record
    own = record.actor is not None and record.actor.user == news.user
    expired = record.expires_at is not None and record.expires_at <= now
    return waits(record, now) and record.may("toast") and not (own or expired or record.silent or is_settled(record))


def is_settled(record: Notification) -> bool:
    """Somebody else has answered it, or has it, or its time is up: worth reading, and nobody waits for this person."""
    answered = record.answer is not None and record.answer.elsewhere
    return answered or (record.alarm is not None and record.alarm.elsewhere)


def rings_on(record: Notification) -> bool:
    """Whether it rings until somebody has it, and nobody has."""
    return record.alarm is not None and record.alarm.on


def is_just_heard(state: Toasts, news: News, now: int) -> bool:
    return 0 <= now - state.heard.get(news.which, -BURST_ENDS_AFTER) < BURST_ENDS_AFTER


def _heard(state: Toasts, news: News, now: int) -> Toasts:
    if not rings_on(news.record):
        return state
    there = state.on_screen
    return replace(state, heard={which: at for which, at in state.heard.items() if which in there} | {news.which: now})


def arrived(state: Toasts, rules: Rules, news: Sequence[News], now: int) -> tuple[Toasts, list[Order]]:
    """News came while the link was up."""
    if not _in_burst(state, now):
        state = replace(state, shown=0, urgent=0)
    orders: list[Order] = []
    more: list[News] = []
    missed: list[Which] = []
    held: dict[HeldFor, list[Which]] = {"off": [], "elsewhere": []}
    for one in news:
        if not may_toast(one, now):
            continue
        if not rules.toasts or (rules.elsewhere and not one.urgent):
            held["elsewhere" if rules.toasts else "off"].append(one.which)
            continue
        if rules.quiet and not _may_ring_in_quiet(state, rules, one):
            missed.append(one.which)
            continue
        quickly = _in_burst(state, now)
        state = replace(state, last=now)
        up = _place(state, one)
        if up is not None:
            too_soon = is_just_heard(state, one, now) if rings_on(one.record) else quickly
            state, order = _join(state, up, one, silent=too_soon or one.record.resolved)
            state = state if too_soon else _heard(state, one, now)
            orders.append(order)
        elif one.record.resolved:
            continue
        elif one.urgent and state.urgent < URGENT_AT_MOST:
            state = _heard(replace(_put_up(state, one), urgent=state.urgent + 1), one, now)
            orders.append(Ring(one))
        elif not one.urgent and state.shown < AT_MOST:
            state = replace(_put_up(state, one), shown=state.shown + 1)
            orders.append(Ring(one))
        else:
            more.append(one)
    orders += [Held(tuple(which), why) for why, which in held.items() if which]
    if missed:
        state = replace(state, missed=_with(state.missed, missed))
        orders.append(Held(tuple(missed), "quiet"))
    if more:
        state = replace(state, summary=_with(state.summary, [one.which for one in more]))
        orders.append(Held(tuple(one.which for one in more), "summary"))
        orders.append(
            Summarise(state.summary, "burst", tuple(one.which for one in more if one.urgent and _sounds(one)))
        )
    return state, orders


def caught_up(state: Toasts, rules: Rules, news: Sequence[News], away: int, now: int) -> tuple[Toasts, list[Order]]:
    """News that waited at the server while this device was without a link for so long (ms)."""
    worth = [one for one in news if may_toast(one, now) and not one.record.resolved]
    if not rules.toasts or rules.quiet or rules.elsewhere or (away <= AWAY and len(worth) <= AT_MOST):
        return arrived(state, rules, news, now)
    told_again = state.on_screen
    state, orders = arrived(state, rules, [one for one in news if one.urgent or one.which in told_again], now)
    calm = [one for one in worth if not one.urgent and one.which not in told_again]
    rings = tuple(one.which for one in calm if _sounds(one))
    state, summary = _tell(state, [one.which for one in calm], calm[:1], "away", rings)
    return state, orders + summary


def held_back(state: Toasts, rules: Rules, news: Sequence[News], now: int) -> Toasts:
    """These came while it was quiet, before this program started, and nobody has looked at them."""
    held = [
        one.which
        for one in news
        if rules.toasts and may_toast(one, now) and not breaks_through(rules.preferences, one.record)
    ]
    return replace(state, missed=_with(tuple(held), state.missed))


def quiet_is_over(
    state: Toasts,
    rules: Rules,
    over: Collection[Which],
    still: Sequence[Which],
    first: Sequence[News],
    rings: Sequence[Which] | None = None,
) -> tuple[Toasts, list[Order]]:
    """`over` are those of `state.missed` that it is over for, `still` what is still to be told of them.

    `first` is the first of those, `rings` what sounds; without them, all.
    """
    gone = set(over)
    state = replace(state, missed=tuple(which for which in state.missed if which not in gone))
    return _tell(state, still, first, "quiet", still if rings is None else rings) if rules.toasts else (state, [])


def dealt_with(state: Toasts, gone: Iterable[Which]) -> tuple[Toasts, list[Order]]:
    """These were read, archived, snoozed, deleted or recalled, here or elsewhere."""
    gone = set(gone)
    up: list[Up] = []
    orders: list[Order] = []
    for one in state.up:
        left = tuple(which for which in one.members if which not in gone)
        if left:
            up.append(replace(one, members=left))
        if left != one.members:
            orders.append(Renew(one.which) if left else TakeDown(one.which))
    left = tuple(which for which in state.summary if which not in gone)
    if state.summary and not left:
        orders.append(TakeDownSummary())
    missed = tuple(which for which in state.missed if which not in gone)
    return replace(state, up=tuple(up), summary=left, missed=missed), orders


def closed(state: Toasts, which: Which) -> Toasts:
    """The toast has left the screen; what is told again from here on is a new one."""
    return replace(state, up=tuple(up for up in state.up if up.which != which))


def summary_closed(state: Toasts) -> Toasts:
    """A summary that the person has seen does not count on."""
    return replace(state, summary=())


def _sounds(news: News) -> bool:
    return news.record.may("sound")


def _may_ring_in_quiet(state: Toasts, rules: Rules, news: News) -> bool:
    """It breaks through, or it only says on the screen that what broke through is over: that makes no sound."""
    return breaks_through(rules.preferences, news.record) or (news.record.resolved and news.which in state.on_screen)


def _tell(
    state: Toasts, which: Sequence[Which], first: Sequence[News], why: Why, rings: Sequence[Which]
) -> tuple[Toasts, list[Order]]:
    if not which:
        return state, []
    if len(which) == 1 and first and not state.summary:
        return _put_up(state, first[0]), [Ring(first[0])]
    state = replace(state, summary=_with(state.summary, which))
    return state, [Held(tuple(which), "summary"), Summarise(state.summary, why, tuple(rings))]


def _in_burst(state: Toasts, now: int) -> bool:
    return 0 <= now - state.last < BURST_ENDS_AFTER  # below: the clock was set back


def _put_up(state: Toasts, news: News) -> Toasts:
    """A toast of its own. One that was called by it, and stands for others by now, is replaced on the screen."""
    return replace(state, up=(*closed(state, news.which).up, Up(news.which, (news.which,), _group(news))))


def _group(news: News) -> str | None:
    """What it may be on one toast with."""
    if news.urgent or news.record.actions:
        return None
    group = group_of(news.record)
    return None if group is None else f"{news.account} {group}"


def _place(state: Toasts, news: News) -> Up | None:
    """The toast on the screen that this one belongs on: its own, or that of its group."""
    for up in state.up:
        if news.which in up.members:
            return up
    group = None if news.record.resolved else _group(news)
    of_group = (up for up in state.up if up.group == group and len(up.members) < TOGETHER_AT_MOST)
    return None if group is None else next(of_group, None)


def _join(state: Toasts, up: Up, news: News, *, silent: bool) -> tuple[Toasts, Ring]:
    joined = replace(up, members=_with(up.members, [news.which]))
    state = replace(state, up=tuple(joined if one is up else one for one in state.up))
    return state, Ring(news, again=True, silent=silent, on=up.which if len(joined.members) > 1 else None)


def _with(before: tuple[Which, ...], new: Iterable[Which]) -> tuple[Which, ...]:
    """Each once, the newest last."""
    fresh = dict.fromkeys(new)
    return (*(which for which in before if which not in fresh), *fresh)
