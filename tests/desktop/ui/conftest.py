"""Widgets are tested on Qt's offscreen platform, in this process; what needs a real screen is in `tests/desktop/screen`.

The platform is chosen here, before anything imports Qt, and for the whole run: one process has one platform.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.style import dress
from handbell_desktop.ui.theme import DARK_THEME, LIGHT_THEME, Theme, ThemeSource
from handbell_shared.records import Notification
from tests.support.desks import MadeDesk, make_desk
from tests.support.waiting import LEAST

MakeDesk = Callable[..., MadeDesk]
PATIENCE_MS = int(LEAST * 1_000)


class PatientBot(QtBot):
    """Gives up as late as everybody who waits in these tests: what is there at once costs nothing, and a machine may be busy."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def themes(qtbot: QtBot) -> Iterator[ThemeSource]:
    """The light theme, dressed on the application as in the running one; `themes.choose("dark")` switches."""
    source = ThemeSource("light")
    undress = dress(source)
    yield source
    undress()


@pytest.fixture
def twice_the_font(qtbot: QtBot) -> Iterator[None]:
    """For people who need it large; before whatever is to be shown in it is made."""
    usual = QFont(QApplication.font())
    twice = QFont(usual)
    twice.setPointSizeF(usual.pointSizeF() * 2)
    QApplication.setFont(twice)
    yield
    QApplication.setFont(usual)


@pytest.fixture(params=[LIGHT_THEME, DARK_THEME], ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest, qtbot: QtBot) -> Theme:
    """Each theme in turn."""
    theme = request.param
    assert isinstance(theme, Theme)
    return theme


@pytest.fixture
def desk_of(tmp_path: Path) -> Iterator[MakeDesk]:
    """`desk_of(bell("Lunch"), …)`: ana's desk, online, with these; `desk_of(accounts={"ana": […]})` for several."""
    made: list[MadeDesk] = []

    def make(*records: Notification, accounts: dict[str, list[Notification]] | None = None) -> MadeDesk:
        one = make_desk(tmp_path, {"ana": list(records)} if accounts is None else accounts)
        made.append(one)
        for session in one.desk.sessions:
            one.link(session.account.id).online()
        one.turns.advance(0.1)
        return one

    yield make
    for one in made:
        one.close()
