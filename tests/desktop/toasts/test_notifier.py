"""The toaster of Windows and macOS, on a stand-in for its library: what is asked of it, and what it tells is passed on."""

import sys
import threading
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import pytest
from msgspec import Struct

from handbell_desktop.machine.toasts.base import Clicked, Closed, Pressed, Replied, Toast, ToastButton, ToastEvent
from handbell_desktop.machine.toasts.choose import choose
from handbell_desktop.machine.toasts.notifier import NotifierToaster
from handbell_desktop.machine.toasts.silent import SilentToaster
from tests.desktop.toasts.owner import Owner

BUTTONS = (ToastButton("open", "Open"), ToastButton("accept", "Accept"))


class Library(ModuleType):
    """As much of desktop-notifier 6.2 as is used, with its way of failing."""

    Capability = Enum("Capability", ["TITLE", "BUTTONS", "REPLY_FIELD", "SOUND"])
    Urgency = Enum("Urgency", ["Low", "Normal", "Critical"])
    DEFAULT_SOUND = "the default sound"

    class Button(Struct):
        title: str
        identifier: str

    class ReplyField(Struct):
        title: str
        button_title: str

    class Notification(Struct, kw_only=True):
        title: str
        message: str
        urgency: Any
        buttons: tuple[Any, ...]
        reply_field: Any
        sound: Any
        identifier: str

    def __init__(self) -> None:
        super().__init__("desktop_notifier")
        self.granted = True
        self.sent: list[Any] = []
        self.shown: dict[str, Any] = {}
        self.notifier: Any = None
        library = self

        class DesktopNotifier:
            def __init__(self, app_name: str, app_icon: Any) -> None:
                library.notifier = self
                library.thread = threading.current_thread().name

            async def get_capabilities(self) -> frozenset[Any]:
                return frozenset(Library.Capability)

            async def request_authorisation(self) -> bool:
                return library.granted

            async def send_notification(self, notification: Any) -> str:
                library.sent.append(notification)
                library.shown[notification.identifier] = notification
                return str(notification.identifier)

            async def clear(self, identifier: str) -> None:
                del library.shown[identifier]  # KeyError for what is gone, as in 6.2.0

        self.DesktopNotifier = DesktopNotifier

    thread = ""


class Heard(Struct):
    toaster: NotifierToaster
    events: list[ToastEvent]
    owner: Owner
    library: Library

    def shows(self, toast: Toast) -> Any:
        before = len(self.library.sent)
        self.toaster.show(toast)
        self.owner.until(lambda: len(self.library.sent) > before, "the library to be asked")
        return self.library.sent[-1]

    def until_heard(self, *events: ToastEvent) -> None:
        self.owner.until(lambda: len(self.events) >= len(events), f"{events}")
        assert self.events == list(events)
        self.events.clear()


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setitem(sys.modules, "desktop_notifier", library)
    return library


@pytest.fixture
def heard(owner: Owner, library: Library) -> Iterator[Heard]:
    events: list[ToastEvent] = []
    toaster = NotifierToaster(events.append, turns=owner, platform="win32")
    yield Heard(toaster, events, owner, library)
    toaster.close()


def test_the_library_lives_in_a_thread_of_its_own(heard: Heard) -> None:
    heard.owner.until(lambda: heard.toaster.capabilities.shows, "the library")

    assert heard.library.thread == "toasts"
    assert heard.toaster.capabilities.buttons


def test_showing_a_key_again_replaces_it_under_its_old_identifier(heard: Heard) -> None:
    first = heard.shows(Toast(key="build", title="Build failed", urgency="critical", sound="alarm-clock-elapsed"))
    second = heard.shows(Toast(key="build", title="Build\x00 fixed"))
    other = heard.shows(Toast(key="other", title="Other"))

    assert first.identifier == second.identifier != other.identifier
    assert (first.urgency, first.sound) == (Library.Urgency.Critical, Library.DEFAULT_SOUND)
    assert (second.title, second.sound) == ("Build fixed", None)


def test_buttons_replies_clicks_and_waves_are_told_by_key_and_then_the_bubble_is_gone(heard: Heard) -> None:
    toast = Toast(key="q", title="Lunch?", buttons=BUTTONS, reply=ToastButton("answer", "Reply"))
    native = heard.shows(toast)
    notifier = heard.library.notifier
    notifier.on_button_pressed(native.identifier, native.buttons[1].identifier)
    heard.until_heard(Pressed("q", "accept"), Closed("q"))
    notifier.on_replied(heard.shows(toast).identifier, "At noon")
    heard.until_heard(Replied("q", "answer", "At noon"), Closed("q"))
    notifier.on_clicked(heard.shows(toast).identifier)
    heard.until_heard(Clicked("q"), Closed("q"))
    notifier.on_dismissed(heard.shows(toast).identifier)
    heard.until_heard(Closed("q", by_person=True))


def test_what_the_platform_tells_of_bubbles_long_gone_is_ignored(heard: Heard) -> None:
    native = heard.shows(Toast(key="q", title="Lunch?", buttons=BUTTONS))
    heard.toaster.withdraw("q")
    heard.owner.until(lambda: not heard.library.shown, "the bubble to be taken down")

    heard.library.notifier.on_clicked(native.identifier)
    heard.library.notifier.on_button_pressed("of another program", "0")
    last = heard.shows(Toast(key="last", title="Last", buttons=BUTTONS))
    heard.library.notifier.on_button_pressed(last.identifier, "7")
    heard.library.notifier.on_clicked(heard.shows(Toast(key="end", title="End")).identifier)

    heard.until_heard(Clicked("end"), Closed("end"))


def test_withdrawing_what_the_platform_has_forgotten_is_a_log_line(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    heard.shows(Toast(key="q", title="Lunch?"))
    heard.library.shown.clear()

    heard.toaster.withdraw("q")

    heard.owner.until(lambda: "KeyError" in caplog.text, "the failure in the log")
    heard.shows(Toast(key="r", title="Still works"))


def test_without_permission_the_toaster_says_that_nothing_shows(owner: Owner, library: Library) -> None:
    library.granted = False
    toaster = NotifierToaster(lambda event: None, turns=owner, platform="darwin")

    owner.until(lambda: toaster.capabilities.buttons, "the library")

    assert not toaster.capabilities.shows
    toaster.close()


def test_without_the_library_nothing_fails(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)

    toaster = choose(
        lambda event: None, platform="win32", environment={}, watch=owner.watch, turns=owner, play=lambda name: None
    )
    toaster.show(Toast(key="q", title="Lunch?"))

    owner.until(lambda: "ImportError" in caplog.text or "ModuleNotFoundError" in caplog.text, "the log line")
    assert not toaster.capabilities.shows
    toaster.close()


def test_a_linux_without_the_way_to_its_bus_has_the_silent_toaster(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "handbell_desktop.machine.toasts.freedesktop", None)

    toaster = choose(
        lambda event: None, platform="linux", environment={}, watch=owner.watch, turns=owner, play=lambda name: None
    )

    toaster.show(Toast(key="q", title="Lunch?"))
    toaster.withdraw("q")
    assert isinstance(toaster, SilentToaster)
    assert not toaster.capabilities.shows
