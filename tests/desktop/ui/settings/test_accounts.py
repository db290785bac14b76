"""How each account stands, and looking for faults."""

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
)
from pytestqt.qtbot import QtBot

from handbell_desktop.account import mailbox
from handbell_desktop.account.mailbox import Mailbox
from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.settings.accounts import AccountCard, AccountsPage
from handbell_desktop.ui.settings.rules import RulesPage
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from handbell_shared.link_state import Incompatible, LinkState, Offline, SignedOut
from handbell_shared.preferences import Digest
from tests.desktop.ui.settings.scene import Here, focused, page, press, said, showing
from tests.support.desks import MadeDesk, make_desk

# ---- accounts


def card(window: SettingsWindow, account: str) -> AccountCard:
    accounts = page(window, "accounts")
    assert isinstance(accounts, AccountsPage)
    return accounts.card(account)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (Offline(3, "nobody answers"), "Offline, and trying again: nobody answers."),
        (SignedOut("revoked"), "Signed out"),
        (Incompatible(), "another version"),
    ],
)
def test_an_account_says_how_it_stands(window: SettingsWindow, made: MadeDesk, state: LinkState, says: str) -> None:
    made.link("ana").online()
    made.turns.advance(1)
    assert card(window, "ana").state.text() == "Online"

    made.link("ana").says(state)
    made.turns.advance(1)

    assert says in card(window, "ana").state.text()
    assert "Connecting" in card(window, "ben").state.text()


def test_the_reason_is_said_in_the_person_s_language(window: SettingsWindow, made: MadeDesk, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert app is not None
    languages = Languages(app, "de")
    try:
        made.link("ana").says(Offline(3, "the server does not answer"))
        made.turns.advance(1)

        qtbot.waitUntil(lambda: "der Server antwortet nicht" in card(window, "ana").state.text())
    finally:
        languages.silence()
        QLocale.setDefault(QLocale.system())


def test_a_signed_out_account_asks_to_sign_in_and_names_what_waits(
    window: SettingsWindow, made: MadeDesk, qtbot: QtBot
) -> None:
    made.desk.archive(made.entries("Lunch"))
    made.settle()
    made.link("ana").says(SignedOut("expired"))
    made.turns.advance(1)
    wanted: list[str] = []
    window.sign_in_wanted.connect(wanted.append)

    press(card(window, "ana"), "Sign in again…")

    assert "1 change(s) wait to be sent." in card(window, "ana").state.text()
    assert wanted == ["ana"]


def test_e_mail_stands_in_the_account_s_card_and_leads_to_its_rules(
    window: SettingsWindow, made: MadeDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(mailbox, "of", lambda account, token: Mailbox(True, f"{account.user}@home.example", True))
    for user in ("ana", "ben"):
        made.link(user).online()
    made.turns.advance(1)
    qtbot.waitUntil(lambda: "Confirmed. Nothing is mailed yet" in said(card(window, "ben")))
    made.desk.prefer("ben", "digest", Digest(every="daily"))
    made.turns.advance(1)
    qtbot.waitUntil(lambda: "Confirmed. E-mail goes to this address." in said(card(window, "ben")))
    window.activateWindow()

    card(window, "ana").leave.setFocus()
    names = []
    for _ in range(4):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        names.append(cast("QAbstractButton", focused()).text())
    assert names == ["What is mailed…", "Change…", "Remove", "Devices"], "as they are read"

    press(card(window, "ben"), "What is mailed…")
    rules = window.page("rules")
    assert isinstance(rules, RulesPage) and rules.isVisible() and rules.account == "ben"


def test_an_account_is_removed_after_a_question(window: SettingsWindow, made: MadeDesk) -> None:
    press(card(window, "ana"), "Sign out…")
    assert window.focusWidget() is card(window, "ana").no  # Enter and Space do no harm
    press(card(window, "ana"), "Keep it")
    press(card(window, "ana"), "Sign out…")
    assert len(made.desk.settings.accounts) == 2

    press(card(window, "ana"), "Sign out and remove the account")
    made.settle()
    made.turns.advance(1)

    assert [account.id for account in made.desk.settings.accounts] == ["ben"]
    assert "ana" not in said(page(window, "accounts"))


def test_without_an_account_the_page_asks_for_one(
    tmp_path: Path, themes: ThemeSource, here: Here, qtbot: QtBot
) -> None:
    made = make_desk(tmp_path, {})
    wanted: list[str] = []
    with showing(made, themes, here) as window:
        window.sign_in_wanted.connect(wanted.append)

        press(page(window, "accounts"), "Sign in…")

    assert wanted == [""]
    made.close()


# ---- diagnosis


def test_the_diagnosis_begins_when_it_is_looked_at_and_copies_a_report(window: SettingsWindow, made: MadeDesk) -> None:
    shown = page(window, "diagnosis")

    press(shown, "Copy report")

    report = QGuiApplication.clipboard().text()
    assert "ana · https://bell.example" in report
    assert "ok    Notifications: Shown by a list." in report
    assert "Handbell 1.2.3" in report
    assert "token" not in report.replace("no token", "")
    assert "The report is in the clipboard" in said(shown)
