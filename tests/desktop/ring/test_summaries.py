"""Bursts and absences: a few toasts, and one that tells of the rest."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from handbell_shared.link_state import Connecting, Offline
from tests.desktop.ring.scene import Makes, arrive, only
from tests.support.desks import bell, make_desk


def test_a_thousand_in_a_burst_are_three_toasts_and_one_summary_once_a_second(make: Makes) -> None:
    made = make()
    for number in range(0, 1_000, 5):
        arrive(made, *(bell(f"{number + i}") for i in range(5)))
        made.turns.advance(0.02)
    made.turns.advance(2)

    singles = [toast for toast in made.toaster.shown if toast.key != "summary"]
    summaries = [toast for toast in made.toaster.shown if toast.key == "summary"]
    assert [toast.title for toast in singles] == ["0", "1", "2"]
    assert 2 <= len(summaries) <= 6
    assert summaries[-1].title == "997 more notifications"
    assert summaries[-1].body == "999\n998\n997\nand 994 others"
    assert [button.id for button in summaries[-1].buttons] == ["show"]


def test_a_title_with_lines_of_its_own_is_one_line_of_a_summary(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(str(number)) for number in range(3)), bell("Lunch\nand 99 others"), bell("last"))
    made.turns.advance(2)

    assert made.toaster.up["summary"].body == "last\nLunch and 99 others"


def test_one_incident_told_a_hundred_times_is_shown_once_a_second(make: Makes) -> None:
    made = make()
    record = bell("Flapping", key="disk")
    for number in range(100):
        arrive(made, replace(record, ver=number + 1, cver=number + 1, count=number + 1, title=f"Flapping {number}"))
        made.turns.advance(0.03)
    made.turns.advance(2)

    assert len(made.toaster.shown) <= 5
    assert only(made).title == "Flapping 99"
    assert {toast.sound for toast in made.toaster.shown[1:]} <= {None}


def test_after_an_absence_one_summary_tells_and_is_heard_once_by_the_loudest(make: Makes) -> None:
    made = make()
    link = made.link("ana")
    link.says(Offline(1.0, "away"))
    made.turns.run()
    made.turns.advance(120)
    link.says(Connecting())
    arrive(made, bell("one"), bell("two", priority="high"), bell("three"))
    arrive(made, bell("fire", priority="urgent"))
    assert made.toaster.shown == []
    link.online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["fire", "3 notifications while you were away"]
    assert made.toaster.up["summary"].body == "three\ntwo\none"
    assert made.toaster.up["summary"].sound == "message-new-instant"


def test_what_was_read_elsewhere_while_catching_up_is_not_told(make: Makes) -> None:
    made = make()
    link = made.link("ana")
    link.says(Offline(1.0, "away"))
    link.says(Connecting())
    one, two = bell("one"), bell("two")
    link.brings(one, two)
    link.brings(replace(one, ver=2, read=True), news=False)
    link.online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["two"]


def test_the_first_news_after_the_start_are_one_summary(tmp_path: Path) -> None:
    made = make_desk(tmp_path, {"ana": []})
    arrive(made, bell("one"), bell("two"))
    made.link("ana").online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["2 notifications while you were away"]
    made.close()
