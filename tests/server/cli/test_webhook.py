"""`handbell webhook …`, typed by an operator while the server runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from handbell_server.models import WebhookDelivery
from tests.server.http.stage import Stage, created, new_database
from tests.support.receiver import OK, Receiver, status
from tests.support.waiting import until


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("webhook"), new_database(request.param, request)) as stage:
        yield stage


def test_an_operator_sees_what_fails_and_lets_it_be_tried_again(stage: Stage) -> None:
    answers = [status(500)]
    ci, ana = stage.producer(name="ci"), stage.person("ana")
    with Receiver(lambda _received: answers[0]) as receiver:
        url = f"{receiver.url}&token=canary"
        webhook = created(ci.post("/v1/webhooks", {"url": url, "events": ["notification.read"]}))
        sent = created(ci.notify(ana.name, "Read me"))
        ana.does("read", sent)
        receiver.wait_for(1)
        path = f"/v1/webhooks/{webhook['id']}"
        until(lambda: ci.get(path).body["failing_since"], 15, "the failure to be written down")
        with stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(update(WebhookDelivery).values(attempts=7, due_at=0))
        until(lambda: ci.get(path).body["failures"], 15, "the delivery to be given up")

        listed = stage.server.cli("webhook", "list")
        as_json = json.loads(stage.server.cli("webhook", "list", "--json"))
        failure = json.loads(stage.server.cli("webhook", "failures", webhook["id"], "--json"))
        answers[0] = OK
        said = stage.server.cli("webhook", "retry", webhook["id"])
        until(lambda: len(receiver.received) == 3, 15, "the delivery to be made")

    assert listed == f"{webhook['id']}\tci\t127.0.0.1:{receiver.port}\ton, failing\t0 waiting\t1 failed\n"
    assert webhook["secret"] not in listed + json.dumps(as_json)
    assert (as_json["producer"], as_json["url"], as_json["failures"]) == ("ci", url, 1)
    assert (failure["notification"], failure["error"]) == (sent["id"], "The receiver answered 500.")
    assert said == "1 is tried again.\n"
    with pytest.raises(AssertionError, match="There is no such webhook"):
        stage.server.cli("webhook", "retry", "not-one")
    with pytest.raises(AssertionError, match="There is no such failure"):
        stage.server.cli("webhook", "retry", webhook["id"], "not-one")
