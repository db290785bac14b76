"""Strokes that the delegate paints with: lines of boxes, broken and elided text, initials."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QTextLayout, QTextOption

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.list.rows import Row


class Writing:
    """One font, and how much room texts need in it. Both answers are kept: a list asks for the same texts again and again."""

    def __init__(self, font: QFont) -> None:
        measure = QFontMetrics(font)
        self.font = font
        self.height = measure.height()
        self.width: Callable[[str], int] = lru_cache(maxsize=2048)(measure.horizontalAdvance)
        self._elided = lru_cache(maxsize=1024)(measure.elidedText)

    def elided(self, text: str, width: int) -> str:
        """Cut at the end of the text, which is on the left where the text runs to the left."""
        return self._elided(text, Qt.TextElideMode.ElideRight, width)


def _flags(across: Qt.AlignmentFlag) -> int:
    down = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
    return int(across | down | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip)


_LEFT, _RIGHT = _flags(Qt.AlignmentFlag.AlignLeft), _flags(Qt.AlignmentFlag.AlignRight)
CENTRE = _flags(Qt.AlignmentFlag.AlignHCenter)


def start_of(way: Qt.LayoutDirection) -> int:
    """Flags for a text at the beginning of its box."""
    return _LEFT if way == Qt.LayoutDirection.LeftToRight else _RIGHT


def end_of(way: Qt.LayoutDirection) -> int:
    return _RIGHT if way == Qt.LayoutDirection.LeftToRight else _LEFT


def broken(text: str, width: int, most: int, font: QFont) -> tuple[str, ...]:
    """The text in at most so many lines; what is left over stays in the last one, to be elided."""
    return _broken(text, width, most, font.toString())


@lru_cache(maxsize=512)
def _broken(text: str, width: int, most: int, font_name: str) -> tuple[str, ...]:
    font = QFont()
    font.fromString(font_name)
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    starts = []
    for _ in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    # Qt counts in UTF-16, Python in characters.
    units = text.encode("utf-16-le")
    ends = [*starts[1:], len(units) // 2]
    return tuple(
        units[2 * start : 2 * end].decode("utf-16-le", "replace").strip()
        for start, end in zip(starts, ends, strict=True)
    )


def initials(name: str) -> str:
    """One or two letters: of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def faces_of(row: Row) -> list[Entry]:
    """Of a group: the two newest that look different."""
    seen: dict[str, Entry] = {}
    for entry in row.entries:
        actor = entry.record.actor
        seen.setdefault(actor.name if actor else entry.record.type, entry)
    faces = list(seen.values())[:2]
    return faces if len(faces) == 2 or not row.members else list(row.entries[:2])


class Line:
    """Hands out a line of boxes from its beginning, whichever side that is."""

    def __init__(self, box: QRect, way: Qt.LayoutDirection) -> None:
        self._rest = QRect(box)
        self._mirrored = way == Qt.LayoutDirection.RightToLeft

    def rest(self) -> QRect:
        return QRect(self._rest)

    def take(self, width: int) -> QRect:
        width = max(0, min(width, self._rest.width()))
        box = QRect(self._rest)
        if self._mirrored:
            box.setLeft(box.right() + 1 - width)
            self._rest.setRight(box.left() - 1)
        else:
            box.setWidth(width)
            self._rest.setLeft(box.right() + 1)
        return box
