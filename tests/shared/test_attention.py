"""Quiet hours, also in the two nights a year that have another length."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from handbell_shared.attention import QuietHours, next_quiet, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC"), None])
NIGHT = QuietHours(enabled=True)
OFFICE = QuietHours(enabled=True, days=(0, 1, 2, 3, 4), start="09:00", end="17:30")

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
hours = st.builds(
    QuietHours,
    enabled=st.just(True),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    start=clocks,
    end=clocks,
)
instants = st.integers(1_700_000_000_000, 1_900_000_000_000)


def at(text: str, zone: ZoneInfo | None = BERLIN) -> int:
    """A time as people write it. An offset decides in the night when there are two of them."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def utc(text: str) -> int:
    return at(text, ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("clock", "ends"),
    [
        ("2026-11-20 21:59:59", None),
        ("2026-11-20 22:00", "2026-11-21 07:00"),
        ("2026-11-20 23:59", "2026-11-21 07:00"),
        ("2026-11-21 00:00", "2026-11-21 07:00"),
        ("2026-11-21 06:59", "2026-11-21 07:00"),
        ("2026-11-21 07:00", None),
    ],
)
def test_a_night_runs_over_midnight(clock: str, ends: str | None) -> None:
    assert quiet_until(NIGHT, at(clock), BERLIN) == (None if ends is None else at(ends))


def test_hours_belong_to_the_day_they_began_on() -> None:
    friday_night = QuietHours(enabled=True, days=(4,))

    assert quiet_until(friday_night, at("2026-11-21 03:00"), BERLIN) == at("2026-11-21 07:00")  # Saturday morning
    assert quiet_until(friday_night, at("2026-11-20 03:00"), BERLIN) is None  # Friday morning
    assert quiet_until(friday_night, at("2026-11-21 23:00"), BERLIN) is None  # Saturday night


def test_a_working_day_is_quiet_and_a_weekend_is_not() -> None:
    assert quiet_until(OFFICE, at("2026-11-20 12:00"), BERLIN) == at("2026-11-20 17:30")
    assert quiet_until(OFFICE, at("2026-11-21 12:00"), BERLIN) is None
    assert next_quiet(OFFICE, at("2026-11-20 12:00"), BERLIN) == at("2026-11-23 09:00")


def test_what_is_switched_off_is_never_quiet() -> None:
    assert quiet_until(QuietHours(), at("2026-11-21 03:00"), BERLIN) is None
    assert next_quiet(QuietHours(), at("2026-11-21 03:00"), BERLIN) is None


def test_the_night_the_clocks_go_back_is_an_hour_longer_and_one_night() -> None:
    begins, ends = utc("2026-10-24 20:00"), utc("2026-10-25 06:00")

    assert next_quiet(NIGHT, utc("2026-10-24 19:00"), BERLIN) == begins
    assert {quiet_until(NIGHT, t, BERLIN) for t in range(begins, ends, 600_000)} == {ends}
    assert quiet_until(NIGHT, ends, BERLIN) is None


def test_a_time_that_comes_twice_begins_the_first_time_and_ends_the_second() -> None:
    twice = QuietHours(enabled=True, start="02:15", end="02:45")
    begins, ends = utc("2026-10-25 00:15"), utc("2026-10-25 01:45")

    assert {quiet_until(twice, t, BERLIN) for t in range(begins, ends, 60_000)} == {ends}
    assert quiet_until(twice, ends, BERLIN) is None


def test_a_time_that_is_skipped_costs_no_quiet() -> None:
    skipped = QuietHours(enabled=True, start="23:00", end="02:30")

    for t in range(utc("2026-03-28 22:00"), utc("2026-03-29 01:00"), 60_000):
        assert quiet_until(skipped, t, BERLIN) is not None
    assert quiet_until(skipped, utc("2026-03-29 02:00"), BERLIN) is None


def test_days_that_touch_are_one_quiet() -> None:
    weekend = QuietHours(enabled=True, days=(5, 6), start="00:00", end="00:00")

    assert quiet_until(weekend, at("2026-11-21 12:00"), BERLIN) == at("2026-11-23 00:00")
    assert quiet_until(weekend, at("2026-11-20 23:59"), BERLIN) is None


@given(hours, instants, ZONES)
def test_quiet_lasts_until_it_ends_and_not_beyond(quiet: QuietHours, now: int, zone: ZoneInfo | None) -> None:
    end = quiet_until(quiet, now, zone)

    if end is not None and not (quiet.start == quiet.end and len(quiet.days) == 7):
        assert now < end
        assert quiet_until(quiet, end - 1, zone) == end
        assert quiet_until(quiet, (now + end) // 2, zone) == end
        assert quiet_until(quiet, end, zone) is None


def test_hours_without_an_end_are_quiet_for_a_week_and_longer() -> None:
    always = QuietHours(enabled=True, start="10:00", end="10:00")

    end = quiet_until(always, at("2026-11-20 12:00"), BERLIN)

    assert end is not None and end > at("2026-11-27 12:00")


@given(hours, instants, ZONES)
def test_quiet_begins_when_it_says_and_not_before(quiet: QuietHours, now: int, zone: ZoneInfo | None) -> None:
    begins = next_quiet(quiet, now, zone)

    assert begins is not None
    assert now < begins
    assert quiet_until(quiet, begins, zone) is not None
    if quiet_until(quiet, now, zone) is None:
        assert quiet_until(quiet, begins - 1, zone) is None


@given(hours, instants)
def test_where_no_clock_changes_the_clock_on_the_wall_decides(quiet: QuietHours, now: int) -> None:
    here = datetime.fromtimestamp(now / 1000, ZoneInfo("UTC"))
    clock, yesterday = here.strftime("%H:%M"), (here - timedelta(days=1)).weekday()
    if quiet.start < quiet.end:
        expected = here.weekday() in quiet.days and quiet.start <= clock < quiet.end
    else:
        expected = (here.weekday() in quiet.days and quiet.start <= clock) or (
            yesterday in quiet.days and clock < quiet.end
        )

    assert (quiet_until(quiet, now, ZoneInfo("UTC")) is not None) == expected


@pytest.mark.parametrize("wrong", [{"start": "25:00"}, {"end": "7:00"}, {"days": [7]}, {"start": "22:00\n"}])
def test_what_is_no_time_is_not_taken_from_a_file(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, QuietHours)


# ---- every zone's changes of ten years

YEARS = range(2022, 2032)
HOUR = 3_600_000
Changes = tuple[tuple[int, timedelta, timedelta], ...]
NIGHTS = [("22:00", "07:00"), ("02:15", "02:45"), ("00:00", "03:30")]


def _offset(zone: ZoneInfo, moment: int) -> timedelta:
    offset = datetime.fromtimestamp(moment / 1000, zone).utcoffset()
    assert offset is not None
    return offset


def _changes(zone: ZoneInfo) -> Changes:
    """When its clocks change, with the offset before and after."""
    found = []
    moment, end, step = at(f"{YEARS[0]}-01-01T00:00", None), at(f"{YEARS[-1] + 1}-01-01T00:00", None), 7 * 24 * HOUR
    while moment < end:
        low, high = moment, moment + step
        if _offset(zone, low) != _offset(zone, high):
            while high - low > 60_000:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, moment) else (low, middle)
            found.append((high // 60_000 * 60_000, _offset(zone, low), _offset(zone, high)))
        moment += step
    return tuple(found)


def test_a_night_in_which_clocks_change_is_one_night_in_every_zone() -> None:
    alike: dict[Changes, str] = {}
    for name in sorted(available_timezones()):  # most share their changes with others
        changes = _changes(ZoneInfo(name))
        if changes:
            alike.setdefault(changes, name)
    assert len(alike) > 30
    for shared, name in alike.items():
        for moment, before, after in shared:
            for start, end in NIGHTS:
                _check_night(ZoneInfo(name), moment, round(abs(after - before).total_seconds() * 1000), start, end)


def _check_night(zone: ZoneInfo, moment: int, shift: int, start: str, end: str) -> None:
    hours = QuietHours(enabled=True, start=start, end=end)
    first, last = time.fromisoformat(start), time.fromisoformat(end)
    spans = []
    now = moment - 20 * HOUR
    while now < moment + 20 * HOUR:
        until = quiet_until(hours, now, zone)
        if until is None:
            begins = next_quiet(hours, now, zone)
            assert begins is not None and begins > now
            now = begins
        else:
            spans.append((now, until))
            now = until
    nominal = ((last.hour - first.hour) % 24 * 60 + last.minute - first.minute) * 60_000
    whole = [(begins, ends) for begins, ends in spans if begins > moment - 20 * HOUR]
    assert len(whole) in (1, 2), (zone, moment, start)
    for begins, ends in whole:
        assert nominal - shift <= ends - begins <= nominal + shift, (zone, moment, start, ends - begins)
    for step in range(-8, 9):  # what the clock on the wall says is what counts, but for the hour that is in doubt
        here = moment + step * 23 * 60_000
        wall = datetime.fromtimestamp(here / 1000, zone).time()
        inside = first <= wall < last if first < last else wall >= first or wall < last
        if inside:
            assert quiet_until(hours, here, zone) is not None, (zone, here, start)
        elif abs(here - moment) > shift:
            assert quiet_until(hours, here, zone) is None, (zone, here, start)
