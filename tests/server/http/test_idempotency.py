"""Idempotency-Key: a retry finds the first answer and tells nobody."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Answer, Rest
from tests.support.waiting import until


def test_a_retry_finds_the_first_notification_and_tells_nobody(ci: Rest, ana: Person) -> None:
    first = ci.notify(ana.name, "Paid", idempotency="invoice-7")
    second = ci.notify(ana.name, "Paid", idempotency="invoice-7")

    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert ana.titles() == ["Paid"]


def test_the_same_key_for_something_else_is_refused(ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Paid", idempotency="invoice-7"))

    other = ci.notify(ana.name, "Paid twice", idempotency="invoice-7")

    assert (other.status, other.code) == (422, "idempotency_mismatch")
    assert ana.titles() == ["Paid"]


def test_a_key_belongs_to_its_producer(stage: Stage, ana: Person) -> None:
    for producer in (stage.producer(), stage.producer()):
        answer = producer.notify(ana.name, "Paid", idempotency="invoice-7")
        assert "idempotency-replayed" not in answer.headers

    assert ana.titles() == ["Paid", "Paid"]


def test_many_requests_with_one_key_make_one_notification(stage: Stage, ci: Rest, ana: Person) -> None:
    connections = [stage.rest(ci.token) for _ in range(8)]

    def send(rest: Rest) -> Answer:
        return rest.notify(ana.name, "Paid", idempotency="at-once")

    with ThreadPoolExecutor(len(connections)) as pool:
        answers = list(pool.map(send, connections))

    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    assert sum(answer.status == 201 and "idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert ana.titles() == ["Paid"]


def test_a_retry_is_answered_alike_for_every_kind_of_recipient(ci: Rest, ana: Person, ben: Person) -> None:
    assert ana.rest.put("/v1/topics/retries/subscription").status == 204
    recipients: tuple[Any, ...] = (ana.name, [ana.name, ben.name], {"topic": "retries"}, {"everyone": True})
    for place, to in enumerate(recipients):
        first, second = (ci.notify(to, "Once", idempotency=f"to-{place}") for _ in range(2))
        assert (first.status, first.body) == (second.status, second.body), to
        assert second.headers["idempotency-replayed"] == "true"

    until(lambda: len(ana.titles()) == 4, 5, "the topic and everyone to be told")
    until(lambda: len(ben.titles()) == 2, 5, "everyone to be told")


def test_a_retry_of_ones_own_action_is_skipped_again(ci: Rest, ana: Person) -> None:
    first, second = (ci.notify(ana.name, "Liked", actor=ana.name, idempotency="like") for _ in range(2))

    assert first.status == second.status == 200
    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"


def test_a_refused_request_leaves_its_key_free(ci: Rest, ana: Person) -> None:
    assert ci.notify("nobody-at-all", "Paid", idempotency="free").status == 404

    assert ci.notify(ana.name, "Paid", idempotency="free").status == 201


def test_a_batch_is_retried_as_a_whole(ci: Rest, ana: Person) -> None:
    items = [{"to": ana.name, "title": "One"}, {"to": "nobody-at-all", "title": "Two"}, {"to": ana.name}]

    first, second = (
        ci.post("/v1/notifications/batch", {"notifications": items}, headers={"Idempotency-Key": "batch-1"})
        for _ in range(2)
    )
    other = ci.post("/v1/notifications/batch", {"notifications": items[:1]}, headers={"Idempotency-Key": "batch-1"})

    assert first.status == second.status == 200
    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"
    assert (other.status, other.code) == (422, "idempotency_mismatch")
    assert ana.titles() == ["One"]


def test_the_same_bytes_read_another_way_are_another_request(ci: Rest, ana: Person) -> None:
    item = json.dumps({"to": ana.name, "title": "Paid"})
    text = f'{{"notifications": [{item},\n{item}, {item}]}}'
    headers = {"Idempotency-Key": "two-readings"}
    first = ci.post("/v1/notifications/batch", text, headers=headers | {"Content-Type": "application/json"})

    second = ci.post("/v1/notifications/batch", text, headers=headers | {"Content-Type": "application/x-ndjson"})

    assert (first.status, first.body["accepted"]) == (200, 3)
    assert (second.status, second.code) == (422, "idempotency_mismatch")


def test_one_key_with_the_same_bytes_at_another_door_is_another_request(ci: Rest, ana: Person) -> None:
    text = json.dumps({"to": ana.name, "title": "Paid"})
    headers = {"Idempotency-Key": "two-doors", "Content-Type": "application/x-ndjson"}
    first = ci.post("/v1/notifications", text, headers=headers | {"Content-Type": "application/json"})

    second = ci.post("/v1/notifications/batch", text, headers=headers)

    assert first.status == 201
    assert (second.status, second.code) == (422, "idempotency_mismatch")
    assert ana.titles() == ["Paid"]


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\there", "ümlaut"], ids=["empty", "long", "control", "umlaut"])
def test_a_key_that_is_none_is_refused(ci: Rest, ana: Person, key: str) -> None:
    answer = ci.post(
        "/v1/notifications",
        {"to": ana.name, "title": "Paid"},
        headers={"Idempotency-Key": key.encode().decode("latin-1")},
    )

    assert (answer.status, answer.body["field"]) == (422, "Idempotency-Key")
    assert ana.titles() == []
