"""What a person wants to be disturbed by: everything they chose, in one document.

A change is the same action that a device makes without a network (`choose`), so it reaches all devices by the feed and
the last writer wins, whichever way they wrote.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from handbell_server.actions.inbox import ChooseAll
from handbell_server.errors import Invalid
from handbell_server.http.bodies import when
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.reads import reading
from handbell_server.services import Services
from handbell_shared.attention import QuietHours
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.preferences import (
    CHANNELS,
    FOR_EVER,
    Digest,
    EMail,
    Preferences,
    Rule,
    TellSenders,
    Urgent,
    name_of_rule,
    preferences_of,
    why_not,
)
from handbell_shared.records import Action, Chosen, Scope

_RULES_AT_ONCE = 100
Name = Annotated[str, Meta(min_length=1, max_length=128)]
PausedUntil = int | str | None


class ChosenQuietHours(QuietHours, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ChosenUrgent(Urgent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ChosenDigest(Digest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ChosenTellSenders(TellSenders, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ChangedRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A rule in the place of any before for the same source, type and category; one that says nothing is removed."""

    source: Name | None = None
    type: Name | None = None
    category: Name | None = None
    toast: bool | None = None
    sound: bool | None = None
    badge: bool | None = None
    push: bool | None = None
    email: EMail | None = None


class ChangedPreferences(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What is named becomes as it is said here, and null the default again. Rules that are not named stay."""

    zone: str | UnsetType | None = UNSET
    paused_until: PausedUntil | UnsetType = UNSET
    quiet_hours: ChosenQuietHours | UnsetType | None = UNSET
    urgent: ChosenUrgent | UnsetType | None = UNSET
    rules: Annotated[tuple[ChangedRule, ...], Meta(max_length=_RULES_AT_ONCE)] | UnsetType = UNSET
    devices: Literal["all", "in_use"] | UnsetType | None = UNSET
    digest: ChosenDigest | UnsetType | None = UNSET
    tell_senders: ChosenTellSenders | UnsetType | None = UNSET


class ShownPreferences(Struct, frozen=True, gc=False):
    """Everything a person chose, or the default; and the categories that cannot be muted here."""

    zone: str | None
    paused_until: PausedUntil
    quiet_hours: QuietHours
    urgent: Urgent
    rules: tuple[Rule, ...]
    devices: Literal["all", "in_use"]
    digest: Digest
    tell_senders: TellSenders
    critical: tuple[str, ...]


@endpoint("GET", "/v1/preferences", "user", answers={200: ShownPreferences})
def show(call: Call) -> Answer:
    """What you want to be disturbed by, when and how."""
    return Answer(
        200, _shown(call.services, preferences_of(call.services.read(reading.choices, call.person.user_id, 0)))
    )


@endpoint(
    "PATCH",
    "/v1/preferences",
    "user",
    body=ChangedPreferences,
    answers={200: ShownPreferences},
    problems=(422, 503),
    example={
        "quiet_hours": {"enabled": True, "start": "22:00", "end": "07:00", "days": [0, 1, 2, 3, 4, 5, 6]},
        "rules": [{"source": "ci", "toast": False}],
    },
)
def change(call: Call) -> Answer:
    """Change some of it; your devices hear of it at once."""
    now = now_ms()
    chosen = _chosen(call.body, now)
    if chosen:
        actions = [Action(id=new_id(), kind="choose", ids=(), at=now, choice=one) for one in chosen]
        call.services.act(call.person.user_id, actions, ChooseAll)
    return show(call)


def _chosen(sent: ChangedPreferences, now: int) -> list[Chosen]:
    found = []
    for name in ("zone", "quiet_hours", "urgent", "devices", "digest", "tell_senders"):
        value = getattr(sent, name)
        if value is not UNSET:
            found.append(_checked(name, msgspec.to_builtins(value), name))
    if sent.paused_until is not UNSET:
        found.append(_checked("pause", _pause(sent.paused_until, now), "paused_until"))
    for place, rule in enumerate(sent.rules if sent.rules is not UNSET else ()):
        says = {name: said for name in CHANNELS if (said := getattr(rule, name)) is not None}
        scope = Scope(rule.source, rule.type, rule.category)
        found.append(_checked(name_of_rule(scope), says or None, f"rules[{place}]"))
    return found


def _checked(name: str, value: Any, field: str) -> Chosen:
    reason = why_not(name, value)
    if reason is not None:
        raise Invalid(reason, field=field)
    return Chosen(name, value)


def _pause(until: PausedUntil | UnsetType, now: int) -> int | None:
    if until == "forever":
        return FOR_EVER
    moment = when(until, "paused_until") if isinstance(until, int | str) else None
    if moment is not None and moment <= now:
        raise Invalid("This moment is past; null ends a pause.", field="paused_until")
    return moment


def _shown(services: Services, preferences: Preferences) -> ShownPreferences:
    known = asdict(preferences)
    if preferences.paused_until == FOR_EVER:
        known["paused_until"] = "forever"
    return ShownPreferences(**known, critical=services.config.critical_categories)
