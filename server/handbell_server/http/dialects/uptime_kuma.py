"""Uptime Kuma's webhook: a monitor is down, or up again (docs/dialects/uptime-kuma.md).

A heartbeat with its monitor is an incident of that monitor: down opens it, up ends it. Kuma may say "still down" again
as often as its owner has set; that is a new beat with a new time, and counts. A message without a heartbeat is a test,
or news of a certificate, and is told as it is.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from handbell_server.errors import Invalid
from handbell_server.http.dialects.hearing import (
    Heard,
    Report,
    dialect,
    line,
    mark,
    paragraphs,
    parsed,
    report,
)
from handbell_server.http.dialects.reading import fields_of, media_of, text_of
from handbell_server.http.dialects.saying import Said
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_shared.links import why_refused

UPTIME_KUMA: Final = dialect("uptime-kuma")

DOWN, UP, PENDING, MAINTENANCE = 0, 1, 2, 3
_STATES: Final = {DOWN: "is down", UP: "is up again", PENDING: "may be down", MAINTENANCE: "is under maintenance"}
_TYPES: Final = {DOWN: "error", UP: "success"}


class Heartbeat(Struct, frozen=True, gc=False):
    status: int | None = None
    msg: str | None = None
    time: str | None = None


class Monitor(Struct, frozen=True, gc=False):
    id: int | str | None = None
    name: str | None = None
    url: str | None = None
    hostname: str | None = None


class Sent(Struct, frozen=True, gc=False):
    msg: str | None = None
    heartbeat: Heartbeat | None = None
    monitor: Monitor | None = None


_whole = msgspec.json.Decoder(Sent)
_heartbeat = msgspec.json.Decoder(Heartbeat | None)
_monitor = msgspec.json.Decoder(Monitor | None)


@endpoint(
    "POST",
    "/v1/hooks/uptime-kuma",
    "producer",
    body=bytes,
    answers={200: Heard},
    problems=(403, 404, 413, 429),
    media=("application/json", "multipart/form-data"),
    example={
        "msg": "[Shop] [DOWN] timeout of 48000ms exceeded",
        "heartbeat": {"status": 0, "time": "2030-01-31 09:00:00.000", "msg": "timeout of 48000ms exceeded"},
        "monitor": {"id": 7, "name": "Shop", "url": "https://shop.example"},
    },
    speaks=UPTIME_KUMA,
    also=(
        ("GET", "/v1/hooks/uptime-kuma"),
        ("POST", "/v1/hooks/uptime-kuma/{key}"),
        ("GET", "/v1/hooks/uptime-kuma/{key}"),
    ),
)
def uptime_kuma(call: Call) -> Answer:
    """Uptime Kuma: tell that a monitor is down, until it is up."""
    return report(call, [report_of(_sent(call))])


def _sent(call: Call) -> Sent:
    """The message: a JSON body, the field `data` of a form, or the query of a GET."""
    if not call.raw.strip():
        return of_fields(call.query)
    if media_of(call)[0] == "multipart/form-data":
        return of_json(text_of(fields_of(call).get("data")).encode("utf-8", "replace"))
    return of_json(call.raw)


def of_json(raw: bytes) -> Sent:
    return parsed(raw, _whole)


def of_fields(query: dict[str, str]) -> Sent:
    """A GET says the message in the open and the rest as JSON."""
    beat, monitor = query.get("heartbeat"), query.get("monitor")
    if not (query.get("msg") or beat):
        raise Invalid("A message is needed.", field="msg")
    return Sent(
        query.get("msg"),
        parsed(beat.encode("utf-8", "replace"), _heartbeat) if beat else None,
        parsed(monitor.encode("utf-8", "replace"), _monitor) if monitor else None,
    )


def report_of(sent: Sent) -> Report:
    """What a message comes down to."""
    beat, monitor = sent.heartbeat, sent.monitor
    if beat is None or monitor is None or beat.status not in _STATES:
        return _plain(sent)
    name, status = line(monitor.name, 120) or "A monitor", beat.status
    which = text_of(monitor.id) or name
    page = monitor.url if monitor.url and why_refused(monitor.url) is None else None  # "https://" where it has none
    said = Said(
        title=f"{name} {_STATES[status]}",
        text=paragraphs(beat.msg or sent.msg, page or monitor.hostname),
        type=_TYPES.get(status, "warning"),
        priority="high" if status == DOWN else "low" if status == UP else "normal",
        link=page,
        key=f"monitor:{which}" if status in (DOWN, UP) else None,
        resolved=status == UP,
        if_open=status == UP,
    )
    return Report(
        said=said,
        repeat=mark(which, status, beat.time) if beat.time else None,
        severity="down" if status == DOWN else "",
        about=(name,),
    )


def _plain(sent: Sent) -> Report:
    text = text_of(sent.msg)
    certificate = "certificate" in text and "expire" in text
    said = Said(
        title=first if (first := line(text.partition("\n")[0])) == text else "",
        text="" if first == text else text,
        type="warning" if certificate else "info",
        priority="high" if certificate else None,
    )
    return Report(said=said, severity="certificate" if certificate else "")
