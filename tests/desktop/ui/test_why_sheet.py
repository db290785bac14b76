"""The sheet that says why: at once what this device knows, then the whole story; by key, by button, in panel and window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from handbell_desktop.account import whys
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.rule_table import Line
from handbell_desktop.sentences import sentence
from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.parts import breakable
from handbell_desktop.ui.row_menu import RowMenu
from handbell_desktop.ui.settings.rules import RulesPage
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.why_sheet import WhySheet
from handbell_desktop.ui.window import Window
from handbell_desktop.why_sentences import Known
from handbell_shared.records import Notification, Scope
from tests.desktop.ui.conftest import MakeDesk
from tests.desktop.ui.settings.scene import Here
from tests.desktop.ui.test_keyboard import open_panel, open_window
from tests.support.desks import MadeDesk, bell

CI = Scope("ci")
Answers = Callable[[object], None]
Opens = Callable[[MadeDesk], Panel | Window]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What the server says: steps, or the trouble with it."""
    said: list[object] = [[]]

    def trace_of(*_: object) -> object:
        if isinstance(said[0], Exception):
            raise said[0]
        return said[0]

    monkeypatch.setattr(whys, "trace_of", trace_of)
    return lambda what: said.__setitem__(0, what)


@pytest.fixture(params=[open_panel, open_window], ids=["panel", "window"])
def open_place(request: pytest.FixtureRequest, themes: ThemeSource, qtbot: QtBot) -> Opens:
    """Panel and window in turn; the keyboard is on the first row of "all"."""

    def opened(made: MadeDesk) -> Panel | Window:
        place: Panel | Window = request.param(made, themes, qtbot)
        place.tabs.choose("all")
        place.view.setFocus()
        place.view.go(0)
        return place

    return opened


def key(place: Panel | Window, which: Any) -> None:
    click: Any = QTest.keyClick  # its stubs know no letters
    click(place.focusWidget() or place, which)


def readable(sheet: WhySheet) -> str:
    return " | ".join(label.text() for label in sheet.findChildren(QLabel) if label.isVisible() and label.text())


def held(record: Notification, made: MadeDesk) -> list[Known]:
    at = made.turns.now()
    return [Known(step="stored", at=at), Known(step="held", at=at, device="Ana's laptop", why="quiet")]


def test_what_is_known_here_is_there_at_once_and_the_server_s_story_takes_its_place(
    open_place: Opens, desk_of: MakeDesk, answers: Answers
) -> None:
    made = desk_of(bell("Lunch"))
    answers(held(made.entries("Lunch")[0].record, made))
    made.turns.hold_work = True
    place = open_place(made)

    key(place, "y")

    sheet = place.sheets.why
    assert sheet.isVisible()
    assert [one.split(",")[0] for one in sheet.texts()] == ["Came from ci"]
    assert "Asking the server for the rest…" in readable(sheet)
    assert "Lunch" in readable(sheet)

    made.turns.work_off()

    assert sheet.texts()[1].startswith("Held back on Ana's laptop: it was quiet, ")
    assert "Asking" not in readable(sheet)
    key(place, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert place.isVisible() and place.view.hasFocus()


def test_the_button_beside_the_reading_pane_asks_why_too(
    desk_of: MakeDesk, themes: ThemeSource, answers: Answers, qtbot: QtBot
) -> None:
    window = open_window(desk_of(bell("Lunch")), themes, qtbot)
    window.view.go(0)

    qtbot.mouseClick(window.reading.deeds["why"], Qt.MouseButton.LeftButton)

    assert window.sheets.why.isVisible()


def test_of_a_group_it_is_about_the_newest(open_place: Opens, desk_of: MakeDesk, answers: Answers) -> None:
    made = desk_of(bell("First", group="g", created_at=1), bell("Second", group="g", created_at=2))
    place = open_place(made)

    key(place, "y")

    assert "Second" in readable(place.sheets.why)


def test_without_an_answer_it_says_why_and_asks_again_when_it_is_told_to(
    open_place: Opens, desk_of: MakeDesk, answers: Answers, qtbot: QtBot
) -> None:
    made = desk_of(bell("Lunch"))
    place = open_place(made)
    sheet = place.sheets.why
    answers(Trouble(sentence("Trouble", "{host} does not answer. Is the network up?").of(host="bell.example")))
    key(place, "y")
    assert "bell.example does not answer" in sheet.note.text
    assert sheet.again.isVisible()

    answers(ValueError("what nobody foresaw"))
    qtbot.mouseClick(sheet.again, Qt.MouseButton.LeftButton)
    assert "For a reason nobody foresaw" in sheet.note.text

    answers(held(made.entries("Lunch")[0].record, made))
    qtbot.mouseClick(sheet.again, Qt.MouseButton.LeftButton)
    assert len(sheet.texts()) == 2
    assert (sheet.note.text, sheet.again.isVisible()) == ("", False)


def test_an_answer_that_comes_late_is_not_told_of_another_notification(
    open_place: Opens, desk_of: MakeDesk, answers: Answers
) -> None:
    made = desk_of(bell("Lunch", created_at=2), bell("Dinner", created_at=1))
    made.turns.hold_work = True
    place = open_place(made)
    key(place, "y")
    key(place, Qt.Key.Key_Escape)
    key(place, "j")
    key(place, "y")
    answers([Known(step="read")])

    task, done = made.turns.held.popleft()
    done(task())

    assert [one.split(",")[0] for one in place.sheets.why.texts()] == ["Came from ci"]
    made.turns.work_off()
    assert place.sheets.why.texts() == ["Read by you"]


def test_many_steps_scroll_by_keyboard_within_the_sheet(
    open_place: Opens, desk_of: MakeDesk, answers: Answers, qtbot: QtBot
) -> None:
    answers([Known(step="delivered", at=n, device=f"machine {n}") for n in range(30)])
    place = open_place(desk_of(bell("Lunch")))
    key(place, "y")
    sheet = place.sheets.why
    qtbot.waitUntil(lambda: sheet.rows[-1].height() > 0)

    assert sheet.rect().contains(sheet.card.geometry())
    bar = sheet.area.verticalScrollBar()
    assert bar.maximum() > 0
    QTest.keyClick(sheet.area, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    assert all(row.accessibleName().startswith("Reached machine") for row in sheet.rows)


@pytest.mark.usefixtures("twice_the_font")
def test_nothing_is_cut_off_in_large_letters_or_by_a_name_that_is_one_word(
    open_place: Opens, desk_of: MakeDesk, answers: Answers, qtbot: QtBot
) -> None:
    name = "observability.platform-team/" + "w" * 90
    answers([Known(step="stored", at=1), Known(step="held", at=2, device=name, why="elsewhere")])
    place = open_place(desk_of(bell("x" * 200, source=name)))
    key(place, "y")
    sheet = place.sheets.why
    qtbot.waitUntil(lambda: sheet.rows[-1].height() > 0)

    inside = sheet.area.viewport().width()
    for label in (one for row in sheet.rows for one in row.findChildren(QLabel)):
        assert label.mapTo(sheet.area.viewport(), label.rect().topRight()).x() <= inside
        assert label.height() >= label.heightForWidth(label.width())
        assert label.minimumSizeHint().width() <= label.width()


def test_from_right_to_left_the_sign_stands_at_the_right(
    desk_of: MakeDesk, themes: ThemeSource, answers: Answers, qtbot: QtBot
) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        panel = open_panel(desk_of(bell("Lunch")), themes, qtbot)
        panel.view.go(0)
        answers([Known(step="stored", at=1)])
        key(panel, "y")
        (row,) = panel.sheets.why.rows
        qtbot.waitUntil(lambda: row.height() > 0)

        sign, text, *_ = sorted(row.findChildren(QLabel), key=lambda label: -label.x())
        assert (sign.text(), text.text()) == ("", "Came from ci")
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_a_long_word_may_break_and_reads_the_same() -> None:
    assert breakable("Came from ci") == "Came from ci"
    assert breakable("a.b/c") == "a.\u200bb/\u200bc"
    long = breakable("w" * 70)
    assert long.replace("\u200b", "") == "w" * 70
    assert max(map(len, long.split("\u200b"))) <= 20


def test_what_a_rule_muted_leads_to_that_rule(open_place: Opens, desk_of: MakeDesk, answers: Answers) -> None:
    made = desk_of(bell("Lunch"))
    made.desk.mute(made.entries("Lunch"))
    made.settle()
    answers([Known(step="stored"), *(Known(step="muted", channel=one, rule=CI) for one in ("toast", "sound"))])
    place = open_place(made)
    wanted: list[tuple[str, Scope]] = []
    place.rule_wanted.connect(lambda account, rule: wanted.append((account, rule)))
    key(place, "y")
    came, muted = place.sheets.why.rows
    assert muted.accessibleName() == "Muted by your rule for everything from ci: no toast, no sound"
    assert came.findChildren(QPushButton) == []

    muted.change.click()

    assert wanted == [("ana", CI)]
    assert not place.sheets.why.isVisible()


def test_the_settings_show_the_rule_that_is_wondered_about(desk_of: MakeDesk, themes: ThemeSource) -> None:
    made = desk_of(accounts={"ana": [bell("Lunch")], "ben": [bell("Lunch"), bell("Dinner", source="canteen")]})
    made.desk.rule("ben", CI, {"toast": False})
    made.settle()
    settings = SettingsWindow(made.desk, themes, made.turns, Here())
    settings.show()

    settings.show_rule("ben", CI)

    rules = settings.page("rules")
    assert isinstance(rules, RulesPage)
    assert rules.isVisible() and rules.account == "ben"
    line = rules.grid.rows[rules.grid.currentIndex().row()]
    assert isinstance(line, Line) and line.scope == CI
    shiboken6.delete(settings)


def test_the_menu_of_a_row_asks_why(open_place: Opens, desk_of: MakeDesk, answers: Answers) -> None:
    place = open_place(desk_of(bell("Lunch")))
    row = place.view.current()
    assert row is not None
    place.triage.show_menu(row, QPoint(5, 5))
    (menu,) = place.view.findChildren(RowMenu)

    next(action for action in menu.actions() if action.text() == "Why?\tY").trigger()

    assert place.sheets.why.isVisible()
    menu.close()


def test_when_a_device_had_it_is_said_as_what_it_is(open_place: Opens, desk_of: MakeDesk, answers: Answers) -> None:
    made = desk_of(bell("Lunch"))
    answers([Known(step="delivered", device="laptop", at=made.turns.now())])
    place = open_place(made)

    key(place, "y")

    (said,) = place.sheets.why.texts()
    assert said.startswith("Reached laptop, ") and said.endswith(" at the latest")
