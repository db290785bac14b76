"""The sheets that panel and window lay over themselves, and what opens each.

Those that few people open, and that bring much with them (a calendar; what asks servers), are loaded and made when they are
first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from handbell_desktop.desk import Desk
from handbell_desktop.ui.help import HelpSheet
from handbell_desktop.ui.overlay import Overlay
from handbell_desktop.ui.refused_sheet import RefusedSheet
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.triage import Triage

if TYPE_CHECKING:
    from handbell_desktop.ui.snooze_sheet import SnoozeSheet
    from handbell_desktop.ui.why_sheet import WhySheet


class Sheets(QObject):
    closed = Signal()
    rule_wanted = Signal(str, object)  # an account and the Scope of its rule

    def __init__(self, desk: Desk, themes: ThemeSource, triage: Triage, host: QWidget, now: Callable[[], int]) -> None:
        super().__init__(host)
        self._desk, self._themes, self._host, self._now = desk, themes, host, now
        self._made: list[Overlay] = []
        self.help = HelpSheet(themes, host)
        self.refused = RefusedSheet(themes, host)
        for sheet in (self.help, self.refused):
            self._keep(sheet)
        triage.refused.connect(self.refused.show_link)
        triage.why_wanted.connect(lambda entry: self.why.show_entry(entry))
        triage.date_wanted.connect(lambda choose: self.snooze.ask(choose))

    @cached_property
    def why(self) -> WhySheet:
        from handbell_desktop.ui.why_sheet import WhySheet

        sheet = WhySheet(self._desk.whys, self._themes, self._host, self._now)
        sheet.rule_wanted.connect(self.rule_wanted)
        self._keep(sheet)
        return sheet

    @cached_property
    def snooze(self) -> SnoozeSheet:
        from handbell_desktop.ui.snooze_sheet import SnoozeSheet

        sheet = SnoozeSheet(self._themes, self._host, self._now)
        self._keep(sheet)
        return sheet

    def leave(self) -> bool:
        """Close those that are open; whether there were any."""
        there = [sheet for sheet in self._made if sheet.isVisible()]
        for sheet in there:
            sheet.leave()
        return bool(there)

    def hide(self) -> None:
        for sheet in self._made:
            sheet.hide()

    def _keep(self, sheet: Overlay) -> None:
        sheet.closed.connect(self.closed)
        self._made.append(sheet)
