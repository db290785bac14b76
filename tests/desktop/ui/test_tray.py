"""What the bell says when the mouse rests on it, and its balloons; trays themselves are in `tests/desktop/screen`."""

import pytest
from pytestqt.qtbot import QtBot

from handbell_desktop.condition import Condition
from handbell_desktop.machine.toasts.base import Clicked, Toast, ToastEvent
from handbell_desktop.ui.tray import Tray, tooltip
from handbell_desktop.ui.tray_toaster import TrayToaster


@pytest.mark.parametrize(
    ("unread", "condition", "detail", "words"),
    [
        (0, Condition.ONLINE, "", "Handbell — nothing unread"),
        (3, Condition.ONLINE, "", "Handbell — 3 unread"),
        (250, Condition.PAUSED, "until 14:30", "Handbell — 250 unread, paused: until 14:30"),
        (
            3,
            Condition.OFFLINE,
            "the server does not answer",
            "Handbell — 3 unread, offline: the server does not answer",
        ),
        (0, Condition.OFFLINE, "<b>no</b>", "Handbell — nothing unread, offline: ‹b›no‹/b›"),
    ],
)
def test_the_tooltip_tells_number_state_and_reason(
    unread: int, condition: Condition, detail: str, words: str, qtbot: QtBot
) -> None:
    assert tooltip(unread, condition, detail) == words


@pytest.mark.parametrize("condition", Condition)
def test_every_condition_but_the_good_one_has_words(condition: Condition, qtbot: QtBot) -> None:
    assert ("," in tooltip(1, condition)) is (condition is not Condition.ONLINE)


def test_where_there_is_no_tray_it_is_said_once(qtbot: QtBot) -> None:
    tray = Tray(patience=0.01)

    with qtbot.waitSignal(tray.nowhere):
        tray.start()

    assert not tray.available
    assert tray.geometry.isEmpty()
    tray.close()


def test_a_click_on_a_balloon_is_a_click_on_what_it_showed_last(qtbot: QtBot) -> None:
    heard: list[ToastEvent] = []
    tray = Tray()
    tray.start()
    toaster = TrayToaster(tray, heard.append)
    toaster.show(Toast(key="n1", title="One"))
    toaster.show(Toast(key="n2", title="Two"))

    tray.balloon_clicked.emit()
    assert heard == [Clicked("n2")]

    toaster.withdraw("n2")
    tray.balloon_clicked.emit()
    assert heard == [Clicked("n2")]
    assert not toaster.capabilities.shows  # this platform has no tray
    toaster.close()
    tray.close()
