"""Alertmanager and Grafana: one alert, one row, from its beginning to its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handbell_server.http.dialects import alerts
from tests.server.http.dialects.speaking import Speaker
from tests.server.http.stage import Person, Stage
from tests.support.waiting import until


def by_title(ana: Person) -> dict[str, dict[str, Any]]:
    return {one["title"]: one for one in ana.inbox()}


def sent(*some: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"version": "4", "groupKey": "{}:{}", "alerts": list(some), **more}).encode()


def alert(**more: Any) -> dict[str, Any]:
    labels = {"alertname": "DiskFull"} | more.pop("labels", {})
    return {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2030-01-31T09:00:00Z", **more}


def test_each_alert_of_a_group_is_a_row_with_all_that_helps(sender: Speaker, ana: Person) -> None:
    answer = sender.replay("alertmanager-firing")

    assert (answer.status, answer.body) == (200, {"told": 2, "repeated": 0, "left_alone": 0})
    rows = by_title(ana)
    assert set(rows) == {"The disk of db1 is full", "The disk of db2 is full"}
    one = rows["The disk of db1 is full"]
    assert one["body"] == "db1 has less than 2 % left on /var.\n\ninstance: db1\njob: node"
    assert (one["priority"], one["type"]) == ("urgent", "error")
    assert one["link"].startswith("https://prometheus.example/graph?")
    assert [button["label"] for button in one["actions"]] == ["Runbook", "Silence"]
    assert one["actions"][1]["link"] == (
        "https://alerts.example/#/silences/new?filter=%7Balertname%3D%22DiskFull%22%2Cinstance%3D%22db1%22"
        "%2Cjob%3D%22node%22%2Cseverity%3D%22critical%22%7D"
    )
    assert one["group"] == rows["The disk of db2 is full"]["group"]


def test_an_alert_that_is_sent_again_while_it_fires_says_nothing_new(sender: Speaker, ana: Person) -> None:
    sender.replay("alertmanager-firing")
    for one in ana.inbox():
        ana.does("read", one)

    again = sender.replay("alertmanager-firing")

    assert (again.status, again.body["told"], again.body["repeated"]) == (200, 0, 2)
    assert again.headers["idempotency-replayed"] == "true"
    assert [(one["read"], one.get("count", 1)) for one in ana.inbox()] == [(True, 1), (True, 1)]


def test_a_resolved_alert_ends_its_row_and_firing_anew_begins_another(sender: Speaker, ana: Person) -> None:
    sender.replay("alertmanager-firing")

    assert sender.replay("alertmanager-resolved").body["told"] == 2
    assert [(one["resolved"], one["priority"], one["type"]) for one in ana.inbox()] == [(True, "low", "success")] * 2

    late = sender.replay("alertmanager-firing")  # a retry that was on its way while the alert ended
    assert late.body["repeated"] == 2
    assert all(one["resolved"] for one in ana.inbox())

    assert sender.replay("alertmanager-again").body["told"] == 1
    assert sorted(one.get("resolved", False) for one in ana.inbox()) == [False, True, True]


def test_the_end_of_what_nobody_was_told_tells_nothing(sender: Speaker, ana: Person) -> None:
    answer = sender.replay("alertmanager-resolved")

    assert (answer.status, answer.body) == (200, {"told": 0, "repeated": 0, "left_alone": 2})
    assert ana.inbox() == []


def test_what_a_person_deleted_does_not_come_back_by_ending(sender: Speaker, ana: Person) -> None:
    sender.replay("alertmanager-firing")
    for one in ana.inbox():
        ana.does("delete", one)

    sender.replay("alertmanager-resolved")

    assert ana.inbox() == []


def test_alerts_that_were_left_out_are_told_of_once(sender: Speaker, ana: Person) -> None:
    sender.replay("alertmanager-truncated")
    sender.replay("alertmanager-truncated")

    assert sorted(ana.titles()) == ["41 more alerts: DiskFull", "The disk of db1 is full"]


def test_a_topic_hears_of_an_alert_and_of_its_end(stage: Stage, ana: Person) -> None:
    topic = f"alerts-{ana.name}"
    assert ana.rest.call("PUT", f"/v1/topics/{topic}/subscription").status < 300
    sender = Speaker.of(stage, to={"topic": topic})

    sender.replay("alertmanager-firing")
    until(lambda: len(ana.inbox()) == 2, 15, "both alerts to arrive")
    sender.replay("alertmanager-resolved")

    until(lambda: all(one.get("resolved") for one in ana.inbox()), 15, "both alerts to be over")
    assert len(ana.inbox()) == 2


def test_two_receivers_of_one_alert_both_hear_of_it(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, to=ana.name, routes={"ops": ben.name})

    for receiver in ("desk", "ops", "desk"):
        sender.ask("POST", "/v1/hooks/alertmanager", sent(alert(fingerprint="1"), receiver=receiver))

    assert (len(ana.inbox()), len(ben.inbox())) == (1, 1)


def test_a_producer_has_its_own_words_for_severities(stage: Stage, ana: Person) -> None:
    sender = Speaker.of(stage, to=ana.name, priorities={"alertmanager": {"critical": "high", "sev3": "low"}})
    some = [alert(fingerprint=word, labels={"severity": word}) for word in ("critical", "sev3", "warning")]

    sender.ask("POST", "/v1/hooks/alertmanager", sent(*some))

    assert sorted(one["priority"] for one in ana.inbox()) == ["high", "high", "low"]


def test_grafana_brings_its_own_pages_and_values(sender: Speaker, ana: Person) -> None:
    assert sender.replay("grafana-firing").status == 200

    [one] = ana.inbox()
    assert (one["title"], one["priority"], one["type"]) == ("The shop answers slowly", "high", "warning")
    assert one["body"] == "B = 1.84, C = 1\n\ngrafana_folder: Shop"
    assert one["link"] == "https://grafana.example/d/shop?viewPanel=4"
    assert [button["label"] for button in one["actions"]] == ["Dashboard", "Silence"]
    assert one["image"] == "https://grafana.example/render/4.png"


def test_grafanas_test_button_is_heard(sender: Speaker, ana: Person) -> None:
    assert sender.replay("grafana-test").status == 200

    assert ana.titles() == ["Notification test"]


def test_alertmanager_that_is_too_fast_is_told_to_try_again(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_PRODUCER_BURST="3", HANDBELL_PRODUCER_RATE="0.01") as stage:
        sender = Speaker.of(stage, to=stage.person().name)
        assert sender.replay("alertmanager-firing").status == 200

        again = sender.replay("alertmanager-resolved")

    assert (again.status, again.body["code"]) == (503, "rate_limited")
    assert int(again.headers["retry-after"]) > 0


def test_alertmanager_is_told_to_forget_what_will_never_do(stage: Stage) -> None:
    nobody = Speaker.of(stage, to=None)
    refused = nobody.replay("alertmanager-firing")
    assert (refused.status, refused.body["field"]) == (422, "to")
    assert nobody.ask("POST", "/v1/hooks/alertmanager", b'{"alerts": {}}').status == 422
    assert nobody.ask("POST", "/v1/hooks/alertmanager", b"{").status == 400
    assert nobody.ask_bare("POST", "/v1/hooks/alertmanager", sent()).status == 401


@pytest.mark.parametrize(
    ("given", "title", "body"),
    [
        (alert(annotations={"summary": "A", "description": "B"}), "A", "B"),
        (alert(annotations={"title": "T", "message": "M"}), "T", "M"),
        (alert(labels={"severity": "info", "__private": "x", "cpu": 3}), "DiskFull", "cpu: 3"),
        ({"labels": None, "annotations": None}, "Alert", ""),
        (alert(valueString="[ var='A' value=1 ]"), "DiskFull", "[ var='A' value=1 ]"),
        (alert(annotations={"summary": ["odd", {"yaml": True}]}), '["odd",{"yaml":true}]', ""),
    ],
)
def test_what_an_alert_says(given: dict[str, Any], title: str, body: str) -> None:
    [report] = alerts.reports(sent(given))

    assert (report.said.title, report.said.text) == (title, body)


@pytest.mark.parametrize(
    ("severity", "priority", "kind"),
    [
        ("page", "urgent", "error"),
        ("Warning", "high", "warning"),
        ("info", "normal", "info"),
        ("none", "low", "info"),
        ("P1", None, "error"),
        (None, None, "error"),
    ],
)
def test_how_bad_an_alert_is(severity: str | None, priority: str | None, kind: str) -> None:
    [report] = alerts.reports(sent(alert(labels={"severity": severity})))

    assert (report.said.priority, report.said.type) == (priority, kind)


def test_an_alert_without_a_fingerprint_is_known_by_its_labels() -> None:
    one, same, other = (
        next(alerts.reports(sent(alert(labels=labels)))).said.key
        for labels in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1", "b": "3"})
    )

    assert one == same != other


def test_of_very_many_alerts_the_first_thousand_are_told_and_the_rest_counted() -> None:
    reports = list(alerts.reports(sent(*({"fingerprint": str(number)} for number in range(1_003)))))

    assert (len(reports), reports[-1].said.title) == (1_001, "3 more alerts")
