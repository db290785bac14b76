"""The sentences of the part without a toolkit, in the language the person chose.

`Phrases` are methods that are overridden one by one, because most of them count; `Sentence`s carry their text and are
looked up by it. Both find their translation in the same file as every `tr`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale, QObject

from handbell_desktop.phrases import Phrases, Why
from handbell_desktop.sentences import Sentence
from handbell_shared.link_state import Incompatible, LinkState, Offline, SignedOut
from handbell_shared.phrasing import Phrasing, phrasing

# What the link says of its troubles, for the translators. What is not here (a status, the words of a certificate's
# checker) is shown as it came.
REASONS = (
    QT_TRANSLATE_NOOP("Reasons", "the server does not answer"),
    QT_TRANSLATE_NOOP("Reasons", "the server does not answer in time"),
    QT_TRANSLATE_NOOP("Reasons", "the server's name is not known here"),
    QT_TRANSLATE_NOOP("Reasons", "the server is busy"),
    QT_TRANSLATE_NOOP("Reasons", "the connection was lost"),
    QT_TRANSLATE_NOOP("Reasons", "the connection was too slow"),
    QT_TRANSLATE_NOOP("Reasons", "the server is starting anew"),
    QT_TRANSLATE_NOOP("Reasons", "the server closed the connection"),
    QT_TRANSLATE_NOOP("Reasons", "an error on this device; see the log"),
)


def said(what: Sentence) -> str:
    return what.said(QCoreApplication.translate)


def reason_said(reason: str) -> str:
    """Why a link is offline."""
    return QCoreApplication.translate("Reasons", reason)


class QtPhrases(QObject, Phrases):
    # ---- toasts

    def summary(self, count: int, why: Why) -> str:
        match why:
            case "away":
                return self.tr("%n notification(s) while you were away", "", count)
            case "quiet":
                return self.tr("%n notification(s) while it was quiet", "", count)
            case "burst":
                return self.tr("%n more notification(s)", "", count)

    def summary_lines(self, titles: Sequence[str], others: int) -> str:
        lines = list(titles)
        if others:
            lines.append(self.tr("and %n other(s)", "", others))
        return "\n".join(lines)

    def counting(self) -> Phrasing:
        return phrasing(QLocale().bcp47Name())

    def untitled(self) -> str:
        return self.tr("Notification")

    def button_read(self) -> str:
        return self.tr("Mark read")

    def button_open(self) -> str:
        return self.tr("Open")

    def button_mute(self, source: str) -> str:
        return self.tr("Mute {source}").format(source=source)

    def button_show(self) -> str:
        return self.tr("Show")

    # ---- links

    def mailto_is_off(self) -> str:
        return self.tr("This link writes an e-mail. You can allow that in the settings.")

    def not_opened(self) -> str:
        return self.tr("The link could not be opened.")

    # ---- why the bell is not online

    def trouble(self, state: LinkState | None) -> str:
        match state:
            case Offline(_, reason):
                return reason_said(reason)
            case SignedOut("expired"):
                return self.tr("The session has expired. Please sign in again.")
            case SignedOut("revoked"):
                return self.tr("This device was signed out from elsewhere. Please sign in again.")
            case SignedOut():
                return self.tr("The server does not know this device any more. Please sign in again.")
            case Incompatible():
                return self.tr("The server speaks another version of the protocol. Please update the older of the two.")
            case _:
                return ""

    def no_token(self) -> str:
        return self.tr("Please sign in again: there is no key for this account on this device.")

    def other_person(self, mine: str, other: str) -> str:
        says = self.tr(
            "You signed in as {other}, but what is kept here belongs to {mine}. Add another account for {other}."
        )
        return says.format(mine=mine, other=other)

    def no_keyring(self, why: str) -> str:
        return self.tr("The keyring could not be read: {why}").format(why=why)

    def keyring_locked(self) -> str:
        return self.tr("Your keyring is locked, and the key of this account is in it.")

    def store_in_use(self) -> str:
        return self.tr("Another Handbell on this computer has this account open.")

    def store_too_new(self) -> str:
        return self.tr("A newer version of Handbell has written what this device knows. Please update this one.")

    def store_failed(self, why: str) -> str:
        return self.tr("What this device knows could not be opened: {why}").format(why=why)

    def not_saved(self, why: str) -> str:
        return self.tr("This could not be saved: {why}").format(why=why)

    # ---- undo

    def done(self, kind: str, count: int) -> str:
        match kind:
            case "read":
                return self.tr("Marked %n notification(s) as read", "", count)
            case "unread":
                return self.tr("Marked %n notification(s) as unread", "", count)
            case "archive":
                return self.tr("Archived %n notification(s)", "", count)
            case "unarchive":
                return self.tr("Moved %n notification(s) out of the archive", "", count)
            case "snooze":
                return self.tr("Snoozed %n notification(s)", "", count)
            case "pin":
                return self.tr("Pinned %n notification(s)", "", count)
            case "unpin":
                return self.tr("Unpinned %n notification(s)", "", count)
            case _:
                return self.tr("Deleted %n notification(s)", "", count)
