"""What is on a toast."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handbell_desktop.kept.settings import Sounds
from handbell_desktop.machine.toasts.base import Toast, ToastButton
from handbell_shared.records import Answer, Button
from tests.desktop.ring.scene import Makes, arrive, only
from tests.support.desks import bell


def test_a_toast_shows_what_the_record_says(make: Makes) -> None:
    made = make()
    record = bell(
        "Build failed",
        body="3 of 812 tests",
        link="https://ci.example/7",
        actions=(Button("again", "Run again"), Button("log", "Log", "link", "https://ci.example/log")),
        priority="high",
    )
    arrive(made, record)

    assert only(made) == Toast(
        key=f"ana/{record.id}",
        title="Build failed",
        body="3 of 812 tests",
        buttons=(
            ToastButton("own:again", "Run again"),
            ToastButton("own:log", "Log"),
            ToastButton("open", "Open"),
            ToastButton("read", "Mark read"),
        ),
        sound="message-new-instant",
    )


def test_a_reply_is_a_field_and_no_button(make: Makes) -> None:
    made = make()
    arrive(made, bell("Coming?", actions=(Button("say", "Reply", "reply"), Button("no", "No"))))

    assert only(made).reply == ToastButton("own:say", "Reply")
    assert [button.id for button in only(made).buttons] == ["own:no", "read"]


def test_what_was_answered_asks_no_more(make: Makes) -> None:
    made = make()
    arrive(made, bell("Coming?", actions=(Button("no", "No"),), answer=Answer("no", "op", 1)))

    assert [button.id for button in only(made).buttons] == ["read"]


def test_long_texts_are_cut_and_none_is_called_by_what_it_is(make: Makes) -> None:
    made = make()
    arrive(made, bell("t" * 500, body="word " * 500))
    arrive(made, bell("", body=""))

    long, empty = made.toaster.shown
    assert len(long.title) == 100 and long.title.endswith("…")
    assert len(long.body) <= 200 and long.body.endswith("…")
    assert (empty.title, empty.body) == ("Notification", "")


def test_bodies_are_hidden_where_the_person_wants_it(make: Makes) -> None:
    made = make(toast_bodies=False)
    arrive(made, *(bell(f"title {number}", body="a secret") for number in range(5)))

    assert [toast.body for toast in made.toaster.shown] == ["", "", "", ""]


def test_with_several_accounts_a_toast_says_whose_it_is(make: Makes) -> None:
    made = make({"ana": [], "ben": []})
    arrive(made, bell("a", body="text"), user="ben")

    assert only(made).body == "text\nben@bell.example"


@pytest.mark.parametrize(
    ("priority", "urgency", "stays", "sound"),
    [
        ("low", "low", False, None),
        ("normal", "normal", False, "bell"),
        ("high", "normal", False, "message-new-instant"),
        ("urgent", "critical", True, "alarm-clock-elapsed"),
    ],
)
def test_a_priority_is_seen_and_heard(make: Makes, priority: str, urgency: str, stays: bool, sound: str | None) -> None:
    made = make(sounds=Sounds(normal="bell"))
    arrive(made, bell(priority=priority))

    assert (only(made).urgency, only(made).stays, only(made).sound) == (urgency, stays, sound)


def test_sound_and_staying_are_the_persons_choice(make: Makes) -> None:
    made = make(sound=False, urgent_stays=False)
    arrive(made, bell(priority="urgent"))

    assert (only(made).sound, only(made).stays) == (None, False)


def test_a_resolution_says_so_in_place_and_quietly(make: Makes) -> None:
    made = make()
    record = bell("Disk full", priority="urgent", key="disk")
    arrive(made, record)
    made.turns.advance(60)
    arrive(made, replace(record, ver=2, cver=2, title="Disk fine", resolved=True))

    assert only(made).key == f"ana/{record.id}"
    assert (only(made).title, only(made).urgency, only(made).stays, only(made).sound) == (
        "Disk fine",
        "low",
        False,
        None,
    )
