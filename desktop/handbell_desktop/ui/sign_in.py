"""The dialog that makes this computer a device of somebody.

Three ways, one at a time: a password, a code that the server or another device has made, or a code shown here that
another device approves. A `handbell://` link fills in the server and the code, and the person still sees both before
anything is asked of that server.

Every attempt has a number. An answer to one that was cancelled meanwhile is given back to the server, so that no device
stays in the person's list that nobody uses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.account import address, signing_in
from handbell_desktop.account.address import Unencrypted
from handbell_desktop.account.signing_in import Asked, NewDevice
from handbell_desktop.account.trouble import Field as FieldName
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Account
from handbell_desktop.timers import Turns
from handbell_desktop.ui.keyring_note import KeyringNote
from handbell_desktop.ui.parts import Note, button, column, line, words
from handbell_desktop.ui.phrases import said
from handbell_desktop.ui.sign_in_parts import ApprovalPage, CaField, Field, Head
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_shared import pairing

PASSWORD, CODE, APPROVAL = range(3)


class SignIn(QDialog):
    """`again` is the account whose token is not taken any more; without it an account is added."""

    def __init__(
        self,
        desk: Desk,
        themes: ThemeSource,
        turns: Turns,
        *,
        again: Account | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._themes, self._turns, self._again = desk, themes, turns, again
        self._attempt = 0
        self._busy = False
        self._cancelled = threading.Event()
        self._to_reveal: Note | None = None
        self._fields: dict[FieldName, Field] = {
            "server": Field(self.tr("Server"), themes, "bell.example"),
            "user": Field(self.tr("User"), themes),
            "password": Field(self.tr("Password"), themes),
            "code": Field(self.tr("Code or link"), themes, "XXXX-XXXX"),
            "ca_file": CaField(self.tr("CA file"), themes, self.tr("Only for a server with its own authority")),
        }
        self._approval = ApprovalPage(themes)
        self._build()
        self._show_way(PASSWORD)

    def fill(self, server: str, user: str, ca_file: str | None = None) -> None:
        """What the command line named; the password is the person's to type."""
        self._fields["server"].edit.setText(server)
        self._fields["user"].edit.setText(user)
        self._fields["ca_file"].edit.setText(ca_file or "")
        self._unfold.setChecked(bool(ca_file))
        self._fields["password"].edit.setFocus()

    def fill_from_link(self, link: str) -> bool:
        """Show what a `handbell://` link asks for; False when it is none. Nothing is sent until the person agrees."""
        asked = pairing.parse_link(link)
        if asked is None:
            return False
        if self._again is None:
            self._fields["server"].edit.setText(asked.server)
        self._ways.setCurrentIndex(CODE)
        self._fields["code"].edit.setText(pairing.shown(asked.code))
        return True

    # ---- what it looks like

    def _build(self) -> None:
        again = self._again
        self.setWindowTitle(self.tr("Sign in again") if again else self.tr("Sign in to Handbell"))
        self._ways = QTabBar()
        self._ways.setAccessibleName(self.tr("How to sign in"))
        self._ways.setExpanding(False)
        self._ways.setElideMode(Qt.TextElideMode.ElideNone)
        self._ways.setUsesScrollButtons(True)
        for name in (self.tr("Password"), self.tr("Code"), self.tr("Other device")):
            self._ways.addTab(name)
        self._ways.currentChanged.connect(self._show_way)
        self._pages = QStackedWidget()
        self._way_pages = (self._password_page(), self._code_page(), self._approval)
        for page in self._way_pages:
            self._pages.addWidget(page)
        inside = QWidget()
        body = column(
            Head(self._desk, self._themes, again), self._server_field(), self._ways, self._pages, space=2 * SPACE
        )
        body.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, SPACE)
        body.addWidget(self._advanced())
        body.addWidget(KeyringNote(self._desk, self._themes, self._turns))
        self._general = Note(self._themes)
        body.addWidget(self._general)
        body.addStretch(1)
        inside.setLayout(body)
        self._scroll = scroll = QScrollArea()  # at twice the font this is taller than some screens
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self._inside = inside
        self._fit_soon = QTimer(self)  # once the layout has settled
        self._fit_soon.setSingleShot(True)
        self._fit_soon.timeout.connect(self._settle)
        inside.installEventFilter(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        self._feet = self._foot()
        outer.addLayout(self._feet)

    def _server_field(self) -> Field:
        field = self._fields["server"]
        self._unsafe = Note(self._themes, "warning")
        field.body.addWidget(self._unsafe)
        field.edit.textChanged.connect(self._server_typed)
        if self._again is not None:
            field.fix(self._again.server)
        return field

    def _password_page(self) -> QWidget:
        user, password = self._fields["user"], self._fields["password"]
        password.edit.setEchoMode(QLineEdit.EchoMode.Password)
        if self._again is not None:
            user.fix(self._again.user)
        page = QWidget()
        page.setLayout(column(user, password, -1, space=2 * SPACE))
        return page

    def _code_page(self) -> QWidget:
        about = self.tr(
            "Another device of yours, or whoever runs the server, can make a code or a link for you. A link begins with "
            "handbell:// and fills in the server, too: click it, or paste it here."
        )
        field = self._fields["code"]
        field.edit.textChanged.connect(self.fill_from_link)
        page = QWidget()
        page.setLayout(column(words(about, self._themes, "small", tone="soft"), field, -1, space=2 * SPACE))
        return page

    def _advanced(self) -> QWidget:
        toggle = QToolButton()
        toggle.setText(self.tr("Advanced"))
        toggle.setCheckable(True)
        toggle.setArrowType(Qt.ArrowType.RightArrow)
        toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        toggle.setStyleSheet("QToolButton { padding-left: 0; }")
        field = self._fields["ca_file"]
        field.hide()

        def unfold(on: bool) -> None:
            toggle.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
            field.setVisible(on)
            self._fit()

        toggle.toggled.connect(unfold)
        if self._again is not None and self._again.ca_file:
            field.edit.setText(self._again.ca_file)
            toggle.setChecked(True)
        self._unfold = toggle
        made = QWidget()
        made.setLayout(column(toggle, field))
        return made

    def _foot(self) -> QVBoxLayout:
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(3)
        kept = self._progress.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(kept)
        self._progress.hide()
        self._status = words("", self._themes, "small", tone="soft")
        self._status.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._cancel = button(self.tr("Cancel"), on_click=self.reject)
        self._go = button("", kind="primary", on_click=self._begin)
        self._go.setDefault(True)
        row = line(self._status, self._cancel, self._go)
        row.setStretch(0, 1)
        row.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        return column(self._progress, row, space=0)

    # ---- reacting

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self._fit()
        self._focus_first_empty()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self._fit_soon.start()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """As high as what it says now, within the screen; never smaller than the person made it."""
        if not self.isVisible():
            return
        available = self.screen().availableGeometry()
        wide = min(max(440, self.fontMetrics().averageCharWidth() * 62, self.width()), available.width())
        layout = self._inside.layout()
        assert layout is not None
        layout.activate()
        bar = self._scroll.verticalScrollBar().sizeHint().width()  # else the bar makes the room too narrow to go away
        high = layout.heightForWidth(wide - bar) + self._feet.sizeHint().height()
        self.resize(wide, min(max(high, self.height()), available.height() - 4 * SPACE))

    def _focus_first_empty(self) -> None:
        order: dict[int, tuple[FieldName, ...]] = {
            PASSWORD: ("server", "user", "password"),
            CODE: ("server", "code"),
            APPROVAL: ("server",),
        }
        for name in order[self._ways.currentIndex()]:
            if not self._fields[name].text:
                self._fields[name].edit.setFocus()
                return
        self._go.setFocus()

    def _show_way(self, way: int) -> None:
        self._stop()
        self._pages.setCurrentIndex(way)
        for index, page in enumerate(self._way_pages):  # only the page that shows may ask for room
            policy = QSizePolicy.Policy.Preferred if index == way else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self._approval.show_asked(None)
        self._go.setText(self.tr("Get a code") if way == APPROVAL else self.tr("Sign in"))
        self._say_nothing()

    def _server_typed(self, typed: str) -> None:
        if address.overheard(typed.strip()):
            self._unsafe.say(self.tr("Not encrypted: others in the network can read what is sent, also passwords."))
        else:
            self._unsafe.say("")

    def reject(self) -> None:
        self._stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._stop()
        super().closeEvent(event)

    # ---- asking the server

    def _begin(self) -> None:
        if self._busy:
            return
        self._stop()
        self._say_nothing()
        server, ca_file = self._fields["server"].edit.text(), self._fields["ca_file"].edit.text().strip() or None
        match self._ways.currentIndex():
            case way if way == PASSWORD:
                user, password = self._fields["user"].edit.text(), self._fields["password"].edit.text()
                task: Callable[[], object] = partial(signing_in.with_password, server, user, password, ca_file=ca_file)
            case way if way == CODE:
                task = partial(signing_in.with_code, server, self._fields["code"].edit.text(), ca_file=ca_file)
            case _:
                task = partial(signing_in.ask, server, ca_file=ca_file)
        self._run(task, self.tr("Asking the server…"))

    def _run(self, task: Callable[[], object], status: str) -> None:
        self._set_busy(True, status)
        again, accounts = self._again, self._desk.settings.accounts

        def checked() -> object:
            result = task()
            if not isinstance(result, NewDevice):
                return result
            return signing_in.again(again, result) if again else signing_in.refuse_double(accounts, result)

        # Not `parts.work`: an answer that comes too late must be given back, also when this window is gone.
        self._turns.work(checked, partial(self._answered, self._attempt))

    def _answered(self, attempt: int, result: object) -> None:
        if attempt != self._attempt:
            if isinstance(result, NewDevice):
                late = result
                self._turns.work(lambda: signing_in.give_back(late), lambda _: None)
            return
        self._set_busy(False)
        match result:
            case NewDevice():
                self._take(result)
            case Asked():
                self._approval.show_asked(result)
                self._cancelled = threading.Event()
                waiting = self.tr("Waiting for your other device…")
                self._run(partial(signing_in.wait_for_approval, result, self._cancelled), waiting)
            case Unencrypted():
                self._fields["server"].edit.setText(result.address)
                self._unsafe.say("")
                self._say(result)
                self._go.setFocus()
            case Trouble():
                self._approval.show_asked(None)
                self._focus_first_empty()
                self._say(result)
            case _:
                self._approval.show_asked(None)
                self._focus_first_empty()
                self._general.say(self.tr("This did not work, for a reason nobody foresaw. Please try again."))

    def _take(self, new: NewDevice) -> None:
        self._fields["password"].edit.clear()
        self._attempt += 1
        if self._again is not None:
            self._desk.sign_in_again(new.account.id, new.token, device=new.account.device)
        else:
            self._desk.add_account(new.account, new.token)
        self.accept()

    def _stop(self) -> None:
        """What is under way is not wanted any more."""
        self._attempt += 1
        self._cancelled.set()
        self._set_busy(False)

    def _set_busy(self, busy: bool, status: str = "") -> None:
        self._busy = busy
        self._progress.setVisible(busy)
        self._status.setText(status)
        self._go.setEnabled(not busy)
        if busy:
            self._cancel.setFocus()  # or Qt gives it to whatever comes next and is not disabled
        for field in self._fields.values():
            field.set_busy(busy)

    # ---- saying what happened

    def _say(self, failure: Trouble) -> None:
        text = said(failure.sentence)
        if failure.wants_ca or failure.field == "ca_file":
            self._unfold.setChecked(True)
        if failure.field is None or not self._is_shown(failure.field):
            self._general.say(text)
            self._reveal(self._general)
            return
        field = self._fields[failure.field]
        field.note.say(text)
        self._reveal(field.note)
        field.edit.setFocus()
        field.edit.selectAll()

    def _reveal(self, note: Note) -> None:
        self._to_reveal = note
        self._fit_soon.start()

    def _settle(self) -> None:
        self._fit()
        if self._to_reveal is not None:
            self._scroll.ensureWidgetVisible(self._to_reveal)
            self._to_reveal = None

    def _is_shown(self, field: FieldName) -> bool:
        return {"user": PASSWORD, "password": PASSWORD, "code": CODE}.get(field, self._ways.currentIndex()) == (
            self._ways.currentIndex()
        )

    def _say_nothing(self) -> None:
        self._general.say("")
        for field in self._fields.values():
            field.note.say("")
