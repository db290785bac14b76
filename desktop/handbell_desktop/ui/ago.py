"""How long ago something was, and when that answer will no longer be true.

Pure: no clock, no words, no Qt. A list asks for every visible row, shows the answers, and sleeps until the earliest
`until`, so "5 min" never lies and nothing is painted for nothing. Words are in `words.py`, where they are translated.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Unit = Literal["now", "minutes", "hours", "days", "date"]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY


class Ago(NamedTuple):
    """`number` of `unit`; true until the moment `until`, or for good."""

    unit: Unit
    number: int = 0
    until: int | None = None


def ago(at: int, now: int) -> Ago:
    """All in milliseconds. What lies in the future (a clock that is wrong) is now."""
    age = now - at
    if age < MINUTE:
        return Ago("now", 0, at + MINUTE)
    if age < HOUR:
        return _counted("minutes", MINUTE, at, age)
    if age < DAY:
        return _counted("hours", HOUR, at, age)
    if age < WEEK:
        return _counted("days", DAY, at, age)
    return Ago("date")


def _counted(unit: Unit, length: int, at: int, age: int) -> Ago:
    count = age // length
    return Ago(unit, count, at + (count + 1) * length)
