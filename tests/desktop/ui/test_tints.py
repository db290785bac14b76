"""The colour of a type is a tint: whatever a producer brings, the icon on it can be seen."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.icon_shapes import SHAPES
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.tints import LEGIBLE, contrast, type_tints
from handbell_desktop.ui.theme import TYPE_COLOURS, Theme, ThemeSource
from handbell_desktop.ui.words import Words
from handbell_shared.kinds import ICONS
from handbell_shared.records import Notification


def bell(**more: str) -> Notification:
    return Notification(id="1", title="Live", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [*product(("00", "80", "ff"), repeat=3)], ids="".join)
def test_an_icon_of_any_colour_is_found_on_its_tint(theme: Theme, parts: tuple[str, ...]) -> None:
    colour, field = type_tints(bell(colour="#" + "".join(parts)), theme)

    assert contrast(colour, field) >= LEGIBLE
    assert contrast(theme.colour("text"), field) >= 4.5


def test_a_colour_that_can_be_seen_stays_as_it_is(theme: Theme) -> None:
    for name in TYPE_COLOURS:
        assert type_tints(bell(type=name), theme)[0].name() == theme.type_colour(name).name()
    brought = "#e08080" if theme.dark else "#c04040"
    assert type_tints(bell(colour=brought), theme)[0].name() == brought


def test_a_colour_that_is_none_is_the_type_s(theme: Theme) -> None:
    assert type_tints(bell(type="error", colour="red"), theme) == type_tints(bell(type="error"), theme)


def test_every_icon_a_producer_may_choose_can_be_drawn() -> None:
    assert SHAPES.keys() >= ICONS


def test_a_row_shows_the_icon_and_colour_its_record_brings(themes: ThemeSource) -> None:
    delegate = RowDelegate(themes, Words(), now=lambda: 0, account_name=str)

    def tile(record: Notification) -> QImage:
        image = QImage(40, 40, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        delegate.paint_tile(painter, Entry("one", 0, record), QRect(0, 0, 40, 40), with_badge=True)
        painter.end()
        return image

    plain = tile(bell(type="deploy"))
    brought = tile(bell(type="deploy", icon="sun", colour="#c04040"))

    assert brought != plain
    assert brought == tile(bell(type="another", icon="sun", colour="#c04040"))
    assert brought.pixelColor(20, 2).name() == type_tints(bell(colour="#c04040"), themes.theme)[1].name()
