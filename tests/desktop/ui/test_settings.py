"""The settings window: every control does at once what it says, and shows what holds, whoever changed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import shiboken6
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTime
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from handbell_desktop.account import mailbox
from handbell_desktop.account.mailbox import Mailbox
from handbell_desktop.kept.settings import Settings
from handbell_desktop.machine.toasts.base import Capabilities
from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.settings.accounts import AccountCard, AccountsPage
from handbell_desktop.ui.settings.page import Choice, Page
from handbell_desktop.ui.settings.rules import RulesPage
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from handbell_shared.attention import QuietHours
from handbell_shared.link_state import Incompatible, LinkState, Offline, SignedOut
from handbell_shared.preferences import Digest
from tests.support.desks import MadeDesk, bell, make_desk

PAGES = ("accounts", "notifications", "rules", "quiet", "general", "diagnosis")


class Here:
    """A computer that has everything, until a test takes something away."""

    version = "1.2.3"
    toasts = Capabilities("a list", buttons=True, stays=True)
    tray = True

    def __init__(self) -> None:
        self.autostart: bool | None = False
        self.settings_trouble: str | None = None
        self.full_disk = False
        self.played: list[str] = []

    def set_autostart(self, on: bool) -> None:
        if self.full_disk:
            raise OSError(28, "No space left on device")
        self.autostart = on

    def play(self, sound: str) -> None:
        self.played.append(sound)


@pytest.fixture(autouse=True)
def no_e_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no server to ask; what one says is in `test_mailbox.py`."""
    monkeypatch.setattr(mailbox, "of", lambda account, token: None)


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {"ana": [bell("Lunch")], "ben": []})
    yield made
    made.close()


@pytest.fixture
def window(made: MadeDesk, themes: ThemeSource, here: Here, qtbot: QtBot) -> Iterator[SettingsWindow]:
    with showing(made, themes, here) as window:
        yield window


@contextmanager
def showing(made: MadeDesk, themes: ThemeSource, here: Here) -> Iterator[SettingsWindow]:
    """Gone at the end, and not only hidden: Qt would dress it again with every theme of the tests that follow."""
    window = SettingsWindow(made.desk, themes, made.turns, here)
    window.show()
    yield window
    shiboken6.delete(window)


def page(window: SettingsWindow, name: str) -> Page:
    window.show_page(name)
    QCoreApplication.processEvents()
    return window.page(name)


def control(within: QWidget, name: str) -> Any:
    """What a screen reader calls so."""
    found = [one for one in within.findChildren(QWidget) if one.accessibleName() == name and _is_control(one)]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def press(within: QWidget, label: str) -> None:
    found = [one for one in within.findChildren(QAbstractButton) if one.text() == label and one.isVisible()]
    assert len(found) == 1, f"{label}: {found}"
    found[0].click()
    QCoreApplication.processEvents()


def said(within: QWidget) -> str:
    return " | ".join(label.text() for label in within.findChildren(QLabel) if label.isVisible() and label.text())


def _is_control(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton | QComboBox | QLineEdit | QAbstractSpinBox | QListWidget)


# ---- notifications


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("Show notifications", "toasts"),
        ("Show what they say", "toast_bodies"),
        ("Urgent ones stay", "urgent_stays"),
        ("Play sounds", "sound"),
        ("Open e-mail links", "open_mailto"),
    ],
)
def test_a_switch_chooses_at_once_and_follows_what_is_chosen_elsewhere(
    window: SettingsWindow, made: MadeDesk, name: str, member: str
) -> None:
    switch = control(page(window, "notifications"), name)
    before = getattr(made.desk.settings, member)
    assert switch.isChecked() == before

    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert getattr(made.desk.settings, member) == (not before)

    made.desk.choose(Settings())
    made.turns.advance(1)
    assert switch.isChecked() == before


def test_each_priority_has_its_sound_and_plays_it(window: SettingsWindow, made: MadeDesk, here: Here) -> None:
    shown = page(window, "notifications")
    low: Choice = control(shown, "Low priority")
    play = control(shown, "Play the sound of “Low priority”")
    made.turns.advance(1)
    assert not play.isEnabled()

    low.setCurrentIndex(low.findText("Alarm"))
    made.turns.advance(1)
    play.click()

    assert made.desk.settings.sounds.low == "alarm-clock-elapsed"
    assert here.played == ["alarm-clock-elapsed"]
    low.setCurrentIndex(low.findText("None"))
    assert made.desk.settings.sounds.low is None


def test_a_sound_that_somebody_wrote_into_the_file_is_kept(window: SettingsWindow, made: MadeDesk) -> None:
    sounds = replace(made.desk.settings.sounds, high="a-sound-of-mine")
    made.desk.choose(replace(made.desk.settings, sounds=sounds))
    made.turns.advance(1)

    assert control(page(window, "notifications"), "High priority").currentText() == "a-sound-of-mine"
    assert made.desk.settings.sounds.high == "a-sound-of-mine"


# ---- quiet


def test_pausing_and_resuming(window: SettingsWindow, made: MadeDesk) -> None:
    shown = page(window, "quiet")
    assert "The bell rings" in said(shown)

    press(shown, "For 1 hour")
    made.turns.advance(1)
    assert (made.desk.pause_of("ana") or 0) > made.turns.now()
    assert made.desk.pause_of("ben") is None
    assert "Paused until" in said(shown)

    press(shown, "End the pause")
    made.turns.advance(1)
    assert not made.desk.paused
    assert "The bell rings" in said(shown)


def test_quiet_hours_are_chosen_by_days_and_times(window: SettingsWindow, made: MadeDesk) -> None:
    shown = page(window, "quiet")
    control(shown, "Quiet at the same hours").click()
    made.turns.advance(1)
    saturday, start, end = control(shown, "Saturday"), control(shown, "Quiet from"), control(shown, "Quiet to")

    saturday.click()
    start.setTime(QTime(13, 30))
    made.turns.advance(1)
    assert "Until the next morning." in said(shown)
    end.setTime(QTime(14, 0))
    made.turns.advance(1)
    control(shown, "Urgent ones break through").show_value("none")
    control(shown, "Urgent ones break through").currentIndexChanged.emit(2)

    assert made.desk.preferences("ana").quiet_hours == QuietHours(
        enabled=True, days=(0, 1, 2, 3, 4, 6), start="13:30", end="14:00"
    )
    assert made.desk.preferences("ana").urgent.breaks_through == "none"
    assert "Until the next morning." not in said(shown)


def test_the_page_says_until_when_it_is_quiet(window: SettingsWindow, made: MadeDesk) -> None:
    made.desk.prefer("ana", "quiet_hours", QuietHours(enabled=True, start="00:00", end="00:00"))
    made.turns.advance(1)

    assert "Quiet now, until" in said(page(window, "quiet"))


def test_days_begin_as_in_the_person_s_calendar(made: MadeDesk, themes: ThemeSource, here: Here, qtbot: QtBot) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        with showing(made, themes, here) as window:
            days = [b.accessibleName() for b in window.page("quiet").findChildren(QAbstractButton) if b.isCheckable()]
    finally:
        QLocale.setDefault(before)

    assert next(day for day in days if day.endswith("tag") or day == "Mittwoch") == "Montag"


# ---- general


def test_starting_at_login_is_switched_and_a_failure_is_said(window: SettingsWindow, here: Here) -> None:
    shown = page(window, "general")
    switch = control(shown, "Start when I log in")

    switch.click()
    assert here.autostart is True
    here.full_disk = True
    switch.click()

    assert switch.isChecked()
    assert "This could not be changed: No space left on device" in said(shown)


@pytest.mark.parametrize(
    ("name", "words", "member", "value"),
    [
        ("Theme", "Dark", "theme", "dark"),
        ("Bell", "Light, for a dark bar", "bell", "light"),
        ("Language", "Deutsch", "language", "de"),
    ],
)
def test_a_choice_chooses_at_once(
    window: SettingsWindow, made: MadeDesk, name: str, words: str, member: str, value: str
) -> None:
    choice: Choice = control(page(window, "general"), name)

    choice.setCurrentIndex(choice.findText(words))

    assert getattr(made.desk.settings, member) == value


# ---- accounts


def card(window: SettingsWindow, account: str) -> AccountCard:
    accounts = page(window, "accounts")
    assert isinstance(accounts, AccountsPage)
    return accounts.card(account)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (Offline(3, "nobody answers"), "Offline, and trying again: nobody answers."),
        (SignedOut("revoked"), "Signed out"),
        (Incompatible(), "another version"),
    ],
)
def test_an_account_says_how_it_stands(window: SettingsWindow, made: MadeDesk, state: LinkState, says: str) -> None:
    made.link("ana").online()
    made.turns.advance(1)
    assert card(window, "ana").state.text() == "Online"

    made.link("ana").says(state)
    made.turns.advance(1)

    assert says in card(window, "ana").state.text()
    assert "Connecting" in card(window, "ben").state.text()


def test_the_reason_is_said_in_the_person_s_language(window: SettingsWindow, made: MadeDesk, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert app is not None
    languages = Languages(app, "de")
    try:
        made.link("ana").says(Offline(3, "the server does not answer"))
        made.turns.advance(1)

        qtbot.waitUntil(lambda: "der Server antwortet nicht" in card(window, "ana").state.text())
    finally:
        languages.silence()
        QLocale.setDefault(QLocale.system())


def test_a_signed_out_account_asks_to_sign_in_and_names_what_waits(
    window: SettingsWindow, made: MadeDesk, qtbot: QtBot
) -> None:
    made.desk.archive(made.entries("Lunch"))
    made.settle()
    made.link("ana").says(SignedOut("expired"))
    made.turns.advance(1)
    wanted: list[str] = []
    window.sign_in_wanted.connect(wanted.append)

    press(card(window, "ana"), "Sign in again…")

    assert "1 change(s) wait to be sent." in card(window, "ana").state.text()
    assert wanted == ["ana"]


def test_e_mail_stands_in_the_account_s_card_and_leads_to_its_rules(
    window: SettingsWindow, made: MadeDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(mailbox, "of", lambda account, token: Mailbox(True, f"{account.user}@home.example", True))
    for user in ("ana", "ben"):
        made.link(user).online()
    made.turns.advance(1)
    qtbot.waitUntil(lambda: "Confirmed. Nothing is mailed yet" in said(card(window, "ben")))
    made.desk.prefer("ben", "digest", Digest(every="daily"))
    made.turns.advance(1)
    qtbot.waitUntil(lambda: "Confirmed. E-mail goes to this address." in said(card(window, "ben")))
    window.activateWindow()

    card(window, "ana").leave.setFocus()
    names = []
    for _ in range(4):
        QTest.keyClick(_focused(), Qt.Key.Key_Tab)
        names.append(cast("QAbstractButton", _focused()).text())
    assert names == ["What is mailed…", "Change…", "Remove", "Devices"], "as they are read"

    press(card(window, "ben"), "What is mailed…")
    rules = window.page("rules")
    assert isinstance(rules, RulesPage) and rules.isVisible() and rules.account == "ben"


def test_an_account_is_removed_after_a_question(window: SettingsWindow, made: MadeDesk) -> None:
    press(card(window, "ana"), "Sign out…")
    assert window.focusWidget() is card(window, "ana").no  # Enter and Space do no harm
    press(card(window, "ana"), "Keep it")
    press(card(window, "ana"), "Sign out…")
    assert len(made.desk.settings.accounts) == 2

    press(card(window, "ana"), "Sign out and remove the account")
    made.settle()
    made.turns.advance(1)

    assert [account.id for account in made.desk.settings.accounts] == ["ben"]
    assert "ana" not in said(page(window, "accounts"))


def test_without_an_account_the_page_asks_for_one(
    tmp_path: Path, themes: ThemeSource, here: Here, qtbot: QtBot
) -> None:
    made = make_desk(tmp_path, {})
    wanted: list[str] = []
    with showing(made, themes, here) as window:
        window.sign_in_wanted.connect(wanted.append)

        press(page(window, "accounts"), "Sign in…")

    assert wanted == [""]
    made.close()


# ---- diagnosis


def test_the_diagnosis_begins_when_it_is_looked_at_and_copies_a_report(window: SettingsWindow, made: MadeDesk) -> None:
    shown = page(window, "diagnosis")

    press(shown, "Copy report")

    report = QGuiApplication.clipboard().text()
    assert "ana · https://bell.example" in report
    assert "ok    Notifications: Shown by a list." in report
    assert "Handbell 1.2.3" in report
    assert "token" not in report.replace("no token", "")
    assert "The report is in the clipboard" in said(shown)


# ---- all of it


def test_every_control_has_a_name_and_every_text_is_plain(window: SettingsWindow) -> None:
    for name in PAGES:
        shown = page(window, name)
        for widget in shown.findChildren(QWidget):
            inside_another = isinstance(widget, QLineEdit) and isinstance(widget.parent(), QAbstractSpinBox)
            if _is_control(widget) and not inside_another:
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                assert widget.accessibleName() or text, f"{name}: {widget}"
        for label in shown.findChildren(QLabel):
            assert label.pixmap() or label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_the_keyboard_goes_from_the_pages_through_the_controls_in_reading_order(window: SettingsWindow) -> None:
    page(window, "general")
    window.activateWindow()
    sidebar = window.findChild(QListWidget)
    assert sidebar is not None
    sidebar.setFocus()

    names = []
    for _ in range(4):
        QTest.keyClick(_focused(), Qt.Key.Key_Tab)
        names.append(_focused().accessibleName())

    assert names == ["Start when I log in", "Theme", "Bell", "Language"]


def _focused() -> QWidget:
    focused = QApplication.focusWidget()
    assert focused is not None
    return focused


def test_at_twice_the_font_the_window_is_still_within_the_screen(twice_the_font: None, window: SettingsWindow) -> None:
    free = window.screen().availableSize()

    assert window.height() < free.height()
    assert window.width() <= free.width()


@pytest.mark.parametrize("mirrored", [False, True], ids=["left to right", "right to left"])
def test_twice_the_font_fits_without_a_sideways_scroll(
    made: MadeDesk, themes: ThemeSource, here: Here, qtbot: QtBot, mirrored: bool
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = QFont(app.font())
    twice = QFont(before)
    twice.setPointSizeF(before.pointSizeF() * 2)
    app.setFont(twice)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
    try:
        with showing(made, themes, here) as window:
            for name in PAGES:
                assert page(window, name).horizontalScrollBar().maximum() == 0, name
    finally:
        app.setFont(before)
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_a_new_language_is_spoken_at_once_on_the_same_page(
    window: SettingsWindow, made: MadeDesk, qtbot: QtBot
) -> None:
    page(window, "general")
    languages = Languages(QApplication.instance() or QApplication([]), "en")
    try:
        languages.speak("de")

        qtbot.waitUntil(lambda: window.windowTitle() == "Einstellungen von Handbell")
        assert "Beim Anmelden am Computer starten" in said(window)
    finally:
        languages.silence()
        QLocale.setDefault(QLocale.system())
