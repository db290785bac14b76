"""Toasts on Linux: org.freedesktop.Notifications in the owner's loop, without a thread and without ever waiting.

What the daemon can do is asked when it appears; what is shown meanwhile waits. Each key has one bubble and at most one
call on the way: what is wanted of it during the call (another text, taking it down) is done when the answer names the
daemon's number. So answers may come late and in any order.

Only the daemon is believed: a signal counts when its sender, which the bus itself vouches for, is who owns the name.
Any program of the person's may send us `ActionInvoked` with guessed numbers, and must not press our buttons.

    daemon restarts   its bubbles are gone and told as closed; the next toast goes to the new one
    no daemon         the bus may start one for the first toast; else the toast is a log line and `shows` is false
    bus lost          the same, and it is tried again, less and less often
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, Message, message_bus

from handbell_desktop.machine.session_bus import BUS, SessionBus, Watch, error_name, has_signature, member_of, sender_of
from handbell_desktop.machine.toasts import text
from handbell_desktop.machine.toasts.base import (
    Capabilities,
    Clicked,
    Closed,
    OnEvent,
    Pressed,
    Replied,
    Toast,
    ToastEvent,
)
from handbell_desktop.machine.toasts.bubbles import MOST, Bubble, Bubbles
from handbell_desktop.markup import as_text
from handbell_desktop.timers import Timer, Turns

NAME = "org.freedesktop.Notifications"
DAEMON = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
DESKTOP_ENTRY = "handbell-desktop"
URGENCY = {"low": 0, "normal": 1, "critical": 2}
DEFAULT, REPLY = "default", "inline-reply"  # names of the specification and of KDE's addition to it
# What the daemon says, and how it is spelled on the wire.
SAID = {"ActionInvoked": "us", "ActivationToken": "us", "NotificationReplied": "us", "NotificationClosed": "uu"}
DISMISSED = 2  # NotificationClosed's reason for "the person waved it away", and what most say after a button
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
EARLY = 32
LONGEST_REPLY = 10_000

log = logging.getLogger(__name__)


class FreedesktopToaster:
    """`address` answers where the bus is now; `play` makes a sound for a daemon that makes none."""

    def __init__(
        self,
        on_event: OnEvent,
        *,
        address: Callable[[], str | None],
        watch: Watch,
        turns: Turns,
        play: Callable[[str], None],
        icon: str | None = None,
    ) -> None:
        self._on_event = on_event
        self._address = address
        self._watch = watch
        self._turns = turns
        self._play = play
        self._icon = icon
        self._bus: SessionBus | None = None
        self._owner = ""
        self._can_start = False  # nobody owns the name, but the bus knows a daemon to start
        self._server = ""
        self._can: frozenset[str] | None = None
        self._asking = False
        self._bubbles = Bubbles()
        self._early: list[tuple[str, tuple[Any, ...]]] = []
        self._pause = FIRST_PAUSE
        self._retry: Timer | None = None
        self._connect()

    @property
    def capabilities(self) -> Capabilities:
        can = self._can or frozenset()
        return Capabilities(
            name=self._server or "org.freedesktop.Notifications",
            shows=bool(self._owner) or self._can_start,
            buttons="actions" in can,
            replies=REPLY in can,
            stays=True,
            sound=True,
            withdraws=True,
        )

    def show(self, toast: Toast) -> None:
        bubble = self._bubbles.of(toast.key)
        bubble.wanted = toast
        bubble.unwanted = False
        self._go_on(bubble)
        for forgotten in self._bubbles.too_many():
            self._take_down(forgotten)

    def withdraw(self, key: str) -> None:
        bubble = self._bubbles.by_key(key)
        if bubble is None:
            return
        bubble.wanted = None
        if bubble.on_its_way:
            bubble.unwanted = True  # its number comes with the answer
        else:
            self._bubbles.forget(bubble)
            self._take_down(bubble)

    def close(self) -> None:
        """Let go of the bus; what is shown stays, as its owner took down what should not."""
        if self._retry is not None:
            self._retry.cancel()
        if self._bus is not None:
            self._bus.close()
        self._bus = None
        self._bubbles.clear()

    def _tell(self, event: ToastEvent) -> None:
        """In a turn of its own: whoever shows a toast is not called back while it does."""
        self._turns.post(lambda: self._on_event(event))

    # What is said to the daemon.

    def _go_on(self, bubble: Bubble) -> None:
        """Do what is wanted of this bubble, as far as it can be done now."""
        if bubble.on_its_way or bubble.wanted is None:
            return
        if self._bus is None or not self._bus.open:
            log.info("a toast is not shown: there is no session bus")
            self._gone(bubble)
        elif self._can is None:
            self._ask_what_it_can()
        elif self._bubbles.on_their_way >= MOST:
            log.info("a toast is not shown: the notification daemon does not answer")
            self._gone(bubble)
        else:
            toast, bubble.wanted = bubble.wanted, None
            bubble.on_its_way = True
            bubble.shows(toast)
            body = self._notify(toast, bubble, self._can)
            self._bus.call(DAEMON, "Notify", "susssasa{sv}i", body, then=lambda answer: self._shown(bubble, answer))
            if toast.sound is not None and "sound" not in self._can:
                self._play(toast.sound)

    def _notify(self, toast: Toast, bubble: Bubble, can: frozenset[str]) -> tuple[Any, ...]:
        body = text.lines(toast.body, text.BODY)
        if "body-markup" in can:
            body = as_text(body)
        actions: list[str] = []
        if "actions" in can:
            actions += [DEFAULT, ""]
            for name, button in bubble.buttons.items():
                actions += [name, text.one_line(button.label, text.LABEL)]
        if toast.reply is not None and REPLY in can:
            actions += [REPLY, text.one_line(toast.reply.label, text.LABEL)]
        title = text.one_line(toast.title, text.TITLE)
        hints = self._hints(toast, can)
        return ("Handbell", bubble.number, "", title, body, actions, hints, 0 if toast.stays else -1)

    def _hints(self, toast: Toast, can: frozenset[str]) -> dict[str, tuple[str, Any]]:
        hints: dict[str, tuple[str, Any]] = {
            "urgency": ("y", URGENCY[toast.urgency]),
            "desktop-entry": ("s", DESKTOP_ENTRY),
            "category": ("s", "im.received"),
        }
        if self._icon is not None:
            hints["image-path"] = ("s", self._icon)
        if "sound" in can and toast.sound is not None:
            hints["sound-name"] = ("s", toast.sound)
        elif "sound" in can:
            hints["suppress-sound"] = ("b", True)
        return hints

    def _take_down(self, bubble: Bubble) -> None:
        if bubble.number and self._bus is not None:
            self._bus.call(DAEMON, "CloseNotification", "u", (bubble.number,))

    def _shown(self, bubble: Bubble, answer: Message) -> None:
        bubble.on_its_way = False
        if has_signature(answer, "u"):
            self._bubbles.number(bubble, answer.body[0])
        else:
            log.warning("a toast was refused: %s", error_name(answer))
            self._bubbles.unnumber(bubble)
        if bubble.unwanted:
            self._bubbles.forget(bubble)
            self._take_down(bubble)
        elif not bubble.number and bubble.wanted is None:
            self._gone(bubble)
        self._hear_early()
        self._go_on(bubble)

    # What the daemon says.

    def _on_signal(self, message: Message) -> None:
        sender, member = sender_of(message), member_of(message)
        if sender == BUS and member == "NameOwnerChanged" and message.body[0] == NAME:
            self._owner_is(message.body[2])
        elif sender and sender == self._owner and has_signature(message, SAID.get(member, "")):
            self._hear(member, message.body)

    def _hear(self, member: str, body: tuple[Any, ...]) -> None:
        bubble = self._bubbles.by_number(body[0])
        if bubble is None:
            if self._bubbles.on_their_way and len(self._early) < EARLY:
                self._early.append((member, body))  # said before the answer that tells us the number
        elif member == "ActionInvoked":
            self._pressed(bubble, body[1])
        elif member == "ActivationToken":
            bubble.token = body[1]
        elif member == "NotificationReplied" and bubble.reply is not None:
            bubble.used = True
            self._tell(Replied(bubble.key, bubble.reply.id, body[1][:LONGEST_REPLY]))
        elif member == "NotificationClosed":
            self._closed(bubble, by_person=body[1] == DISMISSED and not bubble.used)

    def _hear_early(self) -> None:
        early, self._early = self._early, []
        for member, body in early:
            self._hear(member, body)

    def _pressed(self, bubble: Bubble, name: str) -> None:
        token, bubble.token = bubble.token, None
        bubble.used = True
        if name == DEFAULT:
            self._tell(Clicked(bubble.key, token))
        elif name in bubble.buttons:
            self._tell(Pressed(bubble.key, bubble.buttons[name].id, token))

    def _closed(self, bubble: Bubble, *, by_person: bool) -> None:
        self._bubbles.unnumber(bubble)
        if bubble.on_its_way:
            return  # that was the text before this one; the new one is about to be shown
        self._gone(bubble, by_person=by_person)

    def _gone(self, bubble: Bubble, *, by_person: bool = False) -> None:
        self._bubbles.forget(bubble)
        self._tell(Closed(bubble.key, by_person))

    # Who the daemon is.

    def _connect(self) -> None:
        self._retry = None
        where = self._address()
        try:
            if where is None:
                raise OSError("no session bus is named")
            self._bus = SessionBus(where, self._watch, self._on_signal, self._lost)
        except OSError as error:
            log.info("no toasts for now: %s", error)
            self._try_again()
            return
        self._bus.listen_to(sender=NAME, interface=NAME, path=DAEMON.object_path)
        self._bus.listen_to(sender=BUS, interface=BUS, member="NameOwnerChanged", arg0=NAME)
        self._bus.call(message_bus, "GetNameOwner", "s", (NAME,), then=self._first_owner)

    def _first_owner(self, answer: Message) -> None:
        self._pause = FIRST_PAUSE  # a bus that answers is a bus
        if has_signature(answer, "s"):
            self._owner_is(answer.body[0])
        elif self._bus is not None:
            self._bus.call(message_bus, "ListActivatableNames", then=self._activatable)

    def _activatable(self, answer: Message) -> None:
        self._can_start = has_signature(answer, "as") and NAME in answer.body[0]

    def _owner_is(self, owner: str) -> None:
        if owner == self._owner:
            return
        had_one, self._owner = bool(self._owner), owner
        self._can, self._server = None, ""
        self._early.clear()
        if had_one:
            self._all_gone()
        if owner:
            self._ask_what_it_can()

    def _ask_what_it_can(self) -> None:
        if self._bus is not None and not self._asking:
            self._asking = True
            self._bus.call(DAEMON, "GetCapabilities", then=self._learned)

    def _learned(self, answer: Message) -> None:
        self._asking = False
        if self._bus is None or not has_signature(answer, "as"):
            log.info("no toasts for now: %s", error_name(answer))
            self._can_start = False
            self._all_gone()
            return
        self._can = frozenset(answer.body[0])
        self._bus.call(DAEMON, "GetServerInformation", then=self._named)
        for bubble in self._bubbles.all():
            self._go_on(bubble)

    def _named(self, answer: Message) -> None:
        if has_signature(answer, "ssss"):
            self._server = f"{answer.body[0]} {answer.body[2]}"

    def _all_gone(self) -> None:
        """Nothing that was shown is shown any more. What is on its way will have an answer of its own: an error."""
        for bubble in self._bubbles.all():
            if not bubble.on_its_way:
                self._gone(bubble)

    def _lost(self) -> None:
        self._bus = None
        self._owner, self._can, self._can_start, self._asking = "", None, False, False
        self._early.clear()
        for bubble in self._bubbles.all():
            bubble.on_its_way = False  # nobody will answer
        self._all_gone()
        self._try_again()

    def _try_again(self) -> None:
        if self._retry is None:
            self._retry = self._turns.later(self._pause, self._connect)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
