"""The checks of the diagnosis page: what each looks at, and the sentence it says about it.

They come in the order in which faults hide each other: without a server there is no token to try, without a token no
connection. Every one is a plain function on facts, so a test can ask it about any world.
"""

from __future__ import annotations

import sqlite3
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from msgspec import Struct

from handbell_desktop.account import address, devices, trouble
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.health.diagnosis import Check, Finding
from handbell_desktop.kept.settings import Account
from handbell_desktop.machine.toasts.base import Capabilities
from handbell_desktop.sentences import Sentence, sentence
from handbell_shared import rest
from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut

QUICK_CHECK_WITHIN: Final = 5.0
CLOCKS_MAY_DIFFER: Final = 30.0  # seconds; beyond it times in the list are visibly wrong
OUTBOX_IS_LONG: Final = 200


class Machine(Struct, frozen=True, kw_only=True):
    """What the checks need to know of this computer."""

    version: str
    toasts: Capabilities
    tray: bool
    secrets: Callable[[], str | None]  # why tokens are not kept safely; may wait for the keyring
    autostart: bool | None  # None: this platform has none
    wants_toasts: bool = True
    settings_trouble: str | None = None


class AccountFacts(Struct, frozen=True, kw_only=True):
    """An account as the owner's thread sees it now. `token` may wait for the keyring, so it is asked for in a worker."""

    account: Account
    state: LinkState | None
    store: Path | None
    failure: str = ""  # why the store could not be opened, in the words of the core
    waiting: int  # actions in the outbox
    token: Callable[[], str | None]
    now: Callable[[], float] = time.time  # this computer's clock, in seconds


def checks_of(facts: AccountFacts) -> tuple[Check, ...]:
    """In the order in which faults hide each other: no server, no token, no connection."""
    account = facts.account
    return (
        Check(sentence("Diagnosis", "Server"), lambda: _server(account)),
        Check(sentence("Diagnosis", "Clock"), lambda: _clock(account, facts.now)),
        Check(sentence("Diagnosis", "Signed in"), lambda: _token(facts)),
        Check(sentence("Diagnosis", "Connection"), lambda: _connection(facts.state)),
        Check(sentence("Diagnosis", "History"), lambda: _store(facts.store, facts.failure)),
        Check(sentence("Diagnosis", "Unsent changes"), lambda: _outbox(facts.waiting)),
    )


def checks_of_machine(machine: Machine) -> tuple[Check, ...]:
    return (
        Check(sentence("Diagnosis", "Notifications"), lambda: _toasts(machine)),
        Check(sentence("Diagnosis", "Bell"), lambda: _tray(machine.tray)),
        Check(sentence("Diagnosis", "Keyring"), lambda: _secrets(machine)),
        Check(sentence("Diagnosis", "Settings"), lambda: _settings(machine.settings_trouble)),
        Check(sentence("Diagnosis", "Start at login"), lambda: _autostart(machine.autostart)),
        Check(
            sentence("Diagnosis", "Version"),
            lambda: _good(sentence("Diagnosis", "Handbell {version}").of(version=machine.version)),
        ),
    )


# ---- the server


def _server(account: Account) -> Finding:
    try:
        version = address.check(account.server, ca_file=account.ca_file)
    except Trouble as failure:
        return _bad(failure.sentence)
    if address.overheard(account.server):
        says = sentence("Diagnosis", "Handbell {version} answers at {host}, but without encryption: others can listen.")
        return _notice(says.of(version=version, host=trouble.host(account.server)))
    says = sentence("Diagnosis", "Handbell {version} answers at {host}.")
    return _good(says.of(version=version, host=trouble.host(account.server)))


def _clock(account: Account, now: Callable[[], float]) -> Finding:
    asked_at = now()
    try:
        server_time = _server_time(account)
    except (OSError, ValueError, TypeError):
        return _notice(sentence("Diagnosis", "The server's time is not known."))
    # The header has whole seconds, cut off; the moment it was written lies between asking and now.
    off = (asked_at + now()) / 2 - (server_time + 0.5)
    if abs(off) <= CLOCKS_MAY_DIFFER:
        return _good(sentence("Diagnosis", "This computer and the server agree about the time."))
    if off > 0:
        says = sentence("Diagnosis", "This computer's clock is {time} ahead of the server's. Times will look wrong.")
    else:
        says = sentence("Diagnosis", "This computer's clock is {time} behind the server's. Times will look wrong.")
    return _bad(says.of(time=_duration(abs(off))))


def _server_time(account: Account) -> float:
    asked = Request(f"{account.server}/healthz", method="GET")  # noqa: S310 — an address the person signed in at
    try:
        with _opener(account).open(asked, timeout=address.TIMEOUT) as answer:
            date = answer.headers["Date"]
    except HTTPError as error:
        with error:
            date = error.headers["Date"]
    return parsedate_to_datetime(date).timestamp()


def _opener(account: Account) -> OpenerDirector:
    """`rest` keeps an answer's headers to itself, and one of them is what this is about. No token travels here."""
    proxy = ProxyHandler({}) if rest.is_loopback(account.server) else ProxyHandler()
    return build_opener(proxy, HTTPSHandler(context=ssl.create_default_context(cafile=account.ca_file)))


def _token(facts: AccountFacts) -> Finding:
    token = facts.token()
    if token is None:
        return _bad(sentence("Diagnosis", "There is no key for this account on this device. Please sign in again."))
    try:
        known = devices.of(facts.account, token)
    except Trouble as failure:
        return _bad(failure.sentence)
    says = sentence("Diagnosis", "The server knows this device as “{name}”.")
    return _good(says.of(name=next((device.name for device in known if device.current), "?")))


def _connection(state: LinkState | None) -> Finding:
    match state:
        case Online():
            return _good(sentence("Diagnosis", "Online: what happens is here at once."))
        case Connecting():
            return _notice(sentence("Diagnosis", "Connecting…"))
        case Offline(_, reason):
            return _bad(
                sentence("Diagnosis", "Offline, and trying again: {reason}.").of(
                    reason=Sentence("Reasons", reason.rstrip("."))
                )
            )
        case SignedOut():
            return _bad(sentence("Diagnosis", "The server has signed this device out. Please sign in again."))
        case Incompatible():
            says = sentence("Diagnosis", "The server speaks another version of Handbell. Please update the older one.")
            return _bad(says)
        case _:
            return _notice(sentence("Diagnosis", "Not started."))


# ---- this device


def _store(path: Path | None, failure: str) -> Finding:
    if path is None or failure:
        return _bad(
            sentence("Diagnosis", "The history on this computer cannot be read ({why}).").of(why=failure or "?")
        )
    try:
        size = sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*") if "damaged" not in part.name)
        verdict = _quick_check(path)
    except (OSError, sqlite3.Error) as error:
        return _bad(sentence("Diagnosis", "The history on this computer cannot be read ({why}).").of(why=str(error)))
    if verdict != "ok":
        says = sentence(
            "Diagnosis", "The history on this computer is damaged. It is mended when Handbell starts again."
        )
        return _bad(says)
    return _good(sentence("Diagnosis", "The history on this computer is whole ({size} MB).").of(size=_megabytes(size)))


def _quick_check(path: Path) -> str:
    """SQLite's own verdict; a store so large that it takes too long is taken to be whole, as it was at the start."""
    deadline = time.monotonic() + QUICK_CHECK_WITHIN
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
        try:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return "ok"
            raise


def _outbox(waiting: int) -> Finding:
    if waiting == 0:
        return _good(sentence("Diagnosis", "None: the server knows everything you did."))
    says = sentence("Diagnosis", "Waiting to be sent: {number}. They go out with the next connection.")
    return (_bad if waiting >= OUTBOX_IS_LONG else _notice)(says.of(number=waiting))


def _toasts(machine: Machine) -> Finding:
    if not machine.toasts.shows:
        return _bad(sentence("Diagnosis", "This desktop shows no notifications: no service for them is running."))
    if not machine.wants_toasts:
        return _notice(sentence("Diagnosis", "Notifications are switched off in the settings."))
    if not machine.toasts.buttons:
        says = sentence("Diagnosis", "Shown by {service}, which has no buttons.")
    else:
        says = sentence("Diagnosis", "Shown by {service}.")
    return _good(says.of(service=machine.toasts.name))


def _tray(there: bool) -> Finding:
    if there:
        return _good(sentence("Diagnosis", "The bell is in the notification area."))
    return _notice(sentence("Diagnosis", "This desktop has no notification area, so Handbell opens a window instead."))


def _secrets(machine: Machine) -> Finding:
    if machine.secrets() is None:
        return _good(sentence("Diagnosis", "Your keys are kept in this computer's keyring."))
    return _notice(sentence("Diagnosis", "Your keys are kept in a file, not in a keyring."))


def _settings(trouble: str | None) -> Finding:
    if trouble is not None:
        return _bad(sentence("Diagnosis", "{why}").of(why=trouble))
    return _good(sentence("Diagnosis", "All that you chose could be read."))


def _autostart(on: bool | None) -> Finding:
    if on is None:
        return _notice(sentence("Diagnosis", "Handbell cannot be started at login here."))
    if on:
        return _good(sentence("Diagnosis", "Handbell starts when you log in."))
    return _notice(sentence("Diagnosis", "Handbell does not start when you log in."))


# ---- small words


def _good(says: Sentence) -> Finding:
    return Finding("good", says)


def _notice(says: Sentence) -> Finding:
    return Finding("notice", says)


def _bad(says: Sentence) -> Finding:
    return Finding("bad", says)


def _duration(seconds: float) -> Sentence:
    if seconds < 120:
        return sentence("Diagnosis", "{number} seconds").of(number=round(seconds))
    if seconds < 7200:
        return sentence("Diagnosis", "{number} minutes").of(number=round(seconds / 60))
    return sentence("Diagnosis", "{number} hours").of(number=round(seconds / 3600))


def _megabytes(size: int) -> str:
    return str(max(1, round(size / 1_000_000)))
