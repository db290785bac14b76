"""A day and a time of one's own to be woken at: by keyboard, in the locale's words, and never in the past."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import QLocale, Qt, QTime
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.snooze_sheet import SnoozeSheet
from handbell_desktop.ui.theme import ThemeSource
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell


@pytest.fixture
def made(desk_of: MakeDesk) -> MadeDesk:
    return desk_of(bell("Pay the bill"))


@pytest.fixture
def panel(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Panel:
    panel = Panel(made.desk, themes, now=made.turns.now)
    qtbot.addWidget(panel)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    panel.view.go(0)
    return panel


@pytest.fixture
def german() -> Iterator[None]:
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(QLocale.system())


def opened(panel: Panel, qtbot: QtBot) -> SnoozeSheet:
    """By the last line of the menu that `s` opens."""
    qtbot.keyClick(panel.view, Qt.Key.Key_S)
    menu = panel.triage._menu
    assert menu is not None
    menu.actions()[-1].trigger()
    menu.hide()
    return panel.sheets.snooze


def local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000).astimezone()


def test_enter_takes_tomorrow_morning(panel: Panel, made: MadeDesk, qtbot: QtBot) -> None:
    sheet = opened(panel, qtbot)
    assert sheet.isVisible()
    assert sheet.calendar.hasFocus() or sheet.calendar.isAncestorOf(panel.focusWidget())

    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    made.settle()

    until = local(made.entries("Pay the bill")[0].record.snoozed_until)
    assert (until.hour, until.minute) == (9, 0)
    assert (until.date() - local(made.turns.now()).date()).days == 1
    assert not sheet.isVisible()


def test_the_moment_is_said_in_whole_words_with_its_zone(panel: Panel, qtbot: QtBot, german: None) -> None:
    sheet = opened(panel, qtbot)
    sheet.calendar.setSelectedDate(sheet.calendar.minimumDate().addDays(3))
    sheet.clock.setTime(QTime(18, 30))

    said = sheet.understood.text()

    then = sheet.calendar.selectedDate()
    assert QLocale("de_DE").toString(then, QLocale.FormatType.LongFormat) in said
    assert "18:30" in said
    assert "in 3 days" in said or "in 3 day(s)" in said
    assert "(" in said
    assert sheet.clock.displayFormat() == "HH:mm"
    assert sheet.calendar.firstDayOfWeek() is Qt.DayOfWeek.Monday


def test_what_has_passed_is_refused_with_words(panel: Panel, made: MadeDesk, qtbot: QtBot) -> None:
    sheet = opened(panel, qtbot)
    sheet.calendar.setSelectedDate(sheet.calendar.minimumDate())
    sheet.clock.setTime(QTime(0, 0))

    assert "has passed" in sheet.trouble.text
    assert not sheet.sleep.isEnabled()
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert made.titles("unread") == ["Pay the bill"]


def test_escape_and_cancel_leave_everything_as_it_was(panel: Panel, made: MadeDesk, qtbot: QtBot) -> None:
    sheet = opened(panel, qtbot)
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert panel.isVisible()
    opened(panel, qtbot).cancel.click()

    assert not sheet.isVisible()
    assert made.titles("unread") == ["Pay the bill"]
    assert made.desk.undo is None


def test_tab_stays_within_the_sheet_and_reaches_all_of_it(panel: Panel, qtbot: QtBot) -> None:
    sheet = opened(panel, qtbot)
    reached = set()
    for _ in range(12):
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Tab)
        reached.add(panel.focusWidget())

    assert {sheet.clock, sheet.cancel, sheet.sleep} <= reached
    assert all(sheet.isAncestorOf(one) for one in reached if one is not None)
