"""The sheets that panel and window lay over themselves, and what opens each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from handbell_desktop.desk import Desk
from handbell_desktop.ui.help import HelpSheet
from handbell_desktop.ui.overlay import Overlay
from handbell_desktop.ui.refused_sheet import RefusedSheet
from handbell_desktop.ui.snooze_sheet import SnoozeSheet
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.triage import Triage
from handbell_desktop.ui.why_sheet import WhySheet


class Sheets(QObject):
    closed = Signal()
    rule_wanted = Signal(str, object)  # an account and the Scope of its rule

    def __init__(self, desk: Desk, themes: ThemeSource, triage: Triage, host: QWidget, now: Callable[[], int]) -> None:
        super().__init__(host)
        self.help = HelpSheet(themes, host)
        self.refused = RefusedSheet(themes, host)
        self.why = WhySheet(desk.whys, themes, host, now)
        self._snooze: SnoozeSheet | None = None
        self._host, self._themes, self._now = host, themes, now
        self._all: list[Overlay] = [self.help, self.refused, self.why]
        for sheet in self._all:
            sheet.closed.connect(self.closed)
        triage.refused.connect(self.refused.show_link)
        triage.why_wanted.connect(self.why.show_entry)
        triage.date_wanted.connect(lambda choose: self.snooze.ask(choose))
        self.why.rule_wanted.connect(self.rule_wanted)

    @property
    def snooze(self) -> SnoozeSheet:
        """Made when it is first asked for: a calendar takes a while."""
        if self._snooze is None:
            self._snooze = SnoozeSheet(self._themes, self._host, self._now)
            self._snooze.closed.connect(self.closed)
            self._all.append(self._snooze)
        return self._snooze

    def leave(self) -> bool:
        """Close those that are open; whether there were any."""
        there = [sheet for sheet in self._all if sheet.isVisible()]
        for sheet in there:
            sheet.leave()
        return bool(there)

    def hide(self) -> None:
        for sheet in self._all:
            sheet.hide()
