"""The devices of an account, as its owner manages them from here: see them, sign one out, let a new one in, ring all.

Like `signing_in`, every function asks the network, belongs into a worker, and raises `Trouble` with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from handbell_desktop.account import trouble
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_desktop.sentences import sentence
from handbell_shared import pairing, rest, rest_pairing
from handbell_shared.codes import Code
from handbell_shared.rest import Refused, Unreachable
from handbell_shared.rest_pairing import Approved, Offered

T = TypeVar("T")


class Device(Struct, frozen=True):
    """One signed-in device of the person; `current` is the one that asked."""

    id: str
    name: str
    platform: str
    created_at: int
    online: bool = False
    current: bool = False


class _Devices(Struct, frozen=True):
    devices: tuple[Device, ...]


def of(account: Account, token: str) -> tuple[Device, ...]:
    """This one first, then who is online, then the youngest."""
    answer = _asked(
        account, lambda: rest.request(account.server, "GET", "/v1/devices", token=token, ca_file=account.ca_file)
    )
    try:
        found = msgspec.convert(answer, _Devices).devices
    except msgspec.ValidationError as error:
        raise trouble.no_handbell(account.server) from error
    return tuple(sorted(found, key=lambda device: (not device.current, not device.online, -device.created_at)))


def sign_out(account: Account, token: str, device: str) -> None:
    """End another device's session. One that has gone already is as good."""
    try:
        _asked(
            account,
            lambda: rest.request(
                account.server, "DELETE", f"/v1/devices/{device}", token=token, ca_file=account.ca_file
            ),
        )
    except Trouble as failure:
        if failure.code != Code.NOT_FOUND:
            raise


def offer(account: Account, token: str) -> Offered:
    """A code and a link for a new device of this person."""
    return _asked(account, lambda: rest_pairing.offer(account.server, token, ca_file=account.ca_file))


def approve(account: Account, token: str, typed: str) -> Approved:
    """Let the device in that shows this code."""
    code = pairing.normalise(typed)
    if code is None:
        why = sentence("Devices", "This is not a code: it has eight letters and digits, like {example}.")
        raise Trouble(why.of(example="K7QM-3XWD"), field="code")
    try:
        return _asked(account, lambda: rest_pairing.approve(account.server, token, code, ca_file=account.ca_file))
    except Trouble as failure:
        if failure.code == rest_pairing.EXPIRED:
            why = sentence("Devices", "No device shows this code, or it is too old. Let the device make a new one.")
            raise Trouble(why, field="code", code=failure.code) from failure
        raise


def send_test(account: Account, token: str) -> str:
    """Let the server notify this person; answers the notification's id, by which its arrival is known."""
    try:
        answer = _asked(
            account,
            lambda: rest.request(account.server, "POST", "/v1/test-notification", token=token, ca_file=account.ca_file),
        )
    except Trouble as failure:
        if failure.code in (Code.NOT_FOUND, Code.METHOD_NOT_ALLOWED, "no_handbell"):
            why = sentence("Devices", "This server is too old to send a test notification. Please update it.")
            raise Trouble(why) from failure
        raise
    an_id = answer.get("id") if isinstance(answer, dict) else None
    return an_id if isinstance(an_id, str) else ""


def no_token() -> Trouble:
    """What to say when there is nothing to ask with."""
    return Trouble(sentence("Devices", "There is no key for this account on this device. Please sign in again."))


def _asked(account: Account, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (Refused, Unreachable) as error:
        raise trouble.explain(error, account.server) from error
