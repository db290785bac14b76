"""Carrying dispatches to their end. Started at once by whoever accepted one, and again by the upkeep of any process."""

from __future__ import annotations

import logging

from handbell_server.actions import dispatches
from handbell_server.errors import Problem
from handbell_server.services import Services

log = logging.getLogger(__name__)

_AT_ONCE = 4  # fan-outs share the writer with everybody who posts


class Carrier:
    """Legs of dispatches, one after another; several dispatches side by side."""

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        self._services: Services | None = None

    def attach(self, services: Services) -> None:
        self._services = services

    def carry(self, dispatch_id: str) -> None:
        """Start, unless this process is at it already, or at enough; the next round of the upkeep comes back to it."""
        if self._services is None or dispatch_id in self._under_way or len(self._under_way) >= _AT_ONCE:
            return
        self._under_way.add(dispatch_id)
        self._services.runtime.spawn(self._carry, self._services, dispatch_id)

    def _carry(self, services: Services, dispatch_id: str) -> None:
        try:
            while (leg := services.read(dispatches.next_leg, dispatch_id)) is not None:
                services.change(dispatches.Reach(leg))
                services.metrics.jobs["dispatch"] += len(leg.users)
        except Problem as problem:
            log.warning("a dispatch waits for the next round: %s", problem.detail)
        except Exception:
            log.exception("dispatch %s cannot be carried", dispatch_id)
        finally:
            self._under_way.discard(dispatch_id)
