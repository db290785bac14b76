"""What a producer wants to tell, before it has a recipient."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from handbell_server.rules.alarming import Terms
from handbell_shared.kinds import TYPE_CATEGORIES
from handbell_shared.languages import best
from handbell_shared.records import Actor, Button, Notification, Priority, Question


class Sender(Struct, frozen=True, gc=False):
    """The producer, as far as an action needs to know it."""

    id: int
    name: str


class Looks(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a registered type's notifications belong to and look like."""

    category: str | None = None
    icon: str | None = None
    colour: str | None = None


_NO_LOOKS = Looks()


class Words(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a notification says in one more language."""

    title: str
    body: str = ""
    link: str | None = None
    actions: tuple[Button, ...] = ()


class Asks(Struct, frozen=True, omit_defaults=True, gc=False):
    """How a producer wants its question answered."""

    shared: bool = False
    until: int | None = None
    default: str = ""


class Draft(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The content of a notification, checked and complete."""

    title: str
    body: str = ""
    type: str = "info"
    link: str | None = None
    priority: Priority = "normal"
    data: dict[str, Any] | None = None
    actor: Actor | None = None
    image: str | None = None
    group: str | None = None
    key: str | None = None
    expires_at: int | None = None
    actions: tuple[Button, ...] = ()
    asks: Asks | None = None
    question: Question | None = None  # made of `asks` when the notification is accepted
    alarm: Terms | None = None
    silent: bool = False
    resolved: bool = False
    if_open: bool = False  # only for those who have a notification of this key that is not over
    looks: Looks | None = None
    critical: bool = False
    translations: dict[str, Words] | None = None


def category_in(draft: Draft) -> str | None:
    """What the notification will belong to."""
    return (draft.looks.category if draft.looks else None) or TYPE_CATEGORIES.get(draft.type)


def spoken(draft: Draft, language: str | None) -> Draft:
    """The draft as somebody of this language should read it."""
    words = best(language, draft.translations or {})
    if words is None:
        return draft
    return replace(draft, title=words.title, body=words.body, link=words.link, actions=words.actions)


def first(draft: Draft, an_id: str, source: str, rev: int, now: int) -> Notification:
    """The draft as a new record, made at this revision of its inbox."""
    record = Notification(
        id=an_id,
        ver=rev,
        crev=rev,
        source=source,
        type=draft.type,
        title=draft.title,
        body=draft.body,
        link=draft.link,
        priority=draft.priority,
        data=draft.data,
        actor=draft.actor,
        image=draft.image,
        group=draft.group,
        key=draft.key,
        actions=draft.actions,
        question=draft.question,
        alarm=draft.alarm.marker if draft.alarm is not None else None,
        silent=draft.silent,
        resolved=draft.resolved,
        created_at=now,
        expires_at=draft.expires_at,
        critical=draft.critical,
    )
    looks = draft.looks
    return record if looks is None else replace(record, category=looks.category, icon=looks.icon, colour=looks.colour)


def again(record: Notification, draft: Draft, now: int) -> Notification:
    """The same incident, told once more in the row it already has.

    Another occurrence counts and is new again: unread, unseen, back from the archive, awake. That an incident is over
    is worth showing but not worth ringing for somebody who had read of it, so a resolution leaves the person's state.
    """
    looks = draft.looks or _NO_LOOKS
    told = replace(
        record,
        cver=record.cver + 1,
        type=draft.type,
        title=draft.title,
        body=draft.body,
        link=draft.link,
        priority=draft.priority,
        data=draft.data,
        actor=draft.actor,
        image=draft.image,
        group=draft.group,
        actions=draft.actions,
        question=draft.question,
        alarm=draft.alarm.marker if draft.alarm is not None else record.alarm if draft.resolved else None,
        silent=draft.silent,
        resolved=draft.resolved,
        category=looks.category,
        icon=looks.icon,
        colour=looks.colour,
        expires_at=draft.expires_at,
        critical=draft.critical,
        updated_at=now,
    )
    return told if draft.resolved else as_new(replace(told, count=record.count + 1, answer=None))


def as_new(record: Notification) -> Notification:
    """Unread, unseen, out of the archive and awake, by generations that no late action can undo."""
    return replace(
        record,
        gen=record.gen + 1,
        read=False,
        read_at=None,
        sgen=record.sgen + 1,
        seen=False,
        agen=record.agen + 1,
        archived=False,
        snoozed_until=0,
    )
