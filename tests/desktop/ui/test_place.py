"""Where the panel opens, on every arrangement of screens and panels that came to mind."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize

from handbell_desktop.ui.place import Screen, place

PANEL = QSize(400, 560)
NOBODY = QRect()
WHOLE = QRect(0, 0, 1920, 1080)
TOP_BAR = Screen(WHOLE, QRect(0, 30, 1920, 1050))
BOTTOM_BAR = Screen(WHOLE, QRect(0, 0, 1920, 1040))
LEFT_DOCK = Screen(WHOLE, QRect(64, 0, 1856, 1080))
RIGHT_DOCK = Screen(WHOLE, QRect(0, 0, 1856, 1080))
HIDING_BAR = Screen(WHOLE, WHOLE)
SECOND = Screen(QRect(1920, 200, 1280, 800), QRect(1920, 200, 1280, 800))
OFF_LEFT = Screen(QRect(-1280, 0, 1280, 1024), QRect(-1280, 0, 1280, 984))

BELLS = [
    pytest.param(TOP_BAR, QRect(1700, 4, 22, 22), id="bar-above"),
    pytest.param(BOTTOM_BAR, QRect(1800, 1050, 22, 22), id="bar-below"),
    pytest.param(LEFT_DOCK, QRect(20, 900, 22, 22), id="dock-left"),
    pytest.param(RIGHT_DOCK, QRect(1880, 900, 22, 22), id="dock-right"),
    pytest.param(HIDING_BAR, QRect(1800, 1050, 22, 22), id="a-bar-that-hides"),
    pytest.param(OFF_LEFT, QRect(-40, 995, 22, 22), id="a-screen-left-of-the-first"),
]


@pytest.mark.parametrize(("screen", "bell"), BELLS)
def test_the_panel_is_by_the_bell_never_over_it_and_never_off_the_screen(screen: Screen, bell: QRect) -> None:
    where = place(PANEL, bell, QPoint(0, 0), [screen])

    assert where.size() == PANEL
    assert screen.free.contains(where)
    assert not where.intersects(bell)
    assert where.adjusted(-16, -16, 16, 16).intersects(bell) or not screen.free.contains(bell)


def test_the_panel_is_centred_under_the_bell_where_there_is_room() -> None:
    where = place(PANEL, QRect(900, 4, 22, 22), QPoint(0, 0), [TOP_BAR])

    assert where.top() > 30
    assert abs(where.center().x() - 911) <= 2


@pytest.mark.parametrize(
    ("cursor", "corner"),
    [
        (QPoint(1900, 5), QPoint(1911, 38)),
        (QPoint(5, 5), QPoint(8, 38)),
        (QPoint(1900, 1070), QPoint(1911, 1071)),
        (QPoint(30, 1070), QPoint(8, 1071)),
    ],
)
def test_a_panel_that_tells_nobody_gets_it_in_the_corner_of_the_mouse(cursor: QPoint, corner: QPoint) -> None:
    where = place(PANEL, NOBODY, cursor, [TOP_BAR])

    assert TOP_BAR.free.contains(where)
    assert corner in (where.topLeft(), where.topRight(), where.bottomLeft(), where.bottomRight())


def test_it_opens_on_the_screen_where_the_person_is() -> None:
    assert SECOND.free.contains(place(PANEL, NOBODY, QPoint(3000, 250), [TOP_BAR, SECOND]))
    assert SECOND.free.contains(place(PANEL, QRect(3100, 205, 22, 22), QPoint(0, 0), [TOP_BAR, SECOND]))
    assert TOP_BAR.free.contains(place(PANEL, NOBODY, QPoint(100, 5), [TOP_BAR, SECOND]))


def test_a_bell_that_claims_to_be_nowhere_is_not_believed() -> None:
    where = place(PANEL, QRect(9000, 9000, 22, 22), QPoint(1900, 5), [TOP_BAR])

    assert TOP_BAR.free.contains(where)
    assert where.right() > 1900


def test_a_small_screen_makes_a_small_panel() -> None:
    small = Screen(QRect(0, 0, 320, 480), QRect(0, 24, 320, 456))

    where = place(PANEL, QRect(290, 1, 22, 22), QPoint(0, 0), [small])

    assert small.free.contains(where)
    assert where.width() == 304 and where.height() == 440
