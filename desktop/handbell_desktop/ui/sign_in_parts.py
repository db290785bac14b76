"""The parts of the sign-in dialog: its head, a field with room for what is wrong with it, and the page that shows a code."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from handbell_desktop.account.signing_in import Asked
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Account
from handbell_desktop.ui.big_code import BigCode
from handbell_desktop.ui.parts import Note, Picture, button, column, line, words
from handbell_desktop.ui.theme import SPACE, ThemeSource


class Head(QWidget):
    """Whom this is for; and for somebody who was signed in before, what has waited."""

    def __init__(self, desk: Desk, themes: ThemeSource, again: Account | None) -> None:
        super().__init__()
        if again is None:
            title = self.tr("Sign in to Handbell")
            about = self.tr("With the account you have on a Handbell server. Whoever runs it tells you its address.")
        else:
            title, about = self.tr("Sign in again"), self._waiting(desk, again)
        text = column(words(title, themes, "heading"), words(about, themes, "small", tone="soft"), space=2)
        bell = Picture("bell", "accent", themes, 32)
        row = line(bell, text, space=2 * SPACE)
        row.setAlignment(bell, Qt.AlignmentFlag.AlignTop)
        row.setStretch(1, 1)
        self.setLayout(row)

    def _waiting(self, desk: Desk, again: Account) -> str:
        session = next((one for one in desk.sessions if one.account.id == again.id), None)
        waiting = session.reader.outbox_size() if session is not None and session.reader is not None else 0
        if waiting == 0:
            return self.tr("The server does not know this device any more. Nothing of what you did is lost.")
        return self.tr("%n change(s) of yours wait to be sent, and go out when you are signed in.", "", waiting)


class Field(QWidget):
    """A labelled line; the sentence below it goes when the person begins to mend it."""

    def __init__(self, label: str, themes: ThemeSource, hint: str = "") -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(label)
        title = words(label, themes, "small", strong=True)
        title.setBuddy(self.edit)
        self.note = Note(themes)
        self.edit.textEdited.connect(lambda: self.note.say(""))
        self.body: QVBoxLayout = column(title, self.edit, self.note, space=SPACE // 2)
        self.setLayout(self.body)

    @property
    def text(self) -> str:
        return self.edit.text()

    def fix(self, text: str) -> None:
        """This is known, and not the person's to change here."""
        self.edit.setText(text)
        self.edit.setCursorPosition(0)
        self.edit.setReadOnly(True)
        self.edit.setEnabled(False)

    def set_busy(self, busy: bool) -> None:
        self.edit.setEnabled(not busy and not self.edit.isReadOnly())


class CaField(Field):
    """For the file of a private authority, which can also be looked for."""

    def __init__(self, label: str, themes: ThemeSource, hint: str = "") -> None:
        super().__init__(label, themes, hint)
        self.body.removeWidget(self.edit)
        self.body.insertLayout(1, line(self.edit, button(self.tr("Choose…"), on_click=self._choose)))

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.edit.accessibleName(), "", self.tr("Certificates (*.pem *.crt *.cer);;All files (*)")
        )
        if path:
            self.edit.setText(path)
            self.note.say("")


class ApprovalPage(QWidget):
    """Says how it goes; and while it goes, the code that another device is to approve."""

    def __init__(self, themes: ThemeSource) -> None:
        super().__init__()
        self._how = words("", themes, "small", tone="soft")
        self._code = BigCode(themes)
        self._until = words("", themes, "small", tone="soft")
        self.setLayout(column(self._how, self._code, self._until, -1, space=2 * SPACE))
        self.show_asked(None)

    def show_asked(self, asked: Asked | None) -> None:
        self._code.setVisible(asked is not None)
        if asked is None:
            self._how.setText(self.tr("This computer shows a code, and you approve it on a device that is signed in."))
            self._until.setText("")
            return
        self._code.show_code(asked.code)
        self._how.setText(
            self.tr("On a device that is signed in, open Settings, Accounts, “Approve a device”, and enter this code:")
        )
        end = QDateTime.fromMSecsSinceEpoch(asked.expires_at).time()
        time = QLocale().toString(end, QLocale.FormatType.ShortFormat)
        self._until.setText(self.tr("Good until {time}.").format(time=time))
