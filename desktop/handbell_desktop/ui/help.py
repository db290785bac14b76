"""The help sheet: every key of panel and window, read from the table that binds them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QWidget

from handbell_desktop.ui.keys import BINDINGS, Verb, names
from handbell_desktop.ui.overlay import Overlay
from handbell_desktop.ui.theme import RADIUS_SMALL, SPACE, ThemeSource


class HelpSheet(Overlay):
    def __init__(self, themes: ThemeSource, host: QWidget) -> None:
        super().__init__(themes, "", host)
        self._title.setText(self.tr("Keyboard"))
        self._keys: list[QLabel] = []
        self._table: QWidget | None = None
        self._area = QScrollArea(self.card)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        self.body.addWidget(self._area)
        themes.changed.connect(self._dress_keys)

    def enter(self) -> None:
        table = self._whole_table()
        room = self._host.height() - 12 * SPACE - self._title.sizeHint().height()
        self._area.setFixedHeight(max(80, min(room, table.sizeHint().height() + 4)))
        super().enter()

    def _whole_table(self) -> QWidget:
        """Made when it is first asked for: most people open a panel far more often than its help."""
        if self._table is not None:
            return self._table
        self._table = table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 2 * SPACE, 0)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        sentences = self._sentences()
        for line, binding in enumerate(BINDINGS):
            what = QLabel(sentences[binding.verb], table)
            what.setTextFormat(Qt.TextFormat.PlainText)
            what.setWordWrap(True)
            grid.addWidget(what, line, 0)
            grid.addLayout(self._caps(names(binding), table), line, 1)
        grid.setColumnStretch(0, 1)
        self._dress_keys()
        self._area.setWidget(table)
        table.setAutoFillBackground(False)  # which becoming the area's widget has turned on
        return table

    def texts(self) -> list[str]:
        """What can be read on the sheet."""
        return [label.text() for label in self._whole_table().findChildren(QLabel)]

    def _caps(self, keys: list[str], parent: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        row.addStretch()
        for key in keys:
            cap = QLabel(key, parent)
            cap.setTextFormat(Qt.TextFormat.PlainText)
            cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._keys.append(cap)
            row.addWidget(cap)
        return row

    def _dress_keys(self) -> None:
        theme = self._themes.theme
        sheet = (
            f"QLabel {{ background: {theme.hex('window')}; color: {theme.hex('text')}; border: 1px solid "
            f"{theme.hex('line')}; border-bottom: 2px solid {theme.hex('line')}; border-radius: {RADIUS_SMALL - 2}px; "
            "padding: 1px 6px; }"
        )
        for cap in self._keys:
            cap.setFont(theme.font("small"))
            cap.setStyleSheet(sheet)
            cap.setMinimumWidth(cap.fontMetrics().height() + SPACE)

    def _sentences(self) -> dict[Verb, str]:
        return {
            Verb.NEXT: self.tr("Next"),
            Verb.PREVIOUS: self.tr("Previous"),
            Verb.FIRST: self.tr("First"),
            Verb.LAST: self.tr("Last"),
            Verb.INTO: self.tr("To the buttons of the row"),
            Verb.OUT_OF: self.tr("Back from the buttons"),
            Verb.OPEN: self.tr("Open, or press the button"),
            Verb.TOGGLE_READ: self.tr("Mark as read or unread"),
            Verb.ARCHIVE: self.tr("Archive, or move back"),
            Verb.SNOOZE: self.tr("Snooze"),
            Verb.PIN: self.tr("Pin or unpin"),
            Verb.DELETE: self.tr("Delete"),
            Verb.MUTE: self.tr("Mute the source, or unmute it"),
            Verb.EXPAND: self.tr("Open or close a group"),
            Verb.SELECT: self.tr("Select, to act on several"),
            Verb.SELECT_ALL: self.tr("Select all"),
            Verb.WHY: self.tr("Why it rang, or did not"),
            Verb.UNDO: self.tr("Undo"),
            Verb.SEARCH: self.tr("Search"),
            Verb.TAB_1: self.tr("Unread"),
            Verb.TAB_2: self.tr("All"),
            Verb.TAB_3: self.tr("Archived"),
            Verb.ALL_READ: self.tr("Mark all as read"),
            Verb.HELP: self.tr("This help"),
            Verb.ESCAPE: self.tr("Step back, or close"),
        }
