"""The keyring where it works, else the file. A token that had to go to the file moves to the keyring when one appears.

A keyring that is there and refuses (locked, the person said no) is not a keyring that knows nothing: that is an error
for whoever asks, and no reason to sign the person out.

A token goes to the file first and from there into the keyring: a keyring may ask the person for a password, and what is
killed while they think has lost nothing. Who says no to that is not asked again, not by the next start either (a small
file remembers it): the settings say where the token is and offer it. Only a token that is nowhere but in a locked
keyring is asked for at each start, once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from handbell_desktop.kept.whole_file import write_whole
from handbell_desktop.machine.secrets.base import Declined, Keyring, NoKeyring, Secrets, SecretsError
from handbell_desktop.machine.secrets.file import FileSecrets

log = logging.getLogger(__name__)


def choose(environment: Mapping[str, str], platform: str, folder: Path, *, keyring: bool = True) -> Secrets:
    """`folder` is for the files. Without `keyring` nobody is asked, and nothing is left in one."""
    file = FileSecrets(folder)
    if not keyring:
        return file
    refusal = folder / "keyring-declined"
    try:
        if platform in ("win32", "darwin"):
            from handbell_desktop.machine.secrets.system import SystemSecrets

            return KeyringOrFile(SystemSecrets(platform), file, refusal)
        from handbell_desktop.machine.secrets.service import ServiceSecrets

        return KeyringOrFile(ServiceSecrets(environment), file, refusal)
    except ImportError as error:
        log.warning("no keyring: %s", error)
        return file


class KeyringOrFile:
    """May be asked from several threads; a dialogue makes only those wait that ask for one."""

    def __init__(self, keyring: Keyring, file: FileSecrets, refusal: Path) -> None:
        self._keyring = keyring
        self._file = file
        self._refusal = refusal
        self._said_no = False  # in this run
        self._moving = threading.Lock()
        self._filing = threading.Lock()  # a newer token must not go with the one that was moved

    @property
    def warning(self) -> str | None:
        return self._file.warning

    @property
    def declined(self) -> bool:
        return self._said_no or self._refusal.exists()

    def get(self, account_id: str, *, ask: bool = False) -> str | None:
        filed = self._file.get(account_id)
        if filed is not None:  # it is the newest one, else it would not be there
            if self._moving.acquire(blocking=False):  # or somebody is at it, and may wait for the person
                try:
                    self._move(account_id, ask=False)
                finally:
                    self._moving.release()
            return filed
        try:
            return self._keyring.get(account_id, ask=ask and not self._said_no)
        except NoKeyring:
            return None
        except Declined:
            self._said_no = True
            raise

    def set(self, account_id: str, token: str) -> None:
        try:
            with self._filing:
                self._file.set(account_id, token)
        except OSError as error:  # a disk that is full, a home that is read-only
            try:
                self._keyring.set(account_id, token, ask=not self.declined)
            except SecretsError:
                raise error from None
            return
        with self._moving:
            self._move(account_id, ask=not self.declined)

    def forget(self, account_id: str) -> None:
        with self._filing:
            self._file.forget(account_id)
        try:
            self._keyring.forget(account_id)
        except SecretsError as error:
            log.info("a token could not be taken out of the keyring: %s", error)

    def ask_again(self, account_ids: Iterable[str]) -> None:
        self._said_no = False
        self._refusal.unlink(missing_ok=True)
        for account_id in account_ids:
            if self._said_no:
                return
            if self._file.get(account_id) is not None:
                with self._moving:
                    self._move(account_id, ask=True)
            else:
                self.get(account_id, ask=True)

    def _move(self, account_id: str, *, ask: bool) -> None:
        """From the file into the keyring, if that is possible now. One at a time."""
        token = self._file.get(account_id)
        if token is None:
            return
        try:
            self._keyring.set(account_id, token, ask=ask)
        except SecretsError as error:
            log.info("a token is kept in a file: %s", error)
            if isinstance(error, Declined):
                self._remember_refusal()
            return
        with self._filing:
            if self._file.get(account_id) == token:
                self._file.forget(account_id)
        self._refusal.unlink(missing_ok=True)

    def _remember_refusal(self) -> None:
        self._said_no = True
        try:
            write_whole(self._refusal, b"")
        except OSError as error:  # the next start will ask once more
            log.info("that the keyring was declined could not be noted: %s", error)
