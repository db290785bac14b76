"""The keyring where it works, else the file. A token that had to go to the file moves to the keyring when one appears.

A keyring that is there and refuses (locked, the person said no) is not a keyring that knows nothing: that is an error
for whoever asks, and no reason to sign the person out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from handbell_desktop.machine.secrets.base import NoKeyring, Secrets, SecretsError
from handbell_desktop.machine.secrets.file import FileSecrets

log = logging.getLogger(__name__)


def choose(environment: Mapping[str, str], platform: str, folder: Path) -> Secrets:
    """`folder` is for the files."""
    file = FileSecrets(folder)
    try:
        if platform in ("win32", "darwin"):
            from handbell_desktop.machine.secrets.system import SystemSecrets

            return KeyringOrFile(SystemSecrets(platform), file)
        from handbell_desktop.machine.secrets.service import ServiceSecrets

        return KeyringOrFile(ServiceSecrets(environment), file)
    except ImportError as error:
        log.warning("no keyring: %s", error)
        return file


class KeyringOrFile:
    def __init__(self, keyring: Secrets, file: FileSecrets) -> None:
        self._keyring = keyring
        self._file = file
        self._lock = threading.Lock()  # moving a token is two steps

    @property
    def warning(self) -> str | None:
        return self._file.warning

    def get(self, account_id: str) -> str | None:
        with self._lock:
            filed = self._file.get(account_id)
            if filed is not None:
                self._put(account_id, filed)  # it is the newest one, else it would not be there
                return filed
            try:
                return self._keyring.get(account_id)
            except NoKeyring:
                return None

    def set(self, account_id: str, token: str) -> None:
        with self._lock:
            if not self._put(account_id, token):
                self._file.set(account_id, token)

    def forget(self, account_id: str) -> None:
        with self._lock:
            self._file.forget(account_id)
            try:
                self._keyring.forget(account_id)
            except SecretsError as error:
                log.info("a token could not be taken out of the keyring: %s", error)

    def _put(self, account_id: str, token: str) -> bool:
        try:
            self._keyring.set(account_id, token)
        except SecretsError as error:
            log.info("a token is kept in a file: %s", error)
            return False
        self._file.forget(account_id)
        return True
