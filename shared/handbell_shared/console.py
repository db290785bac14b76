"""What the two programs without a window say: news on one stream, what befalls the connection on the other.

A notification is one line of JSON, UTF-8 whatever the locale says, flushed at once; members at their default are left
out, as on the wire. Everything meant for a person goes to the error stream, so the output can be piped into a program.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import BinaryIO, TextIO

from msgspec import json

from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut
from handbell_shared.records import Notification
from handbell_shared.replica import Applied


class Console:
    """Hand `on_state` and `on_applied` to a link and wait for `over`; `status` is then the program's exit status."""

    def __init__(self, whose: str, out: BinaryIO, err: TextIO, over: threading.Event) -> None:
        self.over = over
        self.status = 0
        self._whose = whose
        self._out = out
        self._err = err
        self._was_online = False
        self._why_offline = ""

    def on_state(self, state: LinkState) -> None:
        match state:
            case Connecting():
                return
            case Online():
                self.say(f"Online again: {self._whose}" if self._was_online else f"Listening: {self._whose}")
                self._was_online, self._why_offline = True, ""
            case Offline(retry_in, reason):
                if reason != self._why_offline:  # an hour without a server is one line, not sixty
                    self._why_offline = reason
                    self.say(f"Offline: {reason}. Trying again in {retry_in:.1f} s, and for as long as it takes.")
            case SignedOut(reason):
                self.fail(f"The server has signed this device out ({reason}). Please sign in again.")
            case Incompatible():
                self.fail("The server speaks another version of the protocol. Please update the older of the two.")

    def on_applied(self, applied: Applied) -> None:
        self.print(applied.news)

    def print(self, notifications: Iterable[Notification]) -> None:
        try:
            for notification in notifications:
                self._out.write(json.encode(notification) + b"\n")
                self._out.flush()
        except OSError:
            self.over.set()  # whoever read this has gone, as `head` does

    def say(self, sentence: str) -> None:
        print(sentence, file=self._err, flush=True)

    def fail(self, sentence: str) -> None:
        """The program ends with this sentence and without success."""
        self.say(sentence)
        self.status = 1
        self.over.set()


@contextmanager
def interrupted() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; a second one ends the program the hard way. For the main thread."""
    event = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def heard(number: int, frame: FrameType | None) -> None:
        give_back()
        event.set()

    for number in before:
        signal.signal(number, heard)
    try:
        yield event
    finally:
        give_back()
