"""The rules of the dead-man switch, as pure functions: what is expected when, and what is said when it does not come.

    since ──────── every ────────►│◄──── grace ────►│ due_at
      up (or new)                 │      late       │ down: somebody is told, once

`since` is the last sign of life, or the moment from which one was expected. Signs that come move it on. A sign that may
have come while nobody was there to hear it is not held against anybody: see `after_absence`.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

State = Literal["new", "up", "late", "down", "paused"]
What = Literal["ping", "anything"]

EVERY_AT_LEAST: Final = 60
EVERY_AT_MOST: Final = 31 * 86_400
# "anything" is written down this often at most, so the last sign may be younger than what is known of it by so much.
HEARD_EVERY_MS: Final = 2_000
# Handbell writes down every ten seconds that it listens; after three times that without a line it was not there.
ATTENDS_EVERY_S: Final = 10
AWAY_MS: Final = 30_000

_LONGEST_GRACE: Final = 3_600


class Standing(Struct, frozen=True, gc=False):
    """Where an expectation stands. Times in milliseconds; `due_at` is None while nothing can become due."""

    every: int
    grace: int
    what: What
    since: int
    due_at: int | None
    last_seen: int | None = None
    down_since: int | None = None
    paused: bool = False


def usual_grace(every_s: int) -> int:
    """A tenth of the period, from a minute to an hour."""
    return max(60, min(every_s // 10, _LONGEST_GRACE))


def state_at(standing: Standing, now: int) -> State:
    if standing.paused:
        return "paused"
    if standing.down_since is not None:
        return "down"
    if standing.due_at is not None and now > standing.due_at - standing.grace:
        return "late"
    return "new" if standing.last_seen is None else "up"


def awaiting(standing: Standing, since: int) -> Standing:
    """The next sign is expected from this moment on; never while it is paused or down."""
    rests = standing.paused or standing.down_since is not None
    return replace(standing, since=since, due_at=None if rests else since + _patience(standing))


def heard(standing: Standing, now: int) -> Standing:
    """A sign of life. It ends an incident; a pause is ended only by whoever paused."""
    return awaiting(replace(standing, last_seen=now, down_since=None), now)


def down(standing: Standing, now: int) -> Standing:
    """Somebody is told now. Nothing more can become due until the next sign."""
    return replace(standing, down_since=now, due_at=None)


def after_absence(standing: Standing, left: int, back: int) -> Standing:
    """Handbell heard nothing from `left` to `back`, whoever called.

    A sign may come as late as the grace allows, and as early. Where that time touches the absence, the sign may have come
    in vain, so the next one is waited for, a period later. Everything else was due before, or can still come.
    """
    if standing.due_at is None:
        return standing
    earliest = standing.due_at - 2 * standing.grace
    if earliest > back or standing.due_at < left:
        return standing
    return replace(standing, due_at=back + _patience(standing))


def _patience(standing: Standing) -> int:
    return standing.every + standing.grace + (HEARD_EVERY_MS if standing.what == "anything" else 0)
