"""What senders may know of this device: that it showed a notification or why not, and whether it was clicked or waved away.

The person decides whether they are told at all. Each moment is told once: a toast that is replaced in place, or clicked
twice, was shown and clicked when it first was. Beyond that nothing is kept here; the link says it when it can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from handbell_shared.records import HeldFor

Moment = Literal["shown", "clicked", "dismissed", "held"]

REMEMBERED: Final = 5_000


class Receipts:
    """`send` gets the account, the moment and the notification; and why, when it was held back."""

    def __init__(self, *, wanted: Callable[[], bool], send: Callable[[str, Moment, str, HeldFor | None], None]) -> None:
        self._wanted = wanted
        self._send = send
        self._told: dict[tuple[str, Moment, str], None] = {}

    def shown(self, account: str, an_id: str) -> None:
        self._tell(account, "shown", an_id)

    def clicked(self, account: str, an_id: str) -> None:
        self._tell(account, "clicked", an_id)

    def dismissed(self, account: str, an_id: str) -> None:
        self._tell(account, "dismissed", an_id)

    def held(self, account: str, an_id: str, why: HeldFor) -> None:
        self._tell(account, "held", an_id, why)

    def _tell(self, account: str, moment: Moment, an_id: str, why: HeldFor | None = None) -> None:
        what = (account, moment, an_id)
        if not self._wanted() or what in self._told:
            return
        self._told[what] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        self._send(account, moment, an_id, why)
