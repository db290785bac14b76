"""One clock for all sockets: pings, missing pongs, missing sign-ins, deafness, and connections that must end now.

Every kind of deadline has one fixed length, so those of a kind come due in the order they were set: an ordered dict is
the whole timer, and ten thousand idle sockets cost what their pings cost.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from handbell_server.runtime import Runtime

T = TypeVar("T")

_TICK = 0.25


class Deadlines(Generic[T]):
    """Things that are due a fixed time after they were added, unless taken out."""

    def __init__(self, seconds: float, clock: Callable[[], float], act: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._act = act
        self._due: OrderedDict[T, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def add(self, thing: T) -> None:
        self._due[thing] = self._clock() + self._seconds
        self._due.move_to_end(thing)

    def discard(self, thing: T) -> None:
        self._due.pop(thing, None)

    def __contains__(self, thing: T) -> bool:
        return thing in self._due

    def run(self) -> None:
        now = self._clock()
        while self._due:
            thing, due = next(iter(self._due.items()))
            if due > now:
                return
            del self._due[thing]
            self._act(thing)


class Pulse:
    """Runs the deadlines, in one greenlet."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kinds: list[Deadlines[object]] = []

    def every(self, seconds: float, act: Callable[[T], None]) -> Deadlines[T]:
        """A new kind of deadline: `act` is called for each thing left in it for that long; it must not wait."""
        deadlines: Deadlines[T] = Deadlines(seconds, self._runtime.hub.clock, act)
        self._kinds.append(deadlines)  # type: ignore[arg-type]  # each is run on its own things only
        return deadlines

    def start(self) -> None:
        self._runtime.call_later(_TICK, self._beat)

    def _beat(self) -> None:
        self._runtime.call_later(_TICK, self._beat)  # first: no failure below may stop the heart
        for deadlines in self._kinds:
            deadlines.run()
