"""When ntfy's `delay` is: a Unix time, a while from now, or a time of the day in the server's zone.

1735600000    30m    1h30m    2 days    10am    18:30    tomorrow    tomorrow, 8:15pm
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from handbell_server.errors import Invalid

_LONGEST = 64
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_WHILE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|h|m|s)", re.ASCII)
_WORDY = re.compile(r"(\d{1,6})\s*(days?|d|hours?|h|minutes?|mins?|m|seconds?|secs?|s)", re.ASCII)
_CLOCK = re.compile(
    r"(?P<tomorrow>tomorrow)?[,\s]*(?:at\s+)?(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s*(?P<half>am|pm)?)?", re.ASCII
)


def moment_of(text: str, now: int) -> int:
    """The moment in milliseconds."""
    text = text.strip().lower()[:_LONGEST]
    if re.fullmatch(r"\d{9,12}", text, re.ASCII):
        if int(text) * 1000 >= now:
            return int(text) * 1000
        raise _unreadable(text)
    wordy = _WORDY.fullmatch(text)
    if wordy is not None:
        return now + int(wordy[1]) * _UNITS[wordy[2][0]]
    parts = _WHILE.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return now + int(sum(float(number) * _UNITS[unit] for number, unit in parts))
    return _by_the_clock(text, now)


def _by_the_clock(text: str, now: int) -> int:
    clock = _CLOCK.fullmatch(text)
    if clock is None or not (clock["tomorrow"] or clock["half"] or clock["minute"]):
        raise _unreadable(text)
    here = datetime.fromtimestamp(now / 1000).astimezone()
    hour, minute = int(clock["hour"] or here.hour), int(clock["minute"] or (0 if clock["hour"] else here.minute))
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise _unreadable(text)
        hour = hour % 12 + (12 if clock["half"] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise _unreadable(text)
    day = here.replace(tzinfo=None) + timedelta(days=1 if clock["tomorrow"] else 0)
    then = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if then.astimezone() <= here:
        then += timedelta(days=1)
    return int(then.astimezone().timestamp() * 1000)


def _unreadable(text: str) -> Invalid:
    return Invalid(f"invalid delay parameter: unable to parse delay {text!r}", field="delay")
