"""The two colours of a type: the icon's, and the breath of it that the icon stands on.

A producer may bring any colour along. It stays what it is where it can be seen, and is drawn nearer to the text's own
colour where it could not: a tint never costs an icon its legibility, in neither theme.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtGui import QColor

from handbell_desktop.ui.theme import Theme
from handbell_shared.kinds import colour_of
from handbell_shared.records import Notification

LEGIBLE: Final = 3.0  # what WCAG asks of an icon
_STEPS: Final = 8


def type_tints(record: Notification, theme: Theme) -> tuple[QColor, QColor]:
    """The icon's colour and its field's, for a record in this theme."""
    brought = colour_of(record)
    name = brought if brought is not None else theme.type_colour(record.type).name()
    return _tints(name, theme)


@lru_cache(maxsize=256)
def _tints(name: str, theme: Theme) -> tuple[QColor, QColor]:
    wanted = QColor(name)
    field = _mixed(wanted, theme.colour("surface"), 0.2 if theme.dark else 0.13)
    for step in range(_STEPS):
        colour = _mixed(wanted, theme.colour("text"), 1 - step / _STEPS)
        if contrast(colour, field) >= LEGIBLE:
            return colour, field
    return theme.colour("text"), field


def contrast(one: QColor, other: QColor) -> float:
    """WCAG's ratio, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """The colour with so much of itself; opaque, so that tiles may overlap."""
    return QColor.fromRgbF(
        colour.redF() * share + other.redF() * (1 - share),
        colour.greenF() * share + other.greenF() * (1 - share),
        colour.blueF() * share + other.blueF() * (1 - share),
    )


def _luminance(colour: QColor) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
