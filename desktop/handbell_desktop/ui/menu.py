"""The bell's menu as plain data: one function makes it from what holds now, another hangs it into a `QMenu`.

So what stands in the menu is tested without a click, and whoever wires it matches on `Intent` and never on words. No icons:
panels that draw the menu themselves show none, or theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from enum import Enum, auto
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from handbell_desktop.condition import Condition
from handbell_shared.preferences import FOR_EVER

translate = QCoreApplication.translate

MORNING: Final = time(8)
IN_TROUBLE: Final = frozenset({Condition.OFFLINE, Condition.SIGNED_OUT, Condition.INCOMPATIBLE})


class Intent(Enum):
    """What the person asks for."""

    OPEN_INBOX = auto()
    PAUSE_HALF_HOUR = auto()
    PAUSE_HOUR = auto()
    PAUSE_TOMORROW = auto()
    PAUSE_OPEN_END = auto()
    RESUME = auto()
    MARK_ALL_READ = auto()
    SIGN_IN = auto()  # with an account when it is an old one
    SETTINGS = auto()
    HELP = auto()
    ABOUT = auto()
    QUIT = auto()


class Choice(Struct, frozen=True):
    intent: Intent
    account: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """One line of a menu: something to choose, a submenu, or a line that only tells (no choice)."""

    label: str
    choice: Choice | None = None
    enabled: bool = True
    items: tuple[Item | None, ...] = ()


Items = tuple[Item | None, ...]  # None is a separator


class AccountLine(Struct, frozen=True, kw_only=True):
    id: str
    name: str  # e.g. "ana · bell.example.org"
    condition: Condition


class MenuState(Struct, frozen=True, kw_only=True):
    """What the menu depends on."""

    unread: int = 0
    paused: bool = False  # all of them
    partly: tuple[str, ...] = ()  # the names of those that are paused, where others are not
    accounts: tuple[AccountLine, ...] = ()


def pause_until(intent: Intent, now: datetime) -> int:
    """The end of a pause in ms; `now` is in the person's own time zone, and so is tomorrow's morning."""
    match intent:
        case Intent.PAUSE_HALF_HOUR:
            end = now + timedelta(minutes=30)
        case Intent.PAUSE_HOUR:
            end = now + timedelta(hours=1)
        case Intent.PAUSE_TOMORROW:
            # Naive first: the morning is at eight also when the clocks change in between.
            end = datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
        case _:
            return FOR_EVER
    return int(end.timestamp() * 1000)


def menu_items(state: MenuState) -> Items:
    return (
        _item(translate("TrayMenu", "Open inbox"), Intent.OPEN_INBOX),
        _item(translate("TrayMenu", "Mark all read"), Intent.MARK_ALL_READ, enabled=state.unread > 0),
        *_pauses(state),
        None,
        *_accounts(state.accounts),
        _item(translate("TrayMenu", "Settings…"), Intent.SETTINGS),
        _item(translate("TrayMenu", "Keyboard and help"), Intent.HELP),
        _item(translate("TrayMenu", "About Handbell"), Intent.ABOUT),
        None,
        _item(translate("TrayMenu", "Quit"), Intent.QUIT),
    )


def _item(label: str, intent: Intent, account: str = "", *, enabled: bool = True) -> Item:
    return Item(label=label, choice=Choice(intent, account), enabled=enabled)


def _pauses(state: MenuState) -> Items:
    if state.paused:
        return (_item(translate("TrayMenu", "End the pause"), Intent.RESUME),)
    if state.partly:
        label = translate("TrayMenu", "End the pause of {account}").format(account=", ".join(state.partly))
        return _pause(), _item(label, Intent.RESUME)
    return (_pause(),)


def _pause() -> Item:
    return Item(
        label=translate("TrayMenu", "Pause"),
        items=(
            _item(translate("TrayMenu", "For 30 minutes"), Intent.PAUSE_HALF_HOUR),
            _item(translate("TrayMenu", "For 1 hour"), Intent.PAUSE_HOUR),
            _item(translate("TrayMenu", "Until tomorrow, 8:00"), Intent.PAUSE_TOMORROW),
            _item(translate("TrayMenu", "Until I say"), Intent.PAUSE_OPEN_END),
            None,
            Item(label=translate("TrayMenu", "On all your devices"), enabled=False),
        ),
    )


def _accounts(accounts: Sequence[AccountLine]) -> Items:
    """How the accounts stand, when there are several or one is in trouble; a single good one says nothing."""
    if not accounts:
        return (_item(translate("TrayMenu", "Sign in…"), Intent.SIGN_IN), None)
    if len(accounts) == 1 and accounts[0].condition not in IN_TROUBLE:
        return ()
    return (*(_account(account) for account in accounts), None)


def _account(account: AccountLine) -> Item:
    if account.condition is Condition.SIGNED_OUT:
        label = translate("TrayMenu", "{account}: sign in again…").format(account=account.name)
        return _item(label, Intent.SIGN_IN, account.id)
    label = translate("TrayMenu", "{account}: {state}")
    label = label.format(account=account.name, state=condition_words(account.condition))
    return Item(label=label, enabled=False)


def condition_words(condition: Condition) -> str:
    """A condition as it stands after a colon or a comma."""
    match condition:
        case Condition.ONLINE:
            return translate("TrayMenu", "online")
        case Condition.CONNECTING:
            return translate("TrayMenu", "connecting")
        case Condition.OFFLINE:
            return translate("TrayMenu", "offline")
        case Condition.SIGNED_OUT:
            return translate("TrayMenu", "signed out")
        case Condition.INCOMPATIBLE:
            return translate("TrayMenu", "speaks another version, please update")
        case Condition.PAUSED:
            return translate("TrayMenu", "paused")
        case Condition.NO_ACCOUNT:
            return translate("TrayMenu", "not signed in")


def fill(menu: QMenu, items: Items, chosen: Callable[[Choice], None]) -> None:
    """Hang the items into the menu, in place of what hangs there."""
    for submenu in menu.findChildren(QMenu):
        submenu.deleteLater()  # clear() would keep them
    menu.clear()
    for item in items:
        if item is None:
            menu.addSeparator()
        elif item.items:
            fill(menu.addMenu(_shown(item.label)), item.items, chosen)
        else:
            _hang(menu, item, chosen)


def _hang(menu: QMenu, item: Item, chosen: Callable[[Choice], None]) -> None:
    action = menu.addAction(_shown(item.label))
    choice = item.choice
    action.setEnabled(item.enabled and choice is not None)
    if choice is not None:
        action.triggered.connect(lambda: chosen(choice))


def _shown(label: str) -> str:
    return label.replace("&", "&&")  # a name is no mnemonic
