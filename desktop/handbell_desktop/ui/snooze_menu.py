"""When a snoozed notification comes back: a few moments that people mean; a day and a time of their own is the last of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QMenu, QWidget

from handbell_desktop.undo import NOT_SNOOZED

When = Literal["hour", "evening", "tomorrow", "week"]

MORNING, EVENING = time(9), time(18)
MONDAY = 0


class Moment(NamedTuple):
    when: When
    at: int


def moments(now: datetime) -> list[Moment]:
    """Pure; `now` in the person's own time zone. The evening is offered until an hour before it."""
    found = [("hour", now + timedelta(hours=1))]
    if now + timedelta(hours=1) < _at(now, 0, EVENING):
        found.append(("evening", _at(now, 0, EVENING)))
    found.append(("tomorrow", _at(now, 1, MORNING)))
    found.append(("week", _at(now, (MONDAY - now.weekday() - 1) % 7 + 1, MORNING)))
    return [Moment(when, round(moment.timestamp() * 1000)) for when, moment in found]  # type: ignore[arg-type]


def _at(now: datetime, days: int, clock: time) -> datetime:
    """On the wall clock: nine in the morning stays nine when summer time ends in between."""
    return datetime.combine(now.date() + timedelta(days=days), clock).astimezone()


class SnoozeMenu(QMenu):
    def __init__(
        self,
        now: int,
        choose: Callable[[int], object],
        ask: Callable[[Callable[[int], object]], object],
        *,
        asleep: bool,
        parent: QWidget,
    ) -> None:
        """`ask` lets the person say another moment, and tells that to `choose`."""
        super().__init__(parent)
        words: dict[When, str] = {
            "hour": self.tr("In an hour"),
            "evening": self.tr("This evening"),
            "tomorrow": self.tr("Tomorrow morning"),
            "week": self.tr("Next Monday"),
        }
        if asleep:
            self.addAction(self.tr("Wake up now")).triggered.connect(lambda: choose(NOT_SNOOZED))
            self.addSeparator()
        for when, at in moments(datetime.fromtimestamp(now / 1000).astimezone()):
            action = self.addAction(f"{words[when]}\t{self._clock(at, now)}")
            action.triggered.connect(lambda _=False, at=at: choose(at))
        self.addSeparator()
        self.addAction(self.tr("Pick a date and time…")).triggered.connect(lambda: ask(choose))

    def _clock(self, at: int, now: int) -> str:
        then, today = QDateTime.fromMSecsSinceEpoch(at), QDateTime.fromMSecsSinceEpoch(now)
        clock = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
        return clock if then.date() == today.date() else f"{QLocale().toString(then.date(), 'ddd')} {clock}"
