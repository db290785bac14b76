"""What an address may get wrong: tokens, passwords and pairing codes share one account, over HTTP and over sockets.

A token that was good in the last minutes is no guess, and is not held up by those who guess at the same address, which
may be that of a whole office (`auth.Authenticator.was_good`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeVar

from handbell_server.config import Config
from handbell_server.errors import Problem, RateLimited, Unauthenticated
from handbell_server.limits import RateLimiter

T = TypeVar("T")


def judged(limiter: RateLimiter, address: str, look: Callable[[], T], *, wrong: type[Problem] = Unauthenticated) -> T:
    """What `look` finds. An address can afford only so often that it raises `wrong`."""
    now = monotonic()
    if limiter.check(address, 0, now=now).remaining < 1:
        pay(limiter, address, "Too many wrong guesses from this address.")  # costs nothing, and knows when to come back
    try:
        return look()
    except wrong:
        limiter.check(address, now=monotonic())
        raise


def pay(limiter: RateLimiter, key: str, sentence: str) -> None:
    """For what costs something before it is known to be right or wrong."""
    verdict = limiter.check(key, now=monotonic())
    if not verdict.allowed:
        raise RateLimited(sentence, headers=limiter.headers(verdict))


def address_of(config: Config, environ: Mapping[str, Any]) -> str:
    """Who is at the other end; what a proxy says of it counts only when there is a proxy of ours."""
    if config.trust_proxy:
        forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(environ.get("REMOTE_ADDR", ""))
