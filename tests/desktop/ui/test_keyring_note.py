"""Where the keys lie is said plainly, and whoever declined the keyring can have it after all."""

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.keyring_note import KeyringNote
from handbell_desktop.ui.notice import Notice
from handbell_desktop.ui.theme import ThemeSource
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell


def note_of(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> KeyringNote:
    note = KeyringNote(made.desk, themes, made.turns)
    qtbot.addWidget(note)
    return note


def test_in_the_keyring_there_is_nothing_to_say(desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    note = note_of(desk_of(bell("a")), themes, qtbot)

    assert (note.text, note.isHidden()) == ("", True)


def test_where_no_keyring_is_nothing_is_offered(desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    made = desk_of(bell("a"))
    made.secrets.warning = "in a file"

    note = note_of(made, themes, qtbot)

    assert "No keyring can be used" in note.text
    assert note.button.isHidden()


def test_who_declined_the_keyring_is_offered_it(desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot) -> None:
    made = desk_of(bell("a"))
    made.secrets.warning, made.secrets.declined, made.secrets.locked = "in a file", True, True
    note = note_of(made, themes, qtbot)
    assert "kept in a file" in note.text

    note.button.click()
    assert not note.button.isEnabled()
    made.secrets.warning = None
    made.settle()

    assert (made.secrets.asked, note.isHidden()) == (1, True)


def test_a_locked_keyring_can_be_unlocked_from_the_panel_s_notice(
    desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot
) -> None:
    made = desk_of(bell("a"))
    session = made.desk.sessions[0]
    session.started = False
    session.cannot_start("Your keyring is locked.", signed_out=False)
    notice = Notice(made.desk, themes)
    qtbot.addWidget(notice)
    button = notice.findChild(QPushButton)
    assert button is not None
    assert button.text() == "Unlock…"
    links = len(made.links["ana"])

    button.click()
    made.settle()
    made.link("ana").online()
    made.turns.advance(0.1)

    assert len(made.links["ana"]) == links + 1
    assert notice.isHidden()
