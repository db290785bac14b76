"""A toast goes when what it says is dealt with, wherever that was."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from handbell_desktop.kept.shown import Query
from handbell_shared.records import Alarm, Answer, Button, Notification, Question
from tests.desktop.ring.scene import Makes, arrive, only
from tests.support.desks import bell

# Taking down.


@pytest.mark.parametrize(
    "marks",
    [{"read": True}, {"archived": True}, {"snoozed_until": 2**52}, {"deleted": "user"}],
    ids=["read", "archived", "snoozed", "deleted"],
)
def test_what_is_dealt_with_elsewhere_is_taken_down_here(make: Makes, marks: dict[str, Any]) -> None:
    made = make()
    record, other = bell("a"), bell("b")
    arrive(made, record, other)
    made.link("ana").brings(replace(record, ver=2, **marks), news=False)
    made.turns.advance(0.1)

    assert list(made.toaster.up) == [f"ana/{other.id}"]


@pytest.mark.parametrize("verb", ["read", "archive", "delete"])
def test_what_is_dealt_with_in_the_panel_is_taken_down(make: Makes, verb: str) -> None:
    made = make()
    arrive(made, bell("a"))

    getattr(made.desk, verb)(made.entries("a"))
    made.turns.advance(0.1)

    assert made.toaster.up == {}


def test_the_summary_goes_with_the_last_it_stands_for(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(title) for title in "abcde"))
    made.desk.read(made.entries("d"))
    made.turns.advance(0.1)
    assert "summary" in made.toaster.up

    made.desk.mark_all_read(Query())
    made.turns.advance(0.1)

    assert made.toaster.up == {}


def test_an_account_takes_its_toasts_along(make: Makes) -> None:
    made = make({"ana": [], "ben": []})
    arrive(made, bell("a"))
    arrive(made, bell("b"), user="ben")

    made.desk.remove_account("ben", sign_out=False)

    assert [toast.title for toast in made.toaster.up.values()] == ["a"]


# Questions that others answer too.


def question(**more: Any) -> Notification:
    return bell("Deploy?", actions=(Button("yes", "Approve"),), **more)


def test_a_toast_goes_when_somebody_else_has_answered(make: Makes) -> None:
    made = make()
    record = question()
    arrive(made, record)
    made.link("ana").brings(replace(record, ver=2, answer=Answer("yes", "op", 1, by="ben")), news=False)
    made.turns.advance(0.1)

    assert made.toaster.up == {}
    assert made.desk.badge == 1, "it is still unread"


def test_what_comes_with_somebody_elses_answer_does_not_ring(make: Makes) -> None:
    made = make()
    arrive(made, question(answer=Answer("yes", "op", 1, by="ben")), question(answer=Answer("", "q", 1, deadline=True)))

    assert made.toaster.shown == []


def test_after_its_deadline_a_question_has_no_buttons_and_takes_no_answer(make: Makes) -> None:
    made = make()
    arrive(made, question(question=Question("q", until=1)))
    assert [button.id for button in only(made).buttons] == ["read"]

    made.desk.answer(made.entries("Deploy?")[0], "yes")
    made.settle()

    assert [action.kind for action in made.link("ana").acted] == ["read"]


# What rings until somebody has it.


def test_what_rings_until_acknowledged_is_heard_again_and_goes_when_somebody_else_has_it(make: Makes) -> None:
    made = make()
    record = bell("The shop is down", priority="urgent", alarm=Alarm("a", 30))
    arrive(made, record)
    made.turns.advance(30)
    again = replace(record, ver=2, cver=2, updated_at=1)
    arrive(made, again)
    first, second = made.toaster.shown
    assert first.sound is not None and second.sound == first.sound
    assert len(made.toaster.up) == 1, "it is replaced in place"

    acknowledged = Alarm("a", 30, "acknowledged", "ben")
    made.link("ana").brings(replace(again, ver=3, alarm=acknowledged), news=False)
    made.turns.advance(0.1)

    assert made.toaster.up == {}
    assert made.desk.badge == 1, "it is still unread"
