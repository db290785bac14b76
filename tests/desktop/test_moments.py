"""What the desk waits for, and what it has kept when it starts again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from handbell_desktop.changes import Change
from handbell_desktop.condition import Condition
from handbell_desktop.kept.settings import Chosen, Settings
from handbell_desktop.kept.state import Remembered
from handbell_shared.attention import QuietHours
from handbell_shared.preferences import FOR_EVER
from tests.desktop.conftest import Makes
from tests.support.desks import MadeDesk, bell, reopen_desk
from tests.support.turns import ManualTurns

MINUTE = 60
HOUR = 60 * MINUTE


def listening(made: MadeDesk) -> list[Change]:
    heard: list[Change] = []
    made.desk.listen(heard.append)
    return heard


# Moments.


def test_a_snooze_ends_at_its_moment_also_without_a_network(make: Makes) -> None:
    now = ManualTurns().now()
    made = make({"ana": [bell("asleep", snoozed_until=now + 2_000 * 1_000), bell("awake")]})
    heard = listening(made)
    assert made.desk.badge == 1

    made.turns.advance(1_990)
    assert made.desk.badge == 1
    heard.clear()
    made.turns.advance(11)

    assert made.desk.badge == 2
    assert any(change.badge for change in heard)
    assert made.titles("unread") == ["awake", "asleep"]


def test_a_pause_ends_at_its_moment(make: Makes) -> None:
    made = make()
    made.link("ana").online()
    made.desk.pause(made.turns.now() + HOUR * 1_000)
    made.turns.run()
    assert made.desk.condition is Condition.PAUSED
    assert made.desk.paused_until is not None

    made.link("ana").brings(bell("one"), bell("two"))
    made.turns.advance(HOUR - 1)
    assert made.toaster.shown == []
    made.turns.advance(2)

    assert made.desk.condition is Condition.ONLINE
    assert made.desk.paused_until is None
    assert [toast.title for toast in made.toaster.shown] == ["2 notifications while it was quiet"]


def test_a_pause_without_an_end_lasts_over_a_restart_until_it_is_ended(make: Makes, tmp_path: Path) -> None:
    made = make()
    made.desk.pause(FOR_EVER)
    made.turns.advance(30 * 24 * HOUR)
    made.close()

    again = reopen_desk(tmp_path, made.chosen)
    assert again.desk.paused_until == FOR_EVER
    again.desk.resume()
    assert again.desk.paused_until is None
    again.close()


def test_quiet_hours_begin_and_end_by_themselves(make: Makes) -> None:
    noon = datetime(2027, 1, 12, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    turns = ManualTurns(now=round(noon.timestamp() * 1000))
    hours = QuietHours(enabled=True, start="13:00", end="14:00")
    made = make(turns=turns, zone=noon.tzinfo)
    made.desk.prefer("ana", "quiet_hours", hours)
    made.link("ana").online()
    made.settle()
    assert made.desk.condition is Condition.ONLINE

    made.turns.advance(HOUR)
    assert made.desk.condition is Condition.PAUSED
    made.link("ana").brings(bell("hush"))
    made.turns.advance(1)
    assert made.toaster.shown == []
    made.turns.advance(HOUR)

    assert made.desk.condition is Condition.ONLINE
    assert [toast.title for toast in made.toaster.shown] == ["hush"]


def test_waking_up_looks_at_the_clock_and_tries_at_once(make: Makes) -> None:
    turns = ManualTurns()
    made = make({"ana": [bell("asleep", snoozed_until=turns.now() + 60_000)]}, turns=turns)
    made.desk.pause(turns.now() + 60_000)
    made.turns.run()
    turns._start += 3_600_000  # the machine slept: the calendar went on, the timers did not

    made.desk.wake()
    made.settle()

    assert made.desk.paused_until is None
    assert made.desk.badge == 1
    assert made.link("ana").woken == 1


# The end, and the next start.


def test_the_bell_has_its_number_from_the_first_moment(make: Makes, tmp_path: Path) -> None:
    made = make({"ana": [bell("a"), bell("b")]})
    made.desk.read(made.entries("a"))
    made.close()
    assert Remembered(tmp_path / "state.json").state.badges == {"ana": 1}

    again = reopen_desk(tmp_path, made.chosen, started=False)
    again.desk.start()
    assert again.desk.badge == 1
    again.close()


def test_settings_are_on_disk_and_accounts_are_not_theirs_to_lose(make: Makes, tmp_path: Path) -> None:
    made = make()

    made.desk.choose(Settings(theme="dark"))
    made.settle()

    kept = Chosen(tmp_path / "settings.json").settings
    assert (kept.theme, [one.id for one in kept.accounts]) == ("dark", ["ana"])


def test_settings_that_the_disk_refuses_hold_until_the_end_and_that_is_said(
    make: Makes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = make()
    (tmp_path / "settings.json").mkdir()
    made.desk.choose(Settings(theme="dark"))
    made.settle()

    assert made.desk.settings.theme == "dark"
    assert "could not be saved" in made.desk.trouble
    (tmp_path / "settings.json").rmdir()
    made.desk.choose(Settings(theme="light"))
    made.settle()
    assert made.desk.trouble == ""


def test_windows_are_remembered(make: Makes, tmp_path: Path) -> None:
    made = make()
    made.desk.remember(replace(made.desk.state, windows={"inbox": "AdnQ"}))
    made.close()

    assert Remembered(tmp_path / "state.json").state.windows == {"inbox": "AdnQ"}
