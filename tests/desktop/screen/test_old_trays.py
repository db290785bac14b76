"""The bell where the desktop has an old tray (XEmbed), or none: real clicks on a real panel."""

from collections.abc import Iterator

import pytest

from tests.desktop.screen.conftest import StartsBell
from tests.support.processes import Process
from tests.support.screen import Screen

TRAYER = ("trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "24")


def start_trayer(screen: Screen) -> Process:
    return screen.start("trayer", *TRAYER)


@pytest.fixture
def trayer(screen: Screen) -> Iterator[Process]:
    with start_trayer(screen) as trayer:
        yield trayer


def place_of_bell(bell: Process) -> tuple[int, int]:
    found = bell.wait_for_line(r"^bell at (\d+) (\d+)$")
    return int(found[1]), int(found[2])


@pytest.mark.usefixtures("trayer")
def test_a_click_on_an_old_tray_says_where_the_bell_is(screen: Screen, start_bell: StartsBell) -> None:
    bell = start_bell(on_bus=False)
    x, y = place_of_bell(bell)

    screen.click(x, y)

    found = bell.wait_for_line(r"^opened (\d+) (\d+) (\d+) (\d+)$")
    left, top, width, height = (int(part) for part in found.groups())
    assert left <= x < left + width
    assert top <= y < top + height


@pytest.mark.usefixtures("trayer")
def test_the_menu_of_an_old_tray_opens_by_the_right_button(screen: Screen, start_bell: StartsBell) -> None:
    bell = start_bell(on_bus=False)

    screen.click(*place_of_bell(bell), "right")
    bell.wait_for_line("^menu$")
    screen.key("Down")
    screen.key("Return")

    bell.wait_for_line("^chosen OPEN_INBOX$")


@pytest.mark.usefixtures("trayer")
def test_a_click_on_a_balloon_says_which(screen: Screen, start_bell: StartsBell) -> None:
    bell = start_bell(on_bus=False)
    x, y = place_of_bell(bell)
    screen.click(x, y, "right")
    bell.wait_for_line("^menu$")
    screen.key("Up")
    screen.key("Up")
    screen.key("Return")
    bell.wait_for_line("^chosen ABOUT$")

    found = bell.wait_for_line(r"^balloon at (\d+) (\d+)$")
    screen.click(int(found[1]), int(found[2]))

    bell.wait_for_line(r"^clicked on n1$")


def test_an_old_tray_that_starts_late_gets_the_bell(screen: Screen, start_bell: StartsBell) -> None:
    bell = start_bell(on_bus=False)

    with start_trayer(screen):
        screen.click(*place_of_bell(bell))
        bell.wait_for_line("^opened")


def test_a_desktop_without_a_tray_is_said_so(start_bell: StartsBell) -> None:
    bell = start_bell(0.05, on_bus=False)

    bell.wait_for_line("^nowhere$")
