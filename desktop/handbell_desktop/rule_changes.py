"""What has to be chosen so that a notification's source is muted, rings again, or is trusted. Pure: choices by name, by what was chosen.

"Mute" closes toast, sound and push, and leaves the number on the bell and e-mail alone: who wants less than that says so in the
rules. "Unmute" takes back the rule that closed it; where that was said of more than this source, as of everything, an
exception for this source is made instead.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from handbell_shared.preferences import CHANNELS, Preferences, Rule, Ruling, name_of_rule, ruling
from handbell_shared.records import Channel, Notification, Scope

MUTED: Final[tuple[Channel, ...]] = ("toast", "sound", "push")


class _Draft:
    """Rules that are being changed."""

    def __init__(self, preferences: Preferences) -> None:
        self._before = preferences
        self._says: dict[Scope, dict[str, Any]] = {}

    def say(self, scope: Scope, channel: Channel, what: bool | None) -> None:
        self._says.setdefault(scope, said_of(self._before, scope))[channel] = what

    def ruling(self, channel: Channel, record: Notification) -> Ruling:
        rules = {rule.scope: rule for rule in self._before.rules}
        for scope, says in self._says.items():
            rules[scope] = Rule(source=scope.source, type=scope.type, category=scope.category, **says)
        return ruling(replace(self._before, rules=tuple(rules.values())), channel, record)

    def changes(self) -> dict[str, Any]:
        """By name, what is another than before."""
        found = {}
        for scope, says in self._says.items():
            says = {name: one for name, one in says.items() if one is not None}
            if says != said_of(self._before, scope):
                found[name_of_rule(scope)] = says or None
        return found


def muting(of_type: bool, preferences: Preferences, record: Notification) -> dict[str, Any]:
    """Also over what lets this very notification ring: it is on the screen, and the person says no."""
    if record.critical:
        return {}
    draft = _Draft(preferences)
    scope = Scope(record.source, record.type if of_type else None)
    for channel in MUTED:
        draft.say(scope, channel, False)
        while (ruled := draft.ruling(channel, record)).verdict is not False and ruled.rule is not None:
            draft.say(ruled.rule, channel, None)
    return draft.changes()


def unmuting(preferences: Preferences, record: Notification) -> dict[str, Any]:
    draft = _Draft(preferences)
    for channel in MUTED:
        while (ruled := draft.ruling(channel, record)).verdict is False and ruled.rule is not None:
            if ruled.rule.source is not None:
                draft.say(ruled.rule, channel, None)
            else:  # said of more than this source
                both = ruled.rule.type is not None and ruled.rule.category is not None
                draft.say(Scope(record.source, record.type if both else None), channel, True)
    return draft.changes()


def trusting(trusted: bool, preferences: Preferences, record: Notification) -> dict[str, Any]:
    urgent = preferences.urgent
    others = tuple(name for name in urgent.trusted if name != record.source)
    if trusted == (len(others) < len(urgent.trusted)) and urgent.breaks_through == "trusted":
        return {}
    changed = replace(urgent, breaks_through="trusted", trusted=(*others, record.source) if trusted else others)
    return {"urgent": msgspec.to_builtins(changed)}


def said_of(preferences: Preferences, scope: Scope) -> dict[str, Any]:
    """What the rule of exactly this scope says, by channel."""
    for rule in preferences.rules:
        if rule.scope == scope:
            return {name: said for name in CHANNELS if (said := getattr(rule, name)) is not None}
    return {}
