"""Carries out what the policy orders: makes toasts of records, takes them down, and hears what the person does to them.

The policy knows when; this knows how: what is on a toast, how a summary reads, and that the platform is not asked to
update it more than once a second. What stands for several, a summary or a toast of a group, is made when it is shown, and so as
it is by then. It also knows how an account stands, which is what tells news that arrived live from
news that had waited at the server.

A toast is taken down as soon as its record does not count any more, whoever dealt with it and wherever: so after any
change the records of the toasts on the screen are looked at again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Final, Protocol

from handbell_desktop.deeds import Opened
from handbell_desktop.kept.settings import Account, Settings
from handbell_desktop.kept.shown import Entry
from handbell_desktop.machine.toasts.base import (
    Clicked,
    Closed,
    OnEvent,
    Pressed,
    Replied,
    Toast,
    ToastButton,
    Toaster,
    ToastEvent,
    Urgency,
)
from handbell_desktop.machine.toasts.text import one_line
from handbell_desktop.phrases import Phrases, Why
from handbell_desktop.ring import toast_policy as policy
from handbell_desktop.ring.pace import Pace
from handbell_desktop.ring.receipts import Receipts
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
from handbell_desktop.timers import Turns
from handbell_shared.grouping import Group
from handbell_shared.phrasing import headline
from handbell_shared.preferences import Preferences
from handbell_shared.records import Button, Notification, Priority

SUMMARY: Final = "summary"
SUMMARY_EVERY: Final = 1.0
TITLE_AT_MOST: Final = 100
BODY_AT_MOST: Final = 200
TITLES_IN_SUMMARY: Final = 3
OWN_BUTTONS: Final = 2
BUTTONS: Final = 3  # what every desktop has room for; muting is offered where there is some left, and nothing is asked
SOURCE_AT_MOST: Final = 24

_URGENCY: Final[dict[Priority, Urgency]] = {"low": "low", "normal": "normal", "high": "normal", "urgent": "critical"}
_LOUDER: Final[tuple[Priority, ...]] = ("low", "normal", "high", "urgent")

log = logging.getLogger(__name__)


class Person(Protocol):
    """What a toast needs of the desk."""

    @property
    def settings(self) -> Settings: ...
    def elsewhere(self, account: str) -> bool: ...
    def quiet_of(self, account: str) -> int | None: ...
    def preferences(self, account: str) -> Preferences: ...
    def entries(self, account: str, ids: Collection[str]) -> list[Entry]: ...
    def waiting(self, account: str, ids: Collection[str]) -> dict[str, Priority]: ...
    def read(self, entries: Iterable[Entry]) -> None: ...
    def open(self, entry: Entry, *, token: str | None = None) -> Opened: ...
    def answer(self, entry: Entry, button: str, text: str | None = None, *, token: str | None = None) -> Opened: ...
    def mute(self, entries: Iterable[Entry]) -> None: ...
    def show(self, entry: Entry | None, opened: Opened) -> None: ...


class _Standing:
    """How one account stands: online or not, since when, and what came while it was catching up."""

    def __init__(self) -> None:
        self.online = False
        self.left_at: int | None = None
        self.waiting: dict[str, Notification] = {}


class Ringing:
    def __init__(
        self,
        person: Person,
        make_toaster: Callable[[OnEvent], Toaster],
        *,
        receipts: Receipts,
        turns: Turns,
        phrases: Phrases,
        now: Callable[[], int],
    ) -> None:
        self._person = person
        self._receipts = receipts
        self._phrases = phrases
        self._now = now
        self._state = Toasts()
        self._standings: dict[str, _Standing] = {}
        self._why: Why = "burst"
        self._summary_rings: tuple[Which, ...] = ()
        self._said: dict[str, Sequence[Which]] = {}  # by toasts' keys
        self._rings: set[Which] = set()  # toasts of groups that are to be heard when they are shown next
        self._pace = Pace(turns)
        self.toaster = make_toaster(self._on_event)

    # ---- what happens

    def stands(self, account: Account, online: bool) -> None:
        standing = self._standings.setdefault(account.id, _Standing())
        if online == standing.online:
            return
        standing.online = online
        if not online:
            standing.left_at = self._now()
            return
        away = policy.AWAY + 1 if standing.left_at is None else self._now() - standing.left_at
        waited, standing.waiting = standing.waiting, {}
        still = self._person.waiting(account.id, waited)  # not opened again: there may be thousands
        news = self._news(account, sorted((waited[an_id] for an_id in still), key=_age))
        self._obey(policy.caught_up(self._state, self._rules(account.id), news, away, self._now()))

    def news(self, account: Account, records: Sequence[Notification]) -> None:
        standing = self._standings.setdefault(account.id, _Standing())
        if standing.online:
            self._obey(policy.arrived(self._state, self._rules(account.id), self._news(account, records), self._now()))
        else:
            standing.waiting.update((record.id, record) for record in records)

    def look_again(self, names: Collection[tuple[str, str]] | None) -> None:
        """These look different now, perhaps; None is everything."""
        watched = self._watched()
        touched = watched if names is None else {which for which in watched if which in names}
        if touched:
            done = touched - self._counting(touched).keys()
            on_screen = self._still(touched & self._state.on_screen)
            done |= {one.which for one in on_screen if policy.is_settled(one.record) or not one.record.may("toast")}
            self._obey(policy.dealt_with(self._state, done))

    def held_back(self, account: Account, records: Iterable[Notification]) -> None:
        """Before the program started, while it was quiet already."""
        rules = self._rules(account.id)
        self._state = policy.held_back(self._state, rules, self._news(account, records), self._now())

    def quiet_is_over(self, accounts: Collection[str]) -> None:
        over = [one for one in self._state.missed if one.account in accounts]
        still, rings = list(self._counting(over)), None
        if any(self._person.preferences(account).rules for account in accounts):  # perhaps muted since it came
            told = [one for one in self._still(still) if one.record.may("toast")]
            still, rings = [one.which for one in told], [one.which for one in told if one.record.may("sound")]
        rules = Rules(toasts=self._person.settings.toasts)
        self._obey(policy.quiet_is_over(self._state, rules, over, still, self._still(still[:1]), rings))

    def forget(self, account: Account) -> None:
        """The account has left this device."""
        self._standings.pop(account.id, None)
        self._obey(policy.dealt_with(self._state, [one for one in self._watched() if one.account == account.id]))

    def close(self) -> None:
        self._pace.close()
        self.toaster.close()

    # ---- carrying out

    def _obey(self, judged: tuple[Toasts, list[Order]]) -> None:
        self._state, orders = judged
        for order in orders:
            match order:
                case Ring(news, _, silent, None):
                    toast = self._toast(news, silent=silent)
                    self._pace.show(toast.key, partial(self._show, [news.which], toast))
                case Ring(_, _, silent, Which() as on):
                    self._rings |= set() if silent else {on}
                    self._pace.show(_key(on), partial(self._show_together, on))
                case Renew(on):
                    self._pace.show(_key(on), partial(self._show_together, on))
                case Summarise(_, why, rings):
                    self._why = why
                    self._summary_rings += rings
                    self._pace.show(SUMMARY, self._summarise)
                case TakeDown(which):
                    self._rings.discard(which)
                    self._take_down(_key(which))
                case TakeDownSummary():
                    self._take_down(SUMMARY)
                case Held(which, why):
                    for one in which:
                        self._receipts.held(one.account, one.id, why)

    def _show(self, which: Sequence[Which], toast: Toast) -> None:
        """`which` it says something of, the newest first: what a person does to it is about these."""
        self._said[toast.key] = which
        self.toaster.show(toast)
        if self.toaster.capabilities.shows:
            for one in which:
                self._receipts.shown(one.account, one.id)

    def _show_together(self, on: Which) -> None:
        members = self._still(self._state.standing_for(on))[::-1]
        if members:
            toast = self._toast(members[0], silent=on not in self._rings, on=on, members=members)
            self._show([one.which for one in members], toast)
        self._rings.discard(on)

    def _take_down(self, key: str) -> None:
        self._said.pop(key, None)
        self._pace.drop(key)
        self.toaster.withdraw(key)

    def _summarise(self) -> None:
        self.toaster.show(self._summary_toast())
        self._summary_rings = ()

    def _toast(self, news: News, *, silent: bool, on: Which | None = None, members: Sequence[News] = ()) -> Toast:
        """Of one, or of several of a group: then it says so, and its buttons are about the newest or all of them."""
        record, settings = news.record, self._person.settings
        urgent = news.urgent and not record.resolved
        several = len(members) > 1
        own = record.actions if record.open_to_answers(self._now()) and not several else ()
        reply = next((button for button in own if button.kind == "reply"), None)
        return Toast(
            key=_key(on or news.which),
            title=_trimmed(self._title(record, members), TITLE_AT_MOST),
            body="\n".join(filter(None, (self._body(record), self._whose(news)))),
            buttons=self._buttons(record, own),
            reply=None if reply is None else ToastButton(f"own:{reply.id}", reply.label),
            urgency="low" if record.resolved else _URGENCY[record.priority],
            stays=urgent and settings.urgent_stays,
            sound=self._sound(record.priority) if record.may("sound") and not silent else None,
        )

    def _summary_toast(self) -> Toast:
        whose = self._state.summary
        newest = self._still(whose[-TITLES_IN_SUMMARY:])[::-1]
        # Each in one line: a title with lines of its own could say "and 99 others" in our name.
        titles = [one_line(one.record.title, TITLE_AT_MOST) or self._phrases.untitled() for one in newest]
        bodies = self._person.settings.toast_bodies
        rang = set(self._counting(self._summary_rings).values())
        loudest = next((priority for priority in reversed(_LOUDER) if priority in rang), None)
        return Toast(
            key=SUMMARY,
            title=self._phrases.summary(len(whose), self._why),
            body=self._phrases.summary_lines(titles, len(whose) - len(titles)) if bodies else "",
            buttons=(ToastButton("show", self._phrases.button_show()),),
            sound=None if loudest is None else self._sound(loudest),
        )

    def _title(self, record: Notification, members: Sequence[News]) -> str:
        if len(members) > 1:
            return headline(Group("", tuple(one.record for one in members)), self._phrases.counting())
        return record.title or self._phrases.untitled()

    def _buttons(self, record: Notification, own: Sequence[Button]) -> tuple[ToastButton, ...]:
        pressed = [button for button in own if button.kind != "reply"]
        buttons = [ToastButton(f"own:{button.id}", button.label) for button in pressed[:OWN_BUTTONS]]
        if record.link is not None:
            buttons.append(ToastButton("open", self._phrases.button_open()))
        buttons.append(ToastButton("read", self._phrases.button_read()))
        asks = bool(record.actions) or policy.rings_on(record)
        if record.source and not asks and not record.critical and len(buttons) < BUTTONS:
            buttons.append(ToastButton("mute", self._phrases.button_mute(_trimmed(record.source, SOURCE_AT_MOST))))
        return tuple(buttons)

    def _body(self, record: Notification) -> str:
        return _trimmed(record.body, BODY_AT_MOST) if self._person.settings.toast_bodies else ""

    def _whose(self, news: News) -> str:
        """Which account, where there are several."""
        accounts = self._person.settings.accounts
        account = next((one for one in accounts if one.id == news.account), None)
        return "" if account is None or len(accounts) < 2 else account.name

    def _sound(self, priority: Priority) -> str | None:
        settings = self._person.settings
        sound: str | None = getattr(settings.sounds, priority)
        return sound if settings.sound else None

    def _rules(self, account: str) -> Rules:
        return Rules(
            toasts=self._person.settings.toasts,
            quiet=self._person.quiet_of(account) is not None,
            elsewhere=self._person.elsewhere(account),
            preferences=self._person.preferences(account),
        )

    # ---- looking

    def _watched(self) -> set[Which]:
        return {*self._state.on_screen, *self._state.summary, *self._state.missed}

    def _news(self, account: Account, records: Iterable[Notification]) -> list[News]:
        return [News(account.id, account.user, record) for record in records]

    def _counting(self, which: Collection[Which]) -> dict[Which, Priority]:
        """Those that still count, in the order given."""
        accounts = {one.account for one in which}
        found = {
            account: self._person.waiting(account, [one.id for one in which if one.account == account])
            for account in accounts
        }
        return {one: found[one.account][one.id] for one in which if one.id in found[one.account]}

    def _still(self, which: Collection[Which]) -> list[News]:
        """The same with their records: for a few."""
        still = self._counting(which)
        records: dict[Which, Notification] = {}
        for account in {one.account for one in still}:
            entries = self._person.entries(account, [one.id for one in still if one.account == account])
            records |= {Which(account, entry.record.id): entry.record for entry in entries}
        return [News(one.account, "", records[one]) for one in still if one in records]

    # ---- what the person does to a toast

    def _on_event(self, event: ToastEvent) -> None:
        if event.key == SUMMARY:
            if isinstance(event, Closed):
                self._state = policy.summary_closed(self._state)
            else:
                self._person.show(None, Opened())
            return
        which = _which(event.key)
        said = self._said.get(event.key, [which])
        if isinstance(event, Closed):
            self._said.pop(event.key, None)
            self._state = policy.closed(self._state, which)
            for one in said if event.by_person else ():
                self._receipts.dismissed(*one)
            return
        entries = self._person.entries(which.account, [one.id for one in said])
        for entry in [entry for entry in entries if entry.record.id == said[0].id]:
            self._did(entry, entries, event)

    def _did(self, entry: Entry, all_of_it: Sequence[Entry], event: Clicked | Pressed | Replied) -> None:
        """To the newest of those that the toast was about."""
        match event:
            case Pressed(_, "read"):
                self._person.read(all_of_it)
                return
            case Pressed(_, "mute"):
                self._person.mute([entry])
                return
            case Pressed(_, button, token) if button.startswith("own:"):
                opened = self._person.answer(entry, button.removeprefix("own:"), token=token)
                shows = False
            case Replied(_, button, text):
                opened = self._person.answer(entry, button.removeprefix("own:"), text)
                shows = False
            case Clicked(_, token) | Pressed(_, _, token):
                if entry.record.link is not None:  # whoever goes there sees what the others did to it, too
                    self._person.read([one for one in all_of_it if one.record.link == entry.record.link])
                opened = self._person.open(entry, token=token)
                shows = opened.link is None
        if shows or opened.refused is not None:
            self._person.show(entry, opened)


def _age(record: Notification) -> tuple[int, str]:
    return record.updated_at or record.created_at, record.id


def _key(which: Which) -> str:
    return f"{which.account}/{which.id}"


def _which(key: str) -> Which:
    account, _, an_id = key.rpartition("/")
    return Which(account, an_id)


def _trimmed(text: str, at_most: int) -> str:
    text = text.strip()
    return text if len(text) <= at_most else text[: at_most - 1].rstrip() + "…"
