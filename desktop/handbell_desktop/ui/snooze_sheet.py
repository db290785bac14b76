"""A day and a time to be woken at, where the offered moments do not fit.

The sheet always says in whole words what it has understood: the day, the time, the zone, and how far away that is. The moment
is what counts, so a time that the clocks skip that night shows as the one it becomes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QDateTime, QEvent, QLocale, Qt, QTime, QTimer, QTimeZone
from PySide6.QtGui import QKeyEvent, QShowEvent, QTextCharFormat
from PySide6.QtWidgets import QAbstractItemView, QCalendarWidget, QToolButton, QWidget

from handbell_desktop.ui import icons
from handbell_desktop.ui.overlay import Overlay
from handbell_desktop.ui.parts import Note, button, line, words
from handbell_desktop.ui.settings.clocks import clock_edit
from handbell_desktop.ui.snooze_menu import MORNING
from handbell_desktop.ui.theme import SPACE, ThemeSource

FURTHEST: Final = 5  # years: what is further away was not meant
LINES, REST = 12, 15  # of text: the calendar's own, and what stands around it
SHOWN: Final = 45  # days before today that a page may show
LOOK_AGAIN: Final = 5_000  # ms: while it is open, the moment may come
MINUTE, HOUR = 60, 3_600
ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SnoozeSheet(Overlay):
    def __init__(self, themes: ThemeSource, host: QWidget, now: Callable[[], int]) -> None:
        super().__init__(themes, "", host)
        self._now = now
        self._choose: Callable[[int], object] = lambda until: None
        self._title.setText(self.tr("Snooze until…"))
        self.calendar = QCalendarWidget(self.card)
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
        for part in (self.calendar, self.calendar.findChild(QAbstractItemView)):  # the days have the focus
            if part is not None:
                part.setAccessibleName(self.tr("Day"))
        self.clock = clock_edit(self.tr("Time"))
        label = words(self.tr("Time"), themes)
        label.setWordWrap(False)
        label.setBuddy(self.clock)
        self.understood = words("", themes, "small", tone="soft")
        self.trouble = Note(themes)
        self.cancel = button(self.tr("Cancel"), on_click=self.leave)
        self.sleep = button(self.tr("Snooze"), kind="primary", on_click=self._done)
        self.body.setSpacing(SPACE)
        self.body.addWidget(self.calendar)
        self.body.addLayout(line(label, self.clock, -1))
        self.body.addWidget(self.understood)
        self.body.addWidget(self.trouble)
        self.body.addLayout(line(-1, self.cancel, self.sleep))
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._look)
        self.calendar.selectionChanged.connect(self._look)
        self.clock.timeChanged.connect(self._look)
        themes.changed.connect(self._dress_calendar)
        self._dress_calendar()

    def _measure(self) -> None:
        """Six weeks and two lines above them, whatever the font (Qt would cut the last one); less where there is no room."""
        height = self.fontMetrics().height()
        self.calendar.setMinimumHeight(max(6 * height, min(LINES * height, self._host.height() - REST * height)))

    def ask(self, choose: Callable[[int], object]) -> None:
        """Begins with tomorrow morning; `choose` is told the moment, in milliseconds."""
        self._choose = choose
        today = QDateTime.fromMSecsSinceEpoch(self._now()).date()
        self.calendar.setLocale(QLocale())
        self.calendar.setFirstDayOfWeek(QLocale().firstDayOfWeek())
        self.calendar.setDateRange(today, today.addYears(FURTHEST))
        self.calendar.setSelectedDate(today.addDays(1))
        self.clock.setDisplayFormat(QLocale().timeFormat(QLocale.FormatType.ShortFormat))
        self.clock.setTime(QTime(MORNING.hour, MORNING.minute))
        self._dress_calendar()
        self.enter()
        self.calendar.setFocus()
        self._look()

    @property
    def until(self) -> int:
        return self._moment().toMSecsSinceEpoch()

    def _moment(self) -> QDateTime:
        """On the wall clock of this computer."""
        return QDateTime(self.calendar.selectedDate(), self.clock.time())

    def _look(self) -> None:
        late = self.until <= self._now()
        self.trouble.say(self.tr("That moment has passed. Choose a later one.") if late else "")
        self.sleep.setEnabled(not late)
        self.understood.setText("" if late else self._words())
        self.understood.setVisible(not late)
        self.sleep.setAccessibleDescription(self.understood.text())

    def _words(self) -> str:
        then = QDateTime.fromMSecsSinceEpoch(self.until)
        day = QLocale().toString(then.date(), QLocale.FormatType.LongFormat)
        time = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
        zone = QTimeZone.systemTimeZone().displayName(then, QTimeZone.NameType.LongName, QLocale())
        says = self.tr("Comes back on {day} at {time} ({zone}), {distance}.")
        return says.format(day=day, time=time, zone=zone, distance=self._distance(then))

    def _distance(self, then: QDateTime) -> str:
        """In days as the calendar counts them; nearer than that, in hours and minutes."""
        seconds = (then.toMSecsSinceEpoch() - self._now()) // 1000
        days = QDateTime.fromMSecsSinceEpoch(self._now()).date().daysTo(then.date())
        if days > 1:
            return self.tr("in %n day(s)", "", days)
        if seconds >= HOUR:
            return self.tr("in %n hour(s)", "", round(seconds / HOUR))
        return self.tr("in %n minute(s)", "", max(1, round(seconds / MINUTE)))

    def _done(self) -> None:
        self._look()
        if self.sleep.isEnabled():
            choose, until = self._choose, self.until
            self.leave()
            choose(until)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in ENTER:
            self._done()
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._clock.start(LOOK_AGAIN)

    def leave(self) -> None:
        self._clock.stop()
        super().leave()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self.isVisible():
            self._look()

    def _dress_calendar(self) -> None:
        """Sundays are no mistakes (Qt would write them in red), and what is over is pale."""
        theme = self._themes.theme
        self._measure()
        head = QTextCharFormat()
        head.setForeground(theme.colour("edge"))
        for day in Qt.DayOfWeek:
            self.calendar.setWeekdayTextFormat(day, QTextCharFormat())
        self.calendar.setHeaderTextFormat(head)
        for back in range(1, SHOWN):  # what cannot be chosen, Qt writes like the rest
            self.calendar.setDateTextFormat(self.calendar.minimumDate().addDays(-back), head)
        for name, icon, says in (
            ("qt_calendar_prevmonth", "chevron-left", self.tr("Previous month")),
            ("qt_calendar_nextmonth", "chevron-right", self.tr("Next month")),
        ):
            arrow = self.calendar.findChild(QToolButton, name)
            if arrow is not None:
                arrow.setIcon(icons.icon(icon, theme, "soft"))
                arrow.setAccessibleName(says)
                arrow.setToolTip(says)
