"""Turns wound by hand: the test is the owner's thread, and time passes when it says so.

    turns = ManualTurns()
    turns.run()                              # do what was posted, by whatever thread
    turns.advance(10)                        # ten seconds pass: timers ring in their order, what they post is done
    turns.until(lambda: desk.badge == 3, "the badge")       # real threads are at work: do what they post until it is so

`turns.now` is the clock to hand to whatever asks for one. It starts at the real time, so that records made with the
real clock are not of the future, and moves only by `advance`. `work` is done at once, in the test's own thread; with
`ManualTurns(hold_work=True)` it waits in `turns.held` until the test calls `turns.work_off()`.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from handbell_shared.clock import now_ms
from tests.support.waiting import LEAST, TimedOutError


@dataclass(order=True)
class _Timer:
    at: float
    number: int
    task: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class ManualTurns:
    def __init__(self, *, hold_work: bool = False, now: int | None = None) -> None:
        self.held: deque[tuple[Callable[[], object], Callable[[object], None]]] = deque()
        self._start = now_ms() if now is None else now
        self._elapsed = 0.0
        self.hold_work = hold_work
        self._timers: list[_Timer] = []
        self._numbers = itertools.count()
        self._posted: deque[Callable[[], None]] = deque()
        self._something = threading.Event()

    # ---- Turns

    def post(self, task: Callable[[], None]) -> None:
        self._posted.append(task)
        self._something.set()

    def later(self, seconds: float, task: Callable[[], None]) -> _Timer:
        timer = _Timer(self._elapsed + seconds, next(self._numbers), task)
        heapq.heappush(self._timers, timer)
        return timer

    def work(self, task: Callable[[], object], done: Callable[[object], None]) -> None:
        self.held.append((task, done))
        if not self.hold_work:
            self.work_off()

    # ---- for the test

    def now(self) -> int:
        return self._start + round(self._elapsed * 1000)

    def run(self) -> None:
        """Everything that was posted, and what that posts; time stands still."""
        while self._posted:
            self._posted.popleft()()

    def advance(self, seconds: float) -> None:
        end = self._elapsed + seconds
        self.run()
        while self._timers and self._timers[0].at <= end:
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                self._elapsed = max(self._elapsed, timer.at)
                timer.task()
                self.run()
        self._elapsed = end
        self.run()

    def until(self, condition: Callable[[], object], what: str, timeout: float = LEAST) -> None:
        """Take turns, but let no time pass, until the condition holds; `what` completes "waited for …"."""
        deadline = time.monotonic() + timeout
        while True:
            self._something.clear()
            self.run()
            if condition():
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOutError(f"waited {timeout:.1f} s for {what}")
            self._something.wait(min(left, 0.05))

    def work_off(self) -> None:
        while self.held:
            task, done = self.held.popleft()
            try:
                result = task()
            except Exception as error:
                result = error
            done(result)
