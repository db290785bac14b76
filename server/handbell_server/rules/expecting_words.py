"""What is said when nothing is heard of somebody, when they report a failure, and when they are back.

English stands for everybody; who has set another language that stands here is told in that.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from handbell_server.actions.drafts import Draft, Words

_UNITS: Final = ((1_000, 120), (60_000, 120), (3_600_000, 48), (86_400_000, None))  # the last reaches for ever
_NAMES: Final = {
    "en": (("second", "seconds"), ("minute", "minutes"), ("hour", "hours"), ("day", "days")),
    # As German wants them after "seit" and "nach".
    "de": (("Sekunde", "Sekunden"), ("Minute", "Minuten"), ("Stunde", "Stunden"), ("Tag", "Tagen")),
}


_MISSING: Final = {
    "en": "No sign of life from {name} for {time}",
    "de": "Kein Lebenszeichen von {name} seit {time}",
}
_FAILING: Final = {"en": "{name} reports a failure", "de": "{name} meldet einen Fehler"}
_BACK: Final = {"en": "{name} is back, after {time}", "de": "{name} ist wieder da, nach {time}"}


def lasting(ms: int, language: str) -> str:
    """How long, in the unit that needs no second one: "90 seconds", "24 hours", "3 days"."""
    for (unit, enough), names in zip(_UNITS, _NAMES[language], strict=True):
        count = max(1, ms // unit)
        if enough is None or count < enough:
            return f"{count} {names[count != 1]}"
    raise AssertionError("the last unit reaches for ever")


def missing(draft: Draft, name: str, silent_ms: int) -> Draft:
    """Nothing was heard for so long. `draft` is as the producer wants it; a title of its own stands in every language."""
    return draft if draft.title else _said(draft, _MISSING, name, silent_ms)


def failing(draft: Draft, name: str, report: str) -> Draft:
    """It says itself that it failed."""
    return _said(replace(draft, body=report), _FAILING, name)


def back(draft: Draft, name: str, down_ms: int) -> Draft:
    """It is over: worth showing, and not worth more than that."""
    calm = replace(draft, body="", resolved=True, priority="low" if draft.priority == "low" else "normal")
    return _said(calm, _BACK, name, down_ms)


def _said(draft: Draft, titles: dict[str, str], name: str, ms: int = 0) -> Draft:
    said: dict[str, Any] = {
        language: Words(title.format(name=name, time=lasting(ms, language)), draft.body, draft.link)
        for language, title in titles.items()
    }
    return replace(draft, title=said.pop("en").title, translations=said)
