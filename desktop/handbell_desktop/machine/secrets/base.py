"""Where the tokens of the accounts lie.

All of these may wait, for a disk or for a person who is asked to unlock a keyring: never call them in the owner's
thread. A token is in no `repr`, no log and no message of an error.
"""

from __future__ import annotations

from typing import Protocol

IN_A_FILE = (
    "This computer has no keyring that can be used, so what signs you in lies in a file. Only your user can read it, "
    "but so can every program that you start."
)


class SecretsError(Exception):
    """The message says to a person why the keyring cannot be asked."""


class NoKeyring(SecretsError):
    """There is none on this machine, or not in this session."""


class Secrets(Protocol):
    @property
    def warning(self) -> str | None:
        """The sentence for the person when tokens lie in a file."""

    def get(self, account_id: str) -> str | None: ...
    def set(self, account_id: str, token: str) -> None: ...
    def forget(self, account_id: str) -> None:
        """Harmless when there is nothing."""
