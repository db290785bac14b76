"""The visible warning where keys are not kept in a keyring. Looking may wait for the keyring, so a worker looks."""

from __future__ import annotations

from handbell_desktop.desk import Desk
from handbell_desktop.timers import Turns
from handbell_desktop.ui.parts import Note, work
from handbell_desktop.ui.theme import ThemeSource


class KeyringNote(Note):
    def __init__(self, desk: Desk, themes: ThemeSource, turns: Turns) -> None:
        super().__init__(themes, "warning")
        self._desk, self._turns = desk, turns
        self.look()

    def look(self) -> None:
        work(self, self._turns, lambda: self._desk.secrets.warning, self._found)

    def _found(self, warning: object) -> None:
        if warning is None:
            self.say("")
        else:  # also when the keyring failed
            self.say(
                self.tr(
                    "No keyring can be used on this computer, so the key of your account is kept in a file. "
                    "Only you can read it, but it is not encrypted."
                )
            )
