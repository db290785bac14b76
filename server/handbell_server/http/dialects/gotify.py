"""Gotify's `POST /message`, as its applications send it (docs/dialects/gotify.md).

The answer is 200 and has numeric ids, for some senders check both. A message that is empty is told by its title, as
senders with templates sometimes make one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from handbell_server.actions.produce import Produced
from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects import places
from handbell_server.http.dialects.reading import Fields, at, fields_of, number_of, text_of
from handbell_server.http.dialects.saying import Said, say, urgency, whom
from handbell_server.http.endpoint import Answer, Call, Dialect, endpoint
from handbell_shared.clock import now_ms
from handbell_shared.records import Priority


class GotifyError(Struct, frozen=True, rename="camel", gc=False):
    error: str
    error_code: int
    error_description: str


class GotifyMessage(Struct, frozen=True, omit_defaults=True, gc=False):
    """What Gotify answers to a message."""

    id: int
    appid: int
    message: str
    title: str
    date: str
    priority: int
    extras: dict[str, Any] | None = None


def _refuse(problem: Problem, status: int) -> GotifyError:
    words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
    said = f"{problem.field}: {problem.detail}" if problem.field else problem.detail
    return GotifyError(words.get(status, "Error"), status, said)


GOTIFY = Dialect(
    "gotify",
    places.first_of(places.in_query("token"), places.in_header("X-Gotify-Key"), places.bearer_or_basic),
    GotifyError,
    _refuse,
    {422: 400, 404: 400},
)


@endpoint(
    "POST",
    "/message",
    "producer",
    body=bytes,
    answers={200: GotifyMessage},
    media=("application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
    problems=(403, 404, 429),
    example={"title": "Backup", "message": "All done", "priority": 5},
    large=True,
    speaks=GOTIFY,
    also=(("POST", "/gotify/message"),),
)
def message(call: Call) -> Answer:
    """Gotify: tell a message."""
    fields = Fields(call.query) | fields_of(call)
    text, title = text_of(fields.get("message")), text_of(fields.get("title"))
    if not (text.strip() or title.strip()):
        raise Invalid("A message is needed.", field="message")
    extras = fields.get("extras")
    extras = extras if isinstance(extras, dict) else None
    weight = number_of(fields.get("priority"))
    said = Said(
        title=title,
        text=text,
        priority=None if weight is None else urgency(call, "gotify", weight, usual(weight)),
        link=_click(extras),
        image=text_of(at(extras, "client::notification", "bigImageUrl")) or None,
        data={"extras": extras} if extras else None,
    )
    produced = say(call, said, whom(call))
    return Answer(200, _told(call, produced, text, title, weight, extras))


def usual(weight: int) -> Priority:
    """Gotify's scale as its Android app understands it: silent, shown, with a sound, at once."""
    if weight <= 3:
        return "low"
    if weight <= 7:
        return "normal"
    return "high" if weight <= 9 else "urgent"


def _click(extras: dict[str, Any] | None) -> str | None:
    click = at(extras, "client::notification", "click", "url")
    return text_of(click or at(extras, "android::action", "onReceive", "intentUrl")) or None


def _told(
    call: Call, produced: Produced, text: str, title: str, weight: int | None, extras: dict[str, Any] | None
) -> GotifyMessage:
    first = produced.outcomes[0]
    moment = datetime.fromtimestamp((first.created_at or now_ms()) / 1000, UTC)
    return GotifyMessage(
        id=number_of_id(first.id),
        appid=call.producer.id,
        message=text,
        title=title or call.producer.name,
        priority=weight or 0,
        extras=extras,
        date=moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    )


def number_of_id(an_id: str | None) -> int:
    """A notification's id as a number that even JavaScript keeps exact: its time, and five bits to tell neighbours apart."""
    if an_id is None:
        return 0
    bits = int(an_id.replace("-", ""), 16)
    return (bits >> 80) << 5 | bits & 31
