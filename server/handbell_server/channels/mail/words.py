"""Every sentence of ours in an e-mail and on the pages its links open, in English and in German.

A language is a class: what counts or bends is a method. Whoever reads neither gets English, as on the desktop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from handbell_shared.languages import best


class Words:
    language = "en"
    _days: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    _months: tuple[str, ...] = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

    # ---- what is new
    untitled = "Notification"
    open_link = "Open"
    leave_at_once = "Send me no e-mails at once"
    leave_digest = "Send me no summaries"
    why_at_once = "You get this because you chose to be told such things by e-mail at once."
    why_digest = "You get this because you chose e-mail summaries of what you have not seen yet."
    where_to_choose = "What comes by e-mail is yours to choose in Handbell, under Notifications."

    # ---- the address
    confirm_subject = "Confirm your e-mail address"
    confirm_button = "Confirm this address"
    confirm_or_code = "Or type this code where you are signed in:"
    confirm_until = "Both work for one day. If this was not you, do nothing: you will get no other e-mail."

    # ---- the test
    test_subject = "A test of Handbell's e-mail"
    test_text = "If you can read this, Handbell reaches you by e-mail."

    # ---- the pages
    confirm_done = "Your address is confirmed. You can close this page."
    leave_question = "No more of these e-mails?"
    leave_text = "Your notifications stay where they are; only these e-mails end."
    leave_button = "Stop these e-mails"
    leave_done = "You will get no more of these e-mails. You can close this page."
    link_over = "This link is not valid, or not any more."

    def news(self, count: int) -> str:
        return "1 new notification" if count == 1 else f"{count} new notifications"

    def unseen(self, count: int) -> str:
        return "1 notification you have not seen" if count == 1 else f"{count} notifications you have not seen"

    def more(self, count: int) -> str:
        return "and 1 more" if count == 1 else f"and {count} more"

    def confirm_text(self, user: str) -> str:
        return f"{user} wants to get notifications at this address."

    def when(self, moment: datetime) -> str:
        day, month = self._days[moment.weekday()], self._months[moment.month - 1]
        return f"{day} {moment.day} {month}, {moment:%H:%M}"


class German(Words):
    language = "de"
    _days = ("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So.")
    _months = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")

    untitled = "Benachrichtigung"
    open_link = "Öffnen"
    leave_at_once = "Keine sofortigen E-Mails mehr"
    leave_digest = "Keine Zusammenfassungen mehr"
    why_at_once = "Du bekommst diese E-Mail, weil du so etwas sofort per E-Mail erfahren möchtest."
    why_digest = "Du bekommst diese E-Mail, weil du Zusammenfassungen von dem möchtest, was du noch nicht gesehen hast."
    where_to_choose = "Was per E-Mail kommt, bestimmst du in Handbell unter „Benachrichtigungen“."

    confirm_subject = "Bestätige deine E-Mail-Adresse"
    confirm_button = "Diese Adresse bestätigen"
    confirm_or_code = "Oder gib diesen Code dort ein, wo du angemeldet bist:"
    confirm_until = "Beides gilt einen Tag lang. Warst du das nicht, tu nichts: Es kommt keine weitere E-Mail."

    test_subject = "Ein Test der E-Mails von Handbell"
    test_text = "Wenn du das lesen kannst, erreicht dich Handbell per E-Mail."

    confirm_done = "Deine Adresse ist bestätigt. Du kannst diese Seite schließen."
    leave_question = "Keine dieser E-Mails mehr?"
    leave_text = "Deine Benachrichtigungen bleiben, wo sie sind; nur diese E-Mails enden."
    leave_button = "Diese E-Mails beenden"
    leave_done = "Du bekommst keine dieser E-Mails mehr. Du kannst diese Seite schließen."
    link_over = "Dieser Link gilt nicht, oder nicht mehr."

    def news(self, count: int) -> str:
        return "1 neue Benachrichtigung" if count == 1 else f"{count} neue Benachrichtigungen"

    def unseen(self, count: int) -> str:
        return (
            "1 Benachrichtigung, die du noch nicht gesehen hast"
            if count == 1
            else (f"{count} Benachrichtigungen, die du noch nicht gesehen hast")
        )

    def more(self, count: int) -> str:
        return "und 1 weitere" if count == 1 else f"und {count} weitere"

    def confirm_text(self, user: str) -> str:
        return f"{user} möchte Benachrichtigungen an diese Adresse bekommen."

    def when(self, moment: datetime) -> str:
        day, month = self._days[moment.weekday()], self._months[moment.month - 1]
        return f"{day}, {moment.day}. {month}, {moment:%H:%M}"


_ALL: Final[dict[str, Words]] = {"en": Words(), "de": German()}


def words_in(language: str | None) -> Words:
    return best(language, _ALL) or _ALL["en"]
