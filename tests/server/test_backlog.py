"""How many fan-outs a process lets be on their way, and whose."""

from __future__ import annotations

import pytest

from handbell_server.backlog import ALWAYS_TAKEN, Backlog
from handbell_server.errors import Unavailable

CI, SHOP = 1, 2


@pytest.fixture
def backlog() -> Backlog:
    """Full with a thousand people to reach."""
    return Backlog(1_000)


def begin(backlog: Backlog, producer: int, *people: int) -> list[str]:
    """Admitted and on their way."""
    ids = [f"{producer}-{len(backlog) + place}" for place in range(len(people))]
    for an_id, many in zip(ids, people, strict=True):
        backlog.admit(producer)
        backlog.begin(an_id, producer, many)
    return ids


def is_full(backlog: Backlog, producer: int) -> bool:
    try:
        backlog.admit(producer)
    except Unavailable:
        return True
    return False


def test_the_first_few_of_a_producer_are_taken_however_many_they_mean(backlog: Backlog) -> None:
    begin(backlog, CI, *[100_000] * ALWAYS_TAKEN)

    assert is_full(backlog, CI)
    assert not is_full(backlog, SHOP)


def test_many_small_ones_are_taken_until_too_many_people_wait(backlog: Backlog) -> None:
    begin(backlog, CI, *[10] * 99)
    assert not is_full(backlog, CI)

    begin(backlog, CI, 10)

    assert is_full(backlog, CI)


def test_what_is_reached_makes_room(backlog: Backlog) -> None:
    first, *_ = begin(backlog, CI, 600, 100, 100, 100, 100)
    assert is_full(backlog, CI)

    backlog.reached(first, 250)

    assert not is_full(backlog, CI)
    assert backlog.people == 750


def test_one_that_ended_has_nobody_left_though_fewer_were_reached_than_counted_or_more(backlog: Backlog) -> None:
    fewer, more = begin(backlog, CI, 600, 600)

    backlog.reached(fewer, 10)
    backlog.reached(more, 700)
    for an_id in (fewer, more, more, "of another process"):
        backlog.end(an_id)

    assert (len(backlog), backlog.people) == (0, 0)


def test_nobody_reached_still_takes_a_place_and_places_end(backlog: Backlog) -> None:
    begin(backlog, CI, *[0] * 1_000)

    assert is_full(backlog, CI)
    assert is_full(backlog, SHOP)
