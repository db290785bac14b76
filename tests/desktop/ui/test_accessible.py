"""What a screen reader is told, asked through Qt's accessibility interface; and all of it reached by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.sign_in import SignIn
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from handbell_shared.records import Button
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell

Open = Callable[[MadeDesk, ThemeSource], QWidget]
OWN_NAMES = QAccessible.Text.Name
NAMELESS = {  # what has no name of its own to say: frames, scroll bars, and texts that are their own name
    QAccessible.Role.Client,
    QAccessible.Role.Border,
    QAccessible.Role.Grouping,
    QAccessible.Role.ScrollBar,
    QAccessible.Role.StaticText,
}


def panel(made: MadeDesk, themes: ThemeSource) -> QWidget:
    return Panel(made.desk, themes, now=made.turns.now)


def window(made: MadeDesk, themes: ThemeSource) -> QWidget:
    return Window(made.desk, themes, now=made.turns.now)


def sign_in(made: MadeDesk, themes: ThemeSource) -> QWidget:
    return SignIn(made.desk, themes, made.turns)


def snoozing(made: MadeDesk, themes: ThemeSource) -> QWidget:
    shown = Panel(made.desk, themes, now=made.turns.now)
    shown.show()
    shown.triage.date_wanted.emit(lambda until: None)
    return shown


@pytest.fixture(params=[panel, window, sign_in, snoozing], ids=lambda opener: opener.__name__)
def shown(request: pytest.FixtureRequest, desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> Iterator[QWidget]:
    made = desk_of(
        bell("Deploy?", source="ci", actions=(Button("yes", "Approve"),), priority="urgent"),
        bell("Lunch", body="At noon", source="chat"),
    )
    opener: Open = request.param
    widget = opener(made, themes)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    yield widget
    shiboken6.delete(widget)


def everything(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield interface
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from everything(child)


def told(widget: QWidget) -> list[QAccessibleInterface]:
    root = QAccessible.queryAccessibleInterface(widget)
    assert root is not None
    return list(everything(root))


def test_whatever_can_be_focused_says_what_it_is(shown: QWidget) -> None:
    nameless = [
        (one.role().name, type(one.object()).__name__, one.object().objectName() if one.object() else "")
        for one in told(shown)
        if one.state().focusable and one.role() not in NAMELESS and not one.text(OWN_NAMES).strip()
    ]

    assert nameless == []


def test_a_row_is_read_as_one_sentence(desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    made = desk_of(bell("Disk full", body="on web-3", source="ci", priority="urgent"))
    for opener in (panel, window):
        widget = opener(made, themes)
        qtbot.addWidget(widget)
        widget.show()
        cells = [one.text(OWN_NAMES) for one in told(widget) if one.role() is QAccessible.Role.Cell]

        (said,) = cells
        assert "Disk full" in said
        assert "on web-3" in said
        assert "ci" in said


def test_tab_comes_round_to_everything_that_can_be_pressed(shown: QWidget, qtbot: QtBot) -> None:
    def able(one: QWidget) -> bool:
        proxied = one.focusProxy() is not None
        by_tab = bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        return by_tab and one.isVisibleTo(shown) and one.isEnabled() and not proxied and one.window() is shown

    start = QApplication.focusWidget()
    assert start is not None
    reached: list[QWidget] = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        assert at is not None
        reached.append(at)

    names = {QAccessible.queryAccessibleInterface(one).text(OWN_NAMES) for one in reached}
    assert start in reached, "and back to where it began"
    assert len(names) >= 4
    assert all(able(one) for one in reached)
