"""What a person chooses holds at once, on all their devices, and for each account by itself."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from handbell_desktop.condition import Condition
from handbell_desktop.kept.settings import Chosen
from handbell_desktop.kept.shown import Query
from handbell_desktop.kept.state import Remembered
from handbell_desktop.machine.toasts.base import Pressed, ToastButton
from handbell_shared.attention import QuietHours
from handbell_shared.preferences import FOR_EVER, name_of_rule
from handbell_shared.records import Button, Choice, Notification, Scope
from tests.desktop.conftest import Makes
from tests.support.desks import MadeDesk, account, bell, reopen_desk
from tests.support.turns import ManualTurns

HOUR = 3_600
CI = Scope("ci")
CLOSED = {"toast": CI, "sound": CI, "push": CI}


def online(made: MadeDesk) -> MadeDesk:
    for session in made.desk.sessions:
        made.link(session.account.id).online()
    made.settle()
    made.turns.advance(10)
    return made


def arrive(made: MadeDesk, *records: Notification, user: str = "ana") -> None:
    made.link(user).brings(*records)
    made.turns.run()
    made.turns.advance(2)


def shown(made: MadeDesk) -> list[str]:
    return [toast.title for toast in made.toaster.shown]


def unsaid(made: MadeDesk, user: str = "ana") -> dict[str, Any]:
    made.settle()
    choices = [action.choice for action in made.link(user).replica.store.pending_choices()]
    return {choice.name: choice.value for choice in choices if choice is not None}


def muting(source: str = "ci", a_type: str | None = None) -> dict[str, Any]:
    return {name_of_rule(Scope(source, a_type)): {"toast": False, "sound": False, "push": False}}


# Pauses and hours.


def test_a_pause_that_was_said_elsewhere_holds_here_and_ends_when_it_is_ended_there(make: Makes) -> None:
    made = online(make())
    made.link("ana").chooses("pause", FOR_EVER)
    made.turns.advance(1)
    assert (made.desk.condition, made.desk.paused_until) == (Condition.PAUSED, FOR_EVER)
    arrive(made, bell("hush"))
    assert shown(made) == []

    made.link("ana").chooses("pause", None)
    made.turns.advance(1)

    assert made.desk.condition is Condition.ONLINE
    assert shown(made) == ["hush"]


def test_what_was_said_last_holds_wherever_it_was_said(make: Makes) -> None:
    made = online(make())
    made.desk.pause(FOR_EVER)
    made.settle()

    made.link("ana").chooses("pause", None, at=made.turns.now() + 5)
    made.settle()

    assert made.desk.paused_until is None
    made.desk.pause(FOR_EVER)  # this device's clock is behind the other's, and it spoke later all the same
    assert made.desk.paused_until == FOR_EVER


def test_what_is_chosen_before_the_store_is_open_is_kept(make: Makes) -> None:
    made = make(started=False)
    made.desk.start()
    made.desk.pause(FOR_EVER)

    assert unsaid(made) == {"pause": FOR_EVER}
    assert made.desk.paused_until == FOR_EVER


def test_an_account_is_quiet_by_its_own_and_the_bell_only_with_all_of_them(make: Makes) -> None:
    made = online(make({"ana": [], "ben": []}))
    made.desk.pause(FOR_EVER, "ben")
    made.settle()

    arrive(made, bell("for ben"), user="ben")
    arrive(made, bell("for ana"))
    assert shown(made) == ["for ana"]
    assert (made.desk.condition, made.desk.paused_until, made.desk.paused) == (Condition.ONLINE, None, ["ben"])

    made.desk.pause(made.turns.now() + HOUR * 1_000)
    made.settle()
    assert (made.desk.condition, len(made.desk.paused)) == (Condition.PAUSED, 2)

    made.desk.resume()
    made.settle()
    assert made.desk.paused == []
    assert shown(made) == ["for ana", "for ben"]


def test_what_two_accounts_held_back_is_one_summary(make: Makes) -> None:
    made = online(make({"ana": [], "ben": []}))
    made.desk.pause(made.turns.now() + HOUR * 1_000)
    made.settle()
    arrive(made, bell("a"))
    arrive(made, bell("b"), user="ben")

    made.turns.advance(HOUR)

    assert shown(made) == ["2 notifications while it was quiet"]


def test_quiet_hours_are_judged_in_the_zone_the_person_chose(make: Makes) -> None:
    noon_in_tokyo = datetime(2027, 1, 12, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    made = make(turns=ManualTurns(now=round(noon_in_tokyo.timestamp() * 1000)), zone=ZoneInfo("Europe/Berlin"))
    made.desk.prefer("ana", "quiet_hours", QuietHours(enabled=True, start="11:00", end="13:00"))
    assert made.desk.quiet_until is None

    made.desk.prefer("ana", "zone", "Asia/Tokyo")
    assert made.desk.quiet_until == round(noon_in_tokyo.timestamp() * 1000) + HOUR * 1_000
    made.desk.prefer("ana", "zone", "Mars/Olympus")  # a newer server's; this machine goes by its own clock
    assert made.desk.quiet_until is None


@pytest.mark.parametrize(("breaks_through", "rings"), [("all", True), ("trusted", False), ("none", False)])
def test_urgent_ones_break_through_as_the_person_chose(make: Makes, breaks_through: str, rings: bool) -> None:
    made = online(make())
    made.desk.pause(FOR_EVER)
    made.desk.prefer("ana", "urgent", {"breaks_through": breaks_through})
    made.settle()

    arrive(made, bell("fire", priority="urgent"))
    assert bool(shown(made)) == rings


def test_a_source_that_is_trusted_breaks_through_and_that_can_be_taken_back(make: Makes) -> None:
    made = online(make({"ana": [bell("fire drill", source="pager", priority="urgent")]}))
    made.desk.prefer("ana", "urgent", {"breaks_through": "none"})
    made.desk.pause(FOR_EVER)

    made.desk.trust(made.entries("fire drill"))
    made.settle()
    arrive(made, bell("fire", source="pager", priority="urgent"), bell("other", priority="urgent"))
    assert shown(made) == ["fire"]

    made.desk.take_back()
    assert made.desk.preferences("ana").urgent.breaks_through == "none"


# What quiet hours held back, over a restart.


@pytest.mark.parametrize("killed", [False, True], ids=["quit", "killed"])
@pytest.mark.parametrize("ends", ["while it runs", "while it is off"])
def test_what_was_held_back_is_summed_up_after_a_restart(make: Makes, tmp_path: Path, ends: str, killed: bool) -> None:
    turns = ManualTurns()
    made = online(make({"ana": [bell("before")]}, turns=turns))
    made.desk.pause(turns.now() + HOUR * 1_000)
    made.settle()
    at = turns.now() + 1_000
    of_old = [bell(title, created_at=at) for title in ("one", "two", "seen", "read", "quiet")]
    loud = bell("loud", created_at=at, priority="urgent")
    seen, read, muted = replace(of_old[2], seen=True), replace(of_old[3], read=True), replace(of_old[4], muted=CLOSED)
    arrive(made, of_old[0], of_old[1], seen, read, muted, loud)
    assert shown(made) == ["loud"]
    if killed:  # nothing more is written than what was
        made.settle()
        for session in made.desk.sessions:
            session.close()
            session.join(60)
    else:
        made.close()

    later = ManualTurns(now=turns.now() + (2 * HOUR * 1_000 if ends == "while it is off" else 0))
    again = reopen_desk(tmp_path, made.chosen, turns=later)
    again.turns.advance(HOUR)

    assert shown(again) == ["2 notifications while it was quiet"]
    again.close()
    once_more = reopen_desk(tmp_path, made.chosen, turns=ManualTurns(now=later.now() + 1_000))
    assert shown(once_more) == []
    once_more.close()


# Rules.


def test_a_rule_closes_each_channel_by_itself(make: Makes) -> None:
    made = online(make())
    arrive(made, bell("off the badge", priority="high", muted={"badge": CI}))
    arrive(made, bell("without a sound", priority="high", muted={"sound": CI}))
    arrive(made, bell("no toast", muted={"toast": CI}))

    off_badge, without_sound = made.toaster.shown
    assert (off_badge.title, off_badge.sound is None) == ("off the badge", False)
    assert (without_sound.title, without_sound.sound is None) == ("without a sound", True)
    made.desk._changes.mark(entries=None)
    made.turns.advance(1)
    assert len(made.toaster.up) == 2  # the one that does not count on the bell stays where it is
    assert (made.desk.badge, len(made.titles())) == (3, 4)


def test_muting_a_source_takes_down_its_toasts_and_holds_before_the_server_knows(make: Makes) -> None:
    made = online(make())
    arrive(made, bell("build failed"))
    (toast,) = made.toaster.up.values()
    assert toast.buttons == (ToastButton("read", "Mark read"), ToastButton("mute", "Mute ci"))

    made.toaster.does(Pressed(toast.key, "mute"))
    made.turns.advance(1)

    assert made.toaster.up == {}
    assert made.entries("build failed")[0].record.muted == CLOSED
    assert made.desk.badge == 2
    assert unsaid(made) == muting()
    arrive(made, bell("build failed again"), bell("lunch", source="canteen"))
    assert shown(made) == ["build failed", "lunch"]


def test_muting_is_offered_to_be_taken_back(make: Makes) -> None:
    made = online(make())
    made.desk.rule("ana", CI, {"badge": False})
    made.desk.mute(made.entries("a"))
    offer = made.desk.undo
    assert offer is not None and (offer.sentence_key, offer.about) == ("mute", "ci")

    made.desk.take_back()

    assert made.entries("a")[0].record.muted == {"badge": CI}
    assert unsaid(made) == {name_of_rule(CI): {"badge": False}}


def test_a_question_and_what_is_critical_do_not_offer_to_be_muted(make: Makes) -> None:
    made = online(make())
    arrive(made, bell("Coming?", actions=(Button("no", "No"),)))
    arrive(made, bell("Intruder", critical=True))

    assert all("mute" not in [button.id for button in toast.buttons] for toast in made.toaster.shown)
    made.desk.mute(made.entries("Intruder"))
    assert made.desk.undo is None


def test_what_was_held_back_and_is_muted_since_is_not_summed_up(make: Makes) -> None:
    made = online(make())
    made.desk.pause(made.turns.now() + HOUR * 1_000)
    made.settle()
    arrive(made, bell("build failed"), bell("lunch", source="canteen"))

    made.desk.mute(made.entries("build failed"))
    made.turns.advance(HOUR)

    assert shown(made) == ["lunch"]


def test_a_rule_that_cannot_be_kept_does_not_hold(make: Makes) -> None:
    made = online(make())

    def full(action: Any) -> None:
        raise OSError("no space left")

    made.link("ana").act = full  # type: ignore[method-assign]
    made.desk.mute(made.entries("a"))
    assert made.desk.preferences("ana").rules
    made.settle()

    assert not made.desk.preferences("ana").rules
    assert "no space left" in made.desk.trouble


# What an older version kept, and the zone.


def old_files(folder: Path, *accounts: str, pause: int) -> Chosen:
    settings = {
        "quiet_hours": {"enabled": True, "start": "21:00", "end": "06:00", "moon": "full"},
        "urgent_breaks_through": False,
        "theme": "dark",
        "accounts": [json.loads(json.dumps(vars_of(name))) for name in accounts],
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "state.json").write_text(json.dumps({"paused_until": pause, "badges": {"ana": 3}}))
    return Chosen(folder / "settings.json")


def vars_of(user: str) -> dict[str, Any]:
    one = account(user)
    return {"id": one.id, "server": one.server, "user": one.user, "device": one.device}


def test_what_an_older_version_kept_is_carried_over_once_and_loses_to_what_was_chosen_since(
    make: Makes, tmp_path: Path
) -> None:
    make({"ana": [], "ben": []}).close()
    made = reopen_desk(tmp_path, old_files(tmp_path, "ana", "ben", pause=2**53))

    for user in ("ana", "ben"):
        assert unsaid(made, user) == {
            "quiet_hours": {"enabled": True, "days": [0, 1, 2, 3, 4, 5, 6], "start": "21:00", "end": "06:00"},
            "urgent": {"breaks_through": "none"},
            "pause": FOR_EVER,
        }
    made.link("ana").chooses("pause", None, at=2)
    made.link("ana").chooses("quiet_hours", None, at=2)
    made.settle()
    preferences = made.desk.preferences("ana")
    assert (preferences.paused_until, preferences.quiet_hours) == (None, QuietHours())
    assert made.desk.preferences("ben").paused_until == FOR_EVER
    made.close()

    kept = json.loads((tmp_path / "settings.json").read_text())
    assert (kept["theme"], "quiet_hours" in kept, "urgent_breaks_through" in kept) == ("dark", False, False)
    assert "paused_until" not in json.loads((tmp_path / "state.json").read_text())
    again = reopen_desk(tmp_path, Chosen(tmp_path / "settings.json"))
    assert again.desk.preferences("ana").quiet_hours == QuietHours()
    again.close()


def test_what_cannot_be_carried_over_yet_stays(make: Makes, tmp_path: Path) -> None:
    chosen = old_files(tmp_path, pause=2**53)
    chosen.save(replace(chosen.settings, theme="light"))
    remembered = Remembered(tmp_path / "state.json")
    remembered.write(remembered.state)

    made = reopen_desk(tmp_path, Chosen(tmp_path / "settings.json"))
    made.desk.add_account(account("ana"), "token")
    made.settle()

    assert (made.desk.settings.theme, made.desk.paused_until) == ("light", FOR_EVER)
    made.close()


def test_the_zone_of_the_machine_is_said_once_and_for_nobody_who_chose_one(make: Makes, tmp_path: Path) -> None:
    made = make(zone_name="Asia/Tokyo")
    assert unsaid(made) == {"zone": "Asia/Tokyo"}
    assert made.desk.preferences("ana").zone == "Asia/Tokyo"
    made.link("ana").chooses("zone", "Europe/Berlin", at=2)
    made.settle()
    assert made.desk.preferences("ana").zone == "Europe/Berlin"
    made.close()

    again = reopen_desk(tmp_path, made.chosen, zone_name="America/Lima")
    assert unsaid(again) == {"zone": "Asia/Tokyo"}
    again.close()


def test_a_choice_in_the_store_is_read_with_the_rest(make: Makes) -> None:
    made = make()
    made.link("ana").chooses("rule:from a newer server", {"confetti": True})
    made.link("ana").chooses("devices", "in_use")
    made.settle()

    assert made.desk.preferences("ana").devices == "in_use"
    assert isinstance(made.desk.sessions[0].sight.choices["devices"], Choice)
    assert made.desk.count(Query(tab="unread")) == 1
