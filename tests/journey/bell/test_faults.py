"""The whole product on a bad day: what is killed, frozen, cut off or away, and what a person sees when it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.conftest import Effort
from tests.journey.bell.conftest import Machines, Person
from tests.support.bell import Bell
from tests.support.handbell import HandbellServer
from tests.support.proxy import Proxy
from tests.support.waiting import until


@pytest.fixture
def network(server: HandbellServer) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def far(machine: Machines, network: Proxy) -> Bell:
    """Online, through a network that the test holds in its hands."""
    far = machine("far", url=f"http://127.0.0.1:{network.port}")
    far.start()
    far.shows("nothing unread")
    return far


def cut_off(far: Bell, network: Proxy) -> None:
    network.set(blackhole=True)
    network.cut()
    far.says("offline")


def back(far: Bell, network: Proxy) -> None:
    network.calm()
    network.cut()  # what was opened into the hole stays dark, and would have to time out
    far.nudge()


def test_killed_and_started_again_it_knows_the_number_at_once_and_rings_nothing_twice(
    laptop: Bell, server: HandbellServer, ana: Person
) -> None:
    ana.told_many(["Lunch", "Dinner"])
    laptop.desktop.toast("Dinner")
    laptop.shows("2 unread")

    laptop.kill9()
    ana.told_many([f"Build {number}" for number in range(5)])
    server.freeze()
    laptop.start()
    laptop.shows("2 unread, connecting")
    server.thaw()

    laptop.desktop.toast("5 notifications while you were away")
    laptop.shows("7 unread")
    assert laptop.rang == ["Lunch", "Dinner", "5 notifications while you were away"]


def test_what_came_alone_while_it_was_not_running_rings_as_itself(laptop: Bell, ana: Person) -> None:
    laptop.kill9()
    ana.told("Lunch")

    laptop.start()

    laptop.desktop.toast("Lunch")
    laptop.shows("1 unread")


def test_what_was_done_just_before_a_kill_is_not_lost(far: Bell, network: Proxy, ana: Person) -> None:
    ana.told("Lunch")
    toast = far.desktop.toast("Lunch")
    cut_off(far, network)
    far.desktop.press(toast, "Mark read")
    far.outbox_holds(1)

    far.kill9()
    assert ana.unread() == 1
    network.calm()
    far.start()

    far.shows("nothing unread")
    until(lambda: ana.unread() == 0, 20, "the server to hear of it")
    assert far.rang == ["Lunch"]


def test_a_pause_and_a_rule_chosen_without_a_network_outlive_a_kill_and_hold_on_every_machine(
    far: Bell, laptop: Bell, network: Proxy, ana: Person
) -> None:
    ana.told("Lunch")
    toast = far.desktop.toast("Lunch")
    cut_off(far, network)
    far.desktop.press(toast, next(label for label in toast.actions.values() if label.startswith("Mute")))
    far.panel.choose("Until I say")
    far.outbox_holds(2)
    far.kill9()
    assert ana.rest.get("/v1/preferences").body["rules"] == []
    network.calm()

    far.start()

    far.shows("1 unread, paused")
    laptop.shows("1 unread, paused")
    ana.told("Dinner")
    laptop.shows("2 unread, paused")
    laptop.panel.choose("End the pause")
    far.shows("2 unread")
    assert (far.rang, laptop.rang) == (["Lunch"], ["Lunch"])


def test_a_killed_server_comes_back_and_what_was_done_meanwhile_reaches_it(
    laptop: Bell, server: HandbellServer, ana: Person
) -> None:
    ana.told_many(["Lunch", "Dinner"])
    laptop.shows("2 unread")

    server.kill9()
    laptop.says("2 unread, offline")
    laptop.desktop.press(laptop.desktop.toast("Lunch"), "Mark read")
    laptop.says("1 unread, offline")
    server.start()
    ana.reconnect()

    laptop.shows("1 unread", 60)  # it tries again when it likes: a server's devices must not come back in step
    until(lambda: ana.unread() == 1, 10, "the server to hear of it")
    ana.told("Breakfast")
    laptop.desktop.toast("Breakfast")


def test_a_short_cut_in_the_network_makes_no_fuss(far: Bell, network: Proxy, ana: Person) -> None:
    cut_off(far, network)
    ana.told_many(["Lunch", "Dinner"])

    back(far, network)

    far.shows("2 unread")
    far.desktop.toast("Dinner")
    assert far.rang == ["Lunch", "Dinner"]


def test_after_a_while_away_there_is_one_summary_and_the_urgent_one_by_itself(
    far: Bell, network: Proxy, ana: Person, effort: Effort
) -> None:
    cut_off(far, network)
    gone_at = time.monotonic()
    ana.told_many([f"Build {number}" for number in range(5)])
    ana.told_many(["Read on the phone", "Read there too"])
    ana.told("The data centre burns", priority="urgent")
    ana.reads("Read on the phone", "Read there too")
    until(lambda: time.monotonic() - gone_at > effort.of(1, long=65), 90, "the absence to last")

    back(far, network)

    far.shows("6 unread")
    far.desktop.toast("5 notifications while you were away")
    assert sorted(far.rang) == ["5 notifications while you were away", "The data centre burns"]


def test_a_machine_that_slept_catches_up_with_few_words(laptop: Bell, ana: Person, effort: Effort) -> None:
    laptop.process.freeze()
    slept_at = time.monotonic()
    ana.told_many([f"Build {number}" for number in range(20)])
    ana.reads("Build 0")
    until(lambda: time.monotonic() - slept_at > effort.of(0, long=100), 120, "the machine to have slept")

    laptop.process.thaw()

    laptop.shows("19 unread")
    until(lambda: any("notifications" in title for title in laptop.titles), 10, "a summary")
    assert len(laptop.titles) <= 4
    # That it was read came in a later message than that it was there: on a busy machine it stands for a moment.
    until(lambda: "Build 0" not in laptop.titles, 15, "what was read elsewhere to be taken down")
