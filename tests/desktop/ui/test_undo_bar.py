"""Ten seconds to take back what was done, in words and by a button."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from handbell_desktop.kept.shown import Query
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.undo_bar import UndoBar
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell


@pytest.fixture
def made(desk_of: MakeDesk) -> MadeDesk:
    return desk_of(bell("Lunch"), bell("Disk full"))


@pytest.fixture
def bar(made: MadeDesk, themes: ThemeSource, qtbot: QtBot) -> UndoBar:
    bar = UndoBar(made.desk, themes, made.turns.now)
    qtbot.addWidget(bar)
    return bar


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


def test_it_appears_with_what_was_done_and_takes_it_back(made: MadeDesk, bar: UndoBar, qtbot: QtBot) -> None:
    assert bar.isHidden()

    made.desk.archive(made.desk.page(Query()))
    after(made)
    assert bar.isVisible()
    assert bar._sentence.text().startswith("2 notification")

    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    after(made)
    assert sorted(made.titles("unread")) == ["Disk full", "Lunch"]
    assert bar.isHidden()


def test_after_ten_seconds_it_is_gone(made: MadeDesk, bar: UndoBar) -> None:
    made.desk.delete(made.entries("Lunch"))
    after(made)
    assert bar.isVisible()

    made.turns.advance(10)
    after(made)

    assert bar.isHidden()
    assert made.titles() == ["Disk full"]


def test_everything_that_can_be_taken_back_has_a_sentence_of_its_own(made: MadeDesk, bar: UndoBar) -> None:
    said = set()
    for verb in ("read", "unread", "pin", "unpin", "archive", "unarchive", "delete"):
        getattr(made.desk, verb)(made.entries("Lunch"))
        after(made)
        said.add(bar._sentence.text())

    assert len(said) == 7


def test_in_a_narrow_panel_the_sentence_is_not_cut(
    made: MadeDesk, bar: UndoBar, twice_the_font: None, qtbot: QtBot
) -> None:
    made.desk.read(made.entries("Lunch"))
    after(made)
    bar.resize(bar.minimumSizeHint().width() + 60, bar.heightForWidth(bar.minimumSizeHint().width() + 60))
    QCoreApplication.processEvents()
    sentence = bar._sentence

    assert sentence.height() >= sentence.heightForWidth(sentence.width())
    assert sentence.width() >= max(sentence.fontMetrics().horizontalAdvance(word) for word in sentence.text().split())
