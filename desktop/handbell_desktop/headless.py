"""The front end without a window: prints notifications as they come, one JSON object a line.

It is the desktop's core with nothing on top: the durable store, the link, the outbox. So a restart goes on where the
last run ended: what came meanwhile is printed, and nothing is printed twice. A kill between storing a notification and
printing it costs that line: a bell may miss a ring at the moment it breaks, but never rings twice.
"""

from __future__ import annotations

import platform
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, TextIO

from msgspec import Struct

from handbell_desktop.kept import session_file
from handbell_desktop.kept.session_file import SavedSession
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.kept.store_file import StoreInUse, StoreTooNew
from handbell_shared import rest
from handbell_shared.console import Console
from handbell_shared.link import Link
from handbell_shared.link_state import LinkState, SignedOut
from handbell_shared.replica import Replica


class Account(Struct, frozen=True):
    """Whose bell it is, and the folder of what this device keeps for it."""

    server: str
    user: str
    data: Path
    ca_file: str | None = None


class NotSignedIn(Exception):
    """The message says to a person why not."""


def run(
    account: Account, ask_password: Callable[[], str], *, until: threading.Event, out: BinaryIO, err: TextIO
) -> int:
    """Print news until the event; answers the exit status."""
    console = Console(f"{account.user} on {account.server}", out, err, until)
    try:
        # The store comes first: it is also the lock that keeps a second program from signing in beside this one.
        with closing(SqliteStore.open(account.data / "inbox.db")) as store:
            if store.moved_aside is not None:
                console.say(f"The store was damaged and starts afresh; the old file is {store.moved_aside}.")
            _listen(account, _session(account, ask_password, console), store, console)
    except (StoreInUse, StoreTooNew, NotSignedIn) as error:
        console.fail(str(error))
    return console.status


def _listen(account: Account, session: SavedSession, store: SqliteStore, console: Console) -> None:
    def on_state(state: LinkState) -> None:
        if isinstance(state, SignedOut):
            session_file.forget(_session_path(account))
        console.on_state(state)

    link = Link(
        account.server,
        session.token,
        Replica(store),
        on_state=on_state,
        on_applied=console.on_applied,
        ca_file=account.ca_file,
    )
    link.start()
    try:
        console.over.wait()
    finally:
        link.close()


def _session(account: Account, ask_password: Callable[[], str], console: Console) -> SavedSession:
    path = _session_path(account)
    saved = session_file.load(path)
    if saved is not None:
        if (saved.server, saved.user) != (account.server, account.user):
            raise NotSignedIn(
                f"{account.data} belongs to {saved.user} on {saved.server}. Give another folder by --data."
            )
        return saved
    try:
        signed_in = rest.sign_in(
            account.server, account.user, ask_password(), _name(), sys.platform, ca_file=account.ca_file
        )
    except (rest.Refused, rest.Unreachable) as error:
        raise NotSignedIn(str(error)) from None
    session = SavedSession(account.server, account.user, signed_in.device, signed_in.token)
    session_file.save(path, session)
    console.say(f"Warning: the token of this device is kept unencrypted in {path}, readable by you only.")
    return session


def _session_path(account: Account) -> Path:
    return account.data / "session.json"


def _name() -> str:
    """What the person will see in the list of devices."""
    return platform.node() or "headless"
