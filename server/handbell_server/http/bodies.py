"""The bodies people and producers send, with their bounds, and how they become drafts and actions.

Bounds that a type can say stand in the type, so the decoder checks them and OpenAPI shows them; what is left (links,
times, depth) is checked here, each with the name of its field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from handbell_server.actions.drafts import Asks, Draft
from handbell_server.addressing import UserName, Whom, Word
from handbell_server.errors import Invalid
from handbell_server.limits import InputLimits, json_depth_within
from handbell_shared.codes import Code
from handbell_shared.links import why_refused
from handbell_shared.pairing import LONGEST_TYPED
from handbell_shared.records import Actor, Button, Priority

_L = InputLimits()
_FAR_FUTURE = 253_402_300_799_000  # the last moment of the year 9999
_YEAR_MS = 366 * 86_400_000

Title = Annotated[str, Meta(min_length=1, max_length=_L.title_chars)]
Text = Annotated[str, Meta(max_length=_L.text_chars)]
Link = Annotated[str, Meta(max_length=_L.link_chars)]
PairingCode = Annotated[str, Meta(min_length=1, max_length=LONGEST_TYPED)]
When = Annotated[int, Meta(ge=0, le=_FAR_FUTURE)] | Annotated[str, Meta(max_length=40)]


class SentActor(Actor, frozen=True, forbid_unknown_fields=True, gc=False):
    """An actor as a producer may write it: devices ignore what they do not know, producers hear of a misspelling."""


class SentButton(Button, frozen=True, forbid_unknown_fields=True, gc=False):
    """A button as a producer may write it."""


class UntilAcknowledged(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Ring again and again until somebody has it, and if nobody has, ring for the next person."""

    repeat: Annotated[int, Meta(ge=30, le=10_800)]
    expire: Annotated[int, Meta(ge=30, le=86_400)]
    escalate_to: Annotated[tuple[UserName, ...], Meta(max_length=_L.escalations)] = ()


class NewNotification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What to tell, and whom."""

    to: Whom
    title: Title | None = None
    body: Text = ""
    type: Word = "info"
    link: Link | None = None
    priority: Priority | None = None
    data: dict[str, Any] | None = None
    actor: UserName | SentActor | None = None
    image: Link | None = None
    group: Word | None = None
    key: Word | None = None
    resolved: bool = False
    if_open: bool = False
    expires_at: When | None = None
    ttl: Annotated[int, Meta(ge=1, le=10 * 366 * 86_400)] | None = None
    deliver_at: When | None = None
    actions: Annotated[tuple[SentButton, ...], Meta(max_length=_L.buttons)] | None = None
    answers: Literal["each", "first"] = "each"
    answer_by: When | None = None
    default_answer: Word | None = None
    until_acknowledged: UntilAcknowledged | None = None
    silent: bool = False
    notify_actor: bool = False


class Batch(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Up to 1,000 notifications; each is judged by itself."""

    notifications: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=_L.batch_items)]


def when(value: int | str | None, field: str) -> int | None:
    """A moment in milliseconds, from that number or from an RFC 3339 text."""
    if value is None or isinstance(value, int):
        return value
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Invalid(
            "A time is milliseconds since 1970, or a text such as 2030-01-31T09:00:00Z.", field=field
        ) from None


def draft_of(sent: NewNotification, now: int, priority: Priority = "normal") -> Draft:
    """The content, checked; `priority` is for one that names none."""
    if sent.title is None:
        raise Invalid(f"A title is needed: the type {sent.type!r} has none.", field="title")
    check_text(sent.title, sent.body)
    actor = actor_of(sent)
    if actor is not None and (len(actor.name) > _L.actor_chars or "\x00" in actor.name + (actor.user or "")):
        raise Invalid(f"An actor's name has at most {_L.actor_chars} characters.", field="actor.name")
    if sent.link is not None:
        check_link(sent.link, "link")
    if sent.image is not None:
        check_link(sent.image, "image")
    if actor is not None and actor.image is not None:
        check_link(actor.image, "actor.image")
    if sent.data is not None:
        check_data(sent.data)
    if sent.actions:
        check_buttons(sent.actions)
    if sent.if_open and sent.key is None:
        raise Invalid("Say with `key` which notification is meant.", field="if_open")
    _check_printable(sent.type, "type")
    if sent.key is not None:
        _check_printable(sent.key, "key")
    if sent.group is not None:
        _check_printable(sent.group, "group")
    return Draft(
        title=sent.title,
        body=sent.body,
        type=sent.type,
        link=sent.link,
        priority=sent.priority or priority,
        data=sent.data,
        actor=actor,
        image=sent.image,
        group=sent.group,
        key=sent.key,
        expires_at=_expiry(sent, now),
        actions=sent.actions or (),
        asks=_asks(sent, now) if _asks_more(sent) else None,
        silent=sent.silent,
        resolved=sent.resolved,
        if_open=sent.if_open,
    )


def actor_of(sent: NewNotification) -> Actor | None:
    return Actor(name=sent.actor, user=sent.actor) if isinstance(sent.actor, str) else sent.actor


def check_text(title: str, body: str) -> None:
    if "\x00" in title or "\x00" in body:
        raise Invalid("Text must not contain the NUL character.", field="title" if "\x00" in title else "body")
    if not title.strip():
        raise Invalid("A title must say something.", field="title")


def _check_printable(word: str, field: str) -> None:
    if not word.isprintable():
        raise Invalid("Only printable characters here.", field=field)


def _asks_more(sent: NewNotification) -> bool:
    return sent.answers == "first" or sent.answer_by is not None or sent.default_answer is not None


def _asks(sent: NewNotification, now: int) -> Asks | None:
    """How the buttons are to be answered, where that is more than by each person, whenever they like."""
    alone = isinstance(sent.to, str) and not (sent.until_acknowledged and sent.until_acknowledged.escalate_to)
    shared = sent.answers == "first" and not alone
    answerable = {
        button.id for button in sent.actions or () if button.kind != "link"
    }  # a link is opened, and answers nothing
    if not answerable:
        for field, asked in (
            ("answers", sent.answers == "first"),
            ("answer_by", sent.answer_by is not None),
            ("default_answer", sent.default_answer is not None),
        ):
            if asked:
                raise Invalid("This needs `actions` to answer with.", field=field)
    if sent.default_answer is not None:
        if sent.answer_by is None:
            raise Invalid("A default is what holds at `answer_by`; say when that is.", field="default_answer")
        if sent.default_answer not in answerable:
            raise Invalid("This is the id of none of the actions.", field="default_answer")
    if not shared and sent.answer_by is None:
        return None
    return Asks(shared, _answer_by(sent, now), sent.default_answer or "")


def _answer_by(sent: NewNotification, now: int) -> int | None:
    moment = when(sent.answer_by, "answer_by")
    if moment is None:
        return None
    start = max(now, when(sent.deliver_at, "deliver_at") or 0)
    if moment <= start:
        raise Invalid("This moment is past, or before it is delivered.", field="answer_by")
    if moment > start + _YEAR_MS:
        raise Invalid("At most a year ahead.", field="answer_by")
    expiry = _expiry(sent, now)
    if expiry is not None and expiry < moment:
        raise Invalid("It would expire before it has to be answered.", field="answer_by")
    return moment


def _expiry(sent: NewNotification, now: int) -> int | None:
    if sent.ttl is not None:
        if sent.expires_at is not None:
            raise Invalid("Either ttl or expires_at, not both.", field="ttl")
        start = max(now, when(sent.deliver_at, "deliver_at") or 0)
        return start + sent.ttl * 1000
    if sent.expires_at is None:
        return None
    moment = when(sent.expires_at, "expires_at")
    if moment is not None and moment <= now:
        raise Invalid("This moment is past.", field="expires_at")
    return moment


def delivery_time(sent: NewNotification, now: int) -> int | None:
    """When it is to be delivered, if that is later than now."""
    if sent.deliver_at is None:
        return None
    moment = when(sent.deliver_at, "deliver_at")
    if moment is None or moment <= now:
        return None
    if moment > now + _YEAR_MS:
        raise Invalid("At most a year ahead.", field="deliver_at")
    expiry = when(sent.expires_at, "expires_at")
    if expiry is not None and expiry <= moment:
        raise Invalid("It would expire before it is delivered.", field="expires_at")
    return moment


def check_link(link: str, field: str) -> None:
    refusal = why_refused(link)
    if refusal is not None:
        raise Invalid(refusal, code=Code.LINK_REFUSED, field=field)


def check_data(data: dict[str, Any]) -> None:
    if not json_depth_within(data, _L.data_depth):
        raise Invalid(f"data may be nested {_L.data_depth} deep.", field="data")
    if len(msgspec.json.encode(data)) > _L.data_bytes:
        raise Invalid(f"data may have {_L.data_bytes} bytes.", field="data")


def check_buttons(buttons: Sequence[Button], check: Callable[[str, str], None] = check_link) -> None:
    seen: set[str] = set()
    for place, button in enumerate(buttons):
        at = f"actions[{place}]"
        if not 0 < len(button.id) <= _L.button_label_chars or not button.id.isprintable():
            raise Invalid(f"A button's id has 1 to {_L.button_label_chars} printable characters.", field=f"{at}.id")
        if button.id in seen:
            raise Invalid("Each button needs an id of its own.", field=f"{at}.id")
        seen.add(button.id)
        if not 0 < len(button.label) <= _L.button_label_chars or "\x00" in button.label:
            raise Invalid(f"A label has 1 to {_L.button_label_chars} characters.", field=f"{at}.label")
        if button.kind == "link" and button.link is None:
            raise Invalid("A link button needs a link.", field=f"{at}.link")
        if button.link is not None:
            if len(button.link) > _L.link_chars:
                raise Invalid(f"A link has at most {_L.link_chars} characters.", field=f"{at}.link")
            check(button.link, f"{at}.link")


# ---- people


DeviceName = Annotated[str, Meta(min_length=1, max_length=_L.device_name_chars)]


class Device(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a device says of itself."""

    name: DeviceName
    platform: Annotated[str, Meta(max_length=64)] = ""


class SignIn(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    user: UserName
    password: Annotated[str, Meta(max_length=4096)]
    device: Device


class NewDevice(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A device that asks to be let in."""

    device: Device


class Claim(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The same device, coming back."""

    secret: Annotated[str, Meta(min_length=1, max_length=128)]


class Approval(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    code: PairingCode


class Redemption(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    code: PairingCode
    device: Device
