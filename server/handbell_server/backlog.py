"""The fan-outs that were accepted and are still on their way, and when no more are taken.

A fan-out is accepted with one row and carried to its people afterwards. So accepting is quick and carrying is not, and
producers that never rest would be answered at a pace that nobody can be told at: nothing would be lost, and each would
come later than the one before. Who already has some on their way is therefore refused while too many people wait.

Two things are taken as long as there are not a thousand fan-outs: the first few of a producer, however many people others
have on the way, and one of any size when little waits. An announcement to a hundred thousand is not refused because of another one.

Each process counts those that it has accepted itself. What another one left behind is carried, too, and bounds nobody.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from handbell_server.errors import Unavailable
from handbell_shared.codes import Code

ALWAYS_TAKEN: Final = 4  # of one producer
_FAN_OUTS_AT_MOST: Final = 1_000


class Backlog:
    """Kept in the loop's thread."""

    def __init__(self, people_at_most: int) -> None:
        self._people_at_most = people_at_most
        self._on_the_way: dict[str, tuple[int, int]] = {}  # of which producer, and how many people are left
        self._of: Counter[int] = Counter()
        self.people = 0

    def __len__(self) -> int:
        return len(self._on_the_way)

    def admit(self, producer_id: int) -> None:
        """Whether this producer may begin another; otherwise a Problem."""
        full = len(self) >= _FAN_OUTS_AT_MOST
        if full or (self.people >= self._people_at_most and self._of[producer_id] >= ALWAYS_TAKEN):
            what = "More is on its way to topics and to everyone than people can be told of now."
            raise Unavailable(what, code=Code.OVERLOADED, retry_after=1)

    def begin(self, an_id: str, producer_id: int, people: int) -> None:
        self._on_the_way[an_id] = producer_id, people
        self._of[producer_id] += 1
        self.people += people

    def reached(self, an_id: str, people: int) -> None:
        """More may have subscribed meanwhile than were counted when it began."""
        if an_id in self._on_the_way:
            producer_id, left = self._on_the_way[an_id]
            self._on_the_way[an_id] = producer_id, max(0, left - people)
            self.people -= min(left, people)

    def end(self, an_id: str) -> None:
        producer_id, left = self._on_the_way.pop(an_id, (None, 0))
        self.people -= left
        if producer_id is not None:
            self._of[producer_id] -= 1
            if not self._of[producer_id]:
                del self._of[producer_id]
