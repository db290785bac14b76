"""How much one sender may ask of us: the sizes of what comes in, and how often.

**Rate.** A token bucket per key, kept as one number: the moment at which the bucket will be full again. A bucket that
is full already is the same as no bucket, so idle keys are forgotten without loss. When there are too many keys, the
idle ones go first and then those nearest to full, so a flood of fresh keys cannot wash away the debt of an old one.

A cost above the burst (a batch of 1,000 against a burst of 500) passes when the bucket is full and leaves a debt: the
average rate holds, and no legal request is impossible for ever.

**Headers** follow draft-ietf-httpapi-ratelimit-headers-11 (RateLimit-Policy, RateLimit) and RFC 9110 (Retry-After).
In an answer that refuses, `t` and Retry-After name the same moment, as the draft asks.

**Sizes** are one frozen record, handed to whoever parses.
"""

import re
from dataclasses import dataclass, fields
from heapq import nsmallest
from math import ceil
from threading import Lock
from typing import Any, Final

import msgspec

_CLOCK_GRAIN_S: Final = 1e-6  # floats of a monotonic clock are this exact after years of uptime
_POLICY_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLimits:
    """The largest of everything that may come in; `…_chars` count characters, `…_bytes` count bytes on the wire."""

    body_bytes: int = 64 * 1_024
    batch_body_bytes: int = 1_024 * 1_024
    batch_items: int = 1_000
    batch_recipients: int = 10_000
    title_chars: int = 200
    text_chars: int = 4_096
    link_chars: int = 2_048
    image_chars: int = 2_048
    actor_chars: int = 200
    data_bytes: int = 8 * 1_024
    data_depth: int = 8
    buttons: int = 5
    button_label_chars: int = 64
    recipients: int = 100
    escalations: int = 10
    key_chars: int = 128
    group_chars: int = 128
    type_chars: int = 128
    template_chars: int = 2_048
    type_bytes: int = 16 * 1_024
    languages: int = 20
    topic_chars: int = 64
    idempotency_key_chars: int = 128
    user_name_chars: int = 128
    device_name_chars: int = 128
    actions_per_request: int = 200
    ids_per_action: int = 500
    page_items: int = 500
    query_chars: int = 256

    def __post_init__(self) -> None:
        for limit in fields(self):
            if getattr(self, limit.name) < 1:
                raise ValueError(f"{limit.name} must be at least 1")


def json_depth_within(value: Any, depth: int) -> bool:
    """Whether objects and arrays are nested at most so deep; a plain value has depth 0, `{}` has depth 1.

    Level by level, so that hostile nesting can exhaust nothing.
    """
    level = [value] if isinstance(value, dict | list) else []
    while level and depth > 0:
        depth -= 1
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
    return not level


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer to one request: `retry_after_s` is 0 when it is allowed, `reset_s` is when the bucket is full."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: float
    retry_after_s: float


class RateLimiter:
    """Token buckets by key, in bounded memory; safe to use from many threads."""

    def __init__(self, rate_per_s: float, burst: int, max_keys: int = 50_000, *, policy: str = "default") -> None:
        if not 0 < rate_per_s < float("inf") or burst < 1 or max_keys < 1:
            raise ValueError("rate, burst and number of keys must be positive")
        if not _POLICY_NAME.fullmatch(policy):
            raise ValueError("a policy's name is made of lower-case letters, digits and dashes")
        self.policy = policy
        self._burst = burst
        self._per_token_s = 1 / rate_per_s
        self._rate = rate_per_s
        self._max_keys = max_keys
        self._full_at: dict[str, float] = {}
        self._lock = Lock()
        self._policy_header = f'"{policy}";q={burst};w={_seconds(burst * self._per_token_s)}'

    def __len__(self) -> int:
        return len(self._full_at)

    def check(self, key: str, cost: int = 1, *, now: float) -> Verdict:
        """Take `cost` tokens from the key's bucket, or say when to come back; a cost of 0 only looks.

        `now` is a monotonic clock in seconds, the same one for every call.
        """
        if cost < 0:
            raise ValueError("a cost cannot be negative")
        with self._lock:
            missing_s = max(self._full_at.get(key, now) - now, 0.0)
            tokens = self._burst - missing_s * self._rate
            needed = cost if cost < self._burst else self._burst
            wait_s = (needed - tokens) * self._per_token_s
            if wait_s > _CLOCK_GRAIN_S and cost:
                remaining = int(tokens) if tokens > 0 else 0
                return Verdict(False, self._burst, remaining, missing_s, wait_s)
            if cost:
                missing_s += cost * self._per_token_s
                tokens -= cost
                if key not in self._full_at and len(self._full_at) >= self._max_keys:
                    self._make_room(now)
                self._full_at[key] = now + missing_s
        # The grain again: ten tokens must not read as nine because of the last digit of a float.
        remaining = int(tokens + _CLOCK_GRAIN_S * self._rate + _CLOCK_GRAIN_S) if tokens > 0 else 0
        return Verdict(True, self._burst, remaining, missing_s, 0.0)

    def headers(self, verdict: Verdict) -> dict[str, str]:
        """What an HTTP answer says about this limit, allowed or not."""
        window = verdict.reset_s if verdict.allowed else verdict.retry_after_s
        headers = {
            "RateLimit-Policy": self._policy_header,
            "RateLimit": f'"{self.policy}";r={verdict.remaining};t={_seconds(window)}',
        }
        if not verdict.allowed:
            headers["Retry-After"] = str(_seconds(verdict.retry_after_s))
        return headers

    def _make_room(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        # An eighth at a time keeps the cost of a sweep small for each of the keys that made it necessary.
        surplus = len(self._full_at) - self._max_keys + max(self._max_keys // 8, 1)
        if surplus > 0:
            for key in nsmallest(surplus, self._full_at, key=self._full_at.__getitem__):
                del self._full_at[key]


def _seconds(span: float) -> int:
    """Whole seconds for a header: rounded up, never 0, and not up again for the last digit of a float."""
    return max(1, ceil(span - _CLOCK_GRAIN_S))
