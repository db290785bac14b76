"""Paints a row. Nothing is decided here: `Row` says what, `geometry` where, the theme how, `Words` in which words.

Everything from a producer is drawn as plain text. The picture of an actor is never fetched: an address in a notification
must not make this computer call anybody; initials in a colour that stays the same for a name stand for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui import icons
from handbell_desktop.ui.list.geometry import MARGIN, Metrics, Parts, Spot, beside_deeds, lay_out
from handbell_desktop.ui.list.model import ROW, Index
from handbell_desktop.ui.list.painting import CENTRE, Line, Writing, broken, end_of, faces_of, initials, start_of
from handbell_desktop.ui.list.plain import ENOUGH, plain
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.list.tints import type_tints
from handbell_desktop.ui.theme import OTHER_TYPES, RADIUS, RADIUS_SMALL, SPACE, ThemeSource
from handbell_desktop.ui.type_names import one_line
from handbell_desktop.ui.words import Words
from handbell_shared.kinds import icon_of


class RowDelegate(QStyledItemDelegate):
    """`hot` is the spot under the mouse or the keyboard, of the row `hot_row`; the view sets both."""

    def __init__(
        self,
        themes: ThemeSource,
        words: Words,
        now: Callable[[], int],
        account_name: Callable[[str], str],
        *,
        compact: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._compact = compact
        self._themes = themes
        self._words = words
        self._now = now
        self._account_name = account_name
        self.hovered = -1
        self.hot_row = -1
        self.hot: Spot | None = None
        self.pressed = False
        self.refresh()

    def refresh(self) -> None:
        """Theme or font are others now."""
        self._theme = self._themes.theme
        self.metrics = Metrics(self._theme, compact=self._compact)
        self._colour: Callable[[str], QColor] = lru_cache(maxsize=64)(self._theme.colour)

    def parts(self, row: Row, rect: QRect, direction: Qt.LayoutDirection) -> Parts:
        return lay_out(row, rect, self.metrics, self._edge_width(row), direction)

    def height(self, row: Row, width: int) -> int:
        return self.metrics.height(row, width)

    def hides_some(self, row: Row, width: int) -> bool:
        parts = self.parts(row, QRect(0, 0, width, self.height(row, width)), Qt.LayoutDirection.LeftToRight)
        text = plain(row.entry.record.body)
        lines = broken(text, parts.body.width(), max(1, parts.body_lines), self.metrics.body.font)
        fits = self.metrics.body.width(lines[-1]) <= parts.body.width() if lines else True
        return not fits or len(row.entry.record.body) > ENOUGH

    # ---- painting, from back to front

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, Row):
            return
        parts = self.parts(row, option.rect, option.direction)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = index.row() == self.hovered
        with_deeds = hovered or current
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A text runs the way of its own language, whichever way the list runs.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self._paint_card(painter, row, parts, selected=selected, current=current, hovered=hovered)
        self._paint_tiles(painter, row, parts, selected, option.direction)
        self._paint_title(painter, row, beside_deeds(parts) if with_deeds else parts, option.direction)
        self._paint_body(painter, row, parts, option.direction)
        self._paint_meta(painter, row, parts, option.direction)
        self._paint_buttons(painter, row, parts, index.row() == self.hot_row, option.direction)
        if row.members:
            self._paint_chevron(painter, row, parts, index.row() == self.hot_row, option.direction)
        if with_deeds:
            self._paint_deeds(painter, row, parts, index.row() == self.hot_row)
        painter.restore()

    def _paint_card(
        self, painter: QPainter, row: Row, parts: Parts, *, selected: bool, current: bool, hovered: bool
    ) -> None:
        theme, card = self._theme, QRectF(parts.card)
        if selected or hovered or current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour("selected" if selected else "hover"))
            painter.drawRoundedRect(card, RADIUS, RADIUS)
        if current:
            painter.setPen(QPen(self._colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(0.75, 0.75, -0.75, -0.75), RADIUS, RADIUS)
        if row.entry.record.priority in ("high", "urgent"):
            bar = QRectF(card.left() + 3, card.top() + RADIUS, 3, card.height() - 2 * RADIUS)
            if parts.tile.center().x() > parts.title.center().x():
                bar.moveRight(card.right() - 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.priority_colour(row.entry.record.priority))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    # ---- the tile: who, or what kind

    def _paint_tiles(self, painter: QPainter, row: Row, parts: Parts, selected: bool, way: Qt.LayoutDirection) -> None:
        if selected:
            self._round(painter, QRectF(parts.tile), self._colour("accent"))
            self._icon(painter, "check", self._theme.palette.on_accent, parts.tile, parts.tile.width() // 2)
            return
        faces = faces_of(row)
        if len(faces) < 2:
            self.paint_tile(painter, row.entry, parts.tile, with_badge=True)
            return
        small = round(parts.tile.width() * 0.72)
        offset = parts.tile.width() - small
        for entry, shift in ((faces[1], offset), (faces[0], 0)):
            tile = QStyle.visualRect(way, parts.tile, QRect(0, 0, small, small).translated(parts.tile.topLeft()))
            step = shift if way == Qt.LayoutDirection.LeftToRight else -shift
            tile.translate(step, shift)
            if shift == 0:
                self._round(painter, QRectF(tile).adjusted(-2, -2, 2, 2), self._colour("surface"))
            self.paint_tile(painter, entry, tile, with_badge=False)

    def paint_tile(self, painter: QPainter, entry: Entry, tile: QRect, *, with_badge: bool) -> None:
        record, theme = entry.record, self._theme
        icon, (colour, field) = icon_of(record), type_tints(record, theme)
        if record.actor is None or not record.actor.name.strip():
            self._round(painter, QRectF(tile), field)
            self._icon(painter, icon, colour.name(), tile, round(tile.width() * 0.52))
            return
        name = record.actor.name
        self._round(painter, QRectF(tile), self._colour(OTHER_TYPES[crc32(name.encode()) % len(OTHER_TYPES)]))
        font = QFont(self.metrics.strong.font)
        font.setPixelSize(max(8, round(tile.height() * 0.36)))
        painter.setFont(font)
        painter.setPen(self._colour("surface"))
        painter.drawText(tile, CENTRE, initials(name))
        if with_badge:
            side = round(tile.width() * 0.44)
            badge = QRect(tile.right() - side + 6, tile.bottom() - side + 5, side, side)
            self._round(painter, QRectF(badge).adjusted(-1.5, -1.5, 1.5, 1.5), self._colour("surface"))
            self._round(painter, QRectF(badge), field)
            self._icon(painter, icon, colour.name(), badge, round(side * 0.68))

    # ---- the first line

    def _paint_title(self, painter: QPainter, row: Row, parts: Parts, way: Qt.LayoutDirection) -> None:
        record, theme, metrics = row.entry.record, self._theme, self.metrics
        line = Line(parts.title, way)
        if record.priority in ("high", "urgent"):
            colour = theme.priority_colour(record.priority).name()
            name = "error" if record.priority == "urgent" else "warning"
            self._icon(painter, name, colour, line.take(metrics.icon), metrics.icon)
            line.take(MARGIN)
        chip = f"×{record.count}" if record.count > 1 and not row.members else ""
        chip_width = metrics.label.width(chip) + 2 * 5 if chip else 0
        writing = metrics.strong if row.unread else metrics.title
        text = self._words.title(row)
        room = max(0, line.rest().width() - (chip_width + SPACE if chip else 0))
        box = line.take(min(room, writing.width(text) + 1))
        ink = self._colour("text" if record.may("toast") else "soft")
        self._text(painter, text, box, writing, ink, start_of(way))
        if chip:
            line.take(SPACE - 2)
            box = line.take(chip_width)
            box = QRect(box.left(), box.center().y() - metrics.label.height // 2, box.width(), metrics.label.height + 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour("accent_soft"))
            painter.drawRoundedRect(QRectF(box), box.height() / 2, box.height() / 2)
            painter.setFont(metrics.label.font)
            painter.setPen(self._colour("accent"))
            painter.drawText(box, CENTRE, chip)
        self._paint_edge(painter, row, parts, way)

    def _edge_width(self, row: Row) -> int:
        record, metrics = row.entry.record, self.metrics
        width = metrics.small.width(self._words.short_time(row.entry.at, self._now())) + 1
        width += metrics.dot + 6 if row.unread else 0
        return width + (metrics.icon + MARGIN) * (record.pinned + (not record.may("toast")))

    def _paint_edge(self, painter: QPainter, row: Row, parts: Parts, way: Qt.LayoutDirection) -> None:
        record, theme, metrics = row.entry.record, self._theme, self.metrics
        line = Line(parts.edge, way)
        if record.pinned:
            self._icon(painter, "pin", theme.palette.accent, line.take(metrics.icon), metrics.icon)
            line.take(MARGIN)
        if not record.may("toast"):
            self._icon(painter, "mute", theme.palette.faint, line.take(metrics.icon), metrics.icon)
            line.take(MARGIN)
        text = self._words.short_time(row.entry.at, self._now())
        box = line.take(line.rest().width() - (metrics.dot + 6 if row.unread else 0))
        self._text(painter, text, box, metrics.small, self._colour("faint"), end_of(way))
        if row.unread:
            line.take(6)
            box = line.take(metrics.dot)
            dot = QRectF(box.left(), parts.edge.center().y() - metrics.dot / 2 + 1, metrics.dot, metrics.dot)
            self._round(painter, dot, self._colour("accent"))

    # ---- body and what stands below it

    def _paint_body(self, painter: QPainter, row: Row, parts: Parts, way: Qt.LayoutDirection) -> None:
        if parts.body_lines == 0:
            return
        metrics, colour = self.metrics, self._colour("soft")
        height = metrics.body.height
        lines = broken(plain(row.entry.record.body), parts.body.width(), parts.body_lines, metrics.body.font)
        for number, text in enumerate(lines):
            box = QRect(parts.body.left(), parts.body.top() + number * height, parts.body.width(), height)
            self._text(painter, text, box, metrics.body, colour, start_of(way))

    def _paint_meta(self, painter: QPainter, row: Row, parts: Parts, way: Qt.LayoutDirection) -> None:
        record, words, now = row.entry.record, self._words, self._now()
        line = Line(parts.meta, way)
        marks = []
        if record.answer is not None:
            marks.append(("check", "accent", words.answered(record)))
        if alarm := words.alarm(record):
            elsewhere = record.alarm is not None and record.alarm.elsewhere
            marks.append(("check", "accent", alarm) if elsewhere else ("bell", "warning", alarm))
        if record.resolved:
            marks.append(("success", "success", words.resolved()))
        if record.snoozed_until > now:
            marks.append(("clock", "warning", words.snoozed(record, now)))
        for icon, colour, text in marks:
            self._paint_mark(painter, line, icon, colour, text, way)
        origin = words.origin(row, self._account_name(row.entry.account))
        faint = self._colour("faint")
        self._text(painter, origin, line.rest(), self.metrics.small, faint, start_of(way))

    def _paint_mark(
        self, painter: QPainter, line: Line, icon: str, colour: str, text: str, way: Qt.LayoutDirection
    ) -> None:
        metrics = self.metrics
        self._icon(painter, icon, self._theme.hex(colour), line.take(metrics.icon), metrics.icon)
        line.take(3)
        box = line.take(min(line.rest().width(), metrics.small.width(text) + 1))
        self._text(painter, text, box, metrics.small, self._colour(colour), start_of(way))
        line.take(SPACE)

    def _paint_chevron(self, painter: QPainter, row: Row, parts: Parts, hot: bool, way: Qt.LayoutDirection) -> None:
        theme, metrics, box = self._theme, self.metrics, parts.expand
        lit = hot and self.hot is not None and self.hot.kind == "expand"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour("accent_soft"))
        painter.drawRoundedRect(QRectF(box), box.height() / 2, box.height() / 2)
        if lit:
            self._ring(painter, QRectF(box), box.height() / 2)
        line = Line(box, way)
        line.take(SPACE)
        number = str(len(row.members))
        painter.setFont(metrics.label.font)
        painter.setPen(self._colour("accent"))
        painter.drawText(line.take(metrics.label.width(number)), CENTRE, number)
        line.take(2)
        arrow = line.take(metrics.icon)
        if row.expanded:
            self._icon(painter, "chevron-down", theme.palette.accent, arrow, metrics.icon)
            return
        painter.save()
        if way == Qt.LayoutDirection.RightToLeft:  # an arrow forward points the other way there
            painter.translate(QPointF(arrow.center().x() * 2 + 1, 0))
            painter.scale(-1, 1)
        self._icon(painter, "chevron-right", theme.palette.accent, arrow, metrics.icon)
        painter.restore()

    # ---- what can be pressed

    def _paint_buttons(self, painter: QPainter, row: Row, parts: Parts, hot: bool, way: Qt.LayoutDirection) -> None:
        metrics = self.metrics
        for place, (spot, action) in enumerate(zip(parts.buttons, row.entry.record.actions, strict=False)):
            lit = hot and self.hot is not None and self.hot.name == spot.name and self.hot.kind == "button"
            first = place == 0 and action.kind != "link"
            box = QRectF(spot.rect).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(Qt.PenStyle.NoPen if first else QPen(self._colour("edge"), 1))
            painter.setBrush(self._colour("accent" if first else ("hover" if lit else "surface")))
            painter.drawRoundedRect(box, RADIUS_SMALL, RADIUS_SMALL)
            if lit:
                self._ring(painter, box, RADIUS_SMALL, "text" if first else "accent")
            colour = self._colour("on_accent" if first else "text")
            line = Line(spot.rect.adjusted(SPACE + 2, 0, -SPACE - 2, 0), way)
            if action.kind != "button":
                name = "external" if action.kind == "link" else "reply"
                self._icon(painter, name, colour.name(), line.take(metrics.icon), metrics.icon)
                line.take(MARGIN)
            label = one_line(action.label)
            self._text(painter, label, line.rest(), metrics.label, colour, CENTRE)

    def _paint_deeds(self, painter: QPainter, row: Row, parts: Parts, hot: bool) -> None:
        metrics = self.metrics
        painter.setPen(QPen(self._colour("line"), 1))
        painter.setBrush(self._colour("raised"))
        painter.drawRoundedRect(QRectF(parts.pill).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL + 2, RADIUS_SMALL + 2)
        archived = row.entry.record.archived
        names = {
            "read": "check" if row.unread else "",
            "archive": "unarchive" if archived else "archive",
            "snooze": "clock",
            "delete": "trash",
        }
        for spot in parts.deeds:
            lit = hot and self.hot is not None and self.hot.kind == "deed" and self.hot.name == spot.name
            if lit:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._colour("selected" if self.pressed else "hover"))
                painter.drawRoundedRect(QRectF(spot.rect), RADIUS_SMALL, RADIUS_SMALL)
                self._ring(painter, QRectF(spot.rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL)
            colour = ("danger" if spot.name == "delete" else "text") if lit else "soft"
            if names[spot.name]:
                self._icon(painter, names[spot.name], self._theme.hex(colour), spot.rect, metrics.deed_icon)
            else:  # to be unread is to have the dot
                dot = QRectF(0, 0, metrics.dot, metrics.dot)
                dot.moveCenter(QRectF(spot.rect).center())
                self._round(painter, dot, self._colour(colour))

    # ---- strokes

    def _ring(self, painter: QPainter, box: QRectF, radius: float, colour: str = "accent") -> None:
        painter.setPen(QPen(self._colour(colour), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, radius, radius)

    def _round(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(box)

    def _icon(self, painter: QPainter, name: str, colour: str, box: QRect, size: int) -> None:
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        left = box.left() + (box.width() - size) // 2
        top = box.top() + (box.height() - size) // 2
        painter.drawPixmap(left, top, icons.pixmap(name, colour, size, ratio))

    def _text(
        self,
        painter: QPainter,
        text: str,
        box: QRect,
        writing: Writing,
        colour: QColor,
        flags: int,
    ) -> None:
        if box.width() <= 0 or not text:
            return
        painter.setFont(writing.font)
        painter.setPen(colour)
        painter.drawText(box, flags, writing.elided(text, box.width()))
