"""CloudEvents 1.0 over HTTP: binary, structured and batched.

An event is known by its source and id, so whoever delivers it again says nothing new. Its `type` is our type: a producer
that registers a type of that name (`docs/producing.md`) decides by templates what such an event says, over its `data`.
Without one, the event is told by what its members are usually called, and last of all by its subject and type.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Struct

from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects.hearing import (
    Heard,
    Report,
    dialect,
    first_link,
    line,
    listed,
    lookup,
    mark,
    parsed,
    report,
)
from handbell_server.http.dialects.mapped import said_of
from handbell_server.http.dialects.mapped_paths import first_at
from handbell_server.http.dialects.reading import text_of, words_of
from handbell_server.http.dialects.saying import Said, has_a_title
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.limits import InputLimits
from handbell_server.parsing import malformed
from handbell_shared.codes import Code
from handbell_shared.records import Priority

CLOUDEVENTS: Final = dialect("cloudevents")

_L = InputLimits()
_OWN: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64"}
)
_ORIGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,252})\Z")
_EXTENSION: Final = re.compile(r"[a-z0-9]{1,64}\Z")
_UNSAID: Final = frozenset({"", "application/x-www-form-urlencoded"})  # the second is what curl says of everything
_EXTENSIONS: Final = 50
_MEMBERS: Final = 20
_PRIORITIES: Final[dict[str, Priority]] = {"low": "low", "normal": "normal", "high": "high", "urgent": "urgent"}


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """One event, whichever way it came."""

    id: str
    source: str
    type: str
    subject: str = ""
    time: str = ""
    data: Any = None
    extensions: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """The event as one object, to pick from by paths."""
        own = {"id": self.id, "source": self.source, "type": self.type, "subject": self.subject, "time": self.time}
        return self.extensions | own | {"data": self.data}


_one = msgspec.json.Decoder(dict[str, Any])
_many = msgspec.json.Decoder(list[dict[str, Any]])
_any = msgspec.json.Decoder(Any)


@endpoint(
    "POST",
    "/v1/hooks/cloudevents",
    "producer",
    body=bytes,
    answers={200: Heard},
    media=("application/cloudevents+json", "application/cloudevents-batch+json", "application/json"),
    problems=(403, 404, 413, 415, 429),
    example={
        "specversion": "1.0",
        "id": "1f0c",
        "source": "https://shop.example/orders",
        "type": "com.example.order.sent",
        "subject": "order 7",
        "data": {"title": "Order 7 is on its way", "link": "https://shop.example/orders/7"},
    },
    large=True,
    speaks=CLOUDEVENTS,
    also=(("POST", "/v1/hooks/cloudevents/{key}"),),
)
def cloudevents(call: Call) -> Answer:
    """CloudEvents: tell what happened; binary, structured or batched."""
    found = events(call.header("Content-Type") or "", call.headers("ce-"), call.raw)
    return report(call, (_report(call, event) for event in found))


@endpoint(
    "OPTIONS",
    "/v1/hooks/cloudevents",
    "producer",
    answers={200: None},
    problems=(403,),
    headers={"WebHook-Request-Origin": "events.example.com"},
    speaks=CLOUDEVENTS,
    also=(("OPTIONS", "/v1/hooks/cloudevents/{key}"),),
)
def agree(call: Call) -> Answer:
    """CloudEvents: agree to be sent events (the validation of HTTP 1.1 Web Hooks)."""
    origin = call.header("WebHook-Request-Origin") or ""
    if not _ORIGIN.match(origin):
        raise Invalid("This header names the sender by its domain.", field="WebHook-Request-Origin")
    rate = str(max(1, int(call.services.config.producer_rate * 60)))
    return Answer(200, None, {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": rate, "Allow": "POST, OPTIONS"})


def events(media: str, headers: Iterable[tuple[str, str]], raw: bytes) -> list[Event]:
    """The events of a request: `media` is its Content-Type."""
    kind = media.partition(";")[0].strip().lower()
    if kind.startswith("application/cloudevents-batch"):
        _must_be_json(kind, "application/cloudevents-batch+json")
        found = parsed(raw, _many)
        if len(found) > _L.batch_items:
            raise Invalid(f"A batch has at most {_L.batch_items} events.")
        return [_structured(one, f"[{place}].") for place, one in enumerate(found)]
    if kind.startswith("application/cloudevents"):
        _must_be_json(kind, "application/cloudevents+json")
        return [_structured(parsed(raw, _one), "")]
    return [_binary(kind, headers, raw)]


def _report(call: Call, event: Event) -> Report:
    """What the producer mapped of it, and for the rest what an event usually says."""
    document, mapping = event.document(), call.producer.dialects.mapping
    read = {field: first_at(document, paths) for field, paths in mapping.items()}
    said = said_of(call, read)
    usual = report_of(event, templated=has_a_title(call, said.type or event.type))
    for one in fields(Said):
        if getattr(said, one.name):
            setattr(usual.said, one.name, getattr(said, one.name))
    if read.get("priority") is not None:
        usual.severity = ""  # it has been judged
    usual.to = tuple(words_of(read.get("to"))[:20])
    return usual


def report_of(event: Event, *, templated: bool = False) -> Report:
    """What an event says when nobody has said how to read it; `templated` when a type has words of its own for it."""
    data = event.data if isinstance(event.data, dict) else {}
    named = {"severity", "priority", "title", "link"}
    plain = [(name, value) for name, value in data.items() if name not in named and not isinstance(value, dict | list)]
    text = next((data[name] for name in ("message", "body", "text", "description") if data.get(name)), None)
    said = Said(
        title="" if templated else line(data.get("title") or data.get("summary") or event.subject or event.type),
        text=""
        if templated
        else text_of(text or (event.data if isinstance(event.data, str) else listed(plain[:_MEMBERS]))),
        type=event.type,
        priority=lookup(_PRIORITIES, data.get("priority"), None),
        link=first_link(data.get("link"), data.get("url"), data.get("html_url")),
        group=f"subject:{event.source} {event.subject}" if event.subject else None,
        data=data or None,
    )
    return Report(
        said=said,
        repeat=mark(event.source, event.id),
        severity=line(data.get("severity") or event.extensions.get("severitytext"), 40),
        about=tuple(word for word in (event.subject, event.type, event.source) if word),
    )


# ---- the three ways to send one


def _must_be_json(kind: str, known: str) -> None:
    if kind != known:
        raise _unsupported(f"Of the formats of CloudEvents only JSON is taken here: {known}.")


def _unsupported(detail: str) -> Problem:
    return Problem(detail, code=Code.UNSUPPORTED_MEDIA, status=415)


def _structured(found: dict[str, Any], at: str) -> Event:
    attributes = {name: value for name, value in found.items() if name not in ("data", "data_base64")}
    data = found.get("data")
    if found.get("data_base64") is not None:
        if data is not None:
            raise Invalid("Either data or data_base64, not both.", field=f"{at}data_base64")
        data = _opened(_decoded(found["data_base64"], at), line(found.get("datacontenttype")))
    return _event(attributes, data, at)


def _binary(kind: str, headers: Iterable[tuple[str, str]], raw: bytes) -> Event:
    found: dict[str, Any] = {}
    for name, value in headers:
        if name.lower().startswith("ce-"):
            found[name.lower()[3:]] = _unescaped(value, name)
    if "specversion" not in found:
        raise _unsupported("This is no CloudEvent: it has neither the media type of one nor the header ce-specversion.")
    return _event(found, _opened(raw, kind) if raw else None, "ce-")


def _event(attributes: dict[str, Any], data: object, at: str) -> Event:
    if attributes.get("specversion") != "1.0":
        raise Invalid("Only version 1.0 of CloudEvents is taken here.", field=f"{at}specversion")
    for name in ("id", "source", "type"):
        if not isinstance(attributes.get(name), str) or not attributes[name].strip():
            raise Invalid("Every event needs this: a text that is not empty.", field=f"{at}{name}")
    for name in ("subject", "time", "datacontenttype"):
        if not isinstance(attributes.get(name, ""), str | None):
            raise Invalid("This is a text.", field=f"{at}{name}")
    more = {
        name: value
        for name, value in attributes.items()
        if name not in _OWN and _EXTENSION.match(name) and isinstance(value, str | int | bool)
    }
    return Event(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=(attributes.get("subject") or "").strip(),
        time=attributes.get("time") or "",
        data=data,
        extensions=dict(list(more.items())[:_EXTENSIONS]),
    )


def _opened(raw: bytes, kind: str) -> object:
    """What data of this media type holds: structure, text, or nothing that could be told."""
    kind = kind.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return parsed(raw, _any)
    if kind in _UNSAID:
        try:
            return parsed(raw, _any)
        except Problem:
            return None
    return raw.decode(errors="replace") if kind.startswith("text/") else None


def _decoded(value: object, at: str) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else b"?", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not Base64.", field=f"{at}data_base64") from None


def _unescaped(value: str, name: str) -> str:
    """A header's value: without its quotes, which older senders put around it, and percent-decoded once."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()
    except ValueError:
        raise malformed(f"The header {name} is not UTF-8 in percent-encoding.") from None
