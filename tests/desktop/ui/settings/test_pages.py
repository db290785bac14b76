"""What is chosen on a page is chosen at once."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QLocale, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
)
from pytestqt.qtbot import QtBot

from handbell_desktop.kept.settings import Settings
from handbell_desktop.ui.settings.page import Choice
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from handbell_shared.attention import QuietHours
from tests.desktop.ui.settings.scene import Here, control, page, press, said, showing
from tests.support.desks import MadeDesk

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
