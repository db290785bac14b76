"""The devices of one account: who is signed in, and two ways to let a new one in.

*Pair* makes a code here that the new device enters; *approve* enters a code here that the new device shows. Everything
asks the server in a worker; a panel that was closed meanwhile hears nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from handbell_desktop.account import devices
from handbell_desktop.account.devices import Device
from handbell_desktop.kept.settings import Account
from handbell_desktop.ui.big_code import BigCode
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.parts import IconButton, Note, Picture, button, clear, column, copy, line, words
from handbell_desktop.ui.settings.asking import ask, why
from handbell_desktop.ui.settings.page import Tools
from handbell_desktop.ui.theme import SPACE
from handbell_shared.rest_pairing import Approved, Offered


class DevicesPanel(QWidget):
    def __init__(self, tools: Tools, account: Account) -> None:
        super().__init__()
        self._tools, self._account = tools, account
        themes = tools.themes
        title = words(self.tr("Devices of {user}").format(user=account.user), themes, "small", tone="soft", strong=True)
        again = IconButton("refresh", self.tr("Look again"), themes, self.load)
        head = line(title, again)
        head.setStretch(0, 1)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE)
        self.note = Note(themes)
        self.pair = button(self.tr("Pair a new device"), on_click=self._offer)
        self.approve = button(self.tr("Approve a device"), on_click=self._ask_for_code)
        self._below = QVBoxLayout()
        self._below.setSpacing(SPACE)
        self.setLayout(column(head, self._rows, Flow(self.pair, self.approve), self._below, self.note, space=SPACE))
        self.load()

    def load(self) -> None:
        self._say(self._rows, self.tr("Asking the server…"))
        self._ask(partial(devices.of, self._account), self._loaded)

    def _loaded(self, result: object) -> None:
        clear(self._rows)
        if isinstance(result, tuple):
            self.note.say("")
            for device in result:
                self._rows.addWidget(DeviceRow(self._tools, device, self._sign_out))
        else:
            self._failed(result)

    def _sign_out(self, device: Device) -> None:
        def done(result: object) -> None:
            if result is None:
                self.load()
            else:
                self._failed(result)

        self._ask(lambda token: devices.sign_out(self._account, token, device.id), done)

    # ---- a new device

    def _offer(self) -> None:
        self._say(self._below, self.tr("Asking the server…"))
        self._ask(partial(devices.offer, self._account), self._offered)

    def _offered(self, result: object) -> None:
        clear(self._below)
        if not isinstance(result, Offered):
            self._failed(result)
            return
        self.note.say("")
        themes = self._tools.themes
        how = self.tr("On the new device choose “Code” when you sign in, and enter this code or open this link:")
        self._below.addWidget(words(how, themes, "small", tone="soft"))
        code = BigCode(themes)
        code.show_code(result.code)
        self._below.addWidget(code)
        link = QLineEdit(result.link)
        link.setReadOnly(True)
        link.setCursorPosition(0)
        link.setAccessibleName(self.tr("Link"))
        self._below.addLayout(line(link, button(self.tr("Copy link"), on_click=lambda: copy(result.link))))
        until = QDateTime.fromMSecsSinceEpoch(result.expires_at).time()
        good = self.tr("Good once, until {time}. Whoever has it can read your notifications.")
        time = QLocale().toString(until, QLocale.FormatType.ShortFormat)
        self._below.addWidget(words(good.format(time=time), themes, "small", tone="soft"))

    def _ask_for_code(self) -> None:
        clear(self._below)
        self.note.say("")
        how = self.tr("Enter the code that the new device shows. Only approve a device that you hold in your hands.")
        self._below.addWidget(words(how, self._tools.themes, "small", tone="soft"))
        self.code = QLineEdit()
        self.code.setPlaceholderText("XXXX-XXXX")
        self.code.setAccessibleName(self.tr("Code of the new device"))
        self.confirm = button(self.tr("Approve"), kind="primary", on_click=self._approve)
        self.code.returnPressed.connect(self._approve)
        self._below.addLayout(line(self.code, self.confirm))
        self.code.setFocus()

    def _approve(self) -> None:
        self.confirm.setEnabled(False)
        typed = self.code.text()
        self._ask(lambda token: devices.approve(self._account, token, typed), self._approved)

    def _approved(self, result: object) -> None:
        self.confirm.setEnabled(True)
        if not isinstance(result, Approved):
            self._failed(result)
            self.code.setFocus()
            return
        self.note.say("")
        clear(self._below)
        good = self.tr("“{device}” is being signed in.").format(device=result.device.name)
        self._below.addWidget(Note(self._tools.themes, "success", good))

    # ---- asking

    def _ask(self, task: Callable[[str], object], done: Callable[[object], None]) -> None:
        ask(self, self._tools, self._account, task, done)

    def _failed(self, result: object) -> None:
        self.note.say(why(result))

    def _say(self, where: QVBoxLayout, text: str) -> None:
        clear(where)
        where.addWidget(words(text, self._tools.themes, "small", tone="soft"))


class DeviceRow(QWidget):
    def __init__(self, tools: Tools, device: Device, sign_out: Callable[[Device], None]) -> None:
        super().__init__()
        themes = tools.themes
        name = words(device.name, themes)
        about = words(self._about(device), themes, "small", tone="success" if device.online else "soft")
        row = line(Picture("device", "soft", themes), column(name, about, space=0), space=SPACE)
        row.setStretch(1, 1)
        if not device.current:
            self._sure = False
            self._device, self._sign_out = device, sign_out
            self.out = button(self.tr("Sign out"), on_click=self._asked)
            self.out.setAccessibleName(self.tr("Sign out {device}").format(device=device.name))
            row.addWidget(self.out)
        self.setLayout(row)

    def _about(self, device: Device) -> str:
        since = QLocale().toString(
            QDateTime.fromMSecsSinceEpoch(device.created_at).date(), QLocale.FormatType.ShortFormat
        )
        if device.current:
            return self.tr("This computer, signed in since {date}").format(date=since)
        if device.online:
            return self.tr("Online now, signed in since {date}").format(date=since)
        return self.tr("Offline, signed in since {date}").format(date=since)

    def _asked(self) -> None:
        """The first click asks, the second does it: a device that is signed out needs somebody to sign it in."""
        if not self._sure:
            self._sure = True
            self.out.setText(self.tr("Really sign out"))
            self.out.setProperty("kind", "danger")
            self.out.style().polish(self.out)
            return
        self.out.setEnabled(False)
        self._sign_out(self._device)
