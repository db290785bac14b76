"""Carrying what travels in stretches to its end: fan-outs, and the answers of questions.

Started at once by whoever set it going, and again by the upkeep of any process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from handbell_server.actions import answers, dispatches
from handbell_server.errors import Problem
from handbell_server.feed import Command
from handbell_server.services import Services

log = logging.getLogger(__name__)

_AT_ONCE = 4  # they share the writer with everybody who posts


class Carrier:
    """The stretches of one thing one after another; several things side by side.

    `look` finds the next stretch in the database, `command` is what is done about it.
    """

    def __init__(self, name: str, look: Callable[[Connection, str], Any], command: Callable[[Any], Command]) -> None:
        self._name = name
        self._look = look
        self._command = command
        self._under_way: set[str] = set()
        self._services: Services | None = None

    def attach(self, services: Services) -> None:
        self._services = services

    def carry(self, an_id: str) -> None:
        """Start, unless this process is at it already, or at enough; the next round of the upkeep comes back to it."""
        if self._services is None or an_id in self._under_way or len(self._under_way) >= _AT_ONCE:
            return
        self._under_way.add(an_id)
        self._services.runtime.spawn(self._carry, self._services, an_id)

    def _carry(self, services: Services, an_id: str) -> None:
        try:
            while (stretch := services.read(self._look, an_id)) is not None:
                services.change(self._command(stretch))
                services.metrics.jobs[self._name] += stretch.size
        except Problem as problem:
            log.warning("a %s waits for the next round: %s", self._name, problem.detail)
        except Exception:
            log.exception("%s %s cannot be carried", self._name, an_id)
        finally:
            self._under_way.discard(an_id)


def of_dispatches() -> Carrier:
    return Carrier("dispatch", dispatches.next_leg, dispatches.Reach)


def of_answers() -> Carrier:
    return Carrier("answer", answers.next_chunk, answers.Settle)
