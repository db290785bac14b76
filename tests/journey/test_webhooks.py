"""Servers that end, or are killed, in the middle of telling a webhook: nothing is lost, and a repeat has the same id."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

import psycopg

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.conftest import StartsHandbell
from tests.faults.storm import ROOMY
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD, settle
from tests.journey.test_workers import ENDS_WITHIN, SLACK
from tests.support.handbell import HandbellServer
from tests.support.receiver import OK, Received, Receiver
from tests.support.rest import Rest
from tests.support.waiting import until

SETTINGS = {
    "HANDBELL_WEBHOOK_ALLOW": "127.0.0.1",
    "HANDBELL_SECRET_KEY": "a key of this journey, which is long enough",
}


class Gate:
    """A receiver's answer that waits until the test lets it go."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def __call__(self, _received: Received) -> bytes:
        self._open.wait(60)
        return OK

    def open(self) -> None:
        self._open.set()


def register(producer: Rest, url: str) -> str:
    answer = producer.post("/v1/webhooks", {"url": url, "events": ["notification.read"]})
    assert answer.status == 201, answer
    secret: str = answer.body["secret"]
    return secret


def read_some(producer: Rest, person: Rest, count: int) -> set[str]:
    """Tell and read so many notifications, one after the other, so that no group commit holds them all."""
    ids = set()
    for _ in range(count):
        sent = producer.notify("ana", "Read me").body["id"]
        action = {"id": new_id(), "kind": "read", "ids": [[sent, 0]], "at": now_ms()}
        assert person.post("/v1/actions", {"actions": [action]}).body["acks"][0]["status"] == "ok"
        ids.add(sent)
    return ids


def notifications(received: Iterable[Received]) -> set[str]:
    return {one.data["id"] for one in received}


def all_told_and_each_by_one_id(receiver: Receiver, ids: set[str], secret: str) -> None:
    until(lambda: notifications(receiver.received) == ids, 30, "every event to be told")
    assert len({(one.data["id"], one.id) for one in receiver.received}) == len(ids)
    assert len({(one.id, one.body) for one in receiver.received}) == len(ids)
    assert all(one.signed_with(secret) for one in receiver.received)


def waiting_at(server: HandbellServer, key: str) -> int:
    with Rest(server.url, key) as producer:
        waiting: int = producer.get("/v1/webhooks").body["webhooks"][0]["waiting"]
        return waiting


def test_a_server_that_ends_or_is_killed_while_it_tells_tells_it_again(
    handbell_server: StartsHandbell, tmp_path: Path
) -> None:
    server = handbell_server(environment=ROOMY | {"HANDBELL_WEBHOOK_ALLOW": "127.0.0.1"}, start=False)
    server.data.mkdir(parents=True, mode=0o700)
    key = settle({}, ["ana"], data=server.data)
    server.start()
    gates = [Gate(), Gate()]
    with Receiver(gates[0]) as receiver:
        producer = server.rest(key)
        secret = register(producer, receiver.url)
        with server.rest().sign_in("ana", PASSWORD) as person:
            ids = read_some(producer, person, 10)
        receiver.wait_for(4)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < ENDS_WITHIN + SLACK, "a receiver that takes its time does not hold up the end"

        server.start()
        receiver.wait_for(8)
        server.kill9()
        receiver.answer = gates[1]
        server.start()
        receiver.wait_for(12)
        for gate in gates:
            gate.open()
        all_told_and_each_by_one_id(receiver, ids, secret)
        until(lambda: waiting_at(server, key) == 0, 15, "the outbox to be empty")


def test_a_server_and_a_worker_take_over_from_a_killed_one_and_never_make_the_same_attempt_together(
    fleet: Fleet,
) -> None:
    fleet.environment |= SETTINGS
    [killed] = fleet.serve("killed")
    fleet.people("ana")
    gate = Gate()
    with Receiver(gate) as receiver:
        hooks = [receiver.url.replace("/hooks", f"/hooks/{number}") for number in range(5)]
        producer = fleet.producer(killed)
        secrets = [register(producer, url) for url in hooks]
        with Rest(killed.url) as door, door.sign_in("ana", PASSWORD) as person:
            ids = read_some(producer, person, 10)
        receiver.wait_for(20)  # four at each
        killed.freeze()  # so that none of its calls gives up while the others start
        fleet.serve("living")
        fleet.work()
        killed.kill9()
        gate.open()
        _forget_claims(fleet)  # as if the half minute were over
        until(lambda: _waiting(fleet) == 0, 30, "the outbox to be empty")

    assert len(receiver.received) == 5 * 10 + 20, "what the killed one had told is told again, and nothing else"
    assert receiver.doubled == []
    for url, secret in zip(hooks, secrets, strict=True):
        there = [one for one in receiver.received if one.path in url]
        assert notifications(there) == ids
        assert all(one.signed_with(secret) for one in there)
    assert len({one.id for one in receiver.received}) == len(ids), "one event has one id, wherever it is told"


def _ask(fleet: Fleet, statement: str) -> int:
    with psycopg.connect(fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")) as connection:
        found = connection.execute(statement)
        row = found.fetchone() if found.description else None
        return int(row[0]) if row is not None else 0


def _waiting(fleet: Fleet) -> int:
    return _ask(fleet, "SELECT count(*) FROM webhook_deliveries")


def _forget_claims(fleet: Fleet) -> None:
    _ask(fleet, "UPDATE webhook_deliveries SET claimed_until = 0")
