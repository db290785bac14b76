"""Signing in as a person does it: the dialog, a real server, and the panel that lets other devices in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from handbell_desktop.account import devices, signing_in
from handbell_desktop.account.signing_in import NewDevice
from handbell_desktop.kept.settings import Account
from handbell_desktop.machine.toasts.base import Capabilities
from handbell_desktop.ui.settings.devices import DeviceRow, DevicesPanel
from handbell_desktop.ui.settings.page import Tools
from handbell_desktop.ui.sign_in import APPROVAL, CODE, SignIn
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.turns import QtTurns
from handbell_shared import pairing
from handbell_shared.clock import now_ms
from handbell_shared.link_state import SignedOut
from tests.desktop.conftest import PASSWORD
from tests.support.desks import MadeDesk, bell, make_desk
from tests.support.handbell import HandbellServer


@pytest.fixture(scope="module")
def elsewhere(server: HandbellServer) -> NewDevice:
    """A device of Ana's that is signed in already."""
    return signing_in.with_password(server.url, "ana", PASSWORD)


@pytest.fixture
def turns(qtbot: QtBot) -> Iterator[QtTurns]:
    turns = QtTurns()
    yield turns
    turns.end()


@pytest.fixture
def made(tmp_path: Path, turns: QtTurns) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {}, turns=turns, now=now_ms)
    yield made
    made.close()


OpensDialog = Callable[..., SignIn]


@pytest.fixture
def dialog(made: MadeDesk, themes: ThemeSource, turns: QtTurns) -> Iterator[OpensDialog]:
    dialogs: list[SignIn] = []

    def opened(again: Account | None = None) -> SignIn:
        dialog = SignIn(made.desk, themes, turns, again=again)
        dialogs.append(dialog)
        dialog.show()
        return dialog

    yield opened
    for one in dialogs:
        shiboken6.delete(one)  # and not only hidden, or Qt would dress it again in the tests that follow


def field(dialog: QWidget, name: str) -> QLineEdit:
    return next(edit for edit in dialog.findChildren(QLineEdit) if edit.accessibleName() == name)


def press(within: QWidget, label: str) -> None:
    """What can be seen and pressed with these words."""
    found = [b for b in within.findChildren(QAbstractButton) if b.text() == label and b.isVisible() and b.isEnabled()]
    assert len(found) == 1, f"{label}: {found}"
    found[0].click()


def said(dialog: QWidget) -> str:
    """Every sentence that can be seen."""
    return " | ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible() and label.text())


def test_a_password_adds_the_account_and_closes_the_dialog(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, qtbot: QtBot
) -> None:
    shown = dialog()
    QTest.keyClicks(field(shown, "Server"), server.url)
    QTest.keyClicks(field(shown, "User"), "ana")
    QTest.keyClicks(field(shown, "Password"), PASSWORD)
    QTest.keyClick(field(shown, "Password"), Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: not shown.isVisible())
    (account,) = made.desk.settings.accounts
    assert (account.server, account.user) == (server.url, "ana")
    qtbot.waitUntil(lambda: account.id in made.secrets.tokens)
    assert field(shown, "Password").text() == ""


def test_what_is_wrong_stands_beside_its_field_until_it_is_mended(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, qtbot: QtBot
) -> None:
    shown = dialog()
    field(shown, "Server").setText(server.url)
    field(shown, "User").setText("ana")
    field(shown, "Password").setText("guess")
    press(shown, "Sign in")

    qtbot.waitUntil(lambda: "The user or the password is wrong." in said(shown))
    assert field(shown, "Password").hasFocus()
    assert made.desk.settings.accounts == ()
    QTest.keyClicks(field(shown, "Password"), "x")
    assert "wrong" not in said(shown)


def test_an_unencrypted_address_is_warned_about_before_anything_is_sent(dialog: OpensDialog) -> None:
    shown = dialog()

    field(shown, "Server").setText("http://192.168.1.5:8080")
    assert "Not encrypted" in said(shown)
    field(shown, "Server").setText("https://bell.example")
    assert "Not encrypted" not in said(shown)


def test_a_link_shows_its_server_and_code_and_sends_nothing(dialog: OpensDialog, made: MadeDesk) -> None:
    shown = dialog()

    assert shown.fill_from_link("handbell://pair?server=https%3A%2F%2Fbell.example&code=k7qm3xwd")
    assert not shown.fill_from_link("https://bell.example")

    assert (field(shown, "Server").text(), field(shown, "Code or link").text()) == ("https://bell.example", "K7QM-3XWD")
    assert field(shown, "Code or link").isVisible()
    assert "Asking" not in said(shown)


def test_what_the_command_line_named_is_filled_in_and_the_password_is_asked_for(
    dialog: OpensDialog, tmp_path: Path
) -> None:
    shown = dialog()

    shown.fill("https://bell.example", "ana", str(tmp_path / "ca.pem"))

    assert (field(shown, "Server").text(), field(shown, "User").text()) == ("https://bell.example", "ana")
    assert field(shown, "CA file").text() == str(tmp_path / "ca.pem")
    assert field(shown, "CA file").isVisible()
    assert field(shown, "Password").text() == ""
    assert "Asking" not in said(shown)


def test_a_pasted_link_signs_in(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, elsewhere: NewDevice, qtbot: QtBot
) -> None:
    link = devices.offer(elsewhere.account, elsewhere.token).link
    shown = dialog()
    shown._ways.setCurrentIndex(CODE)
    field(shown, "Code or link").setText(link)
    press(shown, "Sign in")

    qtbot.waitUntil(lambda: not shown.isVisible())
    assert made.desk.settings.accounts[0].user == "ana"


def test_another_device_approves_the_code_that_is_shown(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, elsewhere: NewDevice, qtbot: QtBot
) -> None:
    shown = dialog()
    field(shown, "Server").setText(server.url)
    shown._ways.setCurrentIndex(APPROVAL)
    press(shown, "Get a code")
    qtbot.waitUntil(lambda: "Waiting for your other device…" in said(shown))
    press(shown, "Copy")
    code = QGuiApplication.clipboard().text()
    assert pairing.normalise(code) is not None

    devices.approve(elsewhere.account, elsewhere.token, code)

    qtbot.waitUntil(lambda: not shown.isVisible(), timeout=8000)
    assert made.desk.settings.accounts[0].user == "ana"


def test_an_answer_after_cancelling_leaves_no_device_behind(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, elsewhere: NewDevice, qtbot: QtBot
) -> None:
    before = {device.id for device in devices.of(elsewhere.account, elsewhere.token)}
    shown = dialog()
    field(shown, "Server").setText(server.url)
    field(shown, "User").setText("ana")
    field(shown, "Password").setText(PASSWORD)
    late: list[object] = []
    answered = shown._answered
    shown._answered = lambda attempt, result: (late.append(result), answered(attempt, result))  # type: ignore[method-assign,assignment,func-returns-value]
    press(shown, "Sign in")
    press(shown, "Cancel")

    qtbot.waitUntil(lambda: bool(late))
    qtbot.waitUntil(
        lambda: {device.id for device in devices.of(elsewhere.account, elsewhere.token)} == before, timeout=8000
    )
    assert made.desk.settings.accounts == ()


def test_signing_in_again_keeps_account_and_history(
    dialog: OpensDialog, made: MadeDesk, server: HandbellServer, qtbot: QtBot
) -> None:
    ben = signing_in.with_password(server.url, "ben", PASSWORD)
    made.desk.add_account(ben.account, "worn out")
    qtbot.waitUntil(lambda: made.links.get(ben.account.id) is not None)
    made.link(ben.account.id).brings(bell("Kept"))
    made.link(ben.account.id).says(SignedOut("revoked"))
    qtbot.waitUntil(lambda: len(made.titles()) == 1)
    made.desk.read(made.entries("Kept"))
    reader = made.desk.sessions[0].reader
    assert reader is not None
    qtbot.waitUntil(lambda: reader.outbox_size() == 1)

    shown = dialog(again=ben.account)
    assert "1 change" in said(shown)
    assert (field(shown, "Server").isEnabled(), field(shown, "User").isEnabled()) == (False, False)
    field(shown, "Password").setText(PASSWORD)
    press(shown, "Sign in")

    qtbot.waitUntil(lambda: not shown.isVisible())
    (account,) = made.desk.settings.accounts
    assert account.id == ben.account.id
    assert account.device != ben.account.device
    assert made.titles() == ["Kept"]


def test_a_key_in_a_file_is_warned_about(dialog: OpensDialog, made: MadeDesk, qtbot: QtBot) -> None:
    made.secrets.warning = "no keyring"

    shown = dialog()

    qtbot.waitUntil(lambda: "No keyring can be used" in said(shown))


# ---- the devices of an account, in the settings


class _Here:
    version, tray, autostart, settings_trouble = "1.0", True, None, None
    toasts = Capabilities("a list")

    def set_autostart(self, on: bool) -> None: ...
    def play(self, sound: str) -> None: ...


@pytest.fixture
def panel(made: MadeDesk, themes: ThemeSource, turns: QtTurns, elsewhere: NewDevice, qtbot: QtBot) -> DevicesPanel:
    made.secrets.tokens[elsewhere.account.id] = elsewhere.token
    panel = DevicesPanel(Tools(made.desk, themes, turns, _Here()), elsewhere.account)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: bool(rows(panel)))
    return panel


def rows(panel: DevicesPanel) -> list[DeviceRow]:
    return [row for row in panel.findChildren(DeviceRow) if row.isVisible()]


def test_this_computer_is_named_and_cannot_sign_itself_out_here(panel: DevicesPanel) -> None:
    assert "This computer" in said(rows(panel)[0])
    assert rows(panel)[0].findChildren(QAbstractButton) == []


def test_a_device_is_signed_out_by_the_second_click(
    panel: DevicesPanel, server: HandbellServer, elsewhere: NewDevice, qtbot: QtBot
) -> None:
    server.rest().sign_in("ana", PASSWORD, "a lost phone")
    panel.load()
    qtbot.waitUntil(lambda: "a lost phone" in said(panel))
    row = next(row for row in rows(panel) if "a lost phone" in said(row))

    press(row, "Sign out")
    assert "a lost phone" in {device.name for device in devices.of(elsewhere.account, elsewhere.token)}
    press(row, "Really sign out")

    qtbot.waitUntil(lambda: bool(rows(panel)) and "a lost phone" not in said(panel))
    assert "a lost phone" not in {device.name for device in devices.of(elsewhere.account, elsewhere.token)}


def test_pairing_offers_a_link_that_signs_in(panel: DevicesPanel, server: HandbellServer, qtbot: QtBot) -> None:
    press(panel, "Pair a new device")
    qtbot.waitUntil(lambda: "Good once" in said(panel))
    press(panel, "Copy link")

    link = pairing.parse_link(QGuiApplication.clipboard().text())
    assert link is not None
    assert link.server == server.url
    assert signing_in.with_code(link.server, link.code).account.user == "ana"


def test_approving_lets_a_device_in_and_says_its_name(
    panel: DevicesPanel, server: HandbellServer, qtbot: QtBot
) -> None:
    asked = signing_in.ask(server.url)
    press(panel, "Approve a device")
    qtbot.waitUntil(lambda: field(panel, "Code of the new device").isVisible())
    field(panel, "Code of the new device").setText("nonsense")
    press(panel, "Approve")
    qtbot.waitUntil(lambda: "This is not a code" in said(panel))
    assert "This computer" in said(panel)  # the list stays

    field(panel, "Code of the new device").setText(asked.code.lower())
    press(panel, "Approve")

    qtbot.waitUntil(lambda: f"“{signing_in.device_name()}” is being signed in." in said(panel))
