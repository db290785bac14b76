"""How long ago: what is said, and until when that is true."""

import pytest

from handbell_desktop.ui.ago import DAY, HOUR, MINUTE, SECOND, Ago, Unit, ago

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("age", "unit", "number"),
    [
        (0, "now", 0),
        (59 * SECOND, "now", 0),
        (MINUTE, "minutes", 1),
        (59 * MINUTE + 59 * SECOND, "minutes", 59),
        (HOUR, "hours", 1),
        (DAY - 1, "hours", 23),
        (DAY, "days", 1),
        (7 * DAY - 1, "days", 6),
        (7 * DAY, "date", 0),
    ],
)
def test_the_largest_unit_that_fits_is_said(age: int, unit: Unit, number: int) -> None:
    said = ago(NOW - age, NOW)

    assert (said.unit, said.number) == (unit, number)


@pytest.mark.parametrize("age", [0, 30 * SECOND, MINUTE, 90 * SECOND, HOUR + 1, DAY, 3 * DAY + 5])
def test_what_is_said_stays_true_until_the_moment_it_names(age: int) -> None:
    at = NOW - age
    said = ago(at, NOW)

    assert said.until is not None
    assert ago(at, said.until - 1) == said
    assert ago(at, said.until)[:2] != said[:2]


def test_what_a_wrong_clock_puts_into_the_future_is_now() -> None:
    assert ago(NOW + HOUR, NOW).unit == "now"


def test_a_date_is_true_for_good() -> None:
    assert ago(NOW - 30 * DAY, NOW) == Ago("date", 0, None)
