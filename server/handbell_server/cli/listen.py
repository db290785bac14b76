"""`handbell listen`: a device that prints what arrives.

It keeps nothing: it takes a snapshot to stand on and prints what is news from there on. Where this command line is signed
in it listens as that; with a name and a password it signs in as a new device and signs that out when it ends. Its first line on the error stream says that it listens; what is sent after that
line is printed.
"""

from __future__ import annotations

import sys
import threading
from typing import BinaryIO, TextIO

from handbell_shared import rest
from handbell_shared.actions import counts
from handbell_shared.clock import now_ms
from handbell_shared.console import Console
from handbell_shared.device_store import MemoryStore
from handbell_shared.link import Link
from handbell_shared.link_state import LinkState, Online
from handbell_shared.records import Notification
from handbell_shared.replica import Applied, Replica

SIGN_OUT_WITHIN = 3.0


def listen(
    url: str,
    user: str,
    password: str,
    *,
    until: threading.Event,
    out: BinaryIO,
    err: TextIO,
    ca_file: str | None = None,
    as_device: str = "handbell listen",
    backlog: bool = False,
) -> int:
    """Print news until the event; answers the exit status. `backlog`: what is unread already comes first."""
    console = Console(f"{user} on {url}", out, err, until)
    try:
        session = rest.sign_in(url, user, password, as_device, sys.platform, ca_file=ca_file)
    except (rest.Refused, rest.Unreachable) as error:
        console.fail(str(error))
        return console.status
    try:
        return listen_as(url, session.token, console, ca_file=ca_file, backlog=backlog)
    finally:
        _sign_out(console, url, session.token, ca_file)


def listen_as(url: str, token: str, console: Console, *, ca_file: str | None, backlog: bool) -> int:
    """Print news as a device that is signed in already, until the console is over."""
    ears = _Ears(console, url, token, ca_file=ca_file, backlog=backlog)
    ears.link.start()
    try:
        console.over.wait()
    finally:
        ears.link.close()
    return console.status


class _Ears:
    """The link, and the backlog before its first news."""

    def __init__(self, console: Console, url: str, token: str, *, ca_file: str | None, backlog: bool) -> None:
        self._console = console
        self._backlog_due = backlog
        self._early: set[str] = set()
        self.link = Link(
            url, token, Replica(MemoryStore()), on_state=self._on_state, on_applied=self._on_applied, ca_file=ca_file
        )

    def _on_state(self, state: LinkState) -> None:
        if isinstance(state, Online) and self._backlog_due:
            self._backlog_due = False
            self._console.print(self._unread())
        self._console.on_state(state)

    def _on_applied(self, applied: Applied) -> None:
        if self._backlog_due:
            self._early |= {notification.id for notification in applied.news}
        self._console.on_applied(applied)

    def _unread(self) -> list[Notification]:
        """Oldest first, without what has been printed since the snapshot."""
        now = now_ms()
        with self.link.reading() as replica:
            views = [replica.view(record.id) for record in replica.store.live()]
        unread = [view for view in views if view is not None and counts(view, now) and view.id not in self._early]
        return sorted(unread, key=lambda view: view.id)


def _sign_out(console: Console, url: str, token: str, ca_file: str | None) -> None:
    try:
        rest.sign_out(url, token, ca_file=ca_file, timeout=SIGN_OUT_WITHIN)
    except rest.Refused:
        pass  # signed out already
    except rest.Unreachable as error:
        console.say(f"This device could not be signed out: {error}")
