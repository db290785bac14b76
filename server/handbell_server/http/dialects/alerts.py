"""Alerts of Prometheus' Alertmanager and of Grafana: two senders, one shape (docs/dialects/alertmanager.md, grafana.md).

Both send a *group* of alerts whenever anything in it changes, and send it again every `repeat_interval` while it fires.
A person cares about one alert: since when, and whether it is over. So each alert is a notification of its own.

    fingerprint                        → the life-cycle key: one alert, one row, whatever group or route it came by
    fingerprint + startsAt + status    → told once: repeats, retries and a pair of Alertmanagers say nothing new
    groupKey                           → the group, so that fifty alerts of one cause are one line in the list

An alert that was over and fires again begins at another moment, so it rings again. The group is no part of the keys on
purpose (decision 0024): it changes with the routes of a configuration, and then the end of an alert would not find its
beginning. An end without a beginning tells nothing.

Alertmanager tries again after a 5xx and forgets after a 4xx, so being asked too fast is a 503 here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from handbell_server.http.dialects.hearing import (
    Heard,
    Report,
    dialect,
    first_link,
    line,
    links,
    listed,
    lookup,
    mark,
    paragraphs,
    parsed,
    report,
)
from handbell_server.http.dialects.reading import text_of
from handbell_server.http.dialects.saying import Said
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.limits import InputLimits
from handbell_shared.records import Priority

ALERTMANAGER: Final = dialect("alertmanager", {429: 503})
GRAFANA: Final = dialect("grafana", {429: 503})

_AT_MOST: Final = InputLimits().batch_items
_LABELS: Final = 20
_PRIORITIES: Final[dict[str, Priority]] = {
    "emergency": "urgent", "disaster": "urgent", "fatal": "urgent", "critical": "urgent", "page": "urgent",
    "error": "high", "major": "high", "high": "high", "warning": "high", "warn": "high",
    "average": "normal", "minor": "normal", "medium": "normal", "notice": "normal", "info": "normal",
    "information": "normal", "informational": "normal", "low": "low", "debug": "low", "none": "low",
}  # fmt: skip
_MILD: Final = {"warning": "warning", "warn": "warning"} | {
    name: "info" for name, priority in _PRIORITIES.items() if priority in ("normal", "low")
}
_SAID_OTHERWISE: Final = frozenset({"alertname", "severity"})  # by the title, and by the priority
_EXAMPLE: Final = {
    "version": "4",
    "groupKey": '{}:{alertname="DiskFull"}',
    "status": "firing",
    "receiver": "handbell",
    "externalURL": "https://alerts.example",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db1"},
            "annotations": {"summary": "The disk of db1 is full", "runbook_url": "https://wiki.example/disk-full"},
            "startsAt": "2030-01-31T09:00:00Z",
            "generatorURL": "https://prometheus.example/graph?g0.expr=disk",
            "fingerprint": "57c6d9296de2ad39",
        }
    ],
}


class Alert(Struct, frozen=True, kw_only=True, gc=False):
    """One alert; from `silence` on it is Grafana's."""

    status: str | None = None
    labels: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    starts_at: str | None = field(default=None, name="startsAt")
    generator: str | None = field(default=None, name="generatorURL")
    fingerprint: str | None = None
    silence: str | None = field(default=None, name="silenceURL")
    dashboard: str | None = field(default=None, name="dashboardURL")
    panel: str | None = field(default=None, name="panelURL")
    image: str | None = field(default=None, name="imageURL")
    values: dict[str, Any] | None = None
    value_string: str | None = field(default=None, name="valueString")


class Alerts(Struct, frozen=True, kw_only=True, gc=False):
    """A group of them, as it is sent."""

    alerts: list[Alert]
    receiver: str | None = None
    group_key: str | None = field(default=None, name="groupKey")
    truncated: int | None = field(default=None, name="truncatedAlerts")
    external: str | None = field(default=None, name="externalURL")
    common: dict[str, Any] | None = field(default=None, name="commonLabels")


_decoder = msgspec.json.Decoder(Alerts)


@endpoint(
    "POST",
    "/v1/hooks/alertmanager",
    "producer",
    body=bytes,
    answers={200: Heard},
    problems=(403, 404, 413),
    example=_EXAMPLE,
    large=True,
    speaks=ALERTMANAGER,
    also=(("POST", "/v1/hooks/alertmanager/{key}"),),
)
def alertmanager(call: Call) -> Answer:
    """Prometheus Alertmanager: tell alerts, each until it is over."""
    return report(call, reports(call.raw))


@endpoint(
    "POST",
    "/v1/hooks/grafana",
    "producer",
    body=bytes,
    answers={200: Heard},
    problems=(403, 404, 413),
    example=_EXAMPLE | {"version": "1", "orgId": 1, "title": "[FIRING:1] DiskFull", "state": "alerting"},
    large=True,
    speaks=GRAFANA,
    also=(
        ("PUT", "/v1/hooks/grafana"),
        ("POST", "/v1/hooks/grafana/{key}"),
        ("PUT", "/v1/hooks/grafana/{key}"),
    ),
)
def grafana(call: Call) -> Answer:
    """Grafana's alerting: tell alerts, each until it is over."""
    return report(call, reports(call.raw))


def reports(body: bytes) -> Iterator[Report]:
    """What a request of either sender comes down to, one by one."""
    sent = parsed(body, _decoder)
    for alert in sent.alerts[:_AT_MOST]:
        yield _report(alert, sent)
    missing = max(sent.truncated or 0, 0) + max(len(sent.alerts) - _AT_MOST, 0)
    if missing:
        yield _missing(missing, sent)


def _report(alert: Alert, sent: Alerts) -> Report:
    labels, notes = alert.labels or {}, alert.annotations or {}
    over = alert.status == "resolved"
    severity = line(labels.get("severity"))
    fingerprint = alert.fingerprint or mark(*sorted(f"{name}={text_of(value)}" for name, value in labels.items()))
    said = Said(
        title=line(notes.get("summary") or notes.get("title") or labels.get("alertname")) or "Alert",
        text=paragraphs(
            notes.get("description") or notes.get("message"),
            _values(alert),
            listed(one for one in list(labels.items())[:_LABELS] if _worth_saying(one[0])),
        ),
        type="success" if over else lookup(_MILD, severity, "error"),
        priority="low" if over else lookup(_PRIORITIES, severity, None),
        link=first_link(alert.panel, alert.dashboard, alert.generator, sent.external),
        links=links(
            ("Runbook", notes.get("runbook_url") or notes.get("runbook")),
            ("Dashboard", alert.dashboard or notes.get("dashboard_url") or notes.get("dashboard")),
            ("Silence", alert.silence or _silence(labels, sent.external)),
        ),
        image=alert.image,
        group=_group(sent),
        key=f"alert:{fingerprint}",
        resolved=over,
        if_open=over,
    )
    return Report(
        said=said,
        repeat=mark(fingerprint, alert.starts_at, "resolved" if over else "firing"),
        severity="" if over else severity,
        about=_about(sent),
    )


def _missing(count: int, sent: Alerts) -> Report:
    """That the sender left some out, or that there were too many: nobody may take the list for all of it."""
    name = line((sent.common or {}).get("alertname"), 100)
    said = Said(
        title=f"{count} more alert{'' if count == 1 else 's'}" + (f": {name}" if name else ""),
        text="They were left out of what was sent here.",
        type="warning",
        priority="high",
        link=first_link(sent.external),
        group=_group(sent),
    )
    starts = sorted(text_of(alert.starts_at) for alert in sent.alerts)
    return Report(said=said, repeat=mark("more", sent.group_key, count, *starts), about=_about(sent))


def _about(sent: Alerts) -> tuple[str, ...]:
    return (sent.receiver,) if sent.receiver else ()


def _group(sent: Alerts) -> str | None:
    return f"alerts:{mark(sent.group_key)}" if sent.group_key else None


def _worth_saying(label: str) -> bool:
    return label not in _SAID_OTHERWISE and not label.startswith("__")


def _values(alert: Alert) -> str:
    """What Grafana measured."""
    if alert.values:
        return ", ".join(
            f"{line(name, 40)} = {line(value, 40)}" for name, value in list(alert.values.items())[:_LABELS]
        )
    return line(alert.value_string, 300)


def _silence(labels: dict[str, Any], external: str | None) -> str | None:
    """Alertmanager's own page for a new silence, filled in; Grafana sends the address of its own."""
    if not external:
        return None
    matchers = ",".join(f"{name}={msgspec.json.encode(text_of(value)).decode()}" for name, value in labels.items())
    return f"{external.rstrip('/')}/#/silences/new?filter={quote('{' + matchers + '}', safe='', errors='replace')}"
