"""A duty that one process at a time does: whoever holds its lease in the database. A killed holder's runs out."""

from __future__ import annotations

from time import monotonic

from handbell_server.actions import installation
from handbell_server.services import Services
from handbell_shared.ids import new_id


class Duty:
    def __init__(self, services: Services, name: str, *, ask_every: float, lease_ms: int) -> None:
        self._services = services
        self._name = name
        self._holder = new_id()
        self._ask_every = ask_every
        self._lease_ms = lease_ms
        self._ask_again = 0.0
        self._holds = False

    def is_ours(self) -> bool:
        """Whether this process has the duty now; asks the database once in a while."""
        if self._services.config.embedded:
            return True  # the lock of the data folder says already that there is nobody else
        if monotonic() >= self._ask_again:
            self._ask_again = monotonic() + self._ask_every
            self._holds = self._services.errand(
                lambda c: installation.take_duty(c, self._name, self._holder, self._lease_ms)
            )
        return self._holds

    def drop(self) -> None:
        """Let another process take over at once."""
        if self._holds:
            self._services.errand(lambda c: installation.drop_duties(c, self._holder))
