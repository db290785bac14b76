"""Where an account gets e-mail: its part of the card, with the address, the code that proves it, and the way out.

It asks the server when it comes into sight, and when the person comes back to the window from their mail program, where they may
have followed the link. Until the server has answered it shows nothing, and so it does with a server that knows no e-mail.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from handbell_desktop.account import mailbox
from handbell_desktop.account.mailbox import Mailbox
from handbell_desktop.account.session import Session
from handbell_desktop.kept.settings import Account
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.header import in_tab_order
from handbell_desktop.ui.parts import Note, Picture, breakable, button, clear, column, line, words
from handbell_desktop.ui.settings.asking import ask, why
from handbell_desktop.ui.settings.page import Tools
from handbell_desktop.ui.theme import SPACE
from handbell_shared.link_state import Online, SignedOut

_LONGEST: Final = 254  # what any mail server takes for an address (RFC 5321)


class MailboxPanel(QWidget):
    def __init__(self, tools: Tools, account: Account, above: QWidget, show_rules: Callable[[], object]) -> None:
        """`above` is what the keyboard comes from; `show_rules` is where the person chooses what is mailed."""
        super().__init__()
        self._tools, self._account = tools, account
        self._above, self._show_rules = above, show_rules
        self._mailbox: Mailbox | None = None
        self._online = self._naming = self._busy = self._wanted = False
        self._asked = 0
        self._controls: list[QWidget] = []  # in reading order
        themes = tools.themes
        rule = QFrame()
        rule.setProperty("look", "line")
        picture = Picture("mail", "soft", themes, 28)
        self._body = QVBoxLayout()
        self._body.setSpacing(SPACE)
        self.good, self.note = Note(themes, "success"), Note(themes)
        inside = line(picture, column(self._body, self.good, self.note), space=2 * SPACE)
        inside.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        inside.setStretch(1, 1)
        inside.setContentsMargins(0, SPACE, 0, SPACE)
        self._all = QWidget()
        self._all.setLayout(column(rule, inside, space=SPACE))
        self._all.hide()
        self.setLayout(column(self._all))

    def refresh(self, session: Session | None) -> None:
        before, seen = self._online, self.isVisible()
        self._online = session is not None and isinstance(session.state, Online)
        self.setVisible(session is not None and not isinstance(session.state, SignedOut))
        wanted = mailbox.asks_for_e_mail(self._tools.desk.preferences(self._account.id))
        if wanted != self._wanted:
            self._wanted = wanted
            self._renew()
        if seen and self._online and not before:
            self.look()

    def look(self) -> None:
        """How does it stand? A failure changes nothing: what cannot be asked now is asked another time."""
        if self._online and not self._busy:
            self._ask(partial(mailbox.of, self._account), self._looked)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self.look()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self.look()
        return super().event(event)

    def _looked(self, result: object) -> None:
        if isinstance(result, Mailbox | None) and result != self._mailbox:
            self._mailbox = result
            self._renew()

    def _renew(self) -> None:
        """Unless the person is at it."""
        if not (self._naming or self._busy):
            self._show()

    # ---- how it stands

    def _show(self) -> None:
        clear(self._body)
        self._controls = []
        self.good.say("")
        self.note.say("")
        box = self._mailbox
        self._all.setVisible(box is not None)
        if box is None:
            return
        self._body.addWidget(words(self.tr("E-mail"), self._tools.themes))
        if self._naming:
            self._show_naming(box)
        else:
            self._show_address(box)
        in_tab_order(self._above, *self._controls)

    def _show_address(self, box: Mailbox) -> None:
        themes = self._tools.themes
        if box.address is not None:
            self._body.addWidget(self._long(box.address))
        if box.trouble is not None and box.offered:
            refused = self.tr("The mail server refused this address: {why}").format(why=box.trouble)
            self._body.addWidget(Note(themes, "warning", breakable(refused)))
        else:
            self._body.addWidget(words(self._standing(box), themes, "small", tone="soft"))
        if box.offered and box.address is not None and not box.confirmed and box.trouble is None:
            self._show_code()
        ways = self._ways(box)
        if ways:
            self._body.addLayout(Flow(*ways))
            self._controls += ways

    def _standing(self, box: Mailbox) -> str:
        if not box.offered:
            return self.tr("This server sends no e-mail.")
        if box.address is None:
            return self.tr("What you have not seen can also come by e-mail.")
        if box.confirmed and self._wanted:
            return self.tr("Confirmed. E-mail goes to this address.")
        if box.confirmed:
            return self.tr("Confirmed. Nothing is mailed yet: you choose what, and when.")
        return self.tr("A code was sent there. Enter it here, or open the link in that e-mail, within a day.")

    def _ways(self, box: Mailbox) -> list[QPushButton]:
        if box.address is None:
            return [button(self.tr("Add an address…"), on_click=self._open)] if box.offered else []
        ways: list[QPushButton] = [RemoveButton(lambda: self._do(partial(mailbox.give_up, self._account)))]
        if box.offered:
            ways.insert(0, button(self.tr("Change…"), on_click=self._open))
        if box.offered and box.confirmed:
            ways.insert(0, button(self.tr("What is mailed…"), on_click=self._show_rules))
        elif box.offered:
            again = partial(self._name, box.address, self.tr("A new code is on its way."))
            ways.insert(0, button(self.tr("Send a new code"), on_click=again))
        return ways

    def _show_code(self) -> None:
        self.code = QLineEdit()
        self.code.setPlaceholderText("000 000")
        self.code.setMaxLength(16)
        self.code.setAccessibleName(self.tr("Code from the e-mail"))
        self.code.returnPressed.connect(self._confirm)
        confirm = button(self.tr("Confirm"), kind="primary", on_click=self._confirm)
        self._body.addLayout(line(self.code, confirm))
        self._controls += [self.code, confirm]

    def _show_naming(self, box: Mailbox) -> None:
        how = self.tr("A code goes there first, to see that the address is yours.")
        if box.confirmed:
            how = self.tr("A code goes there first. Until you have entered it, no other e-mail is sent to you.")
        self._body.addWidget(words(how, self._tools.themes, "small", tone="soft"))
        self.address = QLineEdit()
        self.address.setPlaceholderText("ana@home.example")
        self.address.setMaxLength(_LONGEST)
        self.address.setAccessibleName(self.tr("E-mail address"))
        self.address.returnPressed.connect(self._send)
        self._body.addWidget(self.address)
        send = button(self.tr("Send a code"), kind="primary", on_click=self._send)
        cancel = button(self.tr("Cancel"), on_click=self._close)
        self._body.addLayout(Flow(send, cancel))
        self._controls += [self.address, send, cancel]

    def _long(self, text: str) -> QLabel:
        label = words(breakable(text), self._tools.themes, strong=True)
        label.setAccessibleName(text)
        return label

    # ---- what the person does

    def _open(self) -> None:
        self._naming = True
        self._show()
        self._focus()

    def _close(self) -> None:
        self._naming = False
        self._show()
        self._focus()

    def _send(self) -> None:
        self._name(self.address.text())

    def _name(self, address: str, good: str = "") -> None:
        self._do(lambda token: mailbox.name(self._account, token, address), good)

    def _confirm(self) -> None:
        typed = self.code.text()
        self._do(lambda token: mailbox.confirm(self._account, token, typed))

    def _do(self, task: Callable[[str], object], good: str = "") -> None:
        """Everything here waits for the answer, and the keyboard goes on where the answer leads."""
        self._set_busy(True)
        self.good.say("")
        self.note.say("")

        def done(result: object) -> None:
            self._set_busy(False)
            if isinstance(result, Mailbox):
                self._mailbox, self._naming = result, False
                self._show()
                self.good.say(good)
            else:
                self.note.say(why(result))
            self._focus()

        self._ask(task, done)

    def _ask(self, task: Callable[[str], object], done: Callable[[object], None]) -> None:
        """The answer to what was asked last is the only one."""
        self._asked += 1
        turn = self._asked
        ask(self, self._tools, self._account, task, lambda result: done(result) if turn == self._asked else None)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._all.setEnabled(not busy)

    def _focus(self) -> None:
        for first in self._controls[:1]:
            first.show()  # what is hidden cannot have the focus
            first.setFocus()


class RemoveButton(QPushButton):
    """The first click asks, the second does it: an address that is gone must be confirmed anew."""

    def __init__(self, remove: Callable[[], object]) -> None:
        super().__init__(self.tr("Remove"))
        self.setAutoDefault(False)
        self._remove, self._sure = remove, False
        self.setAccessibleDescription(self.tr("No e-mail any more"))
        self.clicked.connect(self._asked)

    def _asked(self) -> None:
        if self._sure:
            self._remove()
            return
        self._sure = True
        self.setText(self.tr("Really remove"))
        self.setProperty("kind", "danger")
        self.style().polish(self)
