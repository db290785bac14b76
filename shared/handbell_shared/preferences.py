"""What a person chose about being disturbed, and what follows from it for one notification.

A choice is a register of the inbox: it has a name and a value, the last writer wins, and it travels with the feed like
everything else a person does. So it is the same on all devices, can be made without a network, and is never lost.

    zone, pause, quiet_hours, urgent, devices, digest, tell_senders      one register each
    rule:["ci",null,null]                                                one for each rule: [source, type, category]
    forgotten                                                            one for all rules that were removed long ago

Which channels a notification may use is decided by rules. For each channel the most specific rule that says anything
about it wins: one that names more, and among equals one that names the source, then the type, then the category. So
"mute ci" holds whatever was said of a type, and "mute the errors of ci" holds over "ring for ci". What a rule decides is
written into the record when the server stores it: then every device and the server count alike, whatever they know.

What belongs to a critical category cannot be muted. Which ones these are is for the operator to say.

A rule that was removed leaves its register behind, without a value, so that who was away hears of it and what was said
before loses. Only so many of those are kept. Then the server forgets the oldest, and says so by `forgotten`: up to which
revision, and as of when. Who has followed the feed drops the same ones; a rule of which nothing is known any more was
removed then, for all anybody knows, and what was said of it before that loses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from handbell_shared.attention import Clock, Day, QuietHours
from handbell_shared.kinds import category_of
from handbell_shared.records import Action, Channel, Choice, Notification, Scope

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
FOR_EVER: Final = 253_402_300_799_000  # a pause "until I say so": the last moment of the year 9999
CHOICES_AT_MOST: Final = 500
REMOVED_AT_MOST: Final = 100  # beside those; then half of them are forgotten
NAME_AT_MOST: Final = 500
_TRUSTED_AT_MOST: Final = 200
_RULE: Final = "rule:"
FORGOTTEN: Final = "forgotten"
_AFTER_ALL: Final = "~"  # behind the id of any action
_NO_PLACES: Final = {"localtime", "posixrules", "Factory"}  # some systems list them, and each means its own by them

EMail = Literal["now", "digest", "never"]
Name = Annotated[str, Meta(min_length=1, max_length=128)]


class Says(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule says of each channel; nothing is for less specific rules to say."""

    toast: bool | None = None
    sound: bool | None = None
    badge: bool | None = None
    push: bool | None = None
    email: EMail | None = None


class Rule(Says, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of everything from this source, of this type, in this category; without any, of everything."""

    source: str | None = None
    type: str | None = None
    category: str | None = None

    @property
    def scope(self) -> Scope:
        return Scope(self.source, self.type, self.category)


class Urgent(Struct, frozen=True, kw_only=True):
    """Whose urgent notifications ring although it is quiet."""

    breaks_through: Literal["all", "trusted", "none"] = "all"
    trusted: Annotated[tuple[Name, ...], Meta(max_length=_TRUSTED_AT_MOST)] = ()


class Digest(Struct, frozen=True, kw_only=True):
    """How often an e-mail sums up what is still unseen. `day` counts for a weekly one; Monday is 0."""

    every: Literal["never", "hourly", "daily", "weekly"] = "never"
    at: Clock = "08:00"
    day: Day = 0


class TellSenders(Struct, frozen=True, kw_only=True):
    """What those who sent a notification may know of this person. That it was delivered, they always may."""

    seen: bool = True
    read: bool = True


class Preferences(Struct, frozen=True, kw_only=True, dict=True):
    """Everything a person chose, or the default where they did not. Times are milliseconds."""

    zone: str | None = None
    paused_until: int | None = None
    quiet_hours: QuietHours = QuietHours()
    urgent: Urgent = Urgent()
    rules: tuple[Rule, ...] = ()
    devices: Literal["all", "in_use"] = "all"
    digest: Digest = Digest()
    tell_senders: TellSenders = TellSenders()

    @cached_property
    def by_scope(self) -> dict[tuple[str | None, str | None, str | None], Rule]:
        """The rules by what they are about: there may be hundreds, and each record is asked what they say of it."""
        return {(rule.source, rule.type, rule.category): rule for rule in self.rules}


Pause = Annotated[int, Meta(ge=0, le=FOR_EVER)]

_TYPES: Final[dict[str, Any]] = {
    "zone": Annotated[str, Meta(min_length=1, max_length=64)],
    "pause": Pause,
    "quiet_hours": QuietHours,
    "urgent": Urgent,
    "devices": Literal["all", "in_use"],
    "digest": Digest,
    "tell_senders": TellSenders,
}

DEFAULT: Final = Preferences()


# ---- choices


def later(one: Choice | None, two: Choice) -> Choice:
    """The one that holds of two choices by one name: the last writer's."""
    return two if one is None or (two.at, two.op) > (one.at, one.op) else one


def held_of(choices: Mapping[str, Choice], name: str) -> Choice | None:
    """What holds by this name, as far as it is remembered; None where nothing was ever said."""
    held, mark = choices.get(name), choices.get(FORGOTTEN)
    if held is not None or mark is None or not is_rule(name):
        return held
    return Choice(name, None, mark.at, _AFTER_ALL)


def is_removed(choice: Choice) -> bool:
    """Whether it is what a rule has left behind."""
    return choice.value is None and is_rule(choice.name)


def to_forget(choices: Iterable[Choice], mark: Choice) -> list[Choice]:
    """What nobody has to remember from this mark on."""
    upto = mark.value if isinstance(mark.value, int) else 0
    return [choice for choice in choices if choice.ver <= upto and is_removed(choice)]


def choice_of(action: Action) -> Choice | None:
    """What an action chooses."""
    given = action.choice
    return None if given is None else Choice(given.name, given.value, action.at, action.id)


def name_of_rule(scope: Scope) -> str:
    return _RULE + json.dumps([scope.source, scope.type, scope.category], ensure_ascii=False, separators=(",", ":"))


def is_rule(name: str) -> bool:
    return name.startswith(_RULE)


def why_not(name: str, value: Any) -> str | None:
    """Why this cannot be chosen; None when it can. No value is always possible: it is the default again."""
    if len(name) > NAME_AT_MOST:
        return "This name is too long."
    kind = _type_of(name)
    if kind is None:
        return "There is nothing of this name to choose."
    if value is None:
        return None
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return str(error)
    if isinstance(value, dict):
        unknown = set(value) - {field.name for field in msgspec.structs.fields(kind)}
        if unknown:
            return f"Unknown: {', '.join(sorted(unknown))}."
    if name == "zone" and value not in _zones():
        return "No time zone of this name is known. One is named as in Europe/Berlin."
    return None


def preferences_of(choices: Iterable[Choice]) -> Preferences:
    """The choices as one. What cannot be understood, because a newer server allows it, counts as not chosen."""
    members: dict[str, Any] = {}
    rules = []
    for choice in choices:
        kind = None if choice.value is None else _type_of(choice.name)
        if kind is None:
            continue
        try:
            value = msgspec.convert(choice.value, kind)
        except msgspec.ValidationError:
            continue
        if isinstance(value, Says):
            scope = _scope_in(choice.name)
            assert scope is not None
            rules.append(Rule(source=scope.source, type=scope.type, category=scope.category, **_said(value)))
        elif choice.name == "pause":
            members["paused_until"] = value or None
        else:
            members[choice.name] = value
    rules.sort(key=lambda rule: (rank(rule.scope), name_of_rule(rule.scope)))
    return Preferences(rules=tuple(rules), **members)


def says_nothing(says: Says) -> bool:
    return not _said(says)


def _said(says: Says) -> dict[str, Any]:
    return {name: said for name in CHANNELS if (said := getattr(says, name)) is not None}


def _type_of(name: str) -> Any:
    if is_rule(name):
        return None if _scope_in(name) is None else Says
    return _TYPES.get(name)


@lru_cache(1_000)
def _scope_in(name: str) -> Scope | None:
    """The scope that a rule's name says; None when it says none, or not the way it is written."""
    try:
        scope = msgspec.json.decode(name.removeprefix(_RULE), type=Scope)
    except msgspec.DecodeError:
        return None
    return scope if name_of_rule(scope) == name else None


@lru_cache(1)
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - _NO_PLACES)


@lru_cache(100)
def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of this name, where this machine knows it."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # half a megabyte, which a bell without quiet hours has no use for

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


# ---- rules


def rank(scope: Scope) -> tuple[int, bool, bool, bool]:
    """The higher, the more specific."""
    named = (scope.source is not None, scope.type is not None, scope.category is not None)
    return (sum(named), *named)


class Ruling(Struct, frozen=True):
    """What was decided for one channel, and the rule that did; none for what nobody said anything about."""

    verdict: bool | str
    rule: Scope | None = None


_OF_THEMSELVES: Final[Mapping[Channel, bool | str]] = {
    "toast": True,
    "sound": True,
    "badge": True,
    "push": True,
    "email": "digest",
}


def ruling(preferences: Preferences, channel: Channel, record: Notification) -> Ruling:
    """What the rules say of this notification on this channel."""
    best = next((rule for rule in _covering(preferences, record) if getattr(rule, channel) is not None), None)
    verdict = _OF_THEMSELVES[channel] if best is None else getattr(best, channel)
    if record.critical and verdict is False:
        return Ruling(True)
    return Ruling(verdict, None if best is None else best.scope)


def muted_by(preferences: Preferences, record: Notification) -> dict[str, Scope] | None:
    """The channels that are closed to this notification, each with the rule that closed it."""
    if not preferences.rules or record.critical:
        return None
    covering = _covering(preferences, record)
    if not covering:
        return None
    found: dict[str, Scope] = {}
    for channel in CHANNELS:
        best = next((rule for rule in covering if getattr(rule, channel) is not None), None)
        if best is not None and getattr(best, channel) is False:
            found[channel] = best.scope
    return found or None


def _covering(preferences: Preferences, record: Notification) -> list[Rule]:
    """The rules about this notification, the most specific first: in the order of `rank`, and eight at most."""
    rules = preferences.by_scope
    if not rules:
        return []
    source, kind, category = record.source, record.type, category_of(record)
    scopes = (
        (source, kind, category), (source, kind, None), (source, None, category), (None, kind, category),
        (source, None, None), (None, kind, None), (None, None, category), (None, None, None),
    )  # fmt: skip
    return [rules[scope] for scope in scopes if scope in rules]


# ---- quiet


def breaks_through(preferences: Preferences, record: Notification) -> bool:
    """Whether it rings although it is quiet."""
    if record.priority != "urgent" or record.resolved:
        return False
    match preferences.urgent.breaks_through:
        case "all":
            return True
        case "trusted":
            return record.source in preferences.urgent.trusted
        case "none":
            return False
