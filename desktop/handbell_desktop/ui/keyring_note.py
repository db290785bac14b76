"""Where the keys of the accounts lie, if not in a keyring: said plainly, and the keyring offered again if it was declined.

Looking may wait for the keyring, so a worker looks.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from handbell_desktop.desk import Desk
from handbell_desktop.timers import Turns
from handbell_desktop.ui.parts import Note, button, column, line, work
from handbell_desktop.ui.theme import SPACE, ThemeSource


class KeyringNote(QWidget):
    def __init__(self, desk: Desk, themes: ThemeSource, turns: Turns) -> None:
        super().__init__()
        self._desk, self._turns = desk, turns
        self._note = Note(themes, "warning")
        self.button = button("", on_click=self._ask_again)
        below = line(self.button, -1)
        below.setContentsMargins(3 * SPACE, 0, 0, 0)
        self.setLayout(column(self._note, below))
        self.hide()
        self.look()

    @property
    def text(self) -> str:
        return self._note.text

    def look(self) -> None:
        secrets = self._desk.secrets
        work(self, self._turns, lambda: (secrets.warning is not None, secrets.declined), self._found)

    def _found(self, found: object) -> None:
        in_file, declined = found if isinstance(found, tuple) else (True, False)  # also when the keyring failed
        locked = self._desk.tokens.locked
        text = self._words(locked=locked, in_file=in_file, declined=declined)
        self._note.say(text)
        self.button.setText(self.tr("Unlock the keyring…") if locked else self.tr("Use the keyring…"))
        self.button.setVisible(locked or (in_file and declined))
        self.button.setEnabled(True)
        self.setVisible(bool(text))

    def _words(self, *, locked: bool, in_file: bool, declined: bool) -> str:
        if locked:
            return self.tr("Your keyring is locked, so Handbell cannot sign in.")
        if in_file and declined:
            return self.tr(
                "You did not want to use this computer's keyring, so the key of your account is kept in a file. "
                "Only you can read it, but it is not encrypted."
            )
        if in_file:
            return self.tr(
                "No keyring can be used on this computer, so the key of your account is kept in a file. "
                "Only you can read it, but it is not encrypted."
            )
        return ""

    def _ask_again(self) -> None:
        self.button.setEnabled(False)  # until the person has answered the keyring
        self._desk.tokens.unlock(self.look)
