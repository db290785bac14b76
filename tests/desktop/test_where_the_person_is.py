"""Toasts only where the person is: what a device says of itself, and what it keeps back while another is in use."""

from __future__ import annotations

from handbell_desktop.machine.idle.base import Then
from handbell_desktop.ring.usage import LOOK_EVERY
from handbell_shared.records import Notification
from tests.desktop.conftest import Makes
from tests.support.desks import MadeDesk, bell


class Hands:
    def __init__(self) -> None:
        self.idle = 0

    def ask(self, then: Then) -> None:
        then(self.idle)

    def close(self) -> None:
        pass


def online(made: MadeDesk) -> MadeDesk:
    for session in made.desk.sessions:
        made.link(session.account.id).online()
    made.settle()
    made.turns.advance(10)
    return made


def rings(made: MadeDesk, record: Notification) -> bool:
    before = len(made.toaster.shown)
    made.link("ana").brings(record)
    made.turns.run()
    made.turns.advance(6)
    return len(made.toaster.shown) > before


def test_nobody_says_anything_until_the_person_wants_it(make: Makes) -> None:
    hands = Hands()
    made = online(make(make_idle=lambda: hands))
    made.turns.advance(60)
    assert made.link("ana").used == []

    made.link("ana").chooses("devices", "in_use")
    made.turns.advance(1)
    made.settle()
    assert made.link("ana").used == [True]
    hands.idle = 200_000
    made.turns.advance(LOOK_EVERY)
    made.settle()
    assert made.link("ana").used == [True, False]
    hands.idle = 0
    made.turns.advance(LOOK_EVERY)
    made.link("ana").chooses("devices", None)
    made.turns.advance(60)
    made.settle()

    assert made.link("ana").used == [True, False, True, False]


def test_while_another_device_is_in_use_this_one_counts_and_does_not_ring(make: Makes) -> None:
    made = online(make())
    made.link("ana").chooses("devices", "in_use")
    made.turns.advance(1)
    assert rings(made, bell("one"))
    before = made.desk.badge

    made.link("ana").elsewhere(True)
    made.turns.run()
    assert not rings(made, bell("two"))
    assert rings(made, bell("three", priority="urgent"))
    assert made.desk.badge == before + 2
    made.link("ana").elsewhere(False)
    made.turns.run()

    assert rings(made, bell("four"))


def test_who_wants_toasts_everywhere_has_them_everywhere(make: Makes) -> None:
    made = online(make())
    made.link("ana").elsewhere(True)
    made.turns.run()

    assert rings(made, bell("one"))
