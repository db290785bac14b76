"""The words of rows: times, marks, and the sentence that a screen reader says.

A `QObject` because `tr` finds its context by class. One of these per list; nothing is kept, so a new language is spoken
at the next paint.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import QDateTime, QLocale, QObject

from handbell_desktop.ui.ago import WEEK, ago
from handbell_desktop.ui.list.plain import plain
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.type_names import TypeNames, one_line
from handbell_shared.grouping import headline
from handbell_shared.records import Notification

SPOKEN_BODY = 300  # characters of the body that a screen reader is given


class Words(QObject):
    # ---- time

    def short_time(self, at: int, now: int) -> str:
        """As small as a column at the edge of a row allows: "5 min"."""
        unit, count, _ = ago(at, now)
        match unit:
            case "now":
                return self.tr("now")
            case "minutes":
                return self.tr("%n min", "minutes ago, very short", count)
            case "hours":
                return self.tr("%n h", "hours ago, very short", count)
            case "days":
                return self.tr("%n d", "days ago, very short", count)
        return self._date(at, now)

    def long_time(self, at: int, now: int) -> str:
        unit, count, _ = ago(at, now)
        match unit:
            case "now":
                return self.tr("just now")
            case "minutes":
                return self.tr("%n minute(s) ago", "", count)
            case "hours":
                return self.tr("%n hour(s) ago", "", count)
            case "days":
                return self.tr("%n day(s) ago", "", count)
        return self.moment(at)

    def moment(self, at: int) -> str:
        """The exact time, for tooltips and the reading pane."""
        then = QDateTime.fromMSecsSinceEpoch(at)
        date = QLocale().toString(then.date(), QLocale.FormatType.LongFormat)
        return f"{date}, {QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)}"

    def until(self, at: int, now: int) -> str:
        """When a snoozed one comes back: "14:30", "Mon 09:00" or "12 Nov"."""
        then, today = QDateTime.fromMSecsSinceEpoch(at), QDateTime.fromMSecsSinceEpoch(now)
        time = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
        if then.date() == today.date():
            return time
        if at - now < WEEK:
            day = QLocale().toString(then.date(), "ddd")
            return self.tr("{day} {time}").format(day=day, time=time)
        return self._date(at, now)

    def _date(self, at: int, now: int) -> str:
        date = QDateTime.fromMSecsSinceEpoch(at).date()
        if date.year() == QDateTime.fromMSecsSinceEpoch(now).date().year():
            return QLocale().toString(date, self.tr("d MMM", "date format of this year, as in 12 Nov"))
        return QLocale().toString(date, self.tr("d MMM yyyy", "date format of other years, as in 12 Nov 2025"))

    # ---- marks

    def title(self, row: Row) -> str:
        """Of a group: who did it, where several did the same; its newest title otherwise."""
        title = headline(row.group, self._and_one, self._and_others) if row.group else row.entry.record.title
        return one_line(title) or self.tr("Notification", "in place of a title that is empty")

    def _and_one(self, first: str, second: str) -> str:
        return self.tr("{first} and {second}").format(first=first, second=second)

    def _and_others(self, first: str, others: int) -> str:
        return self.tr("{first} and %n others", "never fewer than two", others).format(first=first)

    def answered(self, record: Notification) -> str:
        if record.answer is None:
            return ""
        answer = record.answer
        label = next((one.label for one in record.actions if one.id == answer.action), answer.action)
        said = one_line(answer.text or label)
        if answer.deadline and not said:
            return self.tr("Nobody answered in time")
        if answer.deadline:
            return self.tr("Nobody answered in time, so: {answer}").format(answer=said)
        if answer.by:
            return self.tr("Answered by {name}: {answer}").format(name=one_line(answer.by), answer=said)
        return self.tr("You answered: {answer}").format(answer=said)

    def alarm(self, record: Notification) -> str:
        """How it stands with what rings until somebody has it, as far as this person wants to know."""
        if record.alarm is None:
            return ""
        match record.alarm.state:
            case "ringing" if not record.read:
                return self.tr("Rings until acknowledged")
            case "passed":
                return self.tr("Passed on to {name}").format(name=one_line(record.alarm.who))
            case "acknowledged" if record.alarm.elsewhere:
                return self.tr("Acknowledged by {name}").format(name=one_line(record.alarm.who))
            case "expired":
                return self.tr("Nobody acknowledged it")
            case _:
                return ""

    def snoozed(self, record: Notification, now: int) -> str:
        return self.tr("Until {time}").format(time=self.until(record.snoozed_until, now))

    def muted(self, record: Notification) -> str:
        """Which rule keeps it from being shown for a moment."""
        rule = None if record.muted is None else record.muted.get("toast")
        if rule is None:
            return ""
        source, a_type = one_line(rule.source or ""), TypeNames().one(rule.type or "")
        if rule.source and rule.type:
            return self.tr("Muted by your rule for “{type}” from {source}").format(type=a_type, source=source)
        if rule.source:
            return self.tr("Muted by your rule for {source}").format(source=source)
        if rule.type:
            return self.tr("Muted by your rule for “{type}”").format(type=a_type)
        if rule.category:
            return self.tr("Muted by your rule for the category “{category}”").format(
                category=TypeNames().category(rule.category)
            )
        return self.tr("Muted by your rule for everything")

    def tip(self, row: Row) -> str:
        """What a row has no room for."""
        lines = (self.title(row), self.moment(row.entry.at), self.muted(row.entry.record))
        return "\n".join(line for line in lines if line)

    def resolved(self) -> str:
        return self.tr("Resolved")

    def origin(self, row: Row, account: str = "") -> str:
        """Where it comes from: source, the link's host, and the account when there are several."""
        record = row.entry.record
        parts = [one_line(record.source), host_of(record.link), account]
        return " · ".join(part for part in parts if part)

    # ---- what a screen reader says

    def spoken(self, row: Row, now: int, account: str = "") -> str:
        record = row.entry.record
        sentences: list[str] = []
        if row.unread:
            sentences.append(self.tr("Unread"))
        sentences.append(self.title(row))
        if len(row.entries) > 1:
            sentences.append(self.tr("Group of %n notification(s)", "", len(row.entries)))
        sentences.append(plain(record.body)[:SPOKEN_BODY])
        origin = [one_line(record.source), self.long_time(row.entry.at, now), account]
        sentences.append(", ".join(part for part in origin if part))
        sentences.extend(self.states(record, now))
        return " ".join(_sentence(one) for one in sentences if one)

    def states(self, record: Notification, now: int, *, answers: bool = True) -> Sequence[str]:
        states = []
        if record.priority == "high":
            states.append(self.tr("High priority"))
        if record.priority == "urgent":
            states.append(self.tr("Urgent"))
        if record.count > 1:
            states.append(self.tr("Happened %n time(s)", "", record.count))
        if record.resolved:
            states.append(self.resolved())
        if record.pinned:
            states.append(self.tr("Pinned"))
        if record.snoozed_until > now:
            states.append(self.tr("Snoozed until {time}").format(time=self.until(record.snoozed_until, now)))
        if muted := self.muted(record):
            states.append(muted)
        if alarm := self.alarm(record):
            states.append(alarm)
        if record.answer is not None:
            states.append(self.answered(record))
        elif record.open_to_answers(now) and answers:
            labels = ", ".join(one_line(one.label) for one in record.actions[:3])
            states.append(self.tr("Can be answered: {buttons}").format(buttons=labels))
        if record.question is not None and record.question.until is not None and record.open_to_answers(now):
            until = self.until(record.question.until, now)
            states.append(self.tr("To be answered until {time}").format(time=until))
        return states


def host_of(link: str | None) -> str:
    """The host of a web link, for showing; nothing for other links and for none."""
    if not link:
        return ""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _sentence(text: str) -> str:
    return text if text[-1] in ".!?…。！？" else f"{text}."
