"""Small things that the sign-in dialog and the settings are made of: words, icons, rows, a switch, work in a thread.

They are made once and follow the theme by themselves. All text is plain: what comes from a server is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.timers import Turns
from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import SPACE, Role, ThemeSource

ICON: Final = 18
USUAL_FONT: Final = 18  # pixels high
_LONG_WORD = re.compile(r"(\w{20})(?=\w)|([-._/:@]+)(?=\w)")  # after these a name may go on in the next line
_TOO_LONG: Final = 24  # letters that fit into the narrowest place for a heading


def words(
    text: str, themes: ThemeSource, role: Role = "body", *, tone: str | None = None, strong: bool = False
) -> QLabel:
    """A label for whatever text, wrapped where the window ends."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(themes.theme.font(role, strong=strong))
    # A label would go by what is written in it: names and addresses are at the side where everything begins.
    mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    start = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    label.setAlignment(start | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
    if tone is not None:
        label.setProperty("tone", tone)
    return label


def breakable(text: str) -> str:
    """The same to read, with places where a name that is all one word may be broken."""
    return _LONG_WORD.sub(lambda found: f"{found[0]}\u200b", text)


def fitting(text: str) -> str:
    """The same to read and, unless one word is wider than its place may be, to copy."""
    return breakable(text) if any(len(word) > _TOO_LONG for word in text.split()) else text


def button(text: str, *, kind: str | None = None, on_click: Callable[[], object] | None = None) -> QPushButton:
    made = QPushButton(text)
    made.setAutoDefault(False)
    if kind is not None:
        made.setProperty("kind", kind)
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made


def column(*parts: QWidget | QLayout | int, space: int = SPACE) -> QVBoxLayout:
    """One below the other; a number is extra space."""
    layout = QVBoxLayout()
    _fill(layout, parts, space)
    return layout


def line(*parts: QWidget | QLayout | int, space: int = SPACE) -> QHBoxLayout:
    """One beside the other; -1 takes what is left."""
    layout = QHBoxLayout()
    _fill(layout, parts, space)
    return layout


def _fill(layout: QBoxLayout, parts: tuple[QWidget | QLayout | int, ...], space: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(space)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        elif part < 0:
            layout.addStretch(1)
        else:
            layout.addSpacing(part)


def clear(layout: QLayout) -> None:
    """Everything in it is gone, in this moment hidden and soon deleted."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
            inner.deleteLater()


def work(owner: QWidget, turns: Turns, task: Callable[[], object], done: Callable[[object], None]) -> None:
    """Run the task in a thread; its result is dropped when the widget that asked is gone by then."""
    turns.work(task, lambda result: done(result) if shiboken6.isValid(owner) else None)


def copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def scaled(size: int) -> int:
    """As large beside the person's font as this size is beside a usual one."""
    return round(size * max(1.0, QFontMetrics(QGuiApplication.font()).height() / USUAL_FONT))


class Picture(QLabel):
    """An icon that follows the theme, and is as large as the font beside it asks for."""

    def __init__(self, name: str, colour: str, themes: ThemeSource, size: int = ICON) -> None:
        super().__init__()
        self._name, self._colour, self._themes, self._pixels = name, colour, themes, scaled(size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._draw)
        self._draw()

    def show_icon(self, name: str, colour: str) -> None:
        self._name, self._colour = name, colour
        self._draw()

    def _draw(self) -> None:
        theme = self._themes.theme
        self.setPixmap(icons.pixmap(self._name, theme.hex(self._colour), self._pixels, self.devicePixelRatioF()))


class IconButton(QToolButton):
    """A flat button with an icon that follows the theme; its words are for tool tip and screen reader."""

    def __init__(self, name: str, says: str, themes: ThemeSource, on_click: Callable[[], object]) -> None:
        super().__init__()
        self._name, self._themes = name, themes
        self.setToolTip(says)
        self.setAccessibleName(says)
        self.setIconSize(QSize(ICON, ICON))
        self.clicked.connect(lambda: on_click())
        themes.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self.setIcon(icons.icon(self._name, self._themes.theme, "soft"))


class Note(QWidget):
    """A sentence with an icon before it: a fault, a warning, good news. Hidden while it has nothing to say."""

    _LOOKS: Final = {"danger": "error", "warning": "warning", "success": "success", "soft": "info"}

    def __init__(self, themes: ThemeSource, tone: str = "danger", text: str = "") -> None:
        super().__init__()
        self._picture = Picture(self._LOOKS[tone], tone, themes)
        self._words = words("", themes, "small", tone=tone)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = line(self._picture, self._words)
        row.setAlignment(self._picture, Qt.AlignmentFlag.AlignTop)
        row.setStretch(1, 1)
        self.setLayout(row)
        self.say(text)

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, text: str) -> None:
        self._words.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class Card(QFrame):
    """A group of rows that belong together."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self._rows.setSpacing(0)

    def narrow(self) -> None:
        """For what brings its own room at the sides."""
        self._rows.setContentsMargins(SPACE, 0, SPACE, 0)

    def add(self, row: QWidget | QLayout) -> None:
        """Below a thin rule, unless it is the first."""
        if self._rows.count():
            between = QFrame()
            between.setProperty("look", "line")
            self._rows.addWidget(between)
        holder = column(row)
        holder.setContentsMargins(0, SPACE, 0, SPACE)
        self._rows.addLayout(holder)

    def add_below(self, more: QWidget) -> None:
        """Part of the row before; takes no room while it is hidden."""
        self._rows.addWidget(more)


def row(title: str, about: str, control: QWidget, themes: ThemeSource) -> QWidget:
    """A setting: its name, a sentence about it, and its control at the end of the line."""
    name = words(title, themes)
    name.setBuddy(control)
    control.setAccessibleName(title)
    text = column(name, space=2)
    if about:
        text.addWidget(words(about, themes, "small", tone="soft"))
        control.setAccessibleDescription(about)
    made = QWidget()
    inside = line(text, control, space=2 * SPACE)
    inside.setStretch(0, 1)
    inside.setAlignment(control, Qt.AlignmentFlag.AlignVCenter)
    made.setLayout(inside)
    return made


class Switch(QCheckBox):
    """On or off, at once. A check box to keyboard and screen reader."""

    def __init__(self, themes: ThemeSource, *, on: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)

    def show_value(self, on: bool) -> None:
        """Without telling anybody."""
        was = self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(was)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 — the name is Qt's
        height = max(20, round(self.fontMetrics().height() * 1.2))
        return QSize(round(height * 1.8) + 6, height + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def hitButton(self, _pos: object) -> bool:  # noqa: N802
        return True

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme, on = self._themes.theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        size = self.sizeHint()
        track = QRectF(3, (self.height() - size.height()) / 2 + 3, size.width() - 6, size.height() - 6)
        radius = track.height() / 2
        if self.hasFocus():
            painter.setPen(theme.colour("accent"))
            painter.drawRoundedRect(track.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5, radius + 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent" if on else "edge"))
        painter.drawRoundedRect(track, radius, radius)
        knob = radius - 3
        at_end = on != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        centre = QPointF(track.right() - radius if at_end else track.left() + radius, track.center().y())
        painter.setBrush(theme.colour("on_accent" if on else "surface"))
        painter.drawEllipse(centre, knob, knob)
