"""What one sender may ask of us: how often, in which sizes, and what the answer says about it."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbell_server.limits import InputLimits, RateLimiter, json_depth_within


def spend(limiter: RateLimiter, key: str, times: int, now: float) -> int:
    return sum(limiter.check(key, now=now).allowed for _ in range(times))


def test_a_burst_passes_and_the_next_one_hears_when_to_come_back() -> None:
    limiter = RateLimiter(2, 10)
    assert spend(limiter, "ci", 10, now=100) == 10

    refused = limiter.check("ci", now=100)

    assert (refused.allowed, refused.limit, refused.remaining) == (False, 10, 0)
    assert refused.retry_after_s == pytest.approx(0.5)
    assert refused.reset_s == pytest.approx(5)
    assert limiter.check("ci", now=100 + refused.retry_after_s).allowed


def test_tokens_come_back_at_the_rate_and_never_above_the_burst() -> None:
    limiter = RateLimiter(2, 10)
    spend(limiter, "ci", 10, now=0)

    assert spend(limiter, "ci", 10, now=3) == 6
    assert spend(limiter, "ci", 99, now=10_000) == 10


def test_remaining_counts_down_one_by_one() -> None:
    limiter = RateLimiter(0.1, 5)

    assert [limiter.check("ci", now=1e6 + i / 1e3).remaining for i in range(6)] == [4, 3, 2, 1, 0, 0]


@pytest.mark.parametrize("now", [0.1, 1_000.1, 123_456.789, 1_000_000.3])
def test_the_last_digit_of_a_float_costs_nobody_a_token(now: float) -> None:
    for burst in (3, 10):
        limiter = RateLimiter(3, burst)

        verdicts = [limiter.check("ci", now=now) for _ in range(burst)]
        refused = limiter.check("ci", now=now)

        assert [verdict.remaining for verdict in verdicts if verdict.allowed] == list(reversed(range(burst)))
        assert limiter.check("ci", now=now + refused.retry_after_s).allowed


def test_one_sender_s_haste_is_not_another_s_loss() -> None:
    limiter = RateLimiter(1, 3)
    spend(limiter, "hasty", 50, now=0)

    assert spend(limiter, "calm", 3, now=0) == 3


def test_a_refused_request_costs_nothing() -> None:
    limiter = RateLimiter(1, 10)
    limiter.check("ci", 8, now=0)
    for _ in range(100):
        assert not limiter.check("ci", 5, now=0).allowed

    assert limiter.check("ci", 2, now=0).allowed


def test_a_look_costs_nothing_and_leaves_no_trace() -> None:
    limiter = RateLimiter(1, 2)
    for _ in range(10):
        assert limiter.check("ci", 0, now=0).remaining == 2
    assert len(limiter) == 0
    spend(limiter, "ci", 2, now=0)

    assert limiter.check("ci", 0, now=0).allowed


def test_a_batch_above_the_burst_passes_on_a_full_bucket_and_is_paid_for_afterwards() -> None:
    limiter = RateLimiter(100, 500)

    batch = limiter.check("ci", 1_000, now=0)
    assert (batch.allowed, batch.remaining) == (True, 0)
    assert batch.reset_s == pytest.approx(10)

    one_more = limiter.check("ci", now=0)
    assert one_more.retry_after_s == pytest.approx(5.01)
    again = limiter.check("ci", 1_000, now=9.5)
    assert not again.allowed
    assert again.retry_after_s == pytest.approx(0.5)
    assert limiter.check("ci", 1_000, now=10).allowed


@given(
    rate=st.sampled_from([0.25, 1.0, 7.0, 1_000.0]),
    burst=st.integers(1, 20),
    start=st.sampled_from([0.0, 1e3, 1e7]),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 25)), max_size=40),
)
def test_the_bucket_agrees_with_exact_arithmetic(
    rate: float, burst: int, start: float, steps: list[tuple[float, int]]
) -> None:
    limiter = RateLimiter(rate, burst)
    now = start
    tokens: Fraction = Fraction(burst)
    last = Fraction(start)
    grain = Fraction(rate) / 10_000
    for pause, cost in steps:
        now += pause
        tokens = min(Fraction(burst), tokens + (Fraction(now) - last) * Fraction(rate))
        last, spare = Fraction(now), tokens - min(cost, burst)
        verdict = limiter.check("k", cost, now=now)
        if abs(spare) > grain:  # on the very edge a float may fall to either side
            assert verdict.allowed == (spare >= 0)
        if verdict.allowed:
            tokens -= cost
        assert abs(verdict.remaining - max(tokens, Fraction(0))) <= 1 + grain


@given(st.floats(0.01, 1e4), st.integers(1, 1_000), st.integers(1, 2_000), st.floats(0, 1e7))
def test_who_waits_as_told_is_let_in(rate: float, burst: int, cost: int, now: float) -> None:
    limiter = RateLimiter(rate, burst)
    assert limiter.check("k", cost, now=now).allowed
    refused = limiter.check("k", burst, now=now)

    assert not refused.allowed
    assert limiter.check("k", burst, now=now + refused.retry_after_s).allowed


def test_memory_is_bounded_and_idle_keys_leave_first() -> None:
    limiter = RateLimiter(1, 10, max_keys=100)
    spend(limiter, "busy", 10, now=90)
    for number in range(10_000):
        limiter.check(f"k{number}", now=float(number % 90) / 90 + 90)
        assert len(limiter) <= 100

    assert not limiter.check("busy", 10, now=91).allowed


def test_idle_keys_leave_no_trace() -> None:
    limiter = RateLimiter(1, 10, max_keys=100)
    for number in range(100):
        limiter.check(f"k{number}", now=0)
    limiter.check("late", now=50)

    assert len(limiter) == 1


def test_a_flood_of_fresh_keys_does_not_wash_away_an_old_debt() -> None:
    limiter = RateLimiter(0.001, 5, max_keys=64)
    spend(limiter, "guesser", 5, now=0)
    for number in range(1_000):
        limiter.check(f"invented-{number}", now=0)

    assert not limiter.check("guesser", now=1).allowed


def test_the_headers_are_those_of_the_draft() -> None:
    limiter = RateLimiter(10, 100, policy="posts")

    assert limiter.headers(limiter.check("ci", now=0)) == {
        "RateLimit-Policy": '"posts";q=100;w=10',
        "RateLimit": '"posts";r=99;t=1',
    }
    limiter.check("ci", 99, now=0)
    assert limiter.headers(limiter.check("ci", 15, now=0)) == {
        "RateLimit-Policy": '"posts";q=100;w=10',
        "RateLimit": '"posts";r=0;t=2',
        "Retry-After": "2",
    }


def test_a_client_that_waits_the_whole_seconds_of_the_header_is_let_in() -> None:
    limiter = RateLimiter(3, 3)
    spend(limiter, "ci", 3, now=1e6)
    refused = limiter.headers(limiter.check("ci", 2, now=1e6))

    assert limiter.check("ci", 2, now=1e6 + int(refused["Retry-After"])).allowed


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_per_s": 0},
        {"rate_per_s": -1},
        {"rate_per_s": float("inf")},
        {"rate_per_s": float("nan")},
        {"burst": 0},
        {"max_keys": 0},
        {"policy": 'a";q=1'},
        {"policy": ""},
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_when_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        RateLimiter(**{"rate_per_s": 1, "burst": 1, **wrong})
    with pytest.raises(ValueError):
        RateLimiter(1, 1).check("k", -1, now=0)


def test_the_sizes_are_those_the_documents_promise() -> None:
    limits = InputLimits()

    assert (limits.body_bytes, limits.batch_body_bytes, limits.batch_items) == (65_536, 1_048_576, 1_000)
    assert (limits.title_chars, limits.text_chars, limits.link_chars) == (200, 4_096, 2_048)
    assert (limits.data_bytes, limits.data_depth, limits.buttons, limits.recipients) == (8_192, 8, 5, 100)
    assert (limits.topic_chars, limits.idempotency_key_chars) == (64, 128)
    assert (limits.ids_per_action, limits.actions_per_request) == (500, 200)
    with pytest.raises(ValueError, match="title_chars"):
        InputLimits(title_chars=0)


def nested(depth: int) -> Any:
    value: Any = "leaf"
    for level in range(depth):
        value = [value] if level % 2 else {"inner": value, "beside": 1}
    return value


@pytest.mark.parametrize("depth", [0, 1, 2, 7, 8])
def test_nesting_is_counted_in_objects_and_arrays(depth: int) -> None:
    assert json_depth_within(nested(depth), depth)
    assert depth == 0 or not json_depth_within(nested(depth), depth - 1)


def test_an_empty_object_is_a_level_too() -> None:
    assert json_depth_within({"a": {}}, 2)
    assert not json_depth_within({"a": {}}, 1)
    assert not json_depth_within([], 0)
    assert json_depth_within("[[[[", 0)


def test_hostile_nesting_is_answered_and_not_followed() -> None:
    assert not json_depth_within(nested(100_000), 8)
    assert json_depth_within(json.loads("[" + "1," * 50_000 + "1]"), 1)
