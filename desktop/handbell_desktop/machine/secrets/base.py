"""Where the tokens of the accounts lie.

All of these may wait, for a disk or for a person who is asked to unlock a keyring: never call them in the owner's
thread. A token is in no `repr`, no log and no message of an error.

A dialogue is opened only by whoever says `ask`, and a person who declined it once is not asked again by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

IN_A_FILE = (
    "This computer has no keyring that can be used, so what signs you in lies in a file. Only your user can read it, "
    "but so can every program that you start."
)


class SecretsError(Exception):
    """The message says to a person why the keyring cannot be asked."""


class NoKeyring(SecretsError):
    """There is none on this machine, or not in this session."""


class Locked(SecretsError):
    """It is there, and the person would have to be asked first."""


class Declined(Locked):
    """They were asked, and said no, or nothing."""


class Keyring(Protocol):
    """One kind of keyring. Without `ask` it opens no dialogue, as far as it is in its hands, but raises `Locked`."""

    def get(self, account_id: str, *, ask: bool = False) -> str | None: ...
    def set(self, account_id: str, token: str, *, ask: bool = False) -> None: ...
    def forget(self, account_id: str) -> None:
        """Harmless when there is nothing."""


class Secrets(Protocol):
    """The place for tokens, whatever there is on this machine."""

    @property
    def warning(self) -> str | None:
        """The sentence for the person when tokens lie in a file."""

    @property
    def declined(self) -> bool:
        """There is a keyring, and the person did not want to unlock or make it: `ask_again` is what can be offered."""

    def get(self, account_id: str, *, ask: bool = False) -> str | None: ...
    def set(self, account_id: str, token: str) -> None:
        """Kept when this returns; the person may be asked for their keyring, once."""

    def forget(self, account_id: str) -> None: ...
    def ask_again(self, account_ids: Iterable[str]) -> None:
        """They want the keyring after all: what lies in files for these moves into it, if they unlock it now."""
