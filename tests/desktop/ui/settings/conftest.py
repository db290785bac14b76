"""The settings of two people on one desk, shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from handbell_desktop.account import mailbox
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from tests.desktop.ui.settings.scene import Here, showing
from tests.support.desks import MadeDesk, bell, make_desk


@pytest.fixture(autouse=True)
def no_e_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no server to ask; what one says is in `test_mailbox.py`."""
    monkeypatch.setattr(mailbox, "of", lambda account, token: None)


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {"ana": [bell("Lunch")], "ben": []})
    yield made
    made.close()


@pytest.fixture
def window(made: MadeDesk, themes: ThemeSource, here: Here, qtbot: QtBot) -> Iterator[SettingsWindow]:
    with showing(made, themes, here) as window:
        yield window
