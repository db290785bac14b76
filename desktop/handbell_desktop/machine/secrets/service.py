"""The Secret Service of Linux desktops (GNOME's and KDE's keyrings) over D-Bus, without the library `keyring`: that
costs 22 MB and a fifth of a second.

Each operation has its own connection: 10 ms, asked a few times a day, and nothing to go stale. The session is "plain":
the bus belongs to the person, and whoever can listen to it can ask the keyring as well. A locked keyring asks the
person to unlock it, if the caller wants that (`ask`); it is waited for, but not for ever.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from handbell_desktop.machine.secrets.base import Declined, Locked, NoKeyring, SecretsError
from handbell_desktop.machine.session_bus import address_of

BUS_NAME = "org.freedesktop.secrets"
SECRET = "org.freedesktop.Secret"  # noqa: S105 - the name of an interface
SERVICE = DBusAddress("/org/freedesktop/secrets", BUS_NAME, f"{SECRET}.Service")
NOTHING = "/"  # D-Bus has no None: this is the path of no object
CALL = 10.0  # seconds
PROMPT = 120.0  # a person looks for a password
NOT_THERE = ("ServiceUnknown", "NameHasNoOwner", "Spawn.")  # names of errors, of a bus without a keyring

log = logging.getLogger(__name__)


class ServiceSecrets:
    def __init__(self, environment: Mapping[str, str], *, patience: float = PROMPT) -> None:
        self._environment = environment
        self._patience = patience

    def get(self, account_id: str, *, ask: bool = False) -> str | None:
        with _Conversation(self._environment, self._patience, ask) as keyring:
            return keyring.get(account_id)

    def set(self, account_id: str, token: str, *, ask: bool = False) -> None:
        with _Conversation(self._environment, self._patience, ask) as keyring:
            keyring.set(account_id, token)

    def forget(self, account_id: str) -> None:
        with _Conversation(self._environment, self._patience, ask=False) as keyring:
            keyring.forget(account_id)


class _Conversation:
    """One connection, and one translator of everything that can go wrong on it."""

    def __init__(self, environment: Mapping[str, str], patience: float, ask: bool) -> None:
        self._environment = environment
        self._patience = patience
        self._may_ask = ask
        self._bus: DBusConnection
        self._session = NOTHING

    def __enter__(self) -> _Conversation:
        address = address_of(self._environment)
        if address is None:
            raise NoKeyring("There is no session bus, and so no keyring.")
        try:
            self._bus = open_dbus_connection(address)
        except Exception as error:
            raise NoKeyring(f"The session bus cannot be reached ({type(error).__name__}).") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._bus.close()
        if isinstance(error, DBusErrorResponse):
            if any(word in error.name for word in NOT_THERE):
                raise NoKeyring("No keyring is running on this desktop.") from None
            raise SecretsError(f"The keyring refused ({error.name}).") from None
        if isinstance(error, TimeoutError):
            raise SecretsError("The keyring does not answer.") from None
        if isinstance(error, OSError | ValueError | IndexError):
            raise SecretsError(f"The keyring cannot be understood ({type(error).__name__}).") from None

    def get(self, account_id: str) -> str | None:
        item = self._find(account_id)
        if item is None:
            return None
        secret = self._call(self._at(item, "Item"), "GetSecret", "o", self._open_session())[0]
        return bytes(secret[2]).decode("utf-8")

    def set(self, account_id: str, token: str) -> None:
        collection = self._collection()
        label = {
            f"{SECRET}.Item.Label": ("s", "Handbell: what signs this computer in"),
            f"{SECRET}.Item.Attributes": ("a{ss}", _attributes(account_id)),
        }
        secret = (self._open_session(), b"", token.encode("utf-8"), "text/plain; charset=utf8")
        item, prompt = self._call(
            self._at(collection, "Collection"), "CreateItem", "a{sv}(oayays)b", label, secret, True
        )
        if item == NOTHING:
            self._ask(prompt)

    def forget(self, account_id: str) -> None:
        item = self._find(account_id)
        if item is not None:
            prompt = self._call(self._at(item, "Item"), "Delete")[0]
            if prompt != NOTHING:
                self._ask(prompt)

    def _find(self, account_id: str) -> str | None:
        unlocked, locked = self._call(SERVICE, "SearchItems", "a{ss}", _attributes(account_id))
        if not unlocked and locked:
            self._unlock(locked[0])
            return str(locked[0])
        return str(unlocked[0]) if unlocked else None

    def _collection(self) -> str:
        """The person's default keyring, unlocked; made if there is none, as every other program would."""
        path = str(self._call(SERVICE, "ReadAlias", "s", "default")[0])
        if path != NOTHING:
            self._unlock(path)
            return path
        label = {f"{SECRET}.Collection.Label": ("s", "Default keyring")}
        path, prompt = self._call(SERVICE, "CreateCollection", "a{sv}s", label, "default")
        return str(self._ask(prompt)) if path == NOTHING else path

    def _unlock(self, path: str) -> None:
        unlocked, prompt = self._call(SERVICE, "Unlock", "ao", [path])
        if path not in unlocked:
            self._ask(prompt)

    def _ask(self, prompt: str) -> Any:
        """Let the keyring ask the person, and wait for what they say."""
        if prompt == NOTHING:
            raise SecretsError("The keyring is locked.")
        if not self._may_ask:
            raise Locked("The keyring is locked.")  # the prompt goes with our connection
        at = self._at(prompt, "Prompt")
        rule = MatchRule(type="signal", interface=at.interface, path=prompt, member="Completed")
        self._say(message_bus.AddMatch(rule))
        with self._bus.filter(rule, queue=deque()) as heard:
            owner = self._call_raw(at, "Prompt", "s", "").header.fields.get(HeaderFields.sender)
            until = time.monotonic() + self._patience
            while True:
                try:
                    told = self._bus.recv_until_filtered(heard, timeout=max(0.0, until - time.monotonic()))
                except TimeoutError:
                    self._call(at, "Dismiss")
                    raise Declined("The keyring is locked, and nobody unlocked it.") from None
                if told.header.fields.get(HeaderFields.sender) == owner:
                    break  # anybody on the bus can say that it is unlocked; only the keyring knows
        dismissed, result = told.body
        if dismissed:
            raise Declined("The keyring stays locked: unlocking it was declined.")
        return result[1]

    def _open_session(self) -> str:
        if self._session == NOTHING:
            self._session = self._call(SERVICE, "OpenSession", "sv", "plain", ("s", ""))[1]
        return self._session

    def _at(self, path: str, interface: str) -> DBusAddress:
        return DBusAddress(path, BUS_NAME, f"{SECRET}.{interface}")

    def _call(self, to: DBusAddress, method: str, signature: str | None = None, *body: Any) -> tuple[Any, ...]:
        return tuple(self._call_raw(to, method, signature, *body).body)

    def _call_raw(self, to: DBusAddress, method: str, signature: str | None = None, *body: Any) -> Message:
        return self._say(new_method_call(to, method, signature, body))

    def _say(self, message: Message) -> Message:
        answer = self._bus.send_and_get_reply(message, timeout=CALL)
        if HeaderFields.error_name in answer.header.fields:
            raise DBusErrorResponse(answer)
        return answer


def _attributes(account_id: str) -> dict[str, str]:
    return {"application": "handbell-desktop", "account": account_id}
