"""Everything by keys, in panel and window; and a text field keeps its letters."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.help import HelpSheet
from handbell_desktop.ui.keys import BINDINGS, Verb, names
from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from handbell_shared.records import Button
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell

LINK = "https://ci.example/1"
Opener = Callable[[MadeDesk, ThemeSource, QtBot], Panel | Window]


def open_panel(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Panel:
    panel = Panel(made.desk, themes, now=made.turns.now)
    qtbot.addWidget(panel)
    with qtbot.waitActive(panel):
        panel.popup(QRect())
    return panel


def open_window(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Window:
    window = Window(made.desk, themes, now=made.turns.now)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


@pytest.fixture(params=[open_panel, open_window], ids=["panel", "window"])
def place(request: pytest.FixtureRequest, made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Panel | Window:
    """Panel and window in turn, with Build 4 … Build 0 on the tab "all"."""
    opener: Opener = request.param
    place = opener(made, themes, qtbot)
    place.tabs.choose("all")
    place.view.setFocus()
    return place


@pytest.fixture
def made(desk_of: MakeDesk) -> MadeDesk:
    return desk_of(*(bell(f"Build {n}", created_at=n + 1, link=LINK) for n in range(5)))


def press(place: Panel | Window, *keys: str | Qt.Key) -> None:
    focused = place.focusWidget() or place
    for key in keys:
        modifier = Qt.KeyboardModifier.NoModifier
        if isinstance(key, str) and key.startswith("Ctrl+"):
            key, modifier = key[5:], Qt.KeyboardModifier.ControlModifier
        elif isinstance(key, str) and key.startswith("Shift+"):
            key, modifier = key[6:], Qt.KeyboardModifier.ShiftModifier
        click: Any = QTest.keyClick  # its stubs know no letters
        click(focused, key, modifier)


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


def current(place: Panel | Window) -> str:
    row = place.view.current()
    return "" if row is None else row.entry.record.title


def test_j_and_k_and_the_arrows_walk_the_list(place: Panel | Window) -> None:
    assert current(place) == ""

    press(place, "j")
    assert current(place) == "Build 4"
    press(place, "j", Qt.Key.Key_Down, "k")
    assert current(place) == "Build 3"
    press(place, Qt.Key.Key_End)
    assert current(place) == "Build 0"
    press(place, Qt.Key.Key_Up, Qt.Key.Key_Home, "k")
    assert current(place) == "Build 4"


def test_a_pile_is_triaged_without_a_mouse(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "j", "e")
    after(made)
    assert current(place) == "Build 3"
    press(place, "u")
    after(made)
    press(place, "j", "#")
    after(made)
    press(place, "p")
    after(made)

    assert made.titles("archived") == ["Build 4"]
    assert made.titles("all") == ["Build 1", "Build 3", "Build 0"]
    assert made.titles("unread") == ["Build 1", "Build 0"]


def test_ctrl_z_takes_back(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "j", "e")
    after(made)
    press(place, "Ctrl+Z")
    after(made)

    assert made.titles("archived") == []


def test_enter_opens(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "j", "j", Qt.Key.Key_Return)
    after(made)

    assert made.opened == [LINK]
    assert "Build 3" not in made.titles("unread")
    assert place.isVisible() == isinstance(place, Window)


def test_several_are_selected_and_acted_upon_together(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "j", "x", "j", "j", Qt.Key.Key_Space, "e")
    after(made)

    assert made.titles("archived") == ["Build 4", "Build 2"]


def test_escape_steps_back_one_thing_at_a_time(place: Panel | Window) -> None:
    press(place, "j", "x", "?")
    assert place.sheets.help.isVisible()
    press(place, Qt.Key.Key_Escape)
    assert not place.sheets.help.isVisible()
    assert place.view.selectionModel().hasSelection()
    press(place, Qt.Key.Key_Escape)
    assert not place.view.selectionModel().hasSelection()
    press(place, Qt.Key.Key_Escape)
    assert place.isVisible() == isinstance(place, Window)


def test_digits_choose_the_tab_and_shift_a_marks_all_read(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "1")
    assert place.tabs.tab == "unread"
    press(place, "Shift+A")
    after(made)

    assert made.titles("unread") == []
    press(place, "3")
    assert place.tabs.tab == "archived"


def test_a_text_field_keeps_its_letters(place: Panel | Window, made: MadeDesk) -> None:
    press(place, "j", "/")
    field = place.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "je#u? 1x")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    after(made)

    assert field.property("text") == ""
    assert len(made.titles("unread")) == 5
    assert made.titles("archived") == []


@pytest.mark.parametrize("way", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_buttons_of_a_row_are_within_reach(
    way: Qt.LayoutDirection, desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot
) -> None:
    ask = (Button("yes", "Approve"), Button("no", "Decline"))
    made = desk_of(bell("Deploy?", actions=ask))
    panel = open_panel(made, themes, qtbot)
    panel.setLayoutDirection(way)
    into = Qt.Key.Key_Right if way == Qt.LayoutDirection.LeftToRight else Qt.Key.Key_Left

    press(panel, "j", into, into, Qt.Key.Key_Return)
    after(made)

    [answer] = [action.answer for action in made.link("ana").acted if action.answer is not None]
    assert answer.action == "no"


def test_g_opens_and_closes_a_group(desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    panel = open_panel(desk_of(bell("a", group="g"), bell("b", group="g")), themes, qtbot)

    press(panel, "j", "g")
    assert panel.model.rowCount() == 3
    press(panel, "g")
    assert panel.model.rowCount() == 1


def test_the_help_sheet_names_every_key_that_is_bound(themes: ThemeSource, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    shown = HelpSheet(themes, host).texts()

    assert {binding.verb for binding in BINDINGS} == set(Verb)
    for binding in BINDINGS:
        assert set(names(binding)) <= set(shown)


def test_at_twice_the_font_no_line_of_the_help_sheet_is_cut(
    themes: ThemeSource, twice_the_font: None, qtbot: QtBot
) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(420, 600)
    sheet = HelpSheet(themes, host)
    host.show()
    sheet.enter()
    lines = [label for label in sheet.findChildren(QLabel) if label.wordWrap()]

    def whole() -> bool:
        return all(label.height() >= label.heightForWidth(label.width()) for label in lines)

    qtbot.waitUntil(whole)
    assert any(label.height() > 2 * label.fontMetrics().height() - 1 for label in lines), "none is long enough to tell"


def test_no_key_is_bound_twice() -> None:
    keys = [key for binding in BINDINGS for key in binding.keys + binding.in_list]

    assert len(keys) == len(set(keys))


def test_tab_goes_through_the_panel_as_it_is_read(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    panel = open_panel(made, themes, qtbot)
    panel.header.all_read_button.setFocus()
    reached = []
    for _ in range(7):
        reached.append(panel.focusWidget())
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)

    head, foot = panel.header, panel.footer
    buttons = [head.all_read_button, head.search_button, head.settings_button]
    assert reached == [*buttons, panel.tabs, panel.view, foot.all_button, foot.help_button]
