"""Asking until there is an answer: what is asked again, when, and for how long. No network and no clock that sleeps.

A *course* is a generator. It yields what is to be done next (`Ask` or `Wait`) and is sent what came of it; whoever carries
it out blocks or awaits as it likes. Three rules:

- Only what may be repeated is repeated: requests that say the same the second time, or that carry an Idempotency-Key. Of
  others only what certainly did not arrive.
- The pause doubles from a quarter of a second to four, with jitter, so that a fleet does not come back in step; a
  Retry-After is a lower bound. One that ends after our patience ends it at once.
- Everything ends: each attempt by its own timeout, all of them by the patience of the caller.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, NamedTuple, TypeVar

from handbell.errors import HandbellError, Refused, Unreachable, kind_of
from handbell.results import odd

ATTEMPT_SECONDS: Final = 10.0
_SHORTEST_ATTEMPT: Final = 0.5
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 4.0
_NOT_DONE: Final = 429  # refused before anything was done with it


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("Idempotency-Key")


@dataclass(frozen=True)
class Reply:
    """A whole answer; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            raise odd() from None

    @property
    def replayed(self) -> bool:
        return self.headers.get("idempotency-replayed") == "true"


class Ask(NamedTuple):
    request: Request
    timeout: float


class Wait(NamedTuple):
    seconds: float


T = TypeVar("T")
Course = Generator[Ask | Wait, "Reply | Unreachable | None", T]


def insist(request: Request, patience: float, attempt: float = ATTEMPT_SECONDS) -> Course[Reply]:
    """The first answer that is one; raises what stood in the way when the patience is over."""
    ends = monotonic() + patience
    arrived, pause = False, _FIRST_PAUSE
    while True:
        told = yield Ask(request, max(_SHORTEST_ATTEMPT, min(attempt, ends - monotonic())))
        assert told is not None
        if isinstance(told, Reply) and told.status < 300:
            return told
        error: HandbellError = refusal(told) if isinstance(told, Reply) else told
        arrived = arrived or _may_have_arrived(error)
        error.may_have_arrived, error.idempotency_key = arrived, request.idempotency_key
        if not error.temporary or (arrived and not request.repeatable):
            raise error
        rest = random.uniform(0.5, 1.0) * pause + (getattr(error, "retry_after", None) or 0.0)  # noqa: S311
        if monotonic() + rest >= ends:
            raise error
        yield Wait(rest)
        pause = min(pause * 2, _LONGEST_PAUSE)


def refusal(reply: Reply) -> Refused:
    """The exception that an answer is."""
    try:
        problem = json.loads(reply.body)
    except ValueError:
        problem = None
    told = problem if isinstance(problem, dict) else {}
    return refused_by(told, reply.status, _seconds(reply.headers.get("retry-after", "")))


def refused_by(problem: Mapping[str, Any], status: int, retry_after: float | None = None) -> Refused:
    """The exception that a problem document is."""
    return kind_of(status)(
        str(problem.get("detail") or problem.get("title") or f"The server answered {status}."),
        status=status,
        code=str(problem.get("code") or f"http_{status}"),
        field=problem.get("field"),
        request_id=problem.get("request_id"),
        retry_after=retry_after,
    )


def _may_have_arrived(error: HandbellError) -> bool:
    """Whether it may have been done. A refusal that is final was not; a proxy's 502 says nothing of what is behind it."""
    if isinstance(error, Refused):
        return error.temporary and error.status != _NOT_DONE
    return error.may_have_arrived


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() else None
