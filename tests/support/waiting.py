"""Waiting for something to become true, with a deadline and a sentence for the one who reads the failure.

Tests never sleep to let things settle: a sleep is too short on a busy machine and too long on every other.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.1


class TimedOutError(AssertionError):
    """What was waited for did not happen in time."""


def until(condition: Callable[[], T], timeout: float, what: str) -> T:
    """Ask until the answer is true, and hand that answer back.

    `what` completes the sentence "waited 5.0 s for …". A condition that raises ends the waiting at once: an answer
    that is merely not there yet is a false one.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        answer = condition()
        if answer:
            return answer
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimedOutError(f"waited {timeout:.1f} s for {what}; the last answer was {answer!r}")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
