"""Starting, signing in, being reached, and ending: with a tray, without one, and for the second time."""

from __future__ import annotations

from tests.journey.bell.conftest import Machines, Person
from tests.journey.seeding import PASSWORD
from tests.support.bell import Bell
from tests.support.handbell import HandbellServer
from tests.support.waiting import until

SIGN_IN = "Sign in to Handbell"
SIGN_IN_AGAIN = "Sign in again"


def test_a_second_start_shows_the_first_and_ends_well(laptop: Bell, ana: Person) -> None:
    first = laptop.process

    second = laptop.start()

    assert second.wait() == 0
    laptop.sees_window("Notifications")
    assert laptop.process is first
    laptop.panel.click()
    until(lambda: laptop.windows == [], 10, "a click on the bell to close its panel")
    ana.told("Lunch")
    laptop.desktop.toast("Lunch")
    laptop.shows("1 unread")
    assert laptop.rang == ["Lunch"]


def test_an_installer_ends_it_and_hears_when_it_has_ended(laptop: Bell) -> None:
    first = laptop.process

    assert laptop.start("--quit").wait() == 0

    assert first.wait() == 0
    assert laptop.start("--quit").wait() == 0


def test_what_its_entry_in_the_menu_offers_reaches_the_bell_that_runs(laptop: Bell) -> None:
    first = laptop.process
    for asked, seen in (("--settings", "Handbell settings"), ("--history", "Handbell")):
        assert laptop.start(asked).wait() == 0
        laptop.sees_window(seen)
        assert laptop.process is first
    assert laptop.output == ""


def test_a_new_device_is_let_in_with_the_link_that_the_server_prints(
    machine: Machines, server: HandbellServer, ana: Person
) -> None:
    laptop = machine(user="nobody yet")
    printed = server.cli("device", "pair", ana.name, "--server", server.url)
    link = printed.partition("Link: ")[2].strip()

    laptop.start(link)
    laptop.shows("nothing unread, not signed in")
    laptop.sees_window(SIGN_IN)
    assert len(ana.rest.get("/v1/devices").body["devices"]) == 1  # a link alone lets nobody in: a person agrees
    laptop.press_key("Return", into=SIGN_IN)

    laptop.shows("nothing unread")
    ana.told("Lunch")
    laptop.desktop.toast("Lunch")


def test_a_link_goes_to_the_bell_that_runs_and_opens_the_sign_in(laptop: Bell) -> None:
    second = laptop.start("handbell://pair?server=https%3A%2F%2Fbell.example&code=K7QM-3XWD")

    assert second.wait() == 0
    laptop.sees_window(SIGN_IN)
    laptop.shows("nothing unread")


def test_a_revoked_device_says_so_and_keeps_what_was_done_until_it_is_let_in_again(laptop: Bell, ana: Person) -> None:
    ana.told_many(["Lunch", "Dinner"])
    laptop.shows("2 unread")
    (device,) = [one["id"] for one in ana.rest.get("/v1/devices").body["devices"] if not one.get("current")]
    assert ana.rest.delete(f"/v1/devices/{device}").status == 204
    laptop.shows("2 unread, signed out: This device was signed out from elsewhere. Please sign in again.")

    laptop.desktop.press(laptop.desktop.toast("Lunch"), "Mark read")
    laptop.says("1 unread, signed out")
    laptop.outbox_holds(1)
    laptop.kill9()
    laptop.start(knows_password=False)
    laptop.says("1 unread, signed out")
    assert ana.unread() == 2
    laptop.panel.choose(laptop.panel.line("sign in again"))
    laptop.sees_window(SIGN_IN_AGAIN)
    laptop.types(PASSWORD, into=SIGN_IN_AGAIN)
    laptop.press_key("Return", into=SIGN_IN_AGAIN)

    laptop.shows("1 unread")
    until(lambda: ana.unread() == 1, 10, "the server to hear of it")


def test_a_start_that_knows_the_password_lets_a_revoked_device_in_again_by_itself(laptop: Bell, ana: Person) -> None:
    laptop.kill9()
    (device,) = [one["id"] for one in ana.rest.get("/v1/devices").body["devices"] if not one.get("current")]
    assert ana.rest.delete(f"/v1/devices/{device}").status == 204
    ana.told("Lunch")

    laptop.start()

    laptop.shows("1 unread")
    assert laptop.windows == []


def test_without_a_tray_the_window_opens_and_a_panel_that_comes_late_gets_the_bell(
    machine: Machines, ana: Person
) -> None:
    laptop = machine(tray=False)
    laptop.start()
    laptop.sees_window("Handbell", 25)  # after the patience that a panel at login is given
    laptop.knows_its_inbox()
    ana.told("Lunch")
    laptop.desktop.toast("Lunch")

    laptop.tray.start()

    laptop.shows("1 unread")


def test_asked_to_end_it_ends_at_once_and_without_a_word(laptop: Bell, ana: Person) -> None:
    ana.told("Lunch")
    laptop.desktop.toast("Lunch")
    laptop.shows("1 unread")

    assert laptop.process.stop() == 0

    assert laptop.output == ""
    until(lambda: laptop.tray.items == [], 10, "the bell to leave the tray")
    assert laptop.titles == ["Lunch"]  # what is unread may stay on the screen
    laptop.start()
    laptop.shows("1 unread")
    assert laptop.rang == ["Lunch"]


def test_quit_in_the_menu_ends_it(laptop: Bell) -> None:
    laptop.panel.choose("Quit")

    assert laptop.process.wait() == 0
    assert laptop.output == ""
