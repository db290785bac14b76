"""Why a notification rang or did not: one sentence for each thing that happened to it, in a sheet over panel and window.

What this device knows is there at once; the rest comes when the server has answered, in its place. What is shown is how it
was at that moment: the sheet is for reading, not for watching.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QDateTime, QEvent, QLocale, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from handbell_desktop.account.whys import Story, Whys
from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.overlay import Overlay, ends
from handbell_desktop.ui.parts import Note, Picture, breakable, button, clear, column, line, words
from handbell_desktop.ui.phrases import said
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.type_names import TypeNames, one_line
from handbell_desktop.why_sentences import Told
from handbell_shared.records import Scope

TITLE_SHOWN: Final = 120

_LOOKS: Final[dict[str, tuple[str, str]]] = {
    "stored": ("info", "soft"),
    "told_again": ("refresh", "soft"),
    "rung_again": ("alert", "soft"),
    "alarm": ("alert", "soft"),
    "muted": ("mute", "warning"),
    "critical": ("shield", "soft"),
    "silent": ("mute", "soft"),
    "grouped": ("users", "soft"),
    "delivered": ("device", "soft"),
    "shown": ("bell", "success"),
    "held": ("moon", "warning"),
    "clicked": ("external", "soft"),
    "dismissed": ("close", "soft"),
    "seen": ("check", "soft"),
    "read": ("check-all", "soft"),
    "answered": ("reply", "soft"),
    "archived": ("archive", "soft"),
    "snoozed": ("clock", "soft"),
    "mailed": ("message", "soft"),
    "not_mailed": ("message", "warning"),
    "gone": ("trash", "soft"),
    "own": ("user", "soft"),
    "expired": ("clock", "soft"),
    "expires": ("clock", "soft"),
    "off_now": ("mute", "warning"),
    "quiet_now": ("moon", "warning"),
    "elsewhere_now": ("device", "warning"),
}


class Naming(QObject):
    """Times and names as the sentences have them."""

    def __init__(self, now: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._now = now

    def when(self, at: int) -> str:
        then, today = QDateTime.fromMSecsSinceEpoch(at), QDateTime.fromMSecsSinceEpoch(self._now())
        time = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
        if then.date() == today.date():
            return time
        this_year = self.tr("d MMM", "date format of this year, as in 12 Nov")
        other_year = self.tr("d MMM yyyy", "date format of other years, as in 12 Nov 2025")
        date = QLocale().toString(then.date(), this_year if then.date().year() == today.date().year() else other_year)
        return self.tr("{date}, {time}").format(date=date, time=time)

    def type_name(self, a_type: str) -> str:
        return TypeNames().one(a_type)

    def category_name(self, category: str) -> str:
        return TypeNames().category(category)


class WhySheet(Overlay):
    rule_wanted = Signal(str, object)  # an account and the Scope of its rule

    def __init__(self, whys: Whys, themes: ThemeSource, host: QWidget, now: Callable[[], int]) -> None:
        super().__init__(themes, "", host)
        self._whys = whys
        self._naming = Naming(now, self)
        self._entry: Entry | None = None
        self._asked = 0
        self.rows: list[StepRow] = []
        self._title.setText(self.tr("Why?"))
        self.about = words("", themes, tone="soft")
        self._steps = QVBoxLayout()
        self._steps.setSpacing(SPACE + 4)
        self.note = Note(themes, "soft")
        self.again = button(self.tr("Try again"), on_click=self._ask)
        self.area = QScrollArea(self.card)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName(self._title.text())
        self.area.viewport().setAutoFillBackground(False)
        self._inside = QWidget()
        self._column = column(self._steps, self.note, self.again, space=SPACE + 4)
        self._column.setAlignment(self.again, Qt.AlignmentFlag.AlignLeft)  # which is mirrored where all else is
        self._column.setContentsMargins(*ends(0, SPACE))
        self._inside.setLayout(self._column)
        self.area.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)  # which becoming the area's widget has turned on
        self.body.setSpacing(SPACE + 4)
        self.body.addWidget(self.about)
        self.body.addWidget(self.area)
        self._inside.installEventFilter(self)

    def show_entry(self, entry: Entry) -> None:
        self._entry = entry
        title = one_line(entry.record.title) or self.tr("Notification", "in place of a title that is empty")
        self.about.setText(breakable(title if len(title) <= TITLE_SHOWN else title[:TITLE_SHOWN] + "…"))
        self.enter()
        self.area.setFocus()
        self._ask()

    def texts(self) -> list[str]:
        """What the steps say, each with its time."""
        return [row.accessibleName() for row in self.rows]

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        moved = super().focusNextPrevChild(forward)
        focused = self.focusWidget()
        if focused is not None and self._inside.isAncestorOf(focused):
            self.area.ensureWidgetVisible(focused)
        return moved

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self._fit()  # what is shown for the first time gets its font and its frame only then
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    # ---- within

    def _ask(self) -> None:
        if self._entry is None:
            return
        self._asked += 1
        number = self._asked
        self._tell(self._whys.here(self._entry, self._naming))
        self.note.say(self.tr("Asking the server for the rest…"))
        self._fit()
        self._whys.ask(self._entry, self._naming, lambda story: self._answered(number, story))

    def _answered(self, number: int, story: Story) -> None:
        if number == self._asked and self.isVisible():
            at = self.area.verticalScrollBar().value()
            self._tell(story)
            self._fit()
            self.area.verticalScrollBar().setValue(at)

    def _tell(self, story: Story) -> None:
        clear(self._steps)
        self.rows = [StepRow(told, self._naming, self._themes, self._change) for told in story.told]
        for row in self.rows:
            self._steps.addWidget(row)
            row.show()  # at once, or it has no height yet
        self.note.say("" if story.note is None else said(story.note))
        self.again.setVisible(story.again)

    def _change(self, rule: Scope) -> None:
        self.leave()
        if self._entry is not None:
            self.rule_wanted.emit(self._entry.account, rule)

    def _fit(self) -> None:
        """As high as what it says, as far as there is room."""
        if not self.isVisible():
            return
        for layout in (self.layout(), self.card.layout(), self._column):
            if layout is not None:
                layout.activate()
        width = self.area.width()
        self.about.setFixedHeight(self.about.heightForWidth(width))
        room = self.height() - 12 * SPACE - self._title.sizeHint().height() - self.about.height()
        wanted = self._column.heightForWidth(width)
        if wanted > room:
            wanted = self._column.heightForWidth(width - self.area.verticalScrollBar().sizeHint().width())
        self.area.setFixedHeight(max(80, min(room, wanted)))


class StepRow(QWidget):
    """A sentence, when that was, and what can be changed about it."""

    def __init__(self, told: Told, naming: Naming, themes: ThemeSource, change: Callable[[Scope], None]) -> None:
        super().__init__()
        text = said(told.says)
        name, colour = _LOOKS.get(told.step, ("help", "soft"))
        sentence = words(breakable(text), themes)
        texts = column(sentence, space=2)
        spoken = text
        if told.at is not None:
            when = naming.when(told.at)
            if told.latest:
                when = self.tr("{time} at the latest").format(time=when)
            texts.addWidget(words(when, themes, "small", tone="faint"))
            spoken = f"{text}, {when}"
        if (rule := told.rule) is not None:
            self.change = button(self.tr("Change the rule"), on_click=lambda: change(rule))
            self.change.setAccessibleDescription(text)
            texts.addSpacing(SPACE // 2)
            texts.addLayout(line(self.change, -1))
        picture = Picture(name, colour, themes)
        row = line(picture, texts, space=SPACE + 4)
        row.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        row.setStretch(1, 1)
        self.setLayout(row)
        self.setAccessibleName(spoken)
