"""What a session tells: its listener and why its store cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from handbell_desktop.kept.store_file import StoreInUse, StoreTooNew
from handbell_desktop.phrases import Phrases
from handbell_shared.records import Notification

if TYPE_CHECKING:
    from handbell_desktop.account.session import Session


class Listener(Protocol):
    """Told in the owner's thread."""

    def changed(self, session: Session, ids: Sequence[str] | None) -> None:
        """These entries look different now; None is all of them."""

    def stood(self, session: Session) -> None:
        """The state, or what troubles the session, is another."""

    def chose(self, session: Session) -> None:
        """What the person chose may be another, or can be read from here on."""

    def news(self, session: Session, records: Sequence[Notification]) -> None: ...


def why_not_open(error: Exception, phrases: Phrases) -> str:
    """For people."""
    match error:
        case StoreInUse():
            return phrases.store_in_use()
        case StoreTooNew():
            return phrases.store_too_new()
        case _:
            return phrases.store_failed(str(error))
