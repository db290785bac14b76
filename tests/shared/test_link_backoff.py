"""How long a device waits before it tries again."""

import random

from handbell_shared.backoff import Backoff


def longest(_: float, high: float) -> float:
    return high


def test_the_ceiling_doubles_up_to_a_minute_and_stays_there() -> None:
    backoff = Backoff(draw=longest)

    assert [backoff.next_delay() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(backoff.next_delay() == 60 for _ in range(2_000))


def test_the_jitter_takes_the_whole_range_so_that_a_fleet_spreads_out() -> None:
    chance = random.Random(1)
    delays = []
    for _ in range(1_000):
        backoff = Backoff(draw=chance.uniform)
        for _ in range(6):
            delay = backoff.next_delay()
        delays.append(delay)

    tenths = [sum(1 for delay in delays if at <= delay / 3.2 < at + 1) for at in range(10)]
    assert min(tenths) > 60


def test_half_a_minute_of_health_starts_again_and_less_does_not() -> None:
    backoff = Backoff(draw=longest)
    for _ in range(5):
        backoff.next_delay()

    backoff.was_healthy(29.9)
    assert backoff.next_delay() == 32
    backoff.was_healthy(30)
    assert backoff.next_delay() == 1


def test_what_the_server_asks_for_comes_before_the_jitter() -> None:
    backoff = Backoff(draw=longest)

    assert backoff.next_delay(at_least=5) == 6
    assert backoff.next_delay(at_least=5) == 7
