"""A person's e-mail address in the settings: named, proven, changed and given up; and servers that send none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from handbell_desktop.account import mailbox, signing_in
from handbell_desktop.account.mailbox import Mailbox
from handbell_desktop.account.signing_in import NewDevice
from handbell_desktop.ui.settings.mailbox import MailboxPanel
from handbell_desktop.ui.settings.page import Tools
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.turns import QtTurns
from handbell_shared.clock import now_ms
from handbell_shared.link_state import Offline, Online, SignedOut
from tests.desktop.conftest import PASSWORD
from tests.desktop.ui.test_sign_in import _Here, field, press, said
from tests.server.mail.conftest import link_in, mail_settings
from tests.support.desks import MadeDesk, make_desk
from tests.support.handbell import HandbellServer
from tests.support.mail_server import MailServer
from tests.support.waiting import until

LONG = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example"


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer() as post:
        yield post


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[HandbellServer]:
    with HandbellServer(tmp_path_factory.mktemp("server"), environment=mail_settings(post)) as server:
        server.add_user("ana", PASSWORD)
        yield server.start()


@pytest.fixture(scope="module")
def ana(server: HandbellServer) -> NewDevice:
    return signing_in.with_password(server.url, "ana", PASSWORD)


@pytest.fixture
def turns(qtbot: QtBot) -> Iterator[QtTurns]:
    turns = QtTurns()
    yield turns
    turns.end()


@pytest.fixture
def made(tmp_path: Path, turns: QtTurns, ana: NewDevice, qtbot: QtBot) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {}, turns=turns, now=now_ms)
    made.desk.add_account(ana.account, ana.token)
    qtbot.waitUntil(lambda: ana.account.id in made.links)
    made.link(ana.account.id).online()
    yield made
    made.close()


@pytest.fixture
def panel(made: MadeDesk, themes: ThemeSource, turns: QtTurns, ana: NewDevice, qtbot: QtBot) -> Iterator[MailboxPanel]:
    above = QPushButton()
    panel = MailboxPanel(Tools(made.desk, themes, turns, _Here()), ana.account, above, lambda: None)
    above.setParent(panel)
    above.hide()
    qtbot.waitUntil(lambda: isinstance(made.desk.sessions[0].state, Online))
    panel.refresh(made.desk.sessions[0])
    panel.resize(420, 300)
    panel.show()
    yield panel
    shiboken6.delete(panel)


def code_in(post: MailServer, address: str) -> str:
    """The latest that came there."""
    texts = until(lambda: [one.text for one in post.taken if one.recipient == address], 10, f"a code for {address}")
    code = re.search(r"\b\d{3} \d{3}\b", texts[-1])
    assert code is not None
    return code[0]


def comes_back(panel: MailboxPanel) -> None:
    """From the mail program, say."""
    QCoreApplication.sendEvent(panel.window(), QEvent(QEvent.Type.WindowActivate))


def test_an_address_is_named_proven_changed_and_given_up(
    panel: MailboxPanel, made: MadeDesk, post: MailServer, server: HandbellServer, ana: NewDevice, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "What you have not seen can also come by e-mail." in said(panel))
    press(panel, "Add an address…")
    QTest.keyClicks(field(panel, "E-mail address"), "ana at home")
    QTest.keyClick(field(panel, "E-mail address"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "No e-mail can be sent to this address." in said(panel))
    assert field(panel, "E-mail address").text() == "ana at home", "what was typed can be mended"
    field(panel, "E-mail address").setText("ana@home.example")
    press(panel, "Send a code")
    qtbot.waitUntil(lambda: "A code was sent there." in said(panel))
    code = code_in(post, "ana@home.example")

    typed = field(panel, "Code from the e-mail")
    assert QApplication.focusWidget() is typed
    typed.setText("000 000" if code != "000 000" else "000 001")
    press(panel, "Confirm")
    qtbot.waitUntil(lambda: "This is not the code, or not any more" in said(panel))
    typed.setText(code)
    QTest.keyClick(typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Confirmed. Nothing is mailed yet" in said(panel))
    assert mailbox.of(ana.account, ana.token) == Mailbox(offered=True, address="ana@home.example", confirmed=True)

    press(panel, "Change…")
    qtbot.waitUntil(lambda: "Until you have entered it, no other e-mail is sent to you." in said(panel))
    field(panel, "E-mail address").setText("ana@work.example")
    press(panel, "Send a code")
    qtbot.waitUntil(lambda: "A code was sent there." in said(panel))
    first = code_in(post, "ana@work.example")
    press(panel, "Send a new code")
    qtbot.waitUntil(lambda: "A new code is on its way." in said(panel))
    until(lambda: code_in(post, "ana@work.example") != first, 10, "the new code")
    link = next(link_in(one.text) for one in reversed(post.taken) if one.recipient == "ana@work.example")
    assert server.rest().post(link, None).status == 200
    comes_back(panel)
    qtbot.waitUntil(lambda: "Confirmed. Nothing is mailed yet" in said(panel))

    press(panel, "Remove")
    assert mailbox.of(ana.account, ana.token) == Mailbox(offered=True, address="ana@work.example", confirmed=True)
    press(panel, "Really remove")
    qtbot.waitUntil(lambda: "What you have not seen" in said(panel))
    assert mailbox.of(ana.account, ana.token) == Mailbox(offered=True)


@pytest.mark.parametrize(
    ("stands", "says", "buttons"),
    [
        (None, [], []),
        (Mailbox(False), ["This server sends no e-mail."], []),
        (Mailbox(False, "ana@home.example", True), ["This server sends no e-mail."], ["Remove"]),
        (
            Mailbox(True, "ana@home.example", trouble="550 5.1.1 nobody"),
            ["The mail server refused this address: 550 5.1.1 nobody"],
            ["Send a new code", "Change…", "Remove"],
        ),
        (Mailbox(True, LONG, True), ["Confirmed."], ["What is mailed…", "Change…", "Remove"]),
    ],
    ids=["older", "sends none", "sends none any more", "refused", "long"],
)
def test_how_it_stands_is_said(
    panel: MailboxPanel,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    stands: Mailbox | None,
    says: list[str],
    buttons: list[str],
) -> None:
    qtbot.waitUntil(lambda: panel._mailbox is not None)
    monkeypatch.setattr(mailbox, "of", lambda account, token: stands)

    comes_back(panel)
    qtbot.waitUntil(lambda: panel._mailbox == stands)
    qtbot.waitUntil(lambda: all(one in said(panel).replace("\u200b", "") for one in says))

    assert bool(said(panel)) == (stands is not None)
    assert [one.text() for one in panel.findChildren(QPushButton) if one.isVisible()] == buttons
    assert panel.findChildren(QLineEdit) == [] or not any(e.isVisible() for e in panel.findChildren(QLineEdit))
    assert panel.minimumSizeHint().width() < 420, "the longest address is broken, not cut off"


def test_what_is_typed_stays_and_a_failure_hides_nothing(
    panel: MailboxPanel, made: MadeDesk, monkeypatch: pytest.MonkeyPatch, ana: NewDevice, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "What you have not seen" in said(panel))
    press(panel, "Add an address…")
    field(panel, "E-mail address").setText("ana@ho")
    asked: list[str] = []

    def of(account: object, token: str) -> Mailbox:
        asked.append(token)
        if len(asked) == 1:
            raise ValueError("a fault")
        return Mailbox(True, "ben@home.example")

    monkeypatch.setattr(mailbox, "of", of)
    comes_back(panel)
    qtbot.waitUntil(lambda: len(asked) == 1)
    comes_back(panel)
    qtbot.waitUntil(lambda: panel._mailbox == Mailbox(True, "ben@home.example"))
    assert field(panel, "E-mail address").text() == "ana@ho"

    press(panel, "Cancel")
    qtbot.waitUntil(lambda: "A code was sent there." in said(panel))
    session = made.desk.sessions[0]
    made.link(ana.account.id).says(Offline(3, "away"))
    qtbot.waitUntil(lambda: isinstance(session.state, Offline))
    panel.refresh(session)
    comes_back(panel)
    assert len(asked) == 2, "nobody is asked without a network"
    made.link(ana.account.id).says(SignedOut("revoked"))
    qtbot.waitUntil(lambda: isinstance(session.state, SignedOut))
    panel.refresh(session)
    assert not panel.isVisible()
