"""Taking back what was told: by its producer, by time, or by retention. Devices hear a tombstone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from handbell_server.engine.feed import Needs, OnRecords, Work
from handbell_shared.records import Notification

_FRESH_MS = 3_600_000

Reason = Literal["recalled", "expired", "retention"]


class Remove(OnRecords):
    """Delete these records of one user."""

    __slots__ = ("reason",)

    def __init__(self, user_id: int, ids: Sequence[str], reason: Reason) -> None:
        super().__init__(user_id, ids)
        self.reason = reason

    def run(self, work: Work) -> int:
        """How many were there to be removed."""
        inbox = work.inboxes.get(self.user_id)
        if inbox is None:
            return 0
        removed = 0
        for an_id in self.ids:
            record = inbox.records.get(an_id)
            if record is None or record.deleted or not self._still_due(record, work.now):
                continue
            inbox.put(replace(record, deleted=self.reason))
            removed += 1
        return removed

    def _still_due(self, record: Notification, now: int) -> bool:
        """Looked at again under the inbox's lock: since it was found it may have been told anew, or pinned."""
        match self.reason:
            case "expired":
                return record.expires_at is not None and record.expires_at <= now
            case "retention":
                urgent = record.priority == "urgent" and not record.read and not record.archived
                fresh = record.updated_at is not None and record.updated_at > now - _FRESH_MS
                return not (urgent or record.pinned or fresh)
            case _:
                return True


class Withdraw:
    """Take back a dispatch: what has not reached anybody yet never will."""

    __slots__ = ("dispatch_id", "producer_id")

    def __init__(self, dispatch_id: str, producer_id: int) -> None:
        self.dispatch_id = dispatch_id
        self.producer_id = producer_id

    weight = 1

    def needs(self, needs: Needs) -> None:
        needs.dispatches.add(self.dispatch_id)

    def run(self, work: Work) -> bool:
        journey = work.journeys.get(self.dispatch_id)
        if journey is None or journey.producer_id != self.producer_id or journey.state == "recalled":
            return False
        work.move(replace(journey, state="recalled"))
        return True
