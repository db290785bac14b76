"""The reading pane: one notification with all it has to say, and all that can be done about it.

The body is shown as plain text, to be read and copied, with every address in it written out. A link is written out under its host; one that may
not be opened has only "Copy".
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui import icons
from handbell_desktop.ui.empty import EmptyState
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.header import tool
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.plain import readable
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.parts import fitting
from handbell_desktop.ui.theme import SPACE, Role, ThemeSource
from handbell_desktop.ui.type_names import one_line
from handbell_desktop.ui.words import Words, host_of
from handbell_shared.links import why_refused
from handbell_shared.records import Button

LINK_SHOWN = 500  # characters
BUTTON_SHOWN = 40
SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


class Face(QWidget):
    """The row's tile, larger."""

    def __init__(self, delegate: RowDelegate, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self.entry: Entry | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        side = round(self._delegate.metrics.tile * 1.25) + 6
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.entry is None:
            return
        side = self.width() - 6
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._delegate.paint_tile(painter, self.entry, QRect(0, 0, side, side), with_badge=True)
        painter.end()


class ReadingPane(QFrame):
    deed = Signal(str)  # "read", "archive", "snooze", "pin", "mute", "delete", "why"
    opened = Signal()
    answered = Signal(object)  # the Button

    def __init__(
        self, themes: ThemeSource, delegate: RowDelegate, words: Words, now: Callable[[], int], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._words = words
        self._now = now
        self.entry: Entry | None = None
        self._labels: list[tuple[QLabel, Role]] = []
        self.setProperty("look", "card")
        self.face = Face(delegate, self)
        self.title, self.origin, self.states = self._label("heading"), self._label("small"), self._label("small")
        self.origin.setProperty("tone", "faint")
        self.states.setProperty("tone", "soft")
        self.body = QPlainTextEdit(self)
        self.body.setReadOnly(True)
        self.body.setFrameShape(QFrame.Shape.NoFrame)
        self.body.setAccessibleName(self.tr("Text"))
        self.body.setTabChangesFocus(True)
        self.body.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.document().setDocumentMargin(0)
        self.body.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0; }")
        self._make_deeds()
        self._make_link()
        self._answers = Flow()
        self._nothing = EmptyState(themes, self)
        self._nothing.say("bell", self.tr("Nothing chosen"), self.tr("Choose a notification to read all of it here."))
        self._lay_out()
        themes.changed.connect(self._dress)
        self._dress()
        self.show_entry(None)

    def _label(self, role: Role) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        label.setSizePolicy(policy)  # no word is so long that it widens the window
        label.setTextInteractionFlags(SELECTABLE)
        self._labels.append((label, role))
        return label

    def _make_deeds(self) -> None:
        themes = self._themes
        self.deeds = {
            "read": tool(themes, "check", self.tr("Read or unread"), self.tr("Mark as read or unread (U)"), self),
            "archive": tool(themes, "archive", self.tr("Archive"), self.tr("Archive, or move back (E)"), self),
            "snooze": tool(themes, "clock", self.tr("Snooze"), self.tr("Snooze (S)"), self),
            "pin": tool(themes, "pin", self.tr("Pin"), self.tr("Pin or unpin (P)"), self),
            "mute": tool(themes, "mute", self.tr("Mute"), self.tr("Mute or unmute the source (M)"), self),
            "delete": tool(themes, "trash", self.tr("Delete"), self.tr("Delete (#)"), self),
            "why": tool(themes, "help", self.tr("Why?"), self.tr("Why it rang, or did not (Y)"), self),
        }
        for name, button in self.deeds.items():
            button.clicked.connect(lambda _=False, name=name: self.deed.emit(name))

    def _make_link(self) -> None:
        self.link_card = QFrame(self)
        self.link_card.setProperty("look", "banner")
        self.host, self.link = self._label("title"), self._label("small")
        self.link.setProperty("tone", "soft")
        self.open_button = QPushButton(self.tr("Open"), self.link_card)
        self.open_button.setProperty("kind", "primary")
        self.open_button.clicked.connect(self.opened)
        self.copy_button = QPushButton(self.tr("Copy"), self.link_card)
        self.copy_button.clicked.connect(self._copy)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.host)
        texts.addWidget(self.link)
        layout = QHBoxLayout(self.link_card)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE, SPACE)
        layout.addLayout(texts, 1)
        layout.addWidget(self.copy_button)
        layout.addWidget(self.open_button)

    def _lay_out(self) -> None:
        deeds = QHBoxLayout()
        deeds.addStretch()
        for button in self.deeds.values():
            deeds.addWidget(button)
        heading = QVBoxLayout()
        heading.setSpacing(2)
        for label in (self.title, self.origin, self.states):
            heading.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(SPACE + 4)
        head.addWidget(self.face, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(heading, 1)
        whole = QWidget(self)
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE + 4)
        layout.addLayout(deeds)
        layout.addLayout(head)
        layout.addWidget(self.body, 1)
        layout.addLayout(self._answers)
        layout.addWidget(self.link_card)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(whole)
        self._pages.addWidget(self._nothing)
        self._whole = whole

    # ---- what it shows

    def show_entry(self, entry: Entry | None, account: str = "") -> None:
        if entry is not None and entry == self.entry:
            return
        same = self.entry is not None and entry is not None and self.entry.record.id == entry.record.id
        self.entry = self.face.entry = entry
        self._pages.setCurrentWidget(self._nothing if entry is None else self._whole)
        if entry is None:
            return
        record, row, now = entry.record, Row(entry=entry), self._now()
        self.title.setText(fitting(self._words.title(row)))
        origin = (one_line(record.source), self._words.moment(entry.at), account)
        self.origin.setText(" · ".join(part for part in origin if part))
        self.states.setText(" · ".join(self._words.states(record, now, answers=False)))
        self.states.setVisible(bool(self.states.text()))
        body = readable(record.body)
        if not same or self.body.toPlainText() != body:
            self.body.setPlainText(body)
        self._show_link(record.link)
        self._show_answers(entry)
        self.face.update()

    def _show_link(self, link: str | None) -> None:
        self.link_card.setVisible(link is not None)
        if link is None:
            return
        why = why_refused(link)
        self.open_button.setVisible(why is None)
        self.host.setText(host_of(link) or link.partition(":")[0] if why is None else why)
        self.link.setText(link if len(link) <= LINK_SHOWN else link[:LINK_SHOWN] + "…")

    def _show_answers(self, entry: Entry) -> None:
        while (item := self._answers.takeAt(0)) is not None:
            button = item.widget()
            if button is not None:
                button.hide()
                button.deleteLater()
        record = entry.record
        if not record.open_to_answers(self._now()) or record.resolved:
            return
        for place, action in enumerate(record.actions):
            self._answers.addWidget(self._answer_button(action, first=place == 0))

    def _answer_button(self, action: Button, *, first: bool) -> QPushButton:
        label = one_line(action.label)
        button = QPushButton(self)
        room = BUTTON_SHOWN * button.fontMetrics().averageCharWidth()
        shown = button.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, room)
        button.setText(shown.replace("&", "&&"))
        button.setAccessibleName(label)
        name = {"reply": "reply", "link": "external"}.get(action.kind)
        first = first and action.kind != "link"
        if name is not None:
            button.setIcon(icons.icon(name, self._themes.theme, "on_accent" if first else "text"))
        if first:
            button.setProperty("kind", "primary")
        button.clicked.connect(lambda: self.answered.emit(action))
        return button

    def _copy(self) -> None:
        if self.entry is not None and self.entry.record.link is not None:
            QGuiApplication.clipboard().setText(self.entry.record.link)

    def _dress(self) -> None:
        theme = self._themes.theme
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        for label, role in self._labels:
            label.setFont(theme.font(role))
            label.setAlignment(start | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute)
        self.body.setFont(theme.font("body"))
        self.open_button.setIcon(icons.icon("external", theme, "on_accent"))
        self.copy_button.setIcon(icons.icon("copy", theme))
        self.face.updateGeometry()
        self.face.update()
