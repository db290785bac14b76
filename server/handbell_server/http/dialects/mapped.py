"""JSON of anybody's making, and which field of it is which of ours (docs/dialects/json.md).

The mapping stands with the producer: `title=alert.name`, `body=/alert/text|/alert/summary`. Without one the usual names are tried. The
whole JSON comes along as `data`, so that a registered type can say it in its templates. Nothing that can be read is refused for saying
too little: then the JSON itself is the text.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from handbell_server.actions.dialects import USUAL_NAMES
from handbell_server.http.bodies import when
from handbell_server.http.dialects import places
from handbell_server.http.dialects.apprise import TYPES, attachments_of
from handbell_server.http.dialects.mapped_paths import first_at
from handbell_server.http.dialects.reading import fields_of, flag_of, json_of, media_of, number_of, text_of, words_of
from handbell_server.http.dialects.saying import Said, has_a_title, say, urgency, whom
from handbell_server.http.endpoint import Answer, Call, Dialect, endpoint
from handbell_shared.records import Priority

_URGENT: dict[str, Priority] = {
    **dict.fromkeys(("low", "min", "minor", "debug", "info", "informational", "notice", "trivial"), "low"),
    **dict.fromkeys(("normal", "default", "medium", "moderate", "warning", "warn"), "normal"),
    **dict.fromkeys(("high", "error", "err", "major", "failure", "failed", "severe"), "high"),
    **dict.fromkeys(("urgent", "max", "critical", "crit", "fatal", "emergency", "alert", "page", "disaster"), "urgent"),
}
_OVER = {"resolved", "ok", "up", "closed", "recovered", "recovery", "normal", "inactive", "fixed"}


class Told(Struct, frozen=True, omit_defaults=True, gc=False):
    """It was told. `id` is that of the notification, or of what will become one; none when it was somebody's own action."""

    id: str | None = None


JSON = Dialect(
    "json",
    places.first_of(
        places.in_path("key"), places.bearer_or_basic, places.in_header("X-API-Key"), places.in_query("token")
    ),
)


@endpoint(
    "POST",
    "/v1/hooks/json",
    "producer",
    body=bytes,
    answers={200: Told},
    media=("application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
    problems=(400, 403, 404, 413, 429),
    example={"title": "Backup", "message": "All done", "url": "https://nas.example/", "severity": "info"},
    large=True,
    speaks=JSON,
    also=(("PUT", "/v1/hooks/json"), ("POST", "/v1/hooks/json/{key}"), ("PUT", "/v1/hooks/json/{key}")),
)
def tell(call: Call) -> Answer:
    """Tell what JSON of any shape says, by the producer's mapping or by its usual names."""
    document = _document(call)
    read = {field: first_at(document, paths) for field, paths in _paths(call).items()}
    said = _said(call, document, read)
    produced = say(call, said, whom(call, *words_of(read.get("to"))), text_of(read.get("idempotency_key")) or None)
    return Answer(200, Told(id=produced.outcomes[0].id))


def _document(call: Call) -> Any:
    """The JSON; a form is one of texts."""
    media, _ = media_of(call)
    if media in ("application/x-www-form-urlencoded", "multipart/form-data") and call.raw.lstrip()[:1] not in b"{[":
        return fields_of(call)
    return json_of(call.raw)


def _paths(call: Call) -> dict[str, str]:
    """A mapping says all that is to be read; only who maps nothing gets guesses."""
    return call.producer.dialects.mapping or USUAL_NAMES


def _said(call: Call, document: Any, read: dict[str, Any]) -> Said:
    said = said_of(call, read)
    said.data = _data_of(document)
    if isinstance(document, dict):
        said.left_out = attachments_of(document)
    kind = said.type or call.producer.dialects.defaults.type or "info"
    if not said.title and not said.text and not has_a_title(call, kind):
        said.title = call.producer.dialects.defaults.title or call.producer.name
        said.text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return said


def said_of(call: Call, read: dict[str, Any]) -> Said:
    """What was found under the names of our fields, in our words."""
    mapped = bool(call.producer.dialects.mapping)
    said = Said(
        title=text_of(read.get("title")),
        text=text_of(read.get("body")),
        link=text_of(read.get("link")) or None,
        image=text_of(read.get("image")) or None,
        type=_type_of(text_of(read.get("type")), any_word=mapped),
        actor=text_of(read.get("actor")) or None,
        group=text_of(read.get("group")) or None,
        key=text_of(read.get("key")) or None,
        resolved=_is_over(read.get("resolved")),
        ttl=number_of(read.get("ttl")),
    )
    word = read.get("priority")
    if word is not None:
        said.priority = urgency(call, call.speaks, text_of(word), _URGENT.get(text_of(word).strip().lower()))
    moment = read.get("deliver_at")
    if moment is not None:
        said.deliver_at = when(moment if isinstance(moment, int) else text_of(moment)[:40], "deliver_at")
    return said


def _type_of(word: str, *, any_word: bool) -> str | None:
    known = TYPES.get(word.lower(), "error" if word.lower() == "error" else None)
    return known or (word or None if any_word else None)


def _is_over(value: object) -> bool:
    return text_of(value).strip().lower() in _OVER or flag_of(value)


def _data_of(document: Any) -> dict[str, Any]:
    return dict(document) if isinstance(document, dict) else {"value": document}
