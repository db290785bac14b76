"""An owner's loop that goes round only while a test waits, so that a test can hold it still."""

import selectors
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

from tests.support.waiting import until

T = TypeVar("T")


class RungByHand:
    def __init__(self, task: Callable[[], None]) -> None:
        self.task: Callable[[], None] | None = task

    def cancel(self) -> None:
        self.task = None


class Owner:
    """`watch` and the `Turns` of one thread. Timers ring when the test says so."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.timers: list[tuple[float, RungByHand]] = []

    def watch(self, descriptor: int, readable: Callable[[], None]) -> Callable[[], None]:
        self._selector.register(descriptor, selectors.EVENT_READ, readable)
        return lambda: self._stop(descriptor)

    @property
    def watches(self) -> int:
        return len(self._selector.get_map())

    def post(self, task: Callable[[], None]) -> None:
        self._posted.put(task)

    def later(self, seconds: float, task: Callable[[], None]) -> RungByHand:
        timer = RungByHand(task)
        self.timers.append((seconds, timer))
        return timer

    def work(self, task: Callable[[], object], done: Callable[[object], None]) -> None:
        raise AssertionError("nothing here needs a thread of its own")

    def ring(self) -> list[float]:
        """Ring all timers that were set; answers how long each would have taken."""
        timers, self.timers = self.timers, []
        for _, timer in timers:
            if timer.task is not None:
                timer.task()
        return [seconds for seconds, timer in timers if timer.task is not None]

    def turn(self) -> None:
        with suppress(Empty):
            while True:
                self._posted.get_nowait()()
        for key, _ in self._selector.select(0):
            key.data()

    def until(self, condition: Callable[[], T], what: str) -> T:
        def look() -> T:
            self.turn()
            return condition()

        return until(look, 10, what)

    def close(self) -> None:
        self._selector.close()

    def _stop(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)
