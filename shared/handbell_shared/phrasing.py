"""The words around names and numbers, in the languages we know, for whoever has no toolkit's translations: the API, e-mail.

"2 powiadomienia" and "5 powiadomień": languages have up to four plural forms, called as the CLDR calls them (one, few,
many, other), and which number takes which is a rule of each. A language is a rule and its texts, as data; who speaks one
that is not here is told in English. Names go into a text as they are: no language here that bends names is made to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from msgspec import Struct

from handbell_shared import grouping
from handbell_shared.grouping import Group
from handbell_shared.languages import best, canonical

Plural = Literal["one", "few", "many", "other"]
Forms = Mapping[Plural, str]

_GROUPED_FROM: Final = 10_000  # four digits are read at a glance, and many languages leave them alone
_NARROW: Final = "\u202f"
_NO_BREAK: Final = "\u00a0"
_SPOKEN_I: Final = re.compile(r"[ií]|hi(?![aeoáéó])", re.IGNORECASE)


class Phrasing(Struct, frozen=True, kw_only=True):
    """One language: which form a number takes, and each text in all of its forms."""

    plural: Callable[[int], Plural]
    thousands: str
    pair: str
    pair_before_i: str = ""  # Spanish: "Ana y Bo", but "Ana e Inés"
    people: Forms
    count: Forms
    count_from: Forms
    more: Forms

    def and_one(self, first: str, second: str) -> str:
        pair = self.pair_before_i if self.pair_before_i and _SPOKEN_I.match(second) else self.pair
        return pair.format(first, second)

    def and_others(self, first: str, others: int) -> str:
        """ "Ana and 2 others": people."""
        return self._in_form(self.people, others, first)

    def and_more(self, others: int) -> str:
        """ "and 3 more": notifications."""
        return self._in_form(self.more, others)

    def with_more(self, said: str, others: int) -> str:
        """In brackets: what a producer says may end in any sign."""
        return f"{said} ({self.and_more(others)})"

    def notifications(self, count: int, source: str = "") -> str:
        """ "3 notifications", or "3 notifications from ci"."""
        return self._in_form(self.count_from, count, source) if source else self._in_form(self.count, count)

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", self.thousands) if number >= _GROUPED_FROM else str(number)

    def _in_form(self, forms: Forms, number: int, name: str = "") -> str:
        return forms[self.plural(number)].format(name, n=self.number(number))


def headline(group: Group, words: Phrasing) -> str:
    """What one line can say of a group, wherever nothing beside it counts its members."""
    newest = group.members[0]
    if not newest.title.strip():
        return words.notifications(len(group.members), newest.source)
    return grouping.headline(group, words.and_one, words.and_others, words.with_more)


def phrasing(language: str | None) -> Phrasing:
    """For somebody of this language ("de", "pt-BR"); English where it is none of ours, or none at all."""
    return best(canonical(language or ""), PHRASINGS) or PHRASINGS["en"]


# ---- which number takes which form


def _one(n: int) -> Plural:
    return "one" if n == 1 else "other"


def _one_and_millions(n: int) -> Plural:
    return "one" if n == 1 else _or_millions(n)


def _none_one_and_millions(n: int) -> Plural:
    return "one" if n in (0, 1) else _or_millions(n)


def _or_millions(n: int) -> Plural:
    """Millions are a noun there: "1 000 000 de notifications"."""
    return "many" if n and n % 1_000_000 == 0 else "other"


def _polish(n: int) -> Plural:
    return "one" if n == 1 else _few_or_many(n)


def _russian(n: int) -> Plural:
    return "one" if n % 10 == 1 and n % 100 != 11 else _few_or_many(n)


def _few_or_many(n: int) -> Plural:
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"


# ---- the languages

PHRASINGS: Final[Mapping[str, Phrasing]] = {
    "en": Phrasing(
        plural=_one,
        thousands=",",
        pair="{0} and {1}",
        people={"one": "{0} and {n} other", "other": "{0} and {n} others"},
        count={"one": "{n} notification", "other": "{n} notifications"},
        count_from={"one": "{n} notification from {0}", "other": "{n} notifications from {0}"},
        more={"one": "and {n} more", "other": "and {n} more"},
    ),
    "de": Phrasing(
        plural=_one,
        thousands=".",
        pair="{0} und {1}",
        people={"one": "{0} und {n} andere Person", "other": "{0} und {n} andere"},
        count={"one": "{n} Benachrichtigung", "other": "{n} Benachrichtigungen"},
        count_from={"one": "{n} Benachrichtigung von {0}", "other": "{n} Benachrichtigungen von {0}"},
        more={"one": "und {n} weitere", "other": "und {n} weitere"},
    ),
    "fr": Phrasing(
        plural=_none_one_and_millions,
        thousands=_NARROW,
        pair="{0} et {1}",
        people={
            "one": "{0} et {n} autre personne",
            "many": "{0} et {n} d’autres personnes",
            "other": "{0} et {n} autres personnes",
        },
        count={"one": "{n} notification", "many": "{n} de notifications", "other": "{n} notifications"},
        count_from={
            "one": "{n} notification de {0}",
            "many": "{n} de notifications de {0}",
            "other": "{n} notifications de {0}",
        },
        more={"one": "et {n} autre", "many": "et {n} d’autres", "other": "et {n} autres"},
    ),
    "es": Phrasing(
        plural=_one_and_millions,
        thousands=".",
        pair="{0} y {1}",
        pair_before_i="{0} e {1}",
        people={
            "one": "{0} y {n} persona más",
            "many": "{0} y {n} de personas más",
            "other": "{0} y {n} personas más",
        },
        count={"one": "{n} notificación", "many": "{n} de notificaciones", "other": "{n} notificaciones"},
        count_from={
            "one": "{n} notificación de {0}",
            "many": "{n} de notificaciones de {0}",
            "other": "{n} notificaciones de {0}",
        },
        more={"one": "y {n} más", "many": "y {n} más", "other": "y {n} más"},
    ),
    "it": Phrasing(
        plural=_one_and_millions,
        thousands=".",
        pair="{0} e {1}",
        people={
            "one": "{0} e {n} altra persona",
            "many": "{0} e {n} di altre persone",
            "other": "{0} e altre {n} persone",
        },
        count={"one": "{n} notifica", "many": "{n} di notifiche", "other": "{n} notifiche"},
        count_from={
            "one": "{n} notifica da {0}",
            "many": "{n} di notifiche da {0}",
            "other": "{n} notifiche da {0}",
        },
        more={"one": "e {n} altra", "many": "e {n} di altre", "other": "e altre {n}"},
    ),
    "nl": Phrasing(
        plural=_one,
        thousands=".",
        pair="{0} en {1}",
        people={"one": "{0} en {n} andere persoon", "other": "{0} en {n} anderen"},
        count={"one": "{n} melding", "other": "{n} meldingen"},
        count_from={"one": "{n} melding van {0}", "other": "{n} meldingen van {0}"},
        more={"one": "en nog {n}", "other": "en nog {n}"},
    ),
    "pl": Phrasing(
        plural=_polish,
        thousands=_NO_BREAK,
        pair="{0} i {1}",
        people={
            "one": "{0} i {n} inna osoba",
            "few": "{0} i {n} inne osoby",
            "many": "{0} i {n} innych osób",
        },
        count={"one": "{n} powiadomienie", "few": "{n} powiadomienia", "many": "{n} powiadomień"},
        count_from={
            "one": "{n} powiadomienie od {0}",
            "few": "{n} powiadomienia od {0}",
            "many": "{n} powiadomień od {0}",
        },
        more={"one": "i jeszcze {n}", "few": "i jeszcze {n}", "many": "i jeszcze {n}"},
    ),
    "ru": Phrasing(
        plural=_russian,
        thousands=_NO_BREAK,
        pair="{0} и {1}",
        people={
            "one": "{0} и ещё {n} человек",
            "few": "{0} и ещё {n} человека",
            "many": "{0} и ещё {n} человек",
        },
        count={"one": "{n} уведомление", "few": "{n} уведомления", "many": "{n} уведомлений"},
        count_from={
            "one": "{n} уведомление от {0}",
            "few": "{n} уведомления от {0}",
            "many": "{n} уведомлений от {0}",
        },
        more={"one": "и ещё {n}", "few": "и ещё {n}", "many": "и ещё {n}"},
    ),
}
