"""The bell, by its pixels: what a person tells apart in sixteen of them."""

from itertools import combinations, product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from handbell_desktop.condition import Condition
from handbell_desktop.ui.bell import TRAY_SIZES, BadgeColours, Style, app_icon, badge_text, bell_icon, bell_pixmap
from tests.desktop.ui.test_theme import FINDABLE, READABLE, contrast

ON_PANELS: tuple[tuple[Style, str], ...] = (
    ("colour", "#ffffff"),
    ("colour", "#20242b"),
    ("light", "#20242b"),
    ("dark", "#f2f2f2"),
)
SIZES = (*TRAY_SIZES, 128)
RED = QColor(BadgeColours().field)


def painted(size: int, count: int, condition: Condition = Condition.ONLINE, style: Style = "colour") -> QImage:
    return bell_pixmap(size, count, condition, style).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def colours(picture: QImage) -> list[QColor]:
    return [QColor.fromRgba(picture.pixel(x, y)) for x, y in product(range(picture.width()), range(picture.height()))]


def on(background: str, picture: QImage) -> list[int]:
    """The picture's brightness on a panel of this colour: what somebody sees who sees no colours."""
    panel = QColor(background)
    return [
        round(
            sum(
                share * (value * colour.alphaF() + under * (1 - colour.alphaF()))
                for share, value, under in (
                    (0.3, colour.red(), panel.red()),
                    (0.59, colour.green(), panel.green()),
                    (0.11, colour.blue(), panel.blue()),
                )
            )
        )
        for colour in colours(picture)
    ]


def difference(one: list[int], other: list[int]) -> int:
    """How many pixels are clearly another grey."""
    return sum(abs(a - b) > 48 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_the_badge_is_hidden_at_nothing_and_there_at_one(size: int, qtbot: QtBot) -> None:
    assert RED not in colours(painted(size, 0))
    assert colours(painted(size, 1)).count(RED) > size
    assert painted(size, -3) == painted(size, 0)


def test_more_than_ninety_nine_is_said_so() -> None:
    assert [badge_text(count) for count in (0, 1, 99, 100, 70_000)] == ["", "1", "99", "99+", "99+"]


@pytest.mark.parametrize("size", TRAY_SIZES)
def test_no_two_numbers_look_alike(size: int, qtbot: QtBot) -> None:
    pictures = {bytes(painted(size, count).constBits()) for count in range(101)}

    assert len(pictures) == 101


def test_no_two_digits_are_nearly_the_same_where_each_is_only_a_few_dots(qtbot: QtBot) -> None:
    greys = [on("#ffffff", painted(16, count)) for count in (*range(1, 10), 30)]

    assert min(difference(one, other) for one, other in combinations(greys, 2)) >= 3


def test_the_smallest_number_is_made_of_whole_dots(qtbot: QtBot) -> None:
    picture = painted(16, 8)
    badge = [QColor.fromRgba(picture.pixel(x, y)).name() for x in range(9, 15) for y in range(1, 8)]

    assert set(badge) == {RED.name(), "#ffffff"}


@pytest.mark.parametrize("count", [0, 5])
@pytest.mark.parametrize("size", [16, 22, 32])
@pytest.mark.parametrize(("style", "panel"), [*ON_PANELS, ("template", "#ffffff")])
def test_conditions_are_told_apart_without_colour(
    style: Style, panel: str, size: int, count: int, qtbot: QtBot
) -> None:
    greys = {condition: on(panel, painted(size, count, condition, style)) for condition in Condition}

    for one, other in combinations(Condition, 2):
        assert difference(greys[one], greys[other]) >= size / 3, (one, other)


@pytest.mark.parametrize("condition", Condition)
def test_a_bell_stands_out_from_its_panel(condition: Condition, qtbot: QtBot) -> None:
    for style, panel in ON_PANELS:
        inks = {colour.name() for colour in colours(painted(64, 0, condition, style)) if colour.alpha() == 255}
        assert max(contrast(ink, panel) for ink in inks) >= FINDABLE


def test_the_number_can_be_read_on_its_badge() -> None:
    assert contrast(BadgeColours().text, BadgeColours().field) >= READABLE


def test_a_template_is_a_mask_of_one_colour_with_the_number_cut_out(qtbot: QtBot) -> None:
    icon = bell_icon(4, Condition.ONLINE, "template")
    inks = {colour.name() for colour in colours(painted(32, 4, style="template")) if colour.alpha()}

    assert icon.isMask()
    assert inks == {"#000000"}
    assert not bell_icon(4, Condition.ONLINE, "dark").isMask()


def test_panels_get_the_size_they_ask_for(qtbot: QtBot) -> None:
    assert bell_icon(3, Condition.ONLINE).availableSizes() == [QSize(size, size) for size in TRAY_SIZES]
    assert app_icon().actualSize(QSize(256, 256)) == QSize(256, 256)


def test_a_sharper_screen_gets_the_picture_of_its_pixels(qtbot: QtBot) -> None:
    sharp = bell_pixmap(16, 5, Condition.ONLINE, dpr=2.0)

    assert sharp.deviceIndependentSize().toSize() == QSize(16, 16)
    assert sharp.toImage().convertToFormat(QImage.Format.Format_ARGB32).size() == QSize(32, 32)
