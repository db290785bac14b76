"""Tokens in files, one for each account, for their owner's eyes only: the last resort where there is no keyring."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from handbell_desktop.kept.whole_file import write_whole
from handbell_desktop.machine.secrets.base import IN_A_FILE


class FileSecrets:
    declined = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def warning(self) -> str | None:
        return IN_A_FILE if any(self._folder.glob("*.token")) else None

    def get(self, account_id: str, *, ask: bool = False) -> str | None:
        try:
            return self._file(account_id).read_text("utf-8") or None
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return None

    def set(self, account_id: str, token: str) -> None:
        """The whole file or none of it, and never readable for others, not even while it is written."""
        write_whole(self._file(account_id), token.encode("utf-8"))

    def forget(self, account_id: str) -> None:
        self._file(account_id).unlink(missing_ok=True)

    def ask_again(self, account_ids: Iterable[str]) -> None:
        """There is nobody to ask."""

    def _file(self, account_id: str) -> Path:
        # An account's id is ours, but a file of settings can be edited: a digest is a file name whatever stands there.
        return self._folder / f"{hashlib.sha256(account_id.encode('utf-8', 'replace')).hexdigest()[:32]}.token"
