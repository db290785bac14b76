"""Carrying what travels in stretches to its end: fan-outs, and the answers of questions.

Started at once by whoever set it going, and again by the upkeep of any process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from handbell_server.actions import answers, dispatches
from handbell_server.backlog import Backlog
from handbell_server.engine.feed import Command
from handbell_server.errors import Problem
from handbell_server.services import Services

log = logging.getLogger(__name__)

_AT_ONCE = 4  # they share the writer with everybody who posts
_WAITING_AT_MOST = 5_000


class Carrier:
    """The stretches of one thing one after another; several things side by side.

    `look` finds the next stretch in the database, `command` is what is done about it. Who keeps a backlog is told there
    what was done.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[Connection, str], Any],
        command: Callable[[Any], Command],
        backlog: Backlog | None = None,
    ) -> None:
        self._name = name
        self._look = look
        self._command = command
        self._backlog = backlog
        self._under_way: set[str] = set()
        self._waiting: dict[str, None] = {}
        self._services: Services | None = None

    def attach(self, services: Services) -> None:
        self._services = services

    def carry(self, an_id: str) -> None:
        """Start, or wait for those under way. What there is no room for is found by the next round of the upkeep."""
        if self._services is None or an_id in self._under_way or an_id in self._waiting:
            return
        if len(self._under_way) < _AT_ONCE:
            self._under_way.add(an_id)
            self._services.runtime.spawn(self._carry_all, self._services, an_id)
        elif len(self._waiting) < _WAITING_AT_MOST:
            self._waiting[an_id] = None
        else:
            self._let_go(an_id)

    def _carry_all(self, services: Services, an_id: str) -> None:
        """This one, and then whatever has waited for it."""
        while True:
            self._carry(services, an_id)
            if not self._waiting:
                return
            an_id = next(iter(self._waiting))
            del self._waiting[an_id]
            self._under_way.add(an_id)

    def _carry(self, services: Services, an_id: str) -> None:
        try:
            while (stretch := services.read(self._look, an_id)) is not None:
                services.change(self._command(stretch))
                services.metrics.jobs[self._name] += stretch.size
                if self._backlog is not None:
                    self._backlog.reached(an_id, stretch.size)
        except Problem as problem:
            log.warning("a %s waits for the next round: %s", self._name, problem.detail)
        except Exception:
            log.exception("%s %s cannot be carried", self._name, an_id)
        finally:
            self._under_way.discard(an_id)
            self._let_go(an_id)

    def _let_go(self, an_id: str) -> None:
        if self._backlog is not None:
            self._backlog.end(an_id)


def of_dispatches(backlog: Backlog) -> Carrier:
    return Carrier("dispatch", dispatches.next_leg, dispatches.Reach, backlog)


def of_answers() -> Carrier:
    return Carrier("answer", answers.next_chunk, answers.Settle)
