"""What the desktop wants of a platform's notifications: show, take down, and say what the person did.

A toaster may say no: nothing it does raises, a failure is a log line, and `capabilities` tells what will not show. It
may take a moment to learn that, and a platform may change its mind: so it is asked when it matters, not once. `on_event`
is called in the owner's thread, never from inside `show` or `withdraw`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

Urgency = Literal["low", "normal", "critical"]


class ToastButton(Struct, frozen=True):
    id: str
    label: str


class Toast(Struct, frozen=True, kw_only=True):
    """One bubble. Shown again with the same `key` it replaces itself in place."""

    key: str
    title: str
    body: str = ""
    buttons: tuple[ToastButton, ...] = ()
    reply: ToastButton | None = None  # a text field, where the platform has one
    urgency: Urgency = "normal"
    stays: bool = False  # until the person does something
    sound: str | None = None  # a name of the freedesktop sound theme, e.g. "message-new-instant"; None is silence


class Clicked(Struct, frozen=True):
    """`token`: the platform's leave to bring a window to the front, for whoever opens one because of this (Wayland)."""

    key: str
    token: str | None = None


class Pressed(Struct, frozen=True):
    key: str
    button: str
    token: str | None = None


class Replied(Struct, frozen=True):
    key: str
    button: str
    text: str


class Closed(Struct, frozen=True):
    """The bubble is gone, but not by our `withdraw`. `by_person`: they waved it away; otherwise it ran out of time,
    was used, could not be shown, or went with its daemon."""

    key: str
    by_person: bool = False


ToastEvent = Clicked | Pressed | Replied | Closed


class Capabilities(Struct, frozen=True):
    """For the diagnosis page and for choosing what to ask of the platform."""

    name: str
    shows: bool = True
    buttons: bool = False
    replies: bool = False
    stays: bool = False
    sound: bool = False
    withdraws: bool = False


class Toaster(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...

    def show(self, toast: Toast) -> None: ...
    def withdraw(self, key: str) -> None: ...
    def close(self) -> None: ...


OnEvent = Callable[[ToastEvent], None]
