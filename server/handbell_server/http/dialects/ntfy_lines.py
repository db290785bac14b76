"""A notification as ntfy's apps are told of it, in each of the four ways in which they can be.

A message's id says where it stands in the feed (`news.Place`), so a client that comes back with the last one it has gets
exactly what follows. `sequence_id` is the notification itself: apps that know it replace what they show when it is told anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from handbell_server.news import Place
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Notification

INBOX: Final = "inbox"
_ID = re.compile(r"([0-9a-f]{1,13})x([0-9a-f]{32})")
_NUMBERS: Final = {"low": 2, "normal": 3, "high": 4, "urgent": 5}
_SILENT, _NO_SOUND, _USUAL = 1, 2, 3
_ACTIONS_AT_MOST = 3
_encode = msgspec.json.Encoder().encode


class NtfyButton(Struct, frozen=True, gc=False):
    id: str
    action: str
    label: str
    url: str
    clear: bool = False


class NtfyEvent(Struct, frozen=True, omit_defaults=True, gc=False):
    """`open`, `message` or `keepalive`; what is empty is left out."""

    id: str
    time: int
    event: str
    topic: str
    expires: int = 0
    sequence_id: str = ""
    title: str = ""
    message: str = ""
    priority: int = 0
    tags: list[str] = []
    click: str = ""
    actions: list[NtfyButton] = []


Render = Callable[[NtfyEvent], bytes]


def event(kind: str, topics: str) -> NtfyEvent:
    """One that is no message."""
    return NtfyEvent(new_id().replace("-", ""), now_ms() // 1000, kind, topics)


def message(record: Notification, topic: str) -> NtfyEvent:
    told = record.updated_at or record.created_at
    return NtfyEvent(
        id=id_of(record),
        time=told // 1000,
        event="message",
        topic=topic,
        expires=(record.expires_at or 0) // 1000,
        sequence_id=record.id.replace("-", ""),
        title=record.title if record.body else "",
        message=record.body or record.title,
        priority=_priority(record),
        tags=[record.source] if record.source and record.source != topic else [],
        click=record.link or "",
        actions=[
            NtfyButton(button.id, "view", button.label, button.link)
            for button in record.actions
            if button.kind == "link" and button.link
        ][:_ACTIONS_AT_MOST],
    )


def topic_of(record: Notification, topics: tuple[str, ...]) -> str | None:
    """Under which of these a notification comes: its group's or its source's, otherwise the whole inbox's."""
    for topic in topics:
        if topic != INBOX and topic in (record.group, record.source):
            return topic
    return INBOX if INBOX in topics else None


def id_of(record: Notification) -> str:
    return f"{record.news:x}x{record.id.replace('-', '')}"


def place_in(an_id: str) -> Place | None:
    """Where the message with this id stands."""
    found = _ID.fullmatch(an_id)
    if found is None:
        return None
    hexed = found[2]
    return Place(int(found[1], 16), f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}")


def _priority(record: Notification) -> int:
    """Without the usual one. What the person wants to see but not to hear makes no sound there either."""
    number = _NUMBERS[record.priority]
    if record.silent or not record.may("toast"):
        number = _SILENT
    elif not record.may("sound"):
        number = min(number, _NO_SOUND)
    return 0 if number == _USUAL else number


# ---- the four ways


def as_json(one: NtfyEvent) -> bytes:
    return _encode(one) + b"\n"


def as_text(one: NtfyEvent) -> bytes:
    """For WebSockets, where a ping says that it is alive."""
    return b"" if one.event == "keepalive" else _encode(one)


def as_sse(one: NtfyEvent) -> bytes:
    named = b"" if one.event == "message" else b"event: %s\n" % one.event.encode()
    return named + b"data: %s\n\n" % _encode(one)


def as_raw(one: NtfyEvent) -> bytes:
    """The text alone, on one line; an empty line for what is no message."""
    return " ".join(one.message.split()).encode() + b"\n"
