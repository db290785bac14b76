"""Who appears when the tray comes late; the tray itself is in `tests/desktop/screen`."""

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.shell import Shell
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.tray import Tray
from handbell_desktop.ui.window import Window
from tests.desktop.ui.conftest import MakeDesk
from tests.desktop.ui.settings.scene import Here
from tests.support.desks import bell


@pytest.fixture
def languages(qapp: QApplication) -> Iterator[Languages]:
    spoken = Languages(qapp, "en")
    yield spoken
    spoken.silence()


def test_without_a_tray_the_window_says_so_until_there_is_one(
    desk_of: MakeDesk, themes: ThemeSource, languages: Languages, qtbot: QtBot
) -> None:
    made = desk_of(bell("Lunch"))
    tray = Tray(patience=0.01)
    shell = Shell(made.desk, themes, languages, tray, made.turns, Here())
    with qtbot.waitSignal(tray.nowhere):
        shell.start()
    (window,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, Window) and one.isVisible())
    assert window.no_tray.isVisible()

    tray.appeared.emit()

    assert window.isVisible()
    assert not window.no_tray.isVisible()
    shell.close()
    shiboken6.delete(window)
