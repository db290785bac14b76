"""When e-mail goes out: pure functions on what a person chose and the clock.

A digest has one moment in each hour, day or week of the person's zone. Where the clocks jump over that moment it comes as much
later as they jumped; where they pass it twice it comes the first time. So there is never a day without its digest or with two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from handbell_shared.attention import quiet_until
from handbell_shared.preferences import Digest, Preferences, zone_of

_HOUR_MS: Final = 3_600_000
_WEEK_DAYS: Final = 7


def zone_for(preferences: Preferences) -> tzinfo:
    """The person's zone; a server has none of its own, so without one it is UTC."""
    return zone_of(preferences.zone) or UTC


def next_digest(digest: Digest, after: int, zone: tzinfo) -> int | None:
    """The first moment for a digest after this instant; None when there is to be none."""
    match digest.every:
        case "never":
            return None
        case "hourly":
            return next(at for at in _full_hours(after, zone) if at > after)
        case "daily" | "weekly":
            return next(at for at in _moments(digest, after, zone) if at > after)


def held_until(preferences: Preferences, at: int) -> int | None:
    """Until when nothing may disturb: a pause, or quiet hours; None when it is not quiet."""
    paused = preferences.paused_until if (preferences.paused_until or 0) > at else None
    quiet = quiet_until(preferences.quiet_hours, at, zone_for(preferences))
    return max((moment for moment in (paused, quiet) if moment is not None), default=None)


def _moments(digest: Digest, after: int, zone: tzinfo) -> Iterator[int]:
    """Of this week and the next, in order."""
    clock = time.fromisoformat(digest.at)
    today = datetime.fromtimestamp(after / 1000, zone).date()
    for day in (today + timedelta(days=n) for n in range(-1, 2 * _WEEK_DAYS + 1)):
        if digest.every == "daily" or day.weekday() == digest.day:
            yield _instant(day, clock, zone)


def _instant(day: date, clock: time, zone: tzinfo) -> int:
    return round(datetime.combine(day, clock, zone).timestamp() * 1000)


def _full_hours(after: int, zone: tzinfo) -> Iterator[int]:
    """The next ones by the clock on the wall, which may stand half an hour off, or be put by half an hour."""
    for hours in range(3):
        moment = datetime.fromtimestamp((after + hours * _HOUR_MS) / 1000, zone)
        past = timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
        full = moment.astimezone(UTC) - past + timedelta(hours=1)
        off = full.astimezone(zone).minute  # the clock was put in between, and not by a whole hour
        yield round((full - timedelta(minutes=off)).timestamp() * 1000) if off else round(full.timestamp() * 1000)
