"""Whether a notification goes out by e-mail at once: decided where it is stored, from what the person chose."""

from __future__ import annotations

from typing import Final

from handbell_server.engine.inbox import Inbox
from handbell_shared.preferences import ruling
from handbell_shared.records import Notification

DELAY_MS: Final = 30_000  # whoever is at a device has seen it by then, and needs no e-mail


def mail(inbox: Inbox, record: Notification, now: int) -> None:
    """It is news: by e-mail too, if the person wants such things at once."""
    if not inbox.preferences.rules or record.silent or record.resolved:
        return
    if ruling(inbox.preferences, "email", record).verdict == "now":
        inbox.mails.append((record.id, now if record.priority == "urgent" else now + DELAY_MS))
