"""The keyrings of Windows and macOS, through the library `keyring`.

The back end is named, not searched for: the library would also read a file of settings and load whatever is installed,
and one of those keeps passwords in clear. Whether the person is asked is the system's affair, not ours.
"""

from __future__ import annotations

from typing import Any

from handbell_desktop.machine.secrets.base import NoKeyring, SecretsError


class SystemSecrets:
    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._keyring: Any = None

    def get(self, account_id: str, *, ask: bool = False) -> str | None:
        try:
            token = self._backend().get_password(_service(account_id), account_id)
        except Exception as error:
            raise _explained(error) from None
        return None if token is None else str(token)

    def set(self, account_id: str, token: str, *, ask: bool = False) -> None:
        try:
            self._backend().set_password(_service(account_id), account_id, token)
        except Exception as error:
            raise _explained(error) from None

    def forget(self, account_id: str) -> None:
        try:
            backend = self._backend()
            if backend.get_password(_service(account_id), account_id) is not None:
                backend.delete_password(_service(account_id), account_id)
        except Exception as error:
            raise _explained(error) from None

    def _backend(self) -> Any:
        if self._keyring is None:
            if self._platform == "win32":
                from keyring.backends.Windows import WinVaultKeyring as Keyring
            else:
                from keyring.backends.macOS import Keyring
            self._keyring = Keyring()
        return self._keyring


def _service(account_id: str) -> str:
    """One for each account: Windows keeps one user for a service, and moves the others aside."""
    return f"Handbell/{account_id}"


def _explained(error: Exception) -> SecretsError:
    """Without the cause: a traceback of the platform's bridge may hold what was given to it."""
    if isinstance(error, SecretsError):
        return error
    if isinstance(error, ImportError):
        return NoKeyring("This system's keyring cannot be used: a part of Handbell is missing.")
    return SecretsError(f"This system's keyring could not be asked ({type(error).__name__}).")
