"""Who is disturbed, when: pure functions on settings and the clock, for the server and the desktop alike.

Quiet hours are said in the words of the clock on the wall ("22:00 to 07:00") and judged as spans of real time, so a night
in which the clocks change is one quiet night: it neither ends twice nor begins again. Where such a night makes a time
ambiguous or skips it, the quiet is rather longer than shorter.

A `zone` of None is the machine's own: Python asks the operating system then, which knows its summer time on platforms
without a time zone database too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated

from msgspec import Meta, Struct

Day = Annotated[int, Meta(ge=0, le=6)]
Clock = Annotated[str, Meta(pattern=r"\A(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")]


class QuietHours(Struct, frozen=True, kw_only=True):
    """Hours of the week in which nothing rings. `start` > `end` runs over midnight and belongs to the day it began."""

    enabled: bool = False
    days: Annotated[tuple[Day, ...], Meta(max_length=7)] = (0, 1, 2, 3, 4, 5, 6)  # Monday is 0
    start: Clock = "22:00"
    end: Clock = "07:00"  # the same as `start`: a whole day


def quiet_until(hours: QuietHours, at: int, zone: tzinfo | None) -> int | None:
    """When the quiet of this instant ends; None when it is not quiet. Spans that touch are one quiet.

    Of a quiet that never ends it is some day beyond the next week: ask again then.
    """
    end = None
    for begins, ends in _spans(hours, at, zone):
        if begins <= (at if end is None else end) < ends:
            end = ends
    return end


def next_quiet(hours: QuietHours, at: int, zone: tzinfo | None) -> int | None:
    """When quiet hours begin next, after this instant; None when they never do."""
    return next((begins for begins, _ in _spans(hours, at, zone) if begins > at), None)


def _spans(hours: QuietHours, at: int, zone: tzinfo | None) -> Iterator[tuple[int, int]]:
    """The quiet spans from the one that may still last to a week ahead, in order."""
    if not hours.enabled:
        return
    start, end = time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    today = datetime.fromtimestamp(at / 1000, zone).date()
    for day in (today + timedelta(days=n) for n in range(-2, 9)):
        if day.weekday() in hours.days:
            over = day if start < end else day + timedelta(days=1)
            yield min(_instants(day, start, zone)), max(_instants(over, end, zone))


def _instants(day: date, clock: time, zone: tzinfo | None) -> tuple[int, int]:
    """The two readings of a time on the wall; they differ only in a night in which the clocks change."""
    wall = datetime.combine(day, clock, zone)
    return round(wall.timestamp() * 1000), round(wall.replace(fold=1).timestamp() * 1000)
