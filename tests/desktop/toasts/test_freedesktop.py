"""Toasts through a notification daemon: what is said to it, and what is believed of what it says."""

from collections.abc import Iterator

import pytest
from jeepney import DBusAddress, HeaderFields, message_bus, new_signal
from jeepney.io.blocking import open_dbus_connection

from handbell_desktop.machine.toasts.base import Clicked, Closed, Pressed, Replied, Toast, ToastButton
from tests.desktop.toasts.conftest import Heard, MakesToasters
from tests.desktop.toasts.owner import Owner
from tests.support.bus import CAPABILITIES, NOTIFICATIONS, NOTIFICATIONS_PATH, FakeDesktop, PrivateBus, Shown

OPEN, ACCEPT = ToastButton("open", "Open"), ToastButton("accept", "Accept")
BUILD = Toast(key="build", title="Build failed", body="See <b>log</b> & weep", buttons=(OPEN, ACCEPT))


@pytest.fixture
def desktop(bus: PrivateBus) -> Iterator[FakeDesktop]:
    with FakeDesktop(bus.address) as desktop:
        yield desktop


def on_screen(heard: Heard, desktop: FakeDesktop, title: str) -> Shown:
    def look() -> Shown | None:
        return next((toast for toast in list(desktop.shown.values()) if toast.title == title), None)

    found = heard.owner.until(look, f"a toast called {title}")
    assert found is not None
    return found


def shown(heard: Heard, desktop: FakeDesktop, toast: Toast) -> Shown:
    heard.until_ready()
    heard.toaster.show(toast)
    return on_screen(heard, desktop, toast.title)


# What is said.


def test_a_toast_says_who_sends_it_how_urgent_it_is_and_that_its_text_is_no_markup(
    heard: Heard, desktop: FakeDesktop
) -> None:
    bubble = shown(heard, desktop, BUILD)

    assert bubble.body == "See &lt;b&gt;log&lt;/b&gt; &amp; weep"
    assert list(bubble.actions.values()) == ["", "Open", "Accept"]
    assert (bubble.hints["urgency"], bubble.timeout) == (1, -1)
    assert bubble.hints["desktop-entry"] == "handbell-desktop"
    assert bubble.hints["image-path"] == "/usr/share/handbell/bell.png"
    heard.owner.until(lambda: heard.toaster.capabilities.name == "Fake 1", "the daemon to say its name")


def test_a_daemon_that_knows_no_markup_gets_the_text_as_it_is(heard: Heard, bus: PrivateBus) -> None:
    with FakeDesktop(bus.address, capabilities=["actions", "body"]) as desktop:
        assert shown(heard, desktop, BUILD).body == "See <b>log</b> & weep"


def test_a_daemon_without_buttons_is_sent_none(heard: Heard, bus: PrivateBus, owner: Owner) -> None:
    with FakeDesktop(bus.address, capabilities=["body"]) as desktop:
        heard.toaster.show(BUILD)

        assert on_screen(heard, desktop, "Build failed").actions == {}
        assert not heard.toaster.capabilities.buttons


def test_an_urgent_toast_stays_until_somebody_does_something(heard: Heard, desktop: FakeDesktop) -> None:
    bubble = shown(heard, desktop, Toast(key="fire", title="Fire", urgency="critical", stays=True))

    assert (bubble.hints["urgency"], bubble.timeout) == (2, 0)


def test_text_that_breaks_the_wire_or_turns_the_reading_direction_is_cleaned(
    heard: Heard, desktop: FakeDesktop
) -> None:
    nasty = Toast(key="n", title="a\x00b\nc \u202egpj.exe \ud800", body="one\r\ntwo\x1b[0m" + "x" * 10_000)

    bubble = shown(heard, desktop, Toast(key="n", title="abc", body="ok"))
    heard.toaster.show(nasty)
    bubble = on_screen(heard, desktop, "ab c gpj.exe")

    assert bubble.body.startswith("one\ntwo[0mx")
    assert len(bubble.body) <= 600


def test_the_daemon_makes_the_sound_where_it_can_and_we_where_it_cannot(heard: Heard, bus: PrivateBus) -> None:
    ding = Toast(key="a", title="Ding", sound="message-new-instant")
    with FakeDesktop(bus.address, capabilities=[*CAPABILITIES, "sound"]) as desktop:
        assert shown(heard, desktop, ding).hints["sound-name"] == "message-new-instant"
        assert shown(heard, desktop, Toast(key="b", title="Hush")).hints["suppress-sound"] is True
        assert heard.played == []
    heard.owner.until(lambda: not heard.toaster.capabilities.shows, "the daemon to be gone")
    with FakeDesktop(bus.address) as desktop:
        assert "sound-name" not in shown(heard, desktop, ding).hints
        assert heard.played == ["message-new-instant"]


# One bubble for each key.


def test_the_same_key_replaces_its_bubble_in_place(heard: Heard, desktop: FakeDesktop) -> None:
    first = shown(heard, desktop, BUILD)

    second = shown(heard, desktop, Toast(key="build", title="Build fixed"))

    assert second.id == first.id
    assert len(desktop.shown) == 1


def test_what_is_withdrawn_is_taken_down_and_not_reported_as_closed(heard: Heard, desktop: FakeDesktop) -> None:
    bubble = shown(heard, desktop, BUILD)

    heard.toaster.withdraw("build")
    heard.toaster.withdraw("build")
    heard.toaster.withdraw("never shown")

    heard.owner.until(lambda: desktop.taken_down, "the bubble to be taken down")
    assert desktop.taken_down == [bubble.id]
    other = shown(heard, desktop, Toast(key="other", title="Other"))
    desktop.dismiss(other)
    heard.until_heard(Closed("other", by_person=True))


def test_answers_in_any_order_find_their_bubbles(heard: Heard, desktop: FakeDesktop) -> None:
    heard.until_ready()
    desktop.hold()
    for name in ("one", "two", "three"):
        heard.toaster.show(Toast(key=name, title=name, buttons=(OPEN,)))
    heard.owner.until(lambda: desktop.held >= 3, "three questions")
    desktop.release(backwards=True)

    for name in ("two", "three", "one"):
        desktop.press(on_screen(heard, desktop, name), "Open")
        heard.until_heard(Pressed(name, "open"), Closed(name))


def test_what_is_withdrawn_before_its_number_is_known_is_taken_down_when_it_is(
    heard: Heard, desktop: FakeDesktop
) -> None:
    heard.until_ready()
    desktop.hold()
    heard.toaster.show(BUILD)
    heard.owner.until(lambda: desktop.held >= 1, "the question")

    heard.toaster.withdraw("build")
    desktop.release()

    heard.owner.until(lambda: desktop.taken_down, "the bubble to be taken down")
    assert desktop.shown == {}
    assert heard.events == []


def test_while_the_daemon_thinks_only_the_latest_text_waits(heard: Heard, desktop: FakeDesktop) -> None:
    heard.until_ready()
    desktop.hold()
    for count in range(1, 20):
        heard.toaster.show(Toast(key="summary", title=f"{count} new"))
    heard.owner.until(lambda: desktop.held >= 1, "the first question")
    desktop.release()

    on_screen(heard, desktop, "19 new")
    assert [toast.title for toast in desktop.told] == ["1 new", "19 new"]
    assert len(desktop.shown) == 1


def test_a_daemon_may_report_a_bubble_closed_before_it_says_its_number(heard: Heard, desktop: FakeDesktop) -> None:
    heard.until_ready()
    desktop.hold()
    heard.toaster.show(BUILD)
    heard.owner.until(lambda: desktop.held >= 1, "the question")

    desktop.expire(desktop.toast("Build failed"))
    heard.owner.turn()
    desktop.release()

    heard.until_heard(Closed("build"))


# What the person does.


def test_a_click_a_button_a_reply_and_a_wave_are_told_by_key(heard: Heard, desktop: FakeDesktop) -> None:
    reply = ToastButton("answer", "Reply")
    desktop.click(shown(heard, desktop, BUILD), token="leave-1")
    heard.until_heard(Clicked("build", token="leave-1"), Closed("build"))
    desktop.press(shown(heard, desktop, BUILD), "Accept")
    heard.until_heard(Pressed("build", "accept"), Closed("build"))
    desktop.reply(shown(heard, desktop, Toast(key="q", title="Lunch?", reply=reply)), "At noon")
    heard.until_heard(Replied("q", "answer", "At noon"), Closed("q"))
    desktop.dismiss(shown(heard, desktop, BUILD))
    heard.until_heard(Closed("build", by_person=True))
    desktop.expire(shown(heard, desktop, BUILD))
    heard.until_heard(Closed("build"))


def test_a_producers_names_for_buttons_never_meet_those_of_the_specification(
    heard: Heard, desktop: FakeDesktop
) -> None:
    odd = Toast(key="odd", title="Odd", buttons=(ToastButton("default", "One"), ToastButton("inline-reply", "Two")))

    desktop.press(shown(heard, desktop, odd), "One")

    heard.until_heard(Pressed("odd", "default"), Closed("odd"))


def test_only_the_daemon_itself_is_believed(heard: Heard, desktop: FakeDesktop, bus: PrivateBus) -> None:
    """Somebody else on the bus guesses the number and presses, to everybody and to us alone."""
    bubble = shown(heard, desktop, BUILD)
    emitter = DBusAddress(NOTIFICATIONS_PATH, interface=NOTIFICATIONS)
    with open_dbus_connection(bus.address) as hostile:
        for destination in (None, bubble.sender):
            for member, signature, body in (
                ("ActionInvoked", "us", (bubble.id, "default")),
                ("NotificationClosed", "uu", (bubble.id, 2)),
            ):
                signal = new_signal(emitter, member, signature, body)
                if destination is not None:
                    signal.header.fields[HeaderFields.destination] = destination
                hostile.send(signal)
        hostile.send_and_get_reply(message_bus.GetId(), timeout=10)  # so the bus has passed on what came before

    desktop.press(bubble, "Open")
    heard.until_heard(Pressed("build", "open"), Closed("build"))


# What happens to daemons and buses.


def test_a_daemon_that_comes_late_is_used(heard: Heard, bus: PrivateBus) -> None:
    heard.owner.until(lambda: heard.owner.watches, "the bus")
    heard.toaster.show(Toast(key="lost", title="Nobody sees this"))
    heard.until_heard(Closed("lost"))
    before = heard.toaster.capabilities

    with FakeDesktop(bus.address) as desktop:
        shown(heard, desktop, BUILD)
        assert (before.shows, heard.toaster.capabilities.shows) == (False, True)
        assert [toast.title for toast in desktop.told] == ["Build failed"]


def test_a_toast_before_the_daemons_first_word_waits_for_it(heard: Heard, desktop: FakeDesktop) -> None:
    heard.toaster.show(BUILD)

    assert on_screen(heard, desktop, "Build failed").body.startswith("See &lt;b&gt;")


def test_after_a_restart_of_the_daemon_old_bubbles_are_gone_and_new_ones_work(
    heard: Heard, desktop: FakeDesktop
) -> None:
    old = shown(heard, desktop, BUILD)
    desktop.restart()
    heard.until_heard(Closed("build"))

    new = shown(heard, desktop, Toast(key="build", title="Build failed again", buttons=(OPEN,)))

    assert new.replaces == 0
    assert old.title not in [toast.title for toast in desktop.shown.values()]
    desktop.press(new, "Open")
    heard.until_heard(Pressed("build", "open"), Closed("build"))


def test_a_daemon_that_dies_over_a_question_costs_that_toast_only(heard: Heard, desktop: FakeDesktop) -> None:
    heard.until_ready()
    desktop.hold()
    heard.toaster.show(BUILD)
    heard.owner.until(lambda: desktop.held >= 1, "the question")

    desktop.restart()
    desktop.release()

    heard.until_heard(Closed("build"))
    shown(heard, desktop, BUILD)


def test_a_bus_that_is_lost_is_tried_again_less_and_less_often(toaster_on: MakesToasters, owner: Owner) -> None:
    with PrivateBus() as bus:
        heard = toaster_on(bus)
        with FakeDesktop(bus.address) as desktop:
            shown(heard, desktop, BUILD)
            bus.stop()
            heard.until_heard(Closed("build"))
            assert not heard.toaster.capabilities.shows
            assert owner.watches == 0
            heard.toaster.show(BUILD)
            heard.until_heard(Closed("build"))
            assert [owner.ring(), owner.ring(), owner.ring()] == [[5.0], [10.0], [20.0]]
        bus.restart()
        with FakeDesktop(bus.address) as desktop:
            owner.ring()
            shown(heard, desktop, BUILD)


def test_without_any_bus_nothing_is_shown_and_nothing_fails(toaster_on: MakesToasters, owner: Owner) -> None:
    with PrivateBus() as bus:
        bus.stop()
        heard = toaster_on(bus)
        heard.toaster.show(BUILD)
        heard.toaster.withdraw("build")

        assert not heard.toaster.capabilities.shows
        bus.address = ""
        assert owner.ring() == [5.0]


def test_a_daemon_that_the_bus_can_start_is_started_by_the_first_toast(toaster_on: MakesToasters, owner: Owner) -> None:
    with PrivateBus(services={NOTIFICATIONS: "/bin/false"}) as bus:
        heard = toaster_on(bus)
        owner.until(lambda: heard.toaster.capabilities.shows, "the bus to say that it knows a daemon")

        heard.toaster.show(BUILD)

        heard.until_heard(Closed("build"))  # this one does not start; the toaster finds out and says so
        assert not heard.toaster.capabilities.shows


def test_a_daemon_that_never_reports_closed_bubbles_is_not_remembered_for_ever(
    heard: Heard, desktop: FakeDesktop
) -> None:
    for count in range(80):
        shown(heard, desktop, Toast(key=f"{count}", title=f"Number {count}"))

    heard.owner.until(lambda: len(desktop.shown) == 64, "the oldest to be taken down")
    assert min(toast.title for toast in desktop.shown.values()) == "Number 16"


def test_a_daemon_that_hangs_is_not_asked_for_ever(heard: Heard, desktop: FakeDesktop) -> None:
    heard.until_ready()
    desktop.hold()
    for count in range(70):
        heard.toaster.show(Toast(key=f"{count}", title=f"Question {count}"))
    heard.until_heard(*(Closed(f"{count}") for count in range(64, 70)))
    heard.owner.until(lambda: desktop.held >= 64, "the questions that were asked")
    desktop.release()
    desktop.dismiss(on_screen(heard, desktop, "Question 63"))
    heard.until_heard(Closed("63", by_person=True))

    shown(heard, desktop, BUILD)
