"""When the bell keeps quiet: now for a while, or every week at the same hours."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from msgspec import structs
from PySide6.QtCore import QLocale, QTime, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton

from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.menu import Intent, pause_until
from handbell_desktop.ui.parts import Card, Picture, Switch, button, column, line, row, words
from handbell_desktop.ui.settings.clocks import clock_edit, moment
from handbell_desktop.ui.settings.page import AccountPage
from handbell_desktop.ui.settings.urgent_card import UrgentCard
from handbell_desktop.ui.settings.zones import ZoneBox, time_in
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_shared.preferences import FOR_EVER

LOOK_AGAIN: Final = 20_000  # ms; while the page shows, its sentence about now is never older


class QuietPage(AccountPage):
    def build(self) -> None:
        self.heading(self.tr("Quiet hours"))
        self.add_account(self.tr("What you choose here holds on all your devices."))
        self._build_now()
        self.section(self.tr("Every week"))
        self._build_week()
        self.section(self.tr("Urgent"))
        self._urgent = UrgentCard(self.tools.themes, lambda urgent: self.prefer("urgent", urgent))
        self.body.addWidget(self._urgent)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_AGAIN)
        self._timer.timeout.connect(self._say_now)

    def _build_now(self) -> None:
        themes = self.tools.themes
        self._picture = Picture("bell", "accent", themes, 24)
        self._now = words("", themes, strong=True)
        self._resume = button(
            self.tr("End the pause"), kind="primary", on_click=lambda: self.tools.desk.resume(self.account)
        )
        head = line(self._picture, self._now, self._resume, space=2 * SPACE)
        head.setStretch(1, 1)
        about = self.tr(
            "While it is quiet, notifications are kept, but nothing shows or sounds. Afterwards you get one summary."
        )
        card = Card()
        card.add(column(head, words(about, themes, "small", tone="soft")))
        self._pauses = {
            intent: button(label, on_click=partial(self._pause, intent))
            for intent, label in (
                (Intent.PAUSE_HALF_HOUR, self.tr("For 30 minutes")),
                (Intent.PAUSE_HOUR, self.tr("For 1 hour")),
                (Intent.PAUSE_TOMORROW, self.tr("Until tomorrow, 8:00")),
                (Intent.PAUSE_OPEN_END, self.tr("Until I say")),
            )
        }
        card.add(column(words(self.tr("Pause now"), themes), Flow(*self._pauses.values())))
        self.body.addWidget(card)

    def _build_week(self) -> None:
        themes = self.tools.themes
        card = Card()
        self._on = Switch(themes)
        self._on.toggled.connect(lambda on: self._hours(enabled=on))
        card.add(row(self.tr("Quiet at the same hours"), "", self._on, themes))
        self._days = {day: self._day(day) for day in _week()}
        card.add(column(words(self.tr("On these days"), themes), Flow(*self._days.values(), space=SPACE // 2)))
        self._start, self._end = clock_edit(self.tr("Quiet from")), clock_edit(self.tr("Quiet to"))
        self._start.timeChanged.connect(lambda time: self._hours(start=time.toString("HH:mm")))
        self._end.timeChanged.connect(lambda time: self._hours(end=time.toString("HH:mm")))
        self._night = words("", themes, "small", tone="soft")
        hours = Flow(words(self.tr("From"), themes), self._start, words(self.tr("to"), themes), self._end, space=SPACE)
        card.add(column(hours, self._night))
        self._zone = ZoneBox()
        self._zone.chosen.connect(lambda name: self.prefer("zone", name))
        zone = row(
            self.tr("Time zone"), self.tr("In which the hours are reckoned, wherever you are."), self._zone, themes
        )
        self._there = words("", themes, "small", tone="soft")
        card.add(column(zone, self._there))
        self.body.addWidget(card)

    def refresh(self) -> None:
        super().refresh()
        preferences = self.preferences
        hours = preferences.quiet_hours
        self._on.show_value(hours.enabled)
        self._zone.show_value(preferences.zone)
        session = next((one for one in self.tools.desk.sessions if one.account.id == self.account), None)
        self._urgent.show_value(preferences.urgent, session.sight.sources() if session is not None else [])
        for day, toggle in self._days.items():
            toggle.setChecked(day in hours.days)
            toggle.setEnabled(hours.enabled)
        for edit, time in ((self._start, hours.start), (self._end, hours.end)):
            edit.blockSignals(True)
            edit.setTime(QTime.fromString(time, "HH:mm"))
            edit.blockSignals(False)
            edit.setEnabled(hours.enabled)
        if hours.start == hours.end:
            self._night.setText(self.tr("The whole day."))
        else:
            self._night.setText(self.tr("Until the next morning.") if hours.start > hours.end else "")
        self._night.setVisible(bool(self._night.text()))
        self._say_now()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._timer.stop()
        super().hideEvent(event)

    # ---- now

    def _say_now(self) -> None:
        desk, account = self.tools.desk, self.account
        paused, quiet = desk.pause_of(account), desk.quiet_of(account)
        self._resume.setVisible(paused is not None)
        if paused is not None and paused >= FOR_EVER:
            says = self.tr("Paused until you say")
        elif paused is not None:
            says = self.tr("Paused until {time}").format(time=moment(paused))
        elif quiet is not None:
            says = self.tr("Quiet now, until {time}").format(time=moment(quiet))
        else:
            says = self.tr("The bell rings")
        ringing = paused is None and quiet is None
        self._picture.show_icon("bell" if ringing else "moon", "accent" if ringing else "warning")
        self._now.setText(says)
        there = time_in(self.preferences.zone)
        self._there.setText(self.tr("There it is {time} now.").format(time=there) if there else "")
        self._there.setVisible(bool(there))

    def _pause(self, intent: Intent) -> None:
        self.tools.desk.pause(pause_until(intent, datetime.now().astimezone()), self.account)

    # ---- every week

    def _day(self, day: int) -> DayToggle:
        toggle = DayToggle(self.tools.themes)
        toggle.setText(QLocale().standaloneDayName(day + 1, QLocale.FormatType.ShortFormat).removesuffix("."))
        toggle.setAccessibleName(QLocale().standaloneDayName(day + 1, QLocale.FormatType.LongFormat))
        toggle.clicked.connect(lambda: self._hours(days=tuple(d for d in range(7) if self._days[d].isChecked())))
        return toggle

    def _hours(self, **changes: object) -> None:
        self.prefer("quiet_hours", structs.replace(self.preferences.quiet_hours, **changes))


class DayToggle(QToolButton):
    """A day that is in or out; in must be seen at a glance, over seven of them."""

    def __init__(self, themes: ThemeSource) -> None:
        super().__init__()
        self._themes = themes
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        c = self._themes.theme.palette
        self.setStyleSheet(
            f"QToolButton {{ border: 1px solid {c.edge}; padding: 5px 9px; }}"
            f"QToolButton:checked {{ background: {c.accent_soft}; border-color: {c.accent}; color: {c.accent}; }}"
            f"QToolButton:disabled {{ border-color: {c.line}; color: {c.edge}; background: transparent; }}"
            f"QToolButton:focus {{ border: 2px solid {c.accent}; padding: 4px 8px; }}"
        )


def _week() -> list[int]:
    """The days as the person's calendar begins them; Monday is 0."""
    first = QLocale().firstDayOfWeek().value - 1
    return [(first + n) % 7 for n in range(7)]
