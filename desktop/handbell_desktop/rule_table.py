"""The rules as a table that a person understands: whom or what it is about, and what holds for each channel. Pure.

    everything ▸ each source, with what was said of one type from there below it ▸ each type ▸ each category

What holds in a line is either its own, said of exactly this, or comes from a less specific one. It is found by the very
function by which the server judges, asked about a notification that would be of this source, type and category and of no
other: so the table and the bell cannot disagree.

A switch of a line goes to the other side of what holds. If that is what would hold anyway, nothing is said any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from handbell_desktop.rule_changes import said_of
from handbell_shared.kinds import TYPE_CATEGORIES
from handbell_shared.preferences import CHANNELS, Preferences, name_of_rule, ruling
from handbell_shared.records import Channel, Notification, Scope

Part = Literal["everything", "sources", "types", "categories"]

EVERYTHING: Final = Scope()
LOCKED: Final[frozenset[Channel]] = frozenset({"toast", "sound", "badge", "push"})
"""What no rule closes to something critical."""


class Line(Struct, frozen=True, kw_only=True):
    scope: Scope
    part: Part
    holds: Mapping[str, bool | str]
    """For each channel."""
    comes_from: Mapping[str, Scope | None]
    """Whose word that is: the line's own scope, a less specific one, or nobody's."""
    critical: bool = False

    def own(self, channel: Channel) -> bool:
        return channel in self.comes_from and self.comes_from[channel] == self.scope

    def locked(self, channel: Channel) -> bool:
        return self.critical and channel in LOCKED

    @property
    def says_something(self) -> bool:
        return any(self.own(channel) for channel in CHANNELS)


def lines(
    preferences: Preferences, sources: Collection[str], types: Collection[str], critical: Collection[str]
) -> list[Line]:
    """For what is in the inbox, and for whatever somebody made a rule about."""
    scopes = [rule.scope for rule in preferences.rules]
    named = {scope.source for scope in scopes if scope.source is not None}
    categories = {
        *TYPE_CATEGORIES.values(),
        *critical,
        *(one.category for one in scopes if one.category and _single(one)),
    }
    found = [_line(preferences, EVERYTHING, "everything", critical)]
    for source in sorted({*sources, *named}, key=str.casefold):
        inner = sorted((one for one in scopes if one.source == source and not _single(one)), key=name_of_rule)
        found += [_line(preferences, scope, "sources", critical) for scope in (Scope(source), *inner)]
    of_types = {one for one in scopes if one.source is None and one.type is not None}
    for scope in sorted({*map(_of_type, types), *of_types}, key=lambda one: (one.type or "", one.category or "")):
        found.append(_line(preferences, scope, "types", critical))
    found += [_line(preferences, Scope(category=one), "categories", critical) for one in sorted(categories)]
    return found


def turned(preferences: Preferences, line: Line, channel: Channel) -> bool | None:
    """What to say of this channel when its switch is pressed; None: nothing any more."""
    wanted = not line.holds[channel]
    without = _holds(_without(preferences, line.scope, channel), line.scope, line.critical, channel)[0]
    return None if without == wanted else wanted


def inherited(preferences: Preferences, line: Line, channel: Channel) -> bool | str:
    """What would hold if this line said nothing."""
    return _holds(_without(preferences, line.scope, channel), line.scope, line.critical, channel)[0]


def _line(preferences: Preferences, scope: Scope, part: Part, critical: Collection[str]) -> Line:
    category = scope.category or TYPE_CATEGORIES.get(scope.type or "")
    is_critical = category is not None and category in critical
    found = {channel: _holds(preferences, scope, is_critical, channel) for channel in CHANNELS}
    said = said_of(preferences, scope)
    return Line(
        scope=scope,
        part=part,
        holds={channel: holds for channel, (holds, _) in found.items()},
        comes_from={c: scope if c in said else whose for c, (_, whose) in found.items() if c in said or whose},
        critical=is_critical,
    )


def _holds(preferences: Preferences, scope: Scope, critical: bool, channel: Channel) -> tuple[bool | str, Scope | None]:
    like = Notification(
        id="", source=scope.source or "", type=scope.type or "", category=scope.category, critical=critical
    )
    ruled = ruling(preferences, channel, like)
    return ruled.verdict, ruled.rule


def _without(preferences: Preferences, scope: Scope, channel: Channel) -> Preferences:
    silenced: Any = {channel: None}
    rules = tuple(replace(rule, **silenced) if rule.scope == scope else rule for rule in preferences.rules)
    return replace(preferences, rules=rules)


def _single(scope: Scope) -> bool:
    return sum(one is not None for one in (scope.source, scope.type, scope.category)) == 1


def _of_type(a_type: str) -> Scope:
    return Scope(type=a_type)
