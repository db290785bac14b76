"""Every sentence that the part without a toolkit shows to a person: on toasts, and about why the bell is not online.

English here. The application's own subclass overrides them with the language the person chose; whatever is composed of
a number is one method, because languages count differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from handbell_shared.link_state import Incompatible, LinkState, Offline, SignedOut
from handbell_shared.phrasing import Phrasing, phrasing

Why = Literal["burst", "away", "quiet"]


class Phrases:
    # ---- toasts

    def summary(self, count: int, why: Why) -> str:
        """The title of the one toast that stands for many."""
        things = "1 notification" if count == 1 else f"{count} notifications"
        match why:
            case "away":
                return f"{things} while you were away"
            case "quiet":
                return f"{things} while it was quiet"
            case "burst":
                return "1 more notification" if count == 1 else f"{count} more notifications"

    def summary_lines(self, titles: Sequence[str], others: int) -> str:
        """The newest of them, and that there are others."""
        lines = list(titles)
        if others:
            lines.append("and 1 other" if others == 1 else f"and {others} others")
        return "\n".join(lines)

    def counting(self) -> Phrasing:
        """The words around names and numbers on a toast of several: the ones that the server's headlines have."""
        return phrasing("en")

    def untitled(self) -> str:
        return "Notification"

    def button_read(self) -> str:
        return "Mark read"

    def button_open(self) -> str:
        return "Open"

    def button_mute(self, source: str) -> str:
        return f"Mute {source}"

    def button_show(self) -> str:
        return "Show"

    # ---- links

    def mailto_is_off(self) -> str:
        return "This link writes an e-mail. You can allow that in the settings."

    def not_opened(self) -> str:
        return "The link could not be opened."

    # ---- why the bell is not online

    def trouble(self, state: LinkState | None) -> str:
        """For the tooltip and the panel; empty when all is well."""
        match state:
            case Offline(_, reason):
                return reason
            case SignedOut("expired"):
                return "The session has expired. Please sign in again."
            case SignedOut("revoked"):
                return "This device was signed out from elsewhere. Please sign in again."
            case SignedOut():
                return "The server does not know this device any more. Please sign in again."
            case Incompatible():
                return "The server speaks another version of the protocol. Please update the older of the two."
            case _:
                return ""

    def no_token(self) -> str:
        return "Please sign in again: there is no key for this account on this device."

    def other_person(self, mine: str, other: str) -> str:
        return f"You signed in as {other}, but what is kept here belongs to {mine}. Add another account for {other}."

    def no_keyring(self, why: str) -> str:
        return f"The keyring could not be read: {why}"

    def keyring_locked(self) -> str:
        return "Your keyring is locked, and the key of this account is in it."

    def store_in_use(self) -> str:
        return "Another Handbell on this computer has this account open."

    def store_too_new(self) -> str:
        return "A newer version of Handbell has written what this device knows. Please update this one."

    def store_failed(self, why: str) -> str:
        return f"What this device knows could not be opened: {why}"

    def not_saved(self, why: str) -> str:
        return f"This could not be saved: {why}"

    # ---- undo

    def done(self, kind: str, count: int) -> str:
        """What was done, beside the button that takes it back."""
        things = "1 notification" if count == 1 else f"{count} notifications"
        match kind:
            case "read":
                return f"Marked {things} as read"
            case "unread":
                return f"Marked {things} as unread"
            case "archive":
                return f"Archived {things}"
            case "unarchive":
                return f"Moved {things} out of the archive"
            case "snooze":
                return f"Snoozed {things}"
            case "pin":
                return f"Pinned {things}"
            case "unpin":
                return f"Unpinned {things}"
            case _:
                return f"Deleted {things}"
