"""The bell in the trays of today: a real StatusNotifierItem, looked at and clicked over the bus as a panel would."""

from collections.abc import Iterator
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, Message, new_signal

from tests.desktop.screen.conftest import StartsBell
from tests.support.bell import Panel
from tests.support.bus import WATCHER, WATCHER_PATH, FakeDesktop, PrivateBus
from tests.support.waiting import until


@pytest.fixture
def desktop(bus: PrivateBus) -> Iterator[FakeDesktop]:
    with FakeDesktop(bus.address, notifications=False, tray=True) as desktop:
        yield desktop


@pytest.fixture
def panel(bus: PrivateBus, desktop: FakeDesktop) -> Panel:
    return Panel(bus, desktop)


def test_the_panel_gets_sharp_pictures_and_words(panel: Panel, start_bell: StartsBell) -> None:
    start_bell()

    assert panel.tooltip == "Handbell — 3 unread"
    pictures = panel.fact("IconPixmap")
    assert {16, 22, 24, 32, 48} <= {width for width, _, _ in pictures}
    assert all(len(pixels) == 4 * width * height for width, height, pixels in pictures)


def test_a_left_click_opens_and_a_middle_click_pauses(panel: Panel, start_bell: StartsBell) -> None:
    bell = start_bell()

    panel.click()
    bell.wait_for_line("^opened 0 0 0 0$")  # such a panel tells nobody where the bell is
    panel.click("SecondaryActivate")
    bell.wait_for_line("^chosen PAUSE_OPEN_END$")
    until(lambda: panel.tooltip == "Handbell — 3 unread, paused", 10, "the tooltip to say so")
    panel.click("SecondaryActivate")
    bell.wait_for_line("^chosen RESUME$")


def test_what_is_chosen_in_the_panel_s_menu_is_done_and_the_menu_follows(panel: Panel, start_bell: StartsBell) -> None:
    bell = start_bell()
    assert {"Open inbox", "Pause", "For 1 hour", "Mark all read", "Settings…", "Quit"} <= panel.menu().keys()

    panel.choose("Mark all read")
    bell.wait_for_line("^chosen MARK_ALL_READ$")
    until(lambda: panel.tooltip == "Handbell — nothing unread", 10, "the number to go")

    panel.choose("For 1 hour")
    bell.wait_for_line("^chosen PAUSE_HOUR$")
    until(lambda: "End the pause" in panel.menu(), 10, "the menu to offer the end of the pause")
    assert "For 1 hour" not in panel.menu()

    panel.choose("Quit")
    assert bell.wait() == 0


def test_a_panel_that_starts_late_gets_the_bell(bus: PrivateBus, start_bell: StartsBell) -> None:
    bell = start_bell(0.05)
    bell.wait_for_line("^nowhere$")  # the application has opened its window by now

    with FakeDesktop(bus.address, notifications=False, tray=True) as desktop:
        bell.wait_for_line("^appeared$")
        Panel(bus, desktop).click()
        bell.wait_for_line("^opened")


class HesitantDesktop(FakeDesktop):
    """A panel that owns the watcher's name before it takes icons."""

    takes_icons = False

    def take_icons(self) -> None:
        self.takes_icons = True
        self._send(new_signal(DBusAddress(WATCHER_PATH, interface=WATCHER), "StatusNotifierHostRegistered"))

    def _on_watcher(self, member: str, body: tuple[Any, ...], sender: str) -> tuple[Any, ...] | None:
        if member == "RegisterStatusNotifierItem" and not self.takes_icons:
            return None
        return super()._on_watcher(member, body, sender)


class SilentDesktop(HesitantDesktop):
    """One that takes icons when somebody has already tried and gone again, and never says so."""

    def _send(self, message: Message) -> None:
        if message.header.fields.get(HeaderFields.member) != "StatusNotifierHostRegistered":
            super()._send(message)

    def _without(self, gone: str) -> None:
        super()._without(gone)
        self.takes_icons = True


def test_a_panel_that_takes_icons_a_moment_later_and_says_so_gets_the_bell(
    bus: PrivateBus, start_bell: StartsBell
) -> None:
    with HesitantDesktop(bus.address, notifications=False, tray=True) as desktop:
        bell = start_bell()
        desktop.take_icons()
        Panel(bus, desktop).click()
        bell.wait_for_line("^opened")


def test_a_panel_that_takes_icons_a_moment_later_without_a_word_gets_the_bell(
    bus: PrivateBus, start_bell: StartsBell
) -> None:
    bell = start_bell(second_look=0.3)
    with SilentDesktop(bus.address, notifications=False, tray=True) as desktop:
        Panel(bus, desktop).click()
        bell.wait_for_line("^opened")


def test_a_panel_that_restarts_gets_the_bell_back(panel: Panel, desktop: FakeDesktop, start_bell: StartsBell) -> None:
    bell = start_bell()
    panel.click()
    bell.wait_for_line("^opened")

    desktop.restart()

    assert panel.tooltip == "Handbell — 3 unread"
    panel.choose("Mark all read")
    bell.wait_for_line("^chosen MARK_ALL_READ$")
    desktop.until(lambda desktop: len(desktop.items) == 1, "one bell, not two")


def test_a_panel_that_goes_for_good_is_said_so(panel: Panel, desktop: FakeDesktop, start_bell: StartsBell) -> None:
    bell = start_bell(0.2)
    panel.click()
    bell.wait_for_line("^opened")

    desktop.stop()

    bell.wait_for_line("^nowhere$")


def test_a_balloon_shows_words_as_they_are(bus: PrivateBus, start_bell: StartsBell) -> None:
    """Qt hands the words on as markup, and says nothing of what becomes of the balloon."""
    with FakeDesktop(bus.address, tray=True) as desktop:
        start_bell()
        Panel(bus, desktop).choose("About Handbell")

        toast = desktop.toast("Build ‹b›failed‹/b›")

    assert toast.body == "‹i›main‹/i›"
