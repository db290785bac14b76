"""The accounts: how each stands, and signing in and out. The devices of one are in `devices.py`, its e-mail in `mailbox.py`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from handbell_desktop.account.session import Session
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Account
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.keyring_note import KeyringNote
from handbell_desktop.ui.parts import Card, Note, Picture, button, clear, column, line, words
from handbell_desktop.ui.phrases import reason_said
from handbell_desktop.ui.settings.devices import DevicesPanel
from handbell_desktop.ui.settings.mailbox import MailboxPanel
from handbell_desktop.ui.settings.page import Page, Tools
from handbell_desktop.ui.theme import SPACE
from handbell_shared.link_state import Connecting, Incompatible, Offline, Online, SignedOut

FOLDED, DEVICES, LEAVING = range(3)


class AccountsPage(Page):
    sign_in_wanted = Signal(str)  # the account, or "" for a new one
    rules_wanted = Signal(str)  # the account

    def build(self) -> None:
        self.heading(self.tr("Accounts"))
        self._keyring = KeyringNote(self.tools.desk, self.tools.themes, self.tools.turns)
        self._keyring.setContentsMargins(0, 0, 0, SPACE)
        self.body.addWidget(self._keyring)
        self._none = words(
            self.tr("No account yet. Sign in, and the bell begins to ring."), self.tools.themes, tone="soft"
        )
        self.body.addWidget(self._none)
        self._list = QVBoxLayout()
        self._list.setSpacing(2 * SPACE)
        self.body.addLayout(self._list)
        self._cards: dict[str, AccountCard] = {}
        self._add = button("", on_click=partial(self.sign_in_wanted.emit, ""))
        self.body.addSpacing(SPACE)
        self.body.addLayout(line(self._add, -1))

    def refresh(self) -> None:
        accounts = self.tools.desk.settings.accounts
        if [card.account for card in self._cards.values()] != list(accounts):
            self._show_cards(accounts)
        for card in self._cards.values():
            card.refresh()
        self._none.setVisible(not accounts)
        self._add.setText(self.tr("Add an account…") if accounts else self.tr("Sign in…"))
        self._add.setProperty("kind", None if accounts else "primary")
        self._add.style().polish(self._add)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self._keyring.look()

    def card(self, account: str) -> AccountCard:
        return self._cards[account]

    def _show_cards(self, accounts: tuple[Account, ...]) -> None:
        clear(self._list)
        self._cards = {}
        self._keyring.look()
        for account in accounts:
            sign_in, rules = partial(self.sign_in_wanted.emit, account.id), partial(self.rules_wanted.emit, account.id)
            card = AccountCard(self.tools, account, sign_in, rules)
            self._cards[account.id] = card
            self._list.addWidget(card)


class AccountCard(Card):
    def __init__(
        self, tools: Tools, account: Account, sign_in_again: Callable[[], None], show_rules: Callable[[], None]
    ) -> None:
        super().__init__()
        self.account = account
        self._tools = tools
        self._open = FOLDED
        themes = tools.themes
        name = words(account.user, themes, "title")
        server = words(urlsplit(account.server).netloc, themes, "small", tone="soft")
        server.setToolTip(account.server)
        self._icon = Picture("offline", "faint", themes, 16)
        self.state = words("", themes, "small", tone="soft")
        self.state.setAccessibleName(self.tr("State"))
        state = line(self._icon, self.state, space=SPACE // 2)
        state.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        state.setStretch(1, 1)
        picture = Picture("user", "accent", themes, 28)
        head = line(picture, column(name, server, state, space=2), space=2 * SPACE)
        head.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        head.setStretch(1, 1)
        self.again = button(self.tr("Sign in again…"), kind="primary", on_click=sign_in_again)
        self.devices = button(self.tr("Devices"), on_click=lambda: self._unfold(DEVICES))
        self.devices.setCheckable(True)
        self.leave = button(self.tr("Sign out…"), on_click=lambda: self._unfold(LEAVING))
        self.leave.setCheckable(True)
        self.add(column(head, Flow(self.again, self.devices, self.leave), space=SPACE + SPACE // 2))
        self._more = QVBoxLayout()
        holder = QWidget()
        holder.setLayout(self._more)
        self._more.setContentsMargins(0, SPACE, 0, SPACE)
        self._holder = holder
        self._holder.hide()
        self.add_below(holder)
        self.mailbox = MailboxPanel(tools, account, self.leave, show_rules)
        self.add_below(self.mailbox)

    def refresh(self) -> None:
        session = session_of(self._tools.desk, self.account.id)
        icon, colour, says = self._standing(session)
        self._icon.show_icon(icon, colour)
        self.state.setText(says)
        signed_out = session is None or isinstance(session.state, SignedOut)
        self.again.setVisible(signed_out)
        self.devices.setVisible(not signed_out)
        self.mailbox.refresh(session)
        self.leave.setText(self.tr("Remove…") if signed_out else self.tr("Sign out…"))
        if signed_out and self._open == DEVICES:
            self._unfold(DEVICES)

    def _standing(self, session: Session | None) -> tuple[str, str, str]:
        """Icon, its colour, and the sentence."""
        waiting = session.reader.outbox_size() if session is not None and session.reader is not None else 0
        unsent = self.tr("%n change(s) wait to be sent.", "", waiting) if waiting else ""
        if session is not None and session.trouble:
            return "error", "danger", session.trouble
        match session.state if session is not None else None:
            case Online():
                return "success", "success", self.tr("Online")
            case Connecting():
                return "refresh", "soft", _both(self.tr("Connecting…"), unsent)
            case Offline(_, reason):
                why = self.tr("Offline, and trying again: {reason}.").format(reason=reason_said(reason).rstrip("."))
                return "offline", "warning", _both(why, unsent)
            case SignedOut():
                return "key", "danger", _both(self.tr("Signed out: the server does not know this device."), unsent)
            case Incompatible():
                why = self.tr("The server speaks another version of Handbell. Please update the older one.")
                return "error", "danger", _both(why, unsent)
            case _:
                return "refresh", "soft", _both(self.tr("Connecting…"), unsent)

    # ---- what unfolds

    def _unfold(self, what: int) -> None:
        what = FOLDED if what == self._open else what
        self._open = what
        self.devices.setChecked(what == DEVICES)
        self.leave.setChecked(what == LEAVING)
        clear(self._more)
        self._holder.setVisible(what != FOLDED)
        if what == DEVICES:
            self._more.addWidget(DevicesPanel(self._tools, self.account))
        elif what == LEAVING:
            self._more.addLayout(self._leaving())
            self.no.show()  # what is hidden cannot have the focus
            self.no.setFocus()

    def _leaving(self) -> QVBoxLayout:
        """The question whether they mean it, in place: no window over the window."""
        session = session_of(self._tools.desk, self.account.id)
        signed_out = session is None or isinstance(session.state, SignedOut)
        waiting = session.reader.outbox_size() if session is not None and session.reader is not None else 0
        says = self.tr("The notifications stay on the server and on your other devices. This computer forgets them.")
        parts: list[QWidget] = [words(says, self._tools.themes, "small", tone="soft")]
        if waiting:
            lost = self.tr("%n change(s) that the server does not know yet would be lost.", "", waiting)
            parts.append(Note(self._tools.themes, "warning", lost))
        label = self.tr("Remove the account") if signed_out else self.tr("Sign out and remove the account")
        self.yes = button(label, kind="danger", on_click=lambda: self._remove(sign_out=not signed_out))
        self.no = button(self.tr("Keep it"), on_click=lambda: self._unfold(LEAVING))
        return column(*parts, Flow(self.yes, self.no))

    def _remove(self, *, sign_out: bool) -> None:
        self._tools.desk.remove_account(self.account.id, sign_out=sign_out)


def session_of(desk: Desk, account: str) -> Session | None:
    return next((session for session in desk.sessions if session.account.id == account), None)


def _both(first: str, second: str) -> str:
    return f"{first} {second}" if second else first
