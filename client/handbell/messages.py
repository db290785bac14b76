"""What a program may say of a notification. The names are the server's, so its documentation holds here too.

Nothing is judged here but the names and what JSON cannot carry: the server has the rules, and names the field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Required, TypedDict, Unpack

Moment = datetime | int | str
"""A datetime that knows its zone, milliseconds since 1970, or a text such as 2030-01-31T09:00:00Z."""
To = str | Sequence[str] | Mapping[str, object]
Priority = Literal["low", "normal", "high", "urgent"]

EVERYONE: Final[Mapping[str, object]] = {"everyone": True}


def topic(name: str) -> Mapping[str, object]:
    """To the subscribers of a topic."""
    return {"topic": name}


class Button(TypedDict, total=False):
    """One way to answer: `id` comes back as the answer's `action`, `label` is what people read."""

    id: str
    label: str
    kind: Literal["button", "reply", "link"]
    link: str


class Actor(TypedDict, total=False):
    name: str
    user: str
    image: str


class UntilAcknowledged(TypedDict, total=False):
    """Ring again every `repeat` seconds for `expire` seconds, and then for those it escalates to."""

    repeat: Required[int]
    expire: Required[int]
    escalate_to: Sequence[str]


class Options(TypedDict, total=False):
    """What may be said beside recipient and title."""

    body: str
    type: str
    link: str | None
    priority: Priority | None
    data: Mapping[str, Any] | None
    actor: str | Actor | None
    image: str | None
    group: str | None
    key: str | None
    resolved: bool
    if_open: bool
    expires_at: Moment | None
    ttl: int | timedelta | None
    deliver_at: Moment | None
    actions: Sequence[Button] | None
    answers: Literal["each", "first"]
    answer_by: Moment | None
    default_answer: str | None
    until_acknowledged: UntilAcknowledged | None
    silent: bool
    notify_actor: bool


class Notification:
    """One thing to tell, as an item of a batch."""

    __slots__ = ("body",)

    def __init__(self, to: To, title: str | None = None, **options: Unpack[Options]) -> None:
        self.body = body_of(to, title, options)

    def __repr__(self) -> str:
        return f"Notification({self.body!r})"


_KNOWN: Final = frozenset(Options.__annotations__)


def body_of(to: To, title: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the request: only what was chosen. A misspelled option is found before anything is sent."""
    unknown = options.keys() - _KNOWN
    if unknown:
        raise TypeError(f"a notification has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(_KNOWN))}")
    said = {"to": to if isinstance(to, str | Mapping) else list(to), "title": title, **options}
    return {name: sayable(name, value) for name, value in said.items() if value is not None}


def sayable(name: str, value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name}: a moment needs a zone, such as datetime.now(UTC)")
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value


def encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(errors="replace")
