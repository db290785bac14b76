"""The rounds: every half second what is due or missing, every minute what is old, every hour what can be forgotten.

Any number of processes run this. A lease in the database lets one of them do the rounds at a time, so that they do not
all look for the same rows; but nothing depends on it, for each change looks again, under the inbox's lock, whether it
is still due. After an outage the backlog is worked off in portions, so that people's own requests come in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic

from handbell_server.actions import (
    answers,
    dispatches,
    escalating,
    expectations,
    mails,
    stopping,
    webhook_deliveries,
)
from handbell_server.actions.escalating import Pursue
from handbell_server.engine.feed import Command
from handbell_server.errors import Problem
from handbell_server.jobs import due
from handbell_server.jobs.duty import Duty
from handbell_server.rules.expecting import ATTENDS_EVERY_S
from handbell_server.services import Services
from handbell_shared.clock import now_ms

log = logging.getLogger(__name__)

_ROUND_SECONDS = 0.5


class Upkeep:
    def __init__(self, services: Services, *, listens: bool) -> None:
        """`listens` is whether this process hears producers: a worker does not."""
        self._services = services
        self._listens = listens
        self._duty = Duty(services, "upkeep", ask_every=2.0, lease_ms=5_000)
        self._next: dict[str, float] = {}
        self._stopped = False

    def run(self) -> None:
        """The greenlet of the rounds."""
        while not self._stopped:
            try:
                if self._listens and self._every("attendance", ATTENDS_EVERY_S):
                    self._attend()
                if self._duty.is_ours():
                    self.round()
            except Problem as problem:
                log.warning("the rounds could not be done: %s", problem.detail)
            except Exception:
                log.exception("the rounds failed")
            self._services.runtime.sleep(_ROUND_SECONDS)

    def stop(self) -> None:
        """End, and let another process take over at once."""
        self._stopped = True
        try:
            self._duty.drop()
        except Problem:
            log.info("the lease runs out by itself")

    def round(self) -> None:
        services, config = self._services, self._services.config
        if self._every("stopping", 1):
            self._stop_producers()
        self._deliver()
        for dispatch_id in services.read(dispatches.due, now_ms()):
            services.carry(dispatch_id)
        for question_id in services.read(answers.due, now_ms()):
            services.settle(question_id)
        for producer_id, name in services.read(expectations.due, now_ms()):
            told = services.tell_of(partial(expectations.miss, producer_id=producer_id, name=name))
            services.metrics.jobs["expectation"] += told
        self._drain("expiry", due.expired, lambda found: due.removals(found, "expired"))
        self._pursue()
        self._drain("snooze", due.awake, due.wakings)
        if self._every("retention", 60):
            self._drain("retention", lambda c: due.too_old(c, config), lambda found: due.removals(found, "retention"))
        if self._every("count", 900):
            self._drain("retention", lambda c: due.too_many(c, config), lambda found: due.removals(found, "retention"))
        if self._every("webhooks", 60):
            services.metrics.jobs["webhook"] += services.errand(webhook_deliveries.tidy)
        if self._every("trim", 600):
            services.errand(mails.tidy)
            for portion in (due.trim, due.forget):
                while services.errand(partial(portion, config=config)):
                    services.runtime.sleep(0.05)

    def _deliver(self) -> None:
        """What was scheduled for this moment. What cannot be delivered so is left to be carried like a fan-out."""
        services, tried = self._services, set[str]()
        while legs := [leg for leg in services.read(dispatches.legs_due, now_ms()) if leg.dispatch_id not in tried]:
            services.change_all(dispatches.Reach(leg) for leg in legs)
            services.metrics.jobs["dispatch"] += len(legs)
            tried |= {leg.dispatch_id for leg in legs}
            services.runtime.sleep(0)

    def _drain(self, job: str, find: due.Finder, commands: Callable[[due.Found], list[Command]]) -> None:
        """Portion by portion until nothing is found."""
        services = self._services
        while found := services.read(find):
            changed = sum(services.change_all(commands(found)))
            services.metrics.jobs[job] += changed
            if not changed:
                return  # somebody else was faster
            services.runtime.sleep(0)

    def _attend(self) -> None:
        services = self._services
        if services.read(expectations.is_unattended, now_ms()):
            services.errand(expectations.attend)

    def _pursue(self) -> None:
        """Alarms for which something is due, portion by portion."""
        services = self._services
        while found := services.read(escalating.due, now_ms()):
            done = [one for one in services.change_all([Pursue(one) for one in found]) if one]
            services.metrics.alarms.update(done)
            if not done:
                return  # somebody else was faster
            services.runtime.sleep(0)

    def _stop_producers(self) -> None:
        """End what disabled producers have going, portion by portion."""
        services = self._services
        while services.read(stopping.is_something_left) and services.errand(stopping.end_some):
            services.runtime.sleep(0.02)

    def _every(self, name: str, seconds: float) -> bool:
        """Whether it is time again; the first time a little after the start."""
        now = monotonic()
        at = self._next.setdefault(name, now + min(seconds, 5))
        if now < at:
            return False
        self._next[name] = now + seconds
        return True
