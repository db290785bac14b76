"""Asking the server in the name of an account, from a page of the settings; and what to say when that failed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from handbell_desktop.account import devices
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.kept.settings import Account
from handbell_desktop.machine.secrets.base import Locked
from handbell_desktop.ui.parts import work
from handbell_desktop.ui.phrases import said
from handbell_desktop.ui.settings.page import Tools


def ask(
    owner: QWidget, tools: Tools, account: Account, task: Callable[[str], object], done: Callable[[object], None]
) -> None:
    """With the account's token, which the worker fetches: the keyring may make it wait."""
    secrets = tools.desk.secrets

    def asked() -> object:
        secret = secrets.get(account.id)
        if secret is None:
            raise devices.no_token()
        return task(secret)

    work(owner, tools.turns, asked, done)


def why(failure: object) -> str:
    """What `done` got in the place of a result, for the person."""
    if isinstance(failure, Trouble):
        return said(failure.sentence)
    if isinstance(failure, Locked):
        return QCoreApplication.translate("Asking", "Your keyring is locked. Unlock it, and try again.")
    return QCoreApplication.translate("Asking", "This did not work, for a reason nobody foresaw. Please try again.")
