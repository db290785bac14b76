"""Telling webhooks. Every process that serves or works takes part; a claim in the database says who makes which attempt.

    outbox ──claim──► a greenlet each ──► a native thread makes the call ──► what came of it ──┐
       ▲                                                                                       │
       └───────────────── one transaction: write down what was made, claim the next ◄──────────┘

Results wait a moment for each other, so that a busy outbox costs the writer a few commits a second and not one for every
delivery. Looking for work is a read twice a second, and nothing else while there is none.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from handbell_server.actions import webhook_deliveries as outbox
from handbell_server.actions.webhook_deliveries import Claimed, Made, Tally
from handbell_server.channels.calling import Outcome
from handbell_server.channels.posting import body_of
from handbell_server.errors import Problem
from handbell_server.runtime import CALLS_AT_ONCE
from handbell_server.services import Services
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_GATHER_S = 0.01
_STALE_MS = 5_000
_ROOM = CALLS_AT_ONCE - 8  # the rest is for producers who try a webhook out
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Courier:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._name = new_id()
        self._under_way: set[tuple[str, str]] = set()
        self._made: list[Made] = []
        self._woken: Any = None
        self._stopped = False
        self.tally = Tally()

    def run(self) -> None:
        """The greenlet of the rounds."""
        services = self._services
        if services.config.embedded:
            # The lock of the data folder says that there is nobody else: what is claimed, a killed process had.
            self._quietly(lambda: services.errand(lambda c: outbox.release(c, None)))
        while not self._stopped:
            self._quietly(self._turn)
            self._wait()

    def stop(self) -> None:
        """Break off what is under way, and let another process take over at once."""
        self._stopped = True
        self._services.poster.abort()
        if self._under_way:
            self._quietly(lambda: self._services.errand(lambda c: outbox.release(c, self._name)))

    def _wait(self) -> None:
        if self._made:  # all that came while the last turn was written down, and what comes in this moment
            self._services.runtime.sleep(_GATHER_S)
            return
        self._woken = self._services.runtime.promise()
        try:
            self._woken.wait(_LOOK_EVERY_S)
            self._services.runtime.sleep(_GATHER_S)
        except TimeoutError:
            return

    def _turn(self) -> None:
        made, self._made = self._made, []
        room = _ROOM - len(self._under_way)
        if not made and not (room and self._services.read(outbox.anything_due)):
            return
        try:
            tally, claimed = self._services.errand(lambda c: outbox.turn(c, self._name, made, room))
        except Exception:
            self._made += made  # they have been made; that must not be forgotten
            raise
        self.tally.delivered += tally.delivered
        self.tally.failed += tally.failed
        self.tally.dead += tally.dead
        for one in claimed:
            if not self._stopped and (one.webhook_id, one.id) not in self._under_way:
                self._under_way.add((one.webhook_id, one.id))
                self._services.runtime.spawn(self._make, one)

    def _make(self, one: Claimed) -> None:
        outcome = Outcome(broken_off=True)
        try:
            outcome = self._attempt(one)
        finally:
            self._under_way.discard((one.webhook_id, one.id))
            self._made.append(Made(one.webhook_id, one.id, one.attempts, outcome))
            if self._woken is not None:
                self._woken.resolve(None)

    def _attempt(self, one: Claimed) -> Outcome:
        if now_ms() - one.claimed_at > _STALE_MS:
            return Outcome(
                broken_off=True
            )  # this process stood still; by the end of the call it would not be ours any more
        body = body_of(one.event, one.created_at, {"id": one.notification, "user": one.user} | _decode(one.facts))
        services = self._services
        outcome = services.runtime.offload(
            services.poster.post, one.webhook_id, one.id, one.url, one.secrets, body, pool="calls"
        )
        if not outcome.delivered and not outcome.broken_off:
            # Without the address, which may hold what only its producer should know.
            log.info("webhook %s: attempt %d of %s: %s", one.webhook_id, one.attempts + 1, one.id, outcome.said)
        return outcome

    def _quietly(self, step: Any) -> None:
        try:
            step()
        except Problem as problem:
            log.warning("webhooks wait: %s", problem.detail)
        except Exception:
            log.exception("a round of the webhooks failed")
