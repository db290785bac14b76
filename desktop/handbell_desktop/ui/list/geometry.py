"""Where everything in a row is. Painting and clicking ask the same function, so what one sees is what one hits.

A row is as high as what it has to say: `height`. A `compact` list, made for any number of rows, has rows that are all
equally high, because only then 100,000 of them stay fast: a title, one line of the body, and where it comes from. The
answers are then found beside the list, where the whole notification is shown.

Rectangles are made left to right and mirrored at the end, as a whole, where the language runs the other way.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QStyle

from handbell_desktop.ui.list.painting import Writing
from handbell_desktop.ui.list.plain import plain
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.theme import SPACE, Theme

BUTTONS = 3  # more answers than these are found where the whole notification is shown
DEEDS = ("read", "archive", "snooze", "delete")  # the icons over a row under the mouse
LINE_GAP = 2
MARGIN = SPACE // 2  # between a row's card and the edge of the list


class Spot(NamedTuple):
    """Something in a row that can be pressed: an answer's button, one of the deeds, or "expand"."""

    kind: str  # "button", "deed", "expand"
    name: str
    rect: QRect


class Metrics:
    """What follows from the fonts; made anew when theme or font change."""

    def __init__(self, theme: Theme, *, compact: bool = False) -> None:
        self.compact = compact
        medium, label = theme.font("title"), theme.font("label")
        medium.setWeight(QFont.Weight.Medium)
        label.setWeight(QFont.Weight.DemiBold)
        self.title, self.strong = Writing(medium), Writing(theme.font("title", strong=True))
        self.body, self.small, self.label = Writing(theme.font("body")), Writing(theme.font("small")), Writing(label)
        self.title_height = max(self.title.height, self.strong.height)
        self.tile = max(36, round(self.body.height * 2.2))
        self.dot = max(8, self.small.height // 2)
        self.icon = max(14, round(self.small.height * 0.95))
        self.deed = (
            max(24, self.small.height + 9) if compact else max(26, self.small.height + 11)
        )  # 24 can still be hit
        self.deed_icon = max(16, self.icon + 2)
        self.button_height = max(26, self.small.height + 10)
        self.pad = SPACE + 2 if compact else SPACE + MARGIN
        self.row_height = self._around(self.title_height + self.body.height + self.small.height + 2 * LINE_GAP)

    def height(self, row: Row, width: int) -> int:
        """Of a row that is so wide."""
        if self.compact:
            return self.row_height
        return self._around(_height(row, self, _body_lines(row, self, _text_width(row, self, width - 2 * MARGIN))))

    def _around(self, content: int) -> int:
        return max(content, self.tile) + 2 * self.pad + 2


class Parts(NamedTuple):
    card: QRect
    tile: QRect
    title: QRect
    edge: QRect  # time and dot, at the end of the title's line
    body: QRect
    body_lines: int
    meta: QRect
    buttons: tuple[Spot, ...]
    expand: QRect  # a group's chevron and number; empty elsewhere
    pill: QRect  # behind the deeds
    deeds: tuple[Spot, ...]

    @property
    def spots(self) -> tuple[Spot, ...]:
        """In the order in which the keyboard goes through them."""
        expand = () if self.expand.isEmpty() else (Spot("expand", "", self.expand),)
        return (*expand, *self.buttons, *self.deeds)


def shows_buttons(row: Row, metrics: Metrics) -> bool:
    record = row.entry.record
    if metrics.compact:
        return False
    return bool(record.actions) and record.answer is None and not row.members and not record.resolved


def lay_out(row: Row, rect: QRect, metrics: Metrics, edge_width: int, direction: Qt.LayoutDirection) -> Parts:
    """`rect` is the whole row; `edge_width` what time and marks at the end of the first line need."""
    card = rect.adjusted(MARGIN, 1, -MARGIN, -1)
    with_buttons = shows_buttons(row, metrics)
    lines = _body_lines(row, metrics, _text_width(row, metrics, card.width()))
    content = _height(row, metrics, lines)
    top = card.top() + (card.height() - content) // 2
    tile = QRect(card.left() + SPACE + MARGIN + _indent(row, metrics), top, metrics.tile, metrics.tile)
    tile.translate(0, max(0, (content - metrics.tile) // 2) if content < metrics.tile + SPACE else 0)
    top += max(0, (metrics.tile - content) // 2)
    left, right = tile.right() + 1 + SPACE + MARGIN, card.right() - SPACE - MARGIN
    width = max(0, right - left)
    edge_width = min(edge_width, width // 2)
    title = QRect(left, top, max(0, width - edge_width - SPACE), metrics.title_height)
    edge = QRect(right - edge_width, top, edge_width, metrics.title_height)
    body = QRect(left, title.bottom() + 1 + LINE_GAP, width, lines * metrics.body.height)
    below = body.bottom() + 1 + (LINE_GAP if lines else 0)
    meta = QRect(left, below, width, metrics.small.height)
    buttons: tuple[Spot, ...] = ()
    if with_buttons:
        # Below and not beside: whatever the buttons say, a click must not lead to a host that nobody sees.
        line = QRect(left, meta.bottom() + 1 + 2 * LINE_GAP, width, metrics.button_height)
        buttons = _buttons(row, line, metrics)
    expand = QRect()
    if row.members:
        chevron = metrics.label.width(str(len(row.members))) + metrics.icon + 2 * SPACE
        expand = QRect(right - chevron + MARGIN, meta.top() - 1, chevron, meta.height() + 3)
        meta.setRight(expand.left() - SPACE)
    pill, deeds = _deeds(card, title, expand, metrics)
    parts = Parts(card, tile, title, edge, body, lines, meta, buttons, expand, pill, deeds)
    return parts if direction == Qt.LayoutDirection.LeftToRight else _mirrored(parts, rect, direction)


def beside_deeds(parts: Parts) -> Parts:
    """While the deeds are shown: the title ends where they begin."""
    title, pill = QRect(parts.title), parts.pill
    if pill.center().x() > title.center().x():
        title.setRight(min(title.right(), pill.left() - SPACE))
    else:
        title.setLeft(max(title.left(), pill.right() + SPACE))
    return parts._replace(title=title)


def _indent(row: Row, metrics: Metrics) -> int:
    return metrics.tile // 2 + SPACE if row.indented else 0


def _text_width(row: Row, metrics: Metrics, card_width: int) -> int:
    return max(0, card_width - _indent(row, metrics) - metrics.tile - 3 * (SPACE + MARGIN))


def _height(row: Row, metrics: Metrics, lines: int) -> int:
    """Of what is written and pressed."""
    buttons = metrics.button_height + 2 * LINE_GAP if shows_buttons(row, metrics) else 0
    body = lines * metrics.body.height + (LINE_GAP if lines else 0)
    return metrics.title_height + LINE_GAP + body + metrics.small.height + buttons


def _body_lines(row: Row, metrics: Metrics, width: int) -> int:
    text = plain(row.entry.record.body)
    if not text:
        return 0
    if metrics.compact or shows_buttons(row, metrics):
        return 1
    # A long text needs no measuring: no font has letters that narrow.
    fits = len(text) * 2 < width and metrics.body.width(text) <= width
    return 1 if fits else 2


def _buttons(row: Row, line: QRect, metrics: Metrics) -> tuple[Spot, ...]:
    """Side by side, shared out evenly when the labels want more room than there is."""
    actions = row.entry.record.actions[:BUTTONS]
    wanted = []
    for action in actions:
        icon = metrics.icon + MARGIN if action.kind != "button" else 0
        wanted.append(metrics.label.width(" ".join(action.label.split())) + icon + 3 * SPACE)
    most = (line.width() - SPACE * (len(actions) - 1)) // len(actions)
    spare = sum(max(0, most - one) for one in wanted)
    spots, left = [], line.left()
    for action, width in zip(actions, wanted, strict=True):
        if width > most:
            grown = min(width, most + spare)
            spare -= grown - most
            width = grown
        spots.append(Spot("button", action.id, QRect(left, line.top(), width, line.height())))
        left += width + SPACE
    return tuple(spots)


def _deeds(card: QRect, title: QRect, expand: QRect, metrics: Metrics) -> tuple[QRect, tuple[Spot, ...]]:
    size = metrics.deed
    pill = QRect(0, 0, size * len(DEEDS) + 4, size + 4)
    above_body = title.bottom() + 1 + LINE_GAP - pill.height()
    top = max(card.top() + 1, min(above_body, title.center().y() - pill.height() // 2))
    if not expand.isEmpty():  # which must stay within reach
        top = max(card.top() - 1, min(top, expand.top() - pill.height()))
    pill.moveTopRight(QPoint(card.right() - MARGIN, top))
    spots = tuple(
        Spot("deed", name, QRect(pill.left() + 2 + size * at, pill.top() + 2, size, size))
        for at, name in enumerate(DEEDS)
    )
    return pill, spots


def _mirrored(parts: Parts, rect: QRect, direction: Qt.LayoutDirection) -> Parts:
    def turn(one: QRect) -> QRect:
        return one if one.isNull() else QStyle.visualRect(direction, rect, one)

    def turn_all(spots: tuple[Spot, ...]) -> tuple[Spot, ...]:
        return tuple(spot._replace(rect=turn(spot.rect)) for spot in spots)

    return Parts(
        card=turn(parts.card),
        tile=turn(parts.tile),
        title=turn(parts.title),
        edge=turn(parts.edge),
        body=turn(parts.body),
        body_lines=parts.body_lines,
        meta=turn(parts.meta),
        buttons=turn_all(parts.buttons),
        expand=turn(parts.expand),
        pill=turn(parts.pill),
        deeds=turn_all(parts.deeds),
    )
