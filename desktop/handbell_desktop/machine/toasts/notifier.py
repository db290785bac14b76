"""Toasts on Windows and macOS: the library desktop-notifier, in a thread and an asyncio loop of its own.

The library is imported in that thread: it takes 150 ms and opens a file. What is said to it waits in the loop until it
is there; without it (no bundle on macOS, no permission, a Windows without toasts) `shows` is false and toasts are log
lines. Its gaps, and what is done about them:

- an identifier is short on Windows (64 characters): ours are numbers, one per key, so showing a key again replaces
- `clear` raises for what is gone: everything said to it is guarded
- macOS remembers buttons by their titles: identifiers go by position, and mean the button of the latest toast
- no bubble is told as closed when its time is up: what is remembered is bounded
- a bubble that was used is gone, and no more is said about it: we say it
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from handbell_desktop.machine.identity import WINDOWS_ID
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
from handbell_desktop.timers import Turns

MOST = 64
PATIENCE = 10.0  # seconds for one call
LONGEST_REPLY = 10_000
GOODBYE = 1.0

log = logging.getLogger(__name__)


class NotifierToaster:
    def __init__(self, on_event: OnEvent, *, turns: Turns, platform: str, icon: str | None = None) -> None:
        self._on_event = on_event
        self._turns = turns
        self._icon = icon
        self._library: Any = None
        self._notifier: Any = None
        self._capabilities = Capabilities(name="Windows" if platform == "win32" else "macOS", shows=False)
        self._numbers = itertools.count(1)
        self._by_key: dict[str, str] = {}
        self._toasts: dict[str, Toast] = {}  # by identifier, oldest first
        self._turn = asyncio.Lock()  # one call after the other: a text must not overtake the one it replaces
        self._ready = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="toasts", daemon=True)
        self._thread.start()
        self._soon(self._open)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def show(self, toast: Toast) -> None:
        identifier = self._by_key.pop(toast.key, None) or f"handbell-{next(self._numbers)}"
        self._by_key[toast.key] = identifier
        self._toasts.pop(identifier, None)
        self._toasts[identifier] = toast
        if len(self._toasts) > MOST:
            self._forget(next(iter(self._toasts)))
        self._soon(lambda: self._send(identifier, toast))

    def withdraw(self, key: str) -> None:
        identifier = self._by_key.get(key)
        if identifier is not None:
            self._forget(identifier)
            self._soon(lambda: self._clear(identifier))

    def close(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(GOODBYE)

    # In the owner's thread: what the library told.

    def _heard(self, identifier: str, make: Callable[[Toast], ToastEvent | None]) -> None:
        """The bubble was used or waved away: say what happened, and that it is gone."""
        toast = self._forget(identifier)
        event = None if toast is None else make(toast)
        if toast is None or event is None:
            return
        self._on_event(event)
        if not isinstance(event, Closed):
            self._on_event(Closed(toast.key))

    def _forget(self, identifier: str) -> Toast | None:
        toast = self._toasts.pop(identifier, None)
        if toast is not None and self._by_key.get(toast.key) == identifier:
            del self._by_key[toast.key]
        return toast

    def _tell(self, identifier: str, make: Callable[[Toast], ToastEvent | None]) -> None:
        """From whatever thread the platform calls in."""
        self._turns.post(lambda: self._heard(identifier, make))

    # In the library's thread.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            unfinished = asyncio.all_tasks(self._loop)
            for task in unfinished:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*unfinished, return_exceptions=True))
        finally:
            self._loop.close()

    def _soon(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._guarded(work), self._loop)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception:  # a failed toast is a log line, whatever a platform's bridge makes of its failure
            log.warning("the platform's notifications failed", exc_info=True)

    async def _open(self) -> None:
        import desktop_notifier as library

        icon = None if self._icon is None else library.Icon(path=Path(self._icon))
        notifier = library.DesktopNotifier(app_name=WINDOWS_ID, app_icon=icon)
        notifier.on_clicked = lambda identifier: self._tell(identifier, lambda toast: Clicked(toast.key))
        notifier.on_dismissed = lambda identifier: self._tell(
            identifier, lambda toast: Closed(toast.key, by_person=True)
        )
        notifier.on_button_pressed = self._pressed
        notifier.on_replied = self._replied
        self._library, self._notifier = library, notifier
        self._ready.set()
        can = await notifier.get_capabilities()
        granted = await notifier.request_authorisation()  # asks the person, the first time on macOS
        self._capabilities = Capabilities(
            name=self._capabilities.name,
            shows=granted and library.Capability.TITLE in can,
            buttons=library.Capability.BUTTONS in can,
            replies=library.Capability.REPLY_FIELD in can,
            sound=library.Capability.SOUND in can,
            withdraws=True,
        )

    def _pressed(self, identifier: str, name: str) -> None:
        def press(toast: Toast) -> ToastEvent | None:
            index = int(name) if name.isdecimal() else len(toast.buttons)
            return Pressed(toast.key, toast.buttons[index].id) if index < len(toast.buttons) else None

        self._tell(identifier, press)

    def _replied(self, identifier: str, words: str) -> None:
        self._tell(
            identifier,
            lambda toast: None if toast.reply is None else Replied(toast.key, toast.reply.id, words[:LONGEST_REPLY]),
        )

    async def _send(self, identifier: str, toast: Toast) -> None:
        notifier = await self._opened()
        async with self._turn:
            await asyncio.wait_for(notifier.send_notification(self._native(identifier, toast)), PATIENCE)

    async def _clear(self, identifier: str) -> None:
        notifier = await self._opened()
        async with self._turn:
            await asyncio.wait_for(notifier.clear(identifier), PATIENCE)

    async def _opened(self) -> Any:
        await asyncio.wait_for(self._ready.wait(), PATIENCE)
        return self._notifier

    def _native(self, identifier: str, toast: Toast) -> Any:
        library = self._library
        urgency = library.Urgency
        reply = None
        if toast.reply is not None:
            label = text.one_line(toast.reply.label, text.LABEL)
            reply = library.ReplyField(title=label, button_title=label)
        return library.Notification(
            title=text.one_line(toast.title, text.TITLE),
            message=text.lines(toast.body, text.BODY),
            urgency={"low": urgency.Low, "normal": urgency.Normal, "critical": urgency.Critical}[toast.urgency],
            buttons=tuple(
                library.Button(title=text.one_line(button.label, text.LABEL), identifier=str(index))
                for index, button in enumerate(toast.buttons)
            ),
            reply_field=reply,
            sound=library.DEFAULT_SOUND if toast.sound is not None else None,
            identifier=identifier,
        )
