"""What belongs together is one toast that reads as the panel's row does."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from handbell_desktop.kept.settings import Sounds
from handbell_desktop.machine.toasts.base import Clicked, Closed, Pressed
from handbell_desktop.phrases import Phrases
from handbell_shared.phrasing import Phrasing, phrasing
from handbell_shared.records import Actor, Notification
from tests.desktop.ring.scene import Makes, arrive, marked, only
from tests.support.desks import bell, make_desk


def liked(*names: str, link: str | None = "https://blog.example/7") -> list[Notification]:
    return [bell(f"{name} liked your post", actor=Actor(name), type="like", link=link) for name in names]


def test_those_who_did_the_same_in_a_burst_are_one_toast_that_reads_as_their_group_does(make: Makes) -> None:
    made = make(sounds=Sounds(normal="bell"))
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    for record in (cy, bo, ana):
        arrive(made, record)
    made.turns.advance(2)

    assert [toast.title for toast in made.toaster.shown] == [
        "Cy liked your post",
        "Ana and 2 others liked your post",
    ]
    assert {toast.key for toast in made.toaster.shown} == {f"ana/{cy.id}"}
    assert [toast.sound is None for toast in made.toaster.shown] == [False, True]
    assert [button.id for button in only(made).buttons] == ["open", "read", "mute"]


def test_what_a_producer_groups_is_one_toast_with_its_newest(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(f"Step {at} failed", body=f"line {at}", group="build 7") for at in range(30)))
    made.turns.advance(2)

    assert len(made.toaster.shown) == 2
    assert (only(made).title, only(made).body) == ("Step 29 failed (and 29 more)", "line 29")


def test_one_more_of_a_group_after_the_burst_is_heard_in_place(make: Makes) -> None:
    made = make(sounds=Sounds(normal="bell"))
    cy, bo = liked("Cy", "Bo")
    arrive(made, cy)
    made.turns.advance(6)
    arrive(made, bo)

    assert (only(made).key, only(made).title) == (f"ana/{cy.id}", "Bo and Cy liked your post")
    assert only(made).sound == "bell"


def test_a_toast_of_a_group_says_less_when_one_of_it_is_dealt_with_and_goes_with_the_last(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo, ana)
    made.turns.advance(2)

    made.link("ana").brings(replace(cy, ver=2, read=True), news=False)
    made.turns.advance(2)
    assert (only(made).title, only(made).sound) == ("Ana and Bo liked your post", None)

    made.link("ana").brings(replace(ana, ver=3, deleted="recalled"), news=False)
    made.turns.advance(2)
    assert only(made).title == "Bo liked your post"

    made.desk.read(made.entries("Bo liked your post"))
    made.turns.advance(2)
    assert made.toaster.up == {}


def test_a_click_on_a_group_opens_its_newest_and_reads_all_that_did_the_same_to_it(make: Makes) -> None:
    made = make()
    arrive(made, *liked("Cy", "Bo", "Ana"))
    made.turns.advance(2)
    made.toaster.does(Clicked(only(made).key))
    made.settle()

    assert made.opened == ["https://blog.example/7"]
    assert made.desk.badge == 0
    assert made.asked_to_show == []


def test_a_click_on_a_group_leaves_unread_what_is_elsewhere(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(f"{at}", group="g", link=f"https://ci.example/{at}") for at in range(3)))
    made.turns.advance(2)
    made.toaster.does(Clicked(only(made).key))
    made.settle()

    assert made.opened == ["https://ci.example/2"]
    assert made.titles("unread") == ["1", "0"]


def test_marking_a_group_read_on_its_toast_is_about_those_it_said_something_of(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo)
    made.turns.advance(2)
    arrive(made, ana)
    arrive(made, *liked("Dee"))  # for a moment the toast is still without her
    assert only(made).title == "Ana and 2 others liked your post"

    made.toaster.does(Pressed(only(made).key, "read"))
    made.settle()

    assert made.titles("unread") == ["Dee liked your post"]


def test_senders_hear_of_each_that_a_toast_stands_for(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo, ana)
    made.turns.advance(2)
    made.toaster.does(Closed(only(made).key, by_person=True))

    assert {mark.id for mark in marked(made) if mark.shown} == {cy.id, bo.id, ana.id}
    assert {mark.id for mark in marked(made) if mark.dismissed} == {cy.id, bo.id, ana.id}


def test_a_toast_of_a_group_speaks_the_persons_language(tmp_path: Path) -> None:
    class Polish(Phrases):
        def counting(self) -> Phrasing:
            return phrasing("pl")

    made = make_desk(tmp_path, {"ana": []}, phrases=Polish())
    made.link("ana").online()
    made.turns.advance(10)
    arrive(made, *liked("Cy", "Bo", "Ana"))
    made.turns.advance(2)

    assert only(made).title == "Ana i 2 inne osoby liked your post"
    made.close()
