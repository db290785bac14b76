"""A title that is longer than its place ends before what stands beside it, or goes on in the next line; it is never cut off."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.list.geometry import Metrics, beside_deeds, lay_out
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.parts import fitting
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import bell

ONE_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung"


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("way", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_what_can_be_done_with_a_row_covers_no_text_of_it(
    themes: ThemeSource, way: Qt.LayoutDirection, compact: bool
) -> None:
    metrics = Metrics(themes.theme, compact=compact)
    row = Row(entry=Entry("ana", 1, bell(ONE_WORD, body="word " * 60, created_at=1)))
    parts = lay_out(row, QRect(0, 0, 400, metrics.height(row, 400)), metrics, 60, way)

    shown = beside_deeds(parts)

    letters = parts.body.adjusted(
        0, round(QFontMetrics(metrics.body.font).descent()), 0, 0
    )  # below the first line's air
    assert not parts.pill.intersects(shown.title)
    assert not parts.pill.intersects(letters)
    assert parts.card.contains(parts.pill)
    assert shown.title.width() > 100


def test_one_long_word_goes_on_in_the_next_line_where_it_is_read(
    desk_of: MakeDesk, themes: ThemeSource, qtbot: QtBot
) -> None:
    made = desk_of(bell(ONE_WORD, created_at=1))
    window = Window(made.desk, themes)
    qtbot.addWidget(window)
    window.show_entry(made.entries(ONE_WORD)[0])
    title = window.reading.title

    font = QFontMetrics(title.font())
    assert title.text().replace("\u200b", "") == ONE_WORD
    assert max(font.horizontalAdvance(piece) for piece in title.text().split("\u200b")) < 300


def test_a_title_of_usual_words_can_be_copied_as_it_was_sent() -> None:
    assert fitting("Build 1017 failed on main") == "Build 1017 failed on main"
