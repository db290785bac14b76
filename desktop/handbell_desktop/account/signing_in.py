"""Becoming a device of somebody: with a password, with a code from the server, or by asking another device.

Every function here asks the network and may take seconds, so it runs in a worker. What goes wrong is a `Trouble` with
a sentence and the field where it can be mended. What succeeds is a `NewDevice`, and from then on there is a device at
the server: one that is not wanted after all (the person cancelled meanwhile, or is somebody else than the account that
signs in again) is signed out by `give_back`.
"""

from __future__ import annotations

import platform
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from msgspec import Struct, structs

from handbell_desktop.account import address, trouble
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_desktop.sentences import sentence
from handbell_shared import pairing, rest, rest_pairing
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from handbell_shared.ids import new_id
from handbell_shared.rest import Refused, SignedIn, Unreachable

GIVE_BACK_WITHIN: Final = 3.0


class NewDevice(Struct, frozen=True):
    """An account of this machine, and the secret that speaks for it; `repr` leaves the secret out."""

    account: Account
    token: str

    def __repr__(self) -> str:
        return f"NewDevice(account={self.account!r})"


class Asked(Struct, frozen=True):
    """The code to show until somebody approves it; whoever has the secret behind it gets the session."""

    server: str
    ca_file: str | None
    code: str
    secret: str
    expires_at: int

    def __repr__(self) -> str:
        return f"Asked(server={self.server!r})"


def with_password(server: str, user: str, password: str, *, ca_file: str | None = None) -> NewDevice:
    _must_be_there(server, user, password)
    found = address.find(server, ca_file=ca_file)
    try:
        signed_in = rest.sign_in(found, user.strip(), password, device_name(), sys.platform, ca_file=ca_file)
    except (Refused, Unreachable) as error:
        raise trouble.explain(error, found) from error
    return _new(found, signed_in, ca_file)


def with_code(server: str, typed: str, *, ca_file: str | None = None) -> NewDevice:
    """By a code that the server or another device of the person has made."""
    code = _code(typed)
    if not server.strip():
        raise _no_server()
    found = address.find(server, ca_file=ca_file)
    try:
        signed_in = rest_pairing.redeem(found, code, device_name(), sys.platform, ca_file=ca_file)
    except Refused as error:
        raise _bad_code(error, found) from error
    except Unreachable as error:
        raise trouble.explain(error, found) from error
    return _new(found, signed_in, ca_file)


def _code(typed: str) -> str:
    """What a person typed as a code. A link has been taken apart before, where its server is shown to the person."""
    if not typed.strip():
        raise Trouble(sentence("SigningIn", "Please enter the code, or paste the link."), field="code")
    if "://" in typed:
        raise Trouble(sentence("SigningIn", "This link is not one for signing in to Handbell."), field="code")
    code = pairing.normalise(typed)
    if code is None:
        why = sentence("SigningIn", "This is not a code: it has eight letters and digits, like {example}.")
        raise Trouble(why.of(example="K7QM-3XWD"), field="code")
    return code


def ask(server: str, *, ca_file: str | None = None) -> Asked:
    """Ask to be let in by a device that is already signed in."""
    if not server.strip():
        raise _no_server()
    found = address.find(server, ca_file=ca_file)
    try:
        asked = rest_pairing.ask(found, device_name(), sys.platform, ca_file=ca_file)
    except Refused as error:
        raise _no_pairing(error, found) from error
    except Unreachable as error:
        raise trouble.explain(error, found) from error
    code = pairing.shown(pairing.normalise(asked.code) or asked.code)
    return Asked(found, ca_file, code, asked.secret, asked.expires_at)


def wait_for_approval(
    asked: Asked, cancelled: threading.Event, *, poll_every: float = rest_pairing.ASK_AGAIN_SECONDS
) -> NewDevice | None:
    """Poll until somebody has approved; nothing when it was cancelled. A network that is away meanwhile is waited for.

    The code's end is the server's to say (410). The local clock, which may be wrong, only bounds how long we wait for
    a server that has gone: by monotonic time, and with a minute to spare.
    """
    patience = time.monotonic() + max(0.0, (asked.expires_at - now_ms()) / 1000) + 60
    pause = poll_every
    while not cancelled.wait(pause):
        try:
            answer = rest_pairing.claim(asked.server, asked.secret, ca_file=asked.ca_file)
        except Refused as error:
            if error.code not in (Code.RATE_LIMITED, Code.UNAVAILABLE, Code.OVERLOADED):
                raise _too_late(error, asked.server) from error
            pause = max(poll_every, error.retry_after or 0.0)
        except Unreachable as error:
            if time.monotonic() > patience:
                raise trouble.explain(error, asked.server) from error
        else:
            pause = poll_every
            if isinstance(answer, SignedIn):
                new = _new(asked.server, answer, asked.ca_file)
                if not cancelled.is_set():
                    return new
                give_back(new)
    return None


def again(account: Account, new: NewDevice) -> NewDevice:
    """The same account under its new token; somebody else's sign-in is given back."""
    if new.account.user != account.user:
        give_back(new)
        why = sentence("SigningIn", "This signs in {other}, but the account is {user}'s.")
        raise Trouble(why.of(other=new.account.user, user=account.user), field="code")
    return NewDevice(structs.replace(new.account, id=account.id), new.token)


def refuse_double(accounts: Collection[Account], new: NewDevice) -> NewDevice:
    """One bell for each inbox: a second one of the same person on the same server would ring everything twice."""
    if any((known.server, known.user) == (new.account.server, new.account.user) for known in accounts):
        give_back(new)
        why = sentence("SigningIn", "{user} on {host} is signed in here already.")
        raise Trouble(why.of(user=new.account.user, host=trouble.host(new.account.server)), field="user")
    return new


def give_back(new: NewDevice) -> None:
    """Nobody will use this token. When the server cannot be told, the device shows in the person's list."""
    with suppress(Refused, Unreachable):
        rest.sign_out(new.account.server, new.token, ca_file=new.account.ca_file, timeout=GIVE_BACK_WITHIN)


def device_name() -> str:
    """What the person will see in the list of devices."""
    return platform.node().partition(".")[0] or "Desktop"


def _new(server: str, signed_in: SignedIn, ca_file: str | None) -> NewDevice:
    account = Account(id=new_id(), server=server, user=signed_in.user, device=signed_in.device, ca_file=ca_file)
    return NewDevice(account, signed_in.token)


def _must_be_there(server: str, user: str, password: str) -> None:
    if not server.strip():
        raise _no_server()
    if not user.strip():
        raise Trouble(sentence("SigningIn", "Please enter your user name."), field="user")
    if not password:
        raise Trouble(sentence("SigningIn", "Please enter your password."), field="password")


def _no_server() -> Trouble:
    return Trouble(sentence("SigningIn", "Please enter the address of your server."), field="server")


def _bad_code(error: Refused, server: str) -> Trouble:
    if error.code == rest_pairing.EXPIRED:
        why = sentence(
            "SigningIn", "The server does not know this code: it has been used or is too old. Get a new one."
        )
        return Trouble(why, field="code", code=error.code)
    return trouble.explain(error, server)


def _no_pairing(error: Refused, server: str) -> Trouble:
    if error.status == 404:
        return Trouble(sentence("SigningIn", "This server is too old for signing in by a code."), field="server")
    return trouble.explain(error, server)


def _too_late(error: Refused, server: str) -> Trouble:
    if error.code == rest_pairing.EXPIRED:
        return Trouble(sentence("SigningIn", "Nobody approved the code in time. Get a new one."), field="code")
    return trouble.explain(error, server)
