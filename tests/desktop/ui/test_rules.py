"""Rules, trust, zone and summaries, as they are chosen in the settings; and muting from a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from handbell_desktop import critical
from handbell_desktop.rule_table import Line
from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.row_menu import MuteMenu
from handbell_desktop.ui.settings.quiet import QuietPage
from handbell_desktop.ui.settings.rule_grid import COLUMNS, RESET, RuleGrid
from handbell_desktop.ui.settings.rules import RulesPage
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from handbell_desktop.ui.words import Words
from handbell_shared.preferences import Digest, Preferences, TellSenders, Urgent
from handbell_shared.records import Channel, Scope
from tests.desktop.ui.settings.scene import Here, control, page, press, said
from tests.support.desks import MadeDesk, bell, make_desk

CI = Scope("ci")
CLOSED = {"toast": CI, "sound": CI, "push": CI}
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeDesk]:
    monkeypatch.setattr(critical, "categories", lambda account, token: ("security",))
    records = [
        bell("Build failed", type="error", created_at=3),
        bell("Lunch", source="canteen", created_at=2),
        bell("Intruder", source="door", type="alarm", category="security", critical=True, created_at=1),
    ]
    made = make_desk(tmp_path, {"ana": records, "ben": []})
    yield made
    made.close()


@pytest.fixture
def window(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Iterator[SettingsWindow]:
    window = SettingsWindow(made.desk, themes, made.turns, Here())
    window.show()
    yield window
    shiboken6.delete(window)


def rules_of(window: SettingsWindow) -> RulesPage:
    shown = page(window, "rules")
    assert isinstance(shown, RulesPage)
    return shown


def places(grid: RuleGrid) -> dict[Scope, int]:
    return {row.scope: number for number, row in enumerate(grid.rows) if isinstance(row, Line)}


def turn(made: MadeDesk, grid: RuleGrid, scope: Scope, channel: Channel) -> None:
    grid.press(places(grid)[scope], 1 + COLUMNS.index(channel))
    made.turns.advance(0.1)


def sentence(grid: RuleGrid, scope: Scope, channel: Channel) -> str:
    text: str = grid.model().index(places(grid)[scope], 1 + COLUMNS.index(channel)).data(ACCESSIBLE)
    return text


def chosen(made: MadeDesk, account: str = "ana") -> Preferences:
    return made.desk.preferences(account)


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


def let_go() -> None:
    """Widgets that were replaced are gone now and not soon."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


# ---- the table


def test_a_switch_makes_a_rule_and_pressing_it_again_takes_it_back(window: SettingsWindow, made: MadeDesk) -> None:
    grid = rules_of(window).grid
    assert sentence(grid, CI, "toast") == "Toast for ci: on. Nobody said anything about it."

    turn(made, grid, CI, "toast")
    assert [(rule.scope, rule.toast) for rule in chosen(made).rules] == [(CI, False)]
    assert sentence(grid, CI, "toast") == "Toast for ci: off. That is your rule."
    turn(made, grid, CI, "toast")
    assert chosen(made).rules == ()

    turn(made, grid, Scope(), "sound")
    assert sentence(grid, CI, "sound") == "Sound for ci: off. As for everything."


def test_all_that_was_said_of_a_line_is_taken_back_at_once(window: SettingsWindow, made: MadeDesk) -> None:
    made.desk.rule("ana", CI, {"toast": False, "badge": False, "email": "never"})
    made.turns.advance(0.1)
    grid = rules_of(window).grid

    grid.press(places(grid)[CI], RESET)
    grid.press(places(grid)[Scope("canteen")], RESET)

    assert chosen(made).rules == ()


def test_e_mail_has_three_answers(window: SettingsWindow, made: MadeDesk) -> None:
    grid = rules_of(window).grid
    turn(made, grid, CI, "email")
    (menu,) = (one for one in grid.findChildren(QMenu) if one.isVisible())
    assert [action.text() for action in menu.actions()] == ["At once", "In the next summary", "Never"]

    menu.actions()[2].trigger()
    menu.close()
    made.turns.advance(0.1)

    assert [rule.email for rule in chosen(made).rules] == ["never"]
    assert sentence(grid, CI, "email") == "E-mail for ci: Never. That is your rule."


def test_what_is_critical_is_locked_with_the_reason_and_remembered(window: SettingsWindow, made: MadeDesk) -> None:
    grid = rules_of(window).grid
    made.turns.advance(0.1)
    security = Scope(category="security")

    turn(made, grid, security, "toast")

    assert chosen(made).rules == ()
    assert "it cannot be muted" in sentence(grid, security, "toast")
    assert made.desk.state.critical == {"ana": ("security",)}


def test_the_table_is_walked_by_keyboard(window: SettingsWindow, made: MadeDesk) -> None:
    grid = rules_of(window).grid
    grid.setFocus()
    assert grid.rows[grid.currentIndex().row()].scope == Scope()  # type: ignore[union-attr]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Space):
        QTest.keyClick(grid, key)  # over the head of the sources

    assert [(rule.scope, rule.toast) for rule in chosen(made).rules] == [(CI, False)]


def test_a_click_hits_the_cell_that_is_seen(window: SettingsWindow, made: MadeDesk) -> None:
    grid = rules_of(window).grid
    index = grid.model().index(places(grid)[CI], 1 + COLUMNS.index("badge"))
    QTest.mouseMove(grid.viewport(), grid.visualRect(index).center())
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.visualRect(index).center())
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.visualRect(index.siblingAtColumn(0)).center())

    assert [(rule.scope, rule.badge) for rule in chosen(made).rules] == [(CI, False)]


def test_of_many_sources_one_is_found_by_a_part_of_its_name(tmp_path: Path, themes: ThemeSource, qtbot: QtBot) -> None:
    made = make_desk(tmp_path, {"ana": [bell(source=f"service-{number}") for number in range(130)]}, tokens={})
    window = SettingsWindow(made.desk, themes, made.turns, Here())
    window.show()
    shown = rules_of(window)
    assert shown._find.isVisible()
    assert "30 more can be found by name." in said(shown)
    assert len(shown.grid.rows) < 120

    shown._find.setText("VICE-117")

    assert list(places(shown.grid)) == [Scope("service-117")]
    shiboken6.delete(window)
    made.close()


def test_each_account_has_rules_of_its_own(window: SettingsWindow, made: MadeDesk) -> None:
    shown = rules_of(window)
    control(shown, "Account").setCurrentIndex(1)

    turn(made, shown.grid, Scope(), "push")

    assert chosen(made).rules == ()
    assert [rule.push for rule in chosen(made, "ben").rules] == [False]


# ---- the rest of the page


def pick(shown: Any, name: str, value: object) -> None:
    box = control(shown, name)
    box.setCurrentIndex(box._values.index(value))


def test_toasts_summaries_and_what_senders_may_know(window: SettingsWindow, made: MadeDesk) -> None:
    shown = rules_of(window)
    pick(shown, "Show toasts", "in_use")
    pick(shown, "Send a summary", "weekly")
    made.turns.advance(0.1)
    pick(shown, "Day of the summary", 4)
    control(shown, "Time of the summary").setTime(control(shown, "Time of the summary").time().addSecs(1800))
    control(shown, "That you have read it").click()

    preferences = chosen(made)
    assert preferences.devices == "in_use"
    assert preferences.digest == Digest(every="weekly", at="08:30", day=4)
    assert preferences.tell_senders == TellSenders(read=False)

    after(made)
    made.link("ana").chooses("digest", None, at=made.turns.now() + 60_000)
    after(made)
    assert control(shown, "Send a summary").currentText() == "Never"


# ---- quiet hours


def quiet_of(window: SettingsWindow) -> QuietPage:
    shown = page(window, "quiet")
    assert isinstance(shown, QuietPage)
    return shown


def test_the_zone_is_found_by_typing_and_what_is_none_is_not_kept(window: SettingsWindow, made: MadeDesk) -> None:
    shown = quiet_of(window)
    zone = control(shown, "Time zone")
    assert zone.currentText() == "Each device's own"

    zone.lineEdit().setText("asia/tokyo")
    zone.lineEdit().editingFinished.emit()
    made.turns.advance(0.1)
    assert chosen(made).zone == "Asia/Tokyo"
    assert "There it is" in said(shown)

    zone.lineEdit().setText("Mars/Olympus")
    zone.lineEdit().editingFinished.emit()
    assert (chosen(made).zone, zone.currentText()) == ("Asia/Tokyo", "Asia/Tokyo")


def test_sources_are_trusted_and_no_longer(window: SettingsWindow, made: MadeDesk) -> None:
    shown = quiet_of(window)
    pick(shown, "Urgent ones break through", "trusted")
    made.turns.advance(0.1)
    let_go()
    offer = control(shown, "Trust a source")
    offer.activated.emit(offer.findData("door"))
    made.turns.advance(0.1)
    assert chosen(made).urgent == Urgent(breaks_through="trusted", trusted=("door",))
    let_go()

    control(shown, "No longer trust door").click()

    assert chosen(made).urgent == Urgent(breaks_through="trusted")


def test_a_pause_is_said_of_the_account_that_is_shown(window: SettingsWindow, made: MadeDesk) -> None:
    shown = quiet_of(window)
    control(shown, "Account").setCurrentIndex(1)
    press(shown, "Until I say")

    assert made.desk.paused == ["ben"]


# ---- rows


@pytest.fixture
def panel(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> Panel:
    panel = Panel(made.desk, themes, now=made.turns.now)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    after(made)
    return panel


def menu_of(panel: Panel, number: int) -> dict[str, Any]:
    place = panel.view.visualRect(panel.model.index(number, 0)).center()
    at = panel.view.viewport().mapToGlobal(place)
    panel.view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, at))
    menu = panel.triage._menu
    assert isinstance(menu, QMenu)
    return {action.text().partition("\t")[0]: action for action in menu.actions()}


def test_m_mutes_the_source_and_the_row_looks_and_sounds_so(panel: Panel, made: MadeDesk) -> None:
    panel.view.go(0)
    quiet = panel.grab().toImage()
    QTest.keyClick(panel.view, Qt.Key.Key_M)
    after(made)

    row = panel.model.row(0)
    assert row is not None and row.entry.record.muted == CLOSED
    assert "Muted by your rule for ci." in Words().spoken(row, made.turns.now())
    assert "Muted by your rule for ci" in Words().tip(row)
    assert panel.grab().toImage() != quiet
    offer = made.desk.undo
    assert offer is not None and offer.sentence_key == "mute"

    QTest.keyClick(panel.view, Qt.Key.Key_M)
    after(made)
    assert chosen(made).rules == ()


def test_the_menu_of_a_row_mutes_by_source_and_by_type(panel: Panel, made: MadeDesk) -> None:
    found = menu_of(panel, 0)
    assert [name for name in found if name] == [
        *("Open", "Mark as read", "Archive", "Snooze…", "Pin", "Delete"),
        *("Mute ci", "Mute “Error” from ci", "Why?"),
    ]

    found["Mute “Error” from ci"].trigger()
    after(made)
    assert [rule.scope for rule in chosen(made).rules] == [Scope("ci", "error")]

    menu_of(panel, 0)["Unmute ci"].trigger()
    after(made)
    assert chosen(made).rules == ()


def test_what_is_critical_says_that_it_cannot_be_muted(panel: Panel, made: MadeDesk) -> None:
    found = menu_of(panel, 2)

    assert not found["Critical: cannot be muted"].isEnabled()
    assert not any(name.startswith("Mute") for name in found)


def test_where_not_everybody_breaks_through_a_source_can_be_trusted(panel: Panel, made: MadeDesk) -> None:
    made.desk.prefer("ana", "urgent", {"breaks_through": "none"})

    trust = menu_of(panel, 0)["Trust ci with urgent"]
    assert not trust.isChecked()
    trust.trigger()
    after(made)

    assert chosen(made).urgent == Urgent(breaks_through="trusted", trusted=("ci",))
    assert menu_of(panel, 0)["Trust ci with urgent"].isChecked()


def test_the_reading_pane_mutes_too(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    window = Window(made.desk, themes, now=made.turns.now)
    qtbot.addWidget(window)
    window.show()
    after(made)
    window.view.go(0)
    window.reading.deeds["mute"].click()
    menu = window.triage._menu
    assert isinstance(menu, MuteMenu)
    menu.actions()[0].trigger()
    menu.close()
    after(made)

    assert "Muted by your rule for ci" in window.reading.states.text()


def test_a_menu_for_several_sources_mutes_them_all(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    owner = QMenu()
    menu = MuteMenu(made.desk, made.entries("Build failed", "Lunch"), owner)
    assert [action.text() for action in menu.actions()] == ["Mute 2 sources\tM"]

    menu.actions()[0].trigger()

    assert {rule.source for rule in chosen(made).rules} == {"ci", "canteen"}
    made.desk.take_back()
    assert chosen(made).rules == ()
