"""Whatever a reporting system sends: it is told, or refused by a 4xx, and never makes the server stumble."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handbell_server.errors import Problem
from handbell_server.http.dialects import alerts, cloudevents, github, gitlab, uptime_kuma
from handbell_server.http.dialects.hearing import Report
from tests.server.http.dialects.speaking import Speaker, recorded
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person, Stage

Parser = Callable[[bytes], list[Report]]


def _one(found: Report | None) -> list[Report]:
    return [found] if found is not None else []


def _events(media: str) -> Parser:
    return lambda raw: [cloudevents.report_of(event) for event in cloudevents.events(media, [], raw)]


CE = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/"), ("ce-type", "t")]
PARSERS: dict[str, tuple[Parser, str]] = {
    "alertmanager": (lambda raw: list(alerts.reports(raw)), "alertmanager-firing"),
    "grafana": (lambda raw: list(alerts.reports(raw)), "grafana-firing"),
    "github-run": (lambda raw: _one(github.report_of("workflow_run", raw)), "github-run-failed"),
    "github-thread": (lambda raw: _one(github.report_of("pull_request", raw)), "github-pull-request"),
    "gitea-push": (lambda raw: _one(github.report_of("push", raw)), "gitea-push"),
    "gitlab": (lambda raw: _one(gitlab.report_of(raw)), "gitlab-pipeline-failed"),
    "cloudevents": (_events("application/cloudevents+json"), "cloudevents-structured"),
    "cloudevents-batch": (_events("application/cloudevents-batch+json"), "cloudevents-batch"),
    "cloudevents-binary": (
        lambda raw: [cloudevents.report_of(one) for one in cloudevents.events("application/json", CE, raw)],
        "cloudevents-binary",
    ),
    "uptime-kuma": (lambda raw: [uptime_kuma.report_of(uptime_kuma.of_json(raw))], "uptime-kuma-down"),
}
HOOKS = (
    "alertmanager-firing", "grafana-firing", "github-run-failed", "github-pull-request", "gitea-push",
    "gitlab-pipeline-failed", "cloudevents-binary", "cloudevents-structured", "cloudevents-batch", "uptime-kuma-down",
)  # fmt: skip


def mutated(value: Any, draw: st.DrawFn) -> Any:
    """The same with one of its members, somewhere inside, replaced or taken away."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 4)) == 0:
        return draw(Json)
    if isinstance(value, list):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], mutated(value[place], draw), *value[place + 1 :]]
    name = draw(st.sampled_from(sorted(value)))
    if draw(st.integers(0, 9)) == 0:
        return {other: one for other, one in value.items() if other != name}
    return value | {name: mutated(value[name], draw)}


@st.composite
def nearly(draw: st.DrawFn, name: str) -> bytes:
    """A recorded body, one or two members off."""
    body = json.loads(recorded(name)[3])
    for _ in range(draw(st.integers(1, 2))):
        body = mutated(body, draw)
    return json.dumps(body, allow_nan=False, default=str).encode("utf-8", "surrogatepass") if _finite(body) else b"{"


def _finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def status_of(parse: Parser, body: bytes) -> int:
    """Of the refusal; 0 when it was understood."""
    try:
        parse(body)
    except Problem as problem:
        return problem.status
    return 0


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_body_becomes_reports_or_a_refusal(name: str, data: st.DataObject) -> None:
    parse, recording = PARSERS[name]
    body = data.draw(st.one_of(nearly(recording), st.binary(max_size=60), Json.map(lambda one: repr(one).encode())))

    assert 400 <= status_of(parse, body) < 500 or all(isinstance(report, Report) for report in parse(body))


@pytest.mark.parametrize("depth", [40, 5_000, 200_000])
@pytest.mark.parametrize("name", PARSERS)
def test_depth_is_bounded(name: str, depth: int) -> None:
    parse, recording = PARSERS[name]
    deep = b"[" * depth + b"]" * depth
    body = recorded(recording)[3].replace(b'{"', b'{"description": ' + deep + b', "', 1)

    assert status_of(parse, body) in (0, 400, 422)


@pytest.mark.parametrize("name", HOOKS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_makes_the_server_stumble(stage: Stage, sender: Speaker, name: str, data: st.DataObject) -> None:
    method, path, headers, _ = recorded(name)
    body = data.draw(nearly(name))
    sent = {header: value.replace("TOKEN", sender.key) for header, value in headers.items()}

    answer = sender.bare.call(method, path.replace("TOKEN", sender.key), body, headers=sent)

    assert answer.status in (200, 400, 415, 422), (answer, body)
    assert isinstance(answer.body, dict)


def test_texts_of_any_length_are_told_shortened(sender: Speaker, ana: Person) -> None:
    labels = {"alertname": "N" * 5_000} | {f"label{number}": "v" * 500 for number in range(200)}
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {"description": "d" * 20_000},
        "generatorURL": "javascript:x",
        "fingerprint": "f" * 5_000,
    }

    answer = sender.ask("POST", "/v1/hooks/alertmanager", json.dumps({"alerts": [alert]}).encode())

    assert answer.status == 200
    [one] = ana.inbox()
    assert (len(one["title"]), len(one["body"])) == (200, 4_096)
    assert "link" not in one
