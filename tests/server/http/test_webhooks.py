"""Webhooks over the wire: a real receiver is told what people do, and the producer sees what could not be told."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import update

from handbell_server.channels import signing
from handbell_server.models import Webhook, WebhookDelivery
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, created
from tests.support.receiver import OK, Received, Receiver, status
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

EVERYTHING = ["notification.answered", "notification.read", "notification.expired"]
YES = [{"id": "yes", "label": "Yes", "kind": "reply"}]


def registered(producer: Rest, url: str, *events: str) -> dict[str, Any]:
    return created(producer.post("/v1/webhooks", {"url": url, "events": list(events or EVERYTHING)}))


def shown(producer: Rest, webhook: dict[str, Any]) -> dict[str, Any]:
    answer = producer.get(f"/v1/webhooks/{webhook['id']}")
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def failures(producer: Rest, webhook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = producer.get(f"/v1/webhooks/{webhook['id']}/failures{query}").body["failures"]
    return found


def told(producer: Rest, person: Person, **more: Any) -> dict[str, Any]:
    sent = created(producer.notify(person.name, "Deploy?", actions=YES, **more))
    return next(one for one in person.inbox() if one["id"] == sent["id"])


def last_attempt(stage: Stage, webhook: dict[str, Any]) -> None:
    """As if seven attempts had failed, and the eighth were due."""
    with stage.engine.execution_options(immediate=True).begin() as connection:
        mine = WebhookDelivery.webhook_id == webhook["id"]
        connection.execute(update(WebhookDelivery).where(mine).values(attempts=7, due_at=0))


def test_a_producer_is_told_of_an_answer_and_can_prove_who_said_it(stage: Stage, ci: Rest, ana: Person) -> None:
    with Receiver() as receiver:
        webhook = registered(ci, receiver.url, "notification.answered")
        one = told(ci, ana, key="deploy-7")
        at = now_ms()
        ana.does("answer", one, at=at, answer={"action": "yes", "text": "go \u2603"})
        (received,) = receiver.wait_for(1)
        until(lambda: shown(ci, webhook)["delivered_at"], 15, "the delivery to be written down")

    assert received.message["type"] == "notification.answered"
    assert received.data == {
        "id": one["id"], "user": ana.name, "action": "yes", "text": "go \u2603", "at": at, "key": "deploy-7",
    }  # fmt: skip
    assert received.message["timestamp"].endswith("Z")
    assert received.signed_with(webhook["secret"])
    assert abs(int(received.headers["webhook-timestamp"]) - now_ms() / 1_000) < 60
    now = shown(ci, webhook)
    assert (now["waiting"], now["failures"], now["failing_since"]) == (0, 0, None)


def test_reading_is_told_and_expiry_is_told(stage: Stage, ci: Rest, ana: Person) -> None:
    with Receiver() as receiver:
        registered(ci, receiver.url)
        read = told(ci, ana)
        ana.does("read", read)
        created(ci.notify(ana.name, "For a second", ttl=1))
        receiver.wait_for(2)

    by_type = {one.message["type"]: one.data for one in receiver.received}
    assert by_type["notification.read"]["id"] == read["id"]
    assert set(by_type["notification.expired"]) == {"id", "user", "at"}


def test_nobody_else_is_told(stage: Stage, ci: Rest, ana: Person) -> None:
    with Receiver() as receiver, Receiver() as last:
        registered(stage.producer(), receiver.url)
        registered(ci, last.url)
        ana.does("read", told(ci, ana))
        last.wait_for(1)

    assert receiver.received == []


def test_a_webhook_is_shown_without_its_secret_and_changed_and_removed(ci: Rest) -> None:
    webhook = registered(ci, "https://hooks.example/a")
    path = f"/v1/webhooks/{webhook['id']}"

    assert set(webhook) == {"id", "secret"}
    assert [one["id"] for one in ci.get("/v1/webhooks").body["webhooks"]] == [webhook["id"]]
    changed = ci.call("PATCH", path, {"url": "https://hooks.example/b", "events": EVERYTHING[1:2], "enabled": False})
    assert changed.status == 200
    assert (changed.body["url"], changed.body["events"], changed.body["enabled"]) == (
        "https://hooks.example/b", ["notification.read"], False,
    )  # fmt: skip
    assert "secret" not in changed.body and webhook["secret"] not in str(shown(ci, webhook))
    assert ci.call("PATCH", path, {"enabled": True}).body["url"] == "https://hooks.example/b"
    assert ci.call("DELETE", path).status == 204
    assert (ci.get(path).status, ci.call("DELETE", path).status) == (404, 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://127.0.0.2/", "events": EVERYTHING}, "url"),
        ({"url": "https://169.254.169.254/latest/", "events": EVERYTHING}, "url"),
        ({"url": "https://[::ffff:127.0.0.1]/", "events": EVERYTHING}, "url"),
        ({"url": "http://1.1.1.1/", "events": EVERYTHING}, "url"),
        ({"url": "https://user:password@hooks.example/", "events": EVERYTHING}, "url"),
        ({"url": "https://hooks.example:22/", "events": EVERYTHING}, "url"),
        ({"url": "", "events": EVERYTHING}, "url"),
        ({"url": "https://hooks.example/", "events": []}, "events"),
        ({"url": "https://hooks.example/", "events": ["notification.eaten"]}, "events[0]"),
        ({"url": "https://hooks.example/"}, "events"),
        ({"url": "https://hooks.example/", "events": EVERYTHING, "secret": "mine"}, "secret"),
    ],
)
def test_a_webhook_that_could_never_be_called_is_refused_with_the_name_of_the_field(
    ci: Rest, body: dict[str, Any], field: str
) -> None:
    answer = ci.post("/v1/webhooks", body)

    assert (answer.status, answer.body.get("field")) == (422, field)
    if "events" in body and field == "url" and body["url"]:
        webhook = registered(ci, "https://hooks.example/")
        assert ci.call("PATCH", f"/v1/webhooks/{webhook['id']}", {"url": body["url"]}).body["field"] == "url"


def test_what_was_given_up_is_listed_and_delivered_again_with_the_same_id(stage: Stage, ci: Rest, ana: Person) -> None:
    answers = [status(500)]
    with Receiver(lambda _received: answers[0]) as receiver:
        webhook = registered(ci, receiver.url, "notification.read")
        one = told(ci, ana)
        ana.does("read", one)
        receiver.wait_for(1)
        until(lambda: shown(ci, webhook)["failing_since"], 15, "the failure to be written down")
        last_attempt(stage, webhook)
        (failure,) = until(lambda: failures(ci, webhook), 15, "the delivery to be given up")
        assert (failure["notification"], failure["user"], failure["event"]) == (
            one["id"],
            ana.name,
            "notification.read",
        )
        assert (failure["attempts"], failure["status"], failure["error"]) == (8, 500, "The receiver answered 500.")

        answers[0] = OK
        again = ci.post(f"/v1/webhooks/{webhook['id']}/failures/{failure['id']}/retry", None)
        calls = receiver.wait_for(3)
        until(lambda: shown(ci, webhook)["delivered_at"], 15, "the delivery to be written down")

    assert again.status == 204
    assert {call.id for call in calls} == {failure["id"]}
    assert len({call.body for call in calls}) == 1, "every attempt says the same"
    assert shown(ci, webhook)["failing_since"] is None


def test_failures_come_in_pages_the_latest_first(stage: Stage, ci: Rest) -> None:
    webhook = registered(ci, "https://hooks.example/")
    rows = [
        {
            "webhook_id": webhook["id"], "id": new_id(), "event": "notification.read", "notification_id": new_id(),
            "user_name": "ana", "facts": "{}", "created_at": 1, "due_at": 1, "died_at": now_ms(),
        }
        for _ in range(5)
    ]  # fmt: skip
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(WebhookDelivery.__table__.insert(), rows)  # type: ignore[attr-defined]
    path = f"/v1/webhooks/{webhook['id']}/failures"
    found: list[str] = []
    cursor = ""
    for size in (2, 2, 1):
        page = ci.get(f"{path}?limit=2{cursor}").body
        assert len(page["failures"]) == size
        found += [one["id"] for one in page["failures"]]
        cursor = f"&cursor={page['next']}"

    assert page["next"] is None
    assert found == [row["id"] for row in reversed(rows)]
    assert ci.get(f"{path}?cursor=nonsense").body["field"] == "cursor"


def test_a_receiver_that_is_gone_switches_its_webhook_off_and_the_producer_sees_why(
    stage: Stage, ci: Rest, ana: Person
) -> None:
    with Receiver(lambda _received: status(410)) as receiver:
        webhook = registered(ci, receiver.url)
        ana.does("read", told(ci, ana))
        until(lambda: not shown(ci, webhook)["enabled"], 15, "the webhook to be off")
        now = shown(ci, webhook)
        (failure,) = failures(ci, webhook)
        refused = ci.post(f"/v1/webhooks/{webhook['id']}/failures/{failure['id']}/retry", None)

    assert (now["disabled_for"], now["failures"]) == ("gone", 1)
    assert refused.status == 422


def test_a_rotated_secret_signs_beside_the_old_one_until_the_old_one_ends(stage: Stage, ci: Rest, ana: Person) -> None:
    with Receiver() as receiver:
        webhook = registered(ci, receiver.url, "notification.read")
        rotated = ci.post(f"/v1/webhooks/{webhook['id']}/secret", None)
        ana.does("read", told(ci, ana))
        receiver.wait_for(1)
        with stage.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(update(Webhook).where(Webhook.id == webhook["id"]).values(old_until=now_ms() - 1))
        ana.does("read", told(ci, ana))
        both, new_only = receiver.wait_for(2)

    secret = rotated.body["secret"]
    assert abs(rotated.body["old_until"] - now_ms() - 86_400_000) < 60_000
    assert both.signed_with(webhook["secret"]) and both.signed_with(secret)
    assert new_only.signed_with(secret) and not new_only.signed_with(webhook["secret"])


def test_a_webhook_can_be_tried_out(ci: Rest) -> None:
    answers = [OK, status(301, "Location: https://hooks.example/")]
    with Receiver(lambda received: answers[received.place]) as receiver:
        webhook = registered(ci, receiver.url)
        path = f"/v1/webhooks/{webhook['id']}/test"
        good, redirected = ci.post(path, None), ci.post(path, None)
    nobody = ci.post(path, None)

    assert good.body == {"delivered": True, "status": 204, "error": None}
    assert redirected.body == {"delivered": False, "status": 301, "error": "The receiver answered 301."}
    assert (nobody.body["delivered"], nobody.body["status"]) == (False, None)
    assert receiver.received[0].message["type"] == "webhook.test"
    assert receiver.received[0].signed_with(webhook["secret"])


def test_one_test_at_a_time(stage: Stage, ci: Rest) -> None:
    come, go = threading.Event(), threading.Event()

    def hold(_received: Received) -> bytes:
        come.set()
        go.wait(30)
        return OK

    with Receiver(hold) as receiver:
        webhook = registered(ci, receiver.url)
        first: list[Answer] = []
        with stage.rest(ci.token) as beside:
            path = f"/v1/webhooks/{webhook['id']}/test"
            thread = threading.Thread(target=lambda: first.append(beside.post(path, None)))
            thread.start()
            assert come.wait(60)
            second = ci.post(path, None)
            go.set()
            thread.join(15)

    assert (second.status, second.headers.get("retry-after")) == (429, "5")
    assert first[0].body["delivered"]


def test_one_receiver_is_called_by_only_so_many_at_once_and_holds_up_nobody(stage: Stage, ci: Rest) -> None:
    go = threading.Event()
    people = [stage.person() for _ in range(7)]
    quick_ci = stage.producer()

    def hold(_received: Received) -> bytes:
        go.wait(30)
        return OK

    with Receiver(hold) as slow, Receiver() as quick:
        registered(ci, slow.url, "notification.read")
        registered(quick_ci, quick.url, "notification.read")
        for person in people:
            person.does("read", told(ci, person))
        slow.wait_for(4)
        people[0].does("read", told(quick_ci, people[0]))
        quick.wait_for(1)
        assert len(slow.received) == 4
        go.set()
        slow.wait_for(7)

    assert slow.most_at_once == 4
    assert len({received.id for received in slow.received}) == 7


def test_no_secret_and_no_address_of_a_webhook_is_in_the_log_or_the_database(
    stage: Stage, ci: Rest, ana: Person
) -> None:
    with Receiver(lambda _received: status(500)) as receiver:
        webhook = registered(ci, f"{receiver.url}&token=canary-in-the-url")
        rotated = ci.post(f"/v1/webhooks/{webhook['id']}/secret", None).body["secret"]
        ana.does("read", told(ci, ana))
        ci.post(f"/v1/webhooks/{webhook['id']}/test", None)
        receiver.wait_for(2)
        until(lambda: webhook["id"] in stage.log(), 15, "the failure to be in the log")

    with stage.engine.connect() as connection:
        row = connection.execute(Webhook.__table__.select().where(Webhook.id == webhook["id"])).one()
    for secret in (webhook["secret"], rotated):
        core = secret.removeprefix(signing.PREFIX)
        assert core not in stage.log()
        assert core not in str(row)
    assert "canary-in-the-url" not in stage.log()


def test_what_was_told_and_what_failed_is_counted(stage: Stage, ci: Rest, ana: Person) -> None:
    def count(name: str) -> float:
        page = stage.rest().get("/metrics").body.decode()
        return float(next(line for line in page.splitlines() if line.startswith(f"handbell_{name}_total ")).split()[1])

    before = {name: count(f"webhooks_{name}") for name in ("delivered", "failed", "dead")}
    answers = [OK, status(410)]
    with Receiver(lambda received: answers[received.place]) as receiver:
        registered(ci, receiver.url, "notification.read")
        for number in (1, 2):
            ana.does("read", told(ci, ana))
            receiver.wait_for(number)
    for name in before:
        until(lambda name=name: count(f"webhooks_{name}") >= before[name] + 1, 15, f"one more that is {name}")  # type: ignore[misc]
