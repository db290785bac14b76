"""Waiting for something to become true, with a deadline and a sentence for the one who reads the failure.

Tests never sleep to let things settle: a sleep is too short on a busy machine and too long on every other.

Patience costs nothing where all is well, and a machine that is shared with others may stand still for seconds. So whatever
deadline is named, nobody gives up before `LEAST`: a deadline is for what takes long, and never a promise of the product. Who
means to prove that something is quick takes the time of it, and says what else takes so long.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.1
LEAST = 60.0


DAY = 86_400
MIDNIGHT_IS_NEAR = 20


def until_it_is_one_day(now: Callable[[], float] = time.time) -> None:
    """A test about today is not begun when it could end tomorrow, by UTC."""
    until(lambda: now() % DAY < DAY - MIDNIGHT_IS_NEAR, MIDNIGHT_IS_NEAR, "midnight to be over")


class TimedOutError(AssertionError):
    """What was waited for did not happen in time."""


def until(condition: Callable[[], T], timeout: float, what: str) -> T:
    """Ask until the answer is true, and hand that answer back.

    `what` completes the sentence "waited 5.0 s for …". A condition that raises ends the waiting at once: an answer
    that is merely not there yet is a false one.
    """
    patience = max(timeout, LEAST)
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        last = time.monotonic() >= deadline  # asked before looking: whoever stood still meanwhile looks once more
        answer = condition()
        if answer:
            return answer
        if last:
            raise TimedOutError(f"waited {patience:.1f} s for {what}; the last answer was {answer!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
