"""When digests come, in every zone of the world and over every change of its clocks; and what holds an e-mail back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_shared.attention import QuietHours
from handbell_shared.mailing import held_until, next_digest
from handbell_shared.preferences import FOR_EVER, Digest, Preferences

HOUR = 3_600_000
DAY = 24 * HOUR
ZONES = sorted(available_timezones())


def at(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        ("Europe/Berlin", "2026-03-28T09:00", "2026-03-29T02:30+01:00"),  # 02:30 does not exist that night: it is 03:30
        ("Europe/Berlin", "2026-03-29T04:00", "2026-03-30T02:30+02:00"),
        ("Europe/Berlin", "2026-10-24T12:00", "2026-10-25T02:30+02:00"),  # the first of the two
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-26T02:30+01:00"),
        ("Asia/Kathmandu", "2026-06-01T02:29", "2026-06-01T02:30+05:45"),
        ("Pacific/Apia", "2011-12-29T12:00", "2011-12-31T02:30+14:00"),  # the 30th was left out
        ("UTC", "2026-06-01T02:30", "2026-06-02T02:30+00:00"),
    ],
)
def test_a_daily_digest_comes_once_each_day_of_the_wall(zone: str, after: str, expected: str) -> None:
    found = next_digest(Digest(every="daily", at="02:30"), at(after, zone), ZoneInfo(zone))
    assert found == round(datetime.fromisoformat(expected).timestamp() * 1000)


def test_a_weekly_one_comes_on_its_day() -> None:
    found = next_digest(Digest(every="weekly", at="08:00", day=4), at("2026-11-20T08:00"), UTC)
    assert found == at("2026-11-27T08:00")
    assert next_digest(Digest(every="weekly", at="08:00", day=4), at("2026-11-20T07:59"), UTC) == at("2026-11-20T08:00")
    assert next_digest(Digest(), at("2026-11-20T08:00"), UTC) is None


def changes_of(zone: ZoneInfo, begin: datetime, days: int) -> list[datetime]:
    """The days on which the offset changes."""
    moments = [begin + timedelta(days=n) for n in range(days)]
    return [a for a, b in pairwise(moments) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]


def test_around_every_change_of_every_clock_each_day_has_one_digest() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    looked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for change in changes_of(zone, begin, 366):
            for clock in ("00:00", "02:30", "08:00", "23:30"):
                digest = Digest(every="daily", at=clock)
                moment = round((change - timedelta(days=2)).timestamp() * 1000)
                days = []
                for _ in range(4):
                    last, found = moment, next_digest(digest, moment, zone)
                    assert found is not None and 0 < found - last <= 26 * HOUR
                    moment = found
                    days.append(datetime.fromtimestamp(found / 1000, zone))
                assert sum(f"{day:%H:%M}" != clock for day in days) <= 1, (name, clock, days)
                looked += 1
    assert looked > 500


@given(
    st.sampled_from(ZONES),
    st.integers(at("2020-01-01T00:00"), at("2035-01-01T00:00")),
    st.sampled_from(["hourly", "daily", "weekly"]),
    st.integers(0, 1439),
    st.integers(0, 6),
)
def test_what_comes_next_comes_after_and_in_time(name: str, after: int, every: str, minute: int, day: int) -> None:
    zone = ZoneInfo(name)
    digest = Digest(every=every, at=f"{minute // 60:02}:{minute % 60:02}", day=day)  # type: ignore[arg-type]
    found = next_digest(digest, after, zone)
    assert found is not None
    assert 0 < found - after <= {"hourly": 2 * HOUR, "daily": DAY + 3 * HOUR, "weekly": 8 * DAY}[every]
    assert next_digest(digest, found - 1, zone) == found, "however late one looks, it is the same moment"
    if every == "hourly":
        assert datetime.fromtimestamp(found / 1000, zone).minute == 0


def test_a_pause_and_quiet_hours_hold_e_mail_back_until_both_are_over() -> None:
    quiet = QuietHours(enabled=True, start="22:00", end="07:00")
    night = at("2026-11-20T23:00", "Europe/Berlin")
    morning = at("2026-11-21T07:00", "Europe/Berlin")
    mine = Preferences(zone="Europe/Berlin", quiet_hours=quiet)
    assert held_until(mine, night) == morning
    assert held_until(mine, morning) is None
    assert (
        held_until(Preferences(zone="Europe/Berlin", quiet_hours=quiet, paused_until=morning + 5), night) == morning + 5
    )
    assert held_until(Preferences(paused_until=FOR_EVER), night) == FOR_EVER
    assert held_until(Preferences(paused_until=night), night) is None
