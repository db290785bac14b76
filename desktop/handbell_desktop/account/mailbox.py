"""Where a person gets e-mail: the address is named here, proven by the code from the e-mail that goes there, or given up.

Like `devices`, every function asks the network, belongs into a worker, and raises `Trouble` with a sentence.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from handbell_desktop.account import trouble
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_desktop.sentences import sentence
from handbell_shared import rest
from handbell_shared.codes import Code
from handbell_shared.preferences import Preferences
from handbell_shared.rest import Refused, Unreachable

# Only what is surely a slip of the hand; what an address is, says the server.
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+")
_BETWEEN: Final = re.compile(r"[\s-]+")
_CODE: Final = re.compile(r"[0-9]{6}")


class Mailbox(Struct, frozen=True):
    """`offered`: whether the server sends e-mail at all. `trouble`: why nothing goes to the address any more."""

    offered: bool
    address: str | None = None
    confirmed: bool = False
    trouble: str | None = None


class _Me(Struct, frozen=True):
    email_offered: bool | None = None
    email: str | None = None
    email_confirmed: bool = False
    email_trouble: str | None = None


def asks_for_e_mail(preferences: Preferences) -> bool:
    """Whether anything is mailed at all: nothing comes that was not chosen."""
    return preferences.digest.every != "never" or any(rule.email == "now" for rule in preferences.rules)


def of(account: Account, token: str) -> Mailbox | None:
    """How it stands; None where the server is older than its e-mail."""
    try:
        me = _told(account, _ask(account, token, "GET", "/v1/me"))
    except Trouble as failure:
        if failure.code in (Code.NOT_FOUND, Code.METHOD_NOT_ALLOWED):
            return None
        raise
    return None if me.email_offered is None else _mailbox(me)


def name(account: Account, token: str, typed: str) -> Mailbox:
    """E-mail is to go there. A code is sent first, also when the address was named before and waits for one."""
    address = typed.strip()
    if not address:
        raise Trouble(sentence("Mailbox", "Please enter your e-mail address."), field="email")
    if not _ADDRESS.fullmatch(address):
        raise _no_address()
    try:
        return _changed(account, token, address)
    except Trouble as failure:
        if failure.code == Code.INVALID:
            raise _no_address() from failure
        if failure.code == Code.RATE_LIMITED:
            why = sentence("Mailbox", "No more codes are sent for now. Please try again in an hour.")
            raise Trouble(why, code=failure.code) from failure
        raise


def confirm(account: Account, token: str, typed: str) -> Mailbox:
    """The address is the person's, says the code from the e-mail. They may have followed its link instead."""
    code = _BETWEEN.sub("", typed)
    if not _CODE.fullmatch(code):
        why = sentence("Mailbox", "This is not the code from the e-mail: that has six digits, like {example}.")
        raise Trouble(why.of(example="042 137"), field="code")
    try:
        answer = _ask(account, token, "POST", "/v1/me/confirm-email", {"code": code})
    except Trouble as failure:
        if failure.code != Code.CODE_EXPIRED:
            raise
        found = of(account, token)
        if found is not None and found.confirmed:
            return found
        why = sentence(
            "Mailbox", "This is not the code, or not any more: it ends after a day, and after five wrong ones."
        )
        raise Trouble(why, field="code", code=failure.code) from failure
    return _mailbox(_told(account, answer))


def give_up(account: Account, token: str) -> Mailbox:
    """No e-mail any more."""
    return _changed(account, token, None)


def _changed(account: Account, token: str, address: str | None) -> Mailbox:
    return _mailbox(_told(account, _ask(account, token, "PATCH", "/v1/me", {"email": address})))


def _no_address() -> Trouble:
    why = sentence("Mailbox", "No e-mail can be sent to this address. It should look like {example}.")
    return Trouble(why.of(example="ana@home.example"), field="email")


def _mailbox(me: _Me) -> Mailbox:
    return Mailbox(bool(me.email_offered), me.email, me.email_confirmed, me.email_trouble)


def _told(account: Account, answer: Any) -> _Me:
    try:
        return msgspec.convert(answer, _Me)
    except msgspec.ValidationError as error:
        raise trouble.no_handbell(account.server) from error


def _ask(account: Account, token: str, method: str, path: str, json: object = None) -> Any:
    try:
        return rest.request(account.server, method, path, token=token, json=json, ca_file=account.ca_file)
    except (Refused, Unreachable) as error:
        raise trouble.explain(error, account.server) from error
