"""Counting what became of notifications, behind everything else: every few seconds, portion by portion.

What is found is read outside the writer's turn; what is counted takes a turn of some milliseconds, and then the writer is
left to people's own requests for several times as long. While more than a few hundred of those come in a second, it waits. So a backlog of a million (the first start after an upgrade) takes
minutes and holds nobody up, and the busier the writer is the slower this goes.

One process at a time does it, by a lease; were there two, each thing would still be counted once (`actions/counting.py`).
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Final

from handbell_server.actions import counting
from handbell_server.errors import Problem
from handbell_server.jobs.duty import Duty
from handbell_server.reads import uncounted
from handbell_server.reads.uncounted import Finder, Portion
from handbell_server.services import Services

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
_PAUSES = 4  # for each second in the writer's turn so many that belong to others
_SHORTEST_PAUSE = 0.01
_BUSY = 200  # commands in a second, from which on the processor is needed elsewhere
_LOOK_S = 0.5
_PATIENCE_S = 120.0  # and not for longer: who is always busy is counted all the same

FINDERS: Final[tuple[Finder, ...]] = (uncounted.news, uncounted.arrivals, uncounted.marks)


class Counting:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._duty = Duty(services, "counting", ask_every=_EVERY_SECONDS / 2, lease_ms=15_000)
        self._stopped = False

    def run(self) -> None:
        """The greenlet of the rounds."""
        while not self._stopped:
            self._services.runtime.sleep(_EVERY_SECONDS)
            try:
                self._let_others_first()
                if self._duty.is_ours():
                    self.round()
            except Problem as problem:
                log.warning("the statistics wait: %s", problem.detail)
            except Exception:
                log.exception("a round of the statistics failed")

    def stop(self) -> None:
        """End, and let another process take over at once."""
        self._stopped = True
        try:
            self._duty.drop()
        except Problem:
            log.info("the lease runs out by itself")

    def round(self) -> None:
        """Count what there is. What comes meanwhile may wait for the next round."""
        for find in FINDERS:
            after, more = 0, True
            while more:
                portion = self._services.read(find, after)
                if portion is None:
                    break
                self._take(portion)
                after, more = portion.after, portion.more
                if self._stopped or not self._duty.is_ours():
                    return
        if not self._services.read(counting.is_complete):
            self._services.errand(counting.finish)

    def _let_others_first(self) -> None:
        """Finding what to count takes the processor from requests, and numbers can wait for a quieter moment."""
        patient_until = monotonic() + _PATIENCE_S
        while not self._stopped and monotonic() < patient_until:
            before = self._services.writer.commands
            self._services.runtime.sleep(_LOOK_S)
            if self._services.writer.commands - before < _BUSY * _LOOK_S:
                return

    def _take(self, portion: Portion) -> None:
        began = monotonic()
        counted = self._services.errand(lambda c: counting.take(c, portion))
        self._services.metrics.outcomes.update(counted)
        self._services.metrics.jobs["counting"] += len(portion.sightings)
        self._services.runtime.sleep(max(_SHORTEST_PAUSE, _PAUSES * (monotonic() - began)))
