"""What is due at a moment: scheduled ones come, sleeping ones wake, expired ones go. Once each, and at their moment."""

from __future__ import annotations

import time

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.journey.conftest import Fleet
from tests.journey.test_workers import ask
from tests.support.devices import Device
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

MANY = 150


def prepare(fleet: Fleet, server: HandbellServer, device: Device, moment: int) -> None:
    """Many of each, all due at one moment."""
    producer = fleet.producer(server, timeout=30)
    scheduled: list[dict[str, object]] = [
        {"to": "ana", "title": "s", "body": f"scheduled {n}", "deliver_at": moment} for n in range(MANY)
    ]
    sleeping: list[dict[str, object]] = [{"to": "ana", "title": "s", "body": f"sleeping {n}"} for n in range(MANY)]
    passing: list[dict[str, object]] = [
        {"to": "ana", "title": "s", "body": f"passing {n}", "expires_at": moment} for n in range(MANY)
    ]
    answer = producer.post("/v1/notifications/batch", {"notifications": scheduled + sleeping + passing})
    assert answer.body["accepted"] == 3 * MANY, answer.body
    ids = [one["id"] for one in answer.body["results"][MANY : 2 * MANY]]
    action = {"id": new_id(), "kind": "snooze", "ids": [[an_id, 0] for an_id in ids], "at": now_ms(), "until": moment}
    with Rest(server.url, device.token) as rest:
        assert rest.post("/v1/actions", {"actions": [action]}).body["acks"][0]["status"] == "ok"


def is_done(device: Device) -> bool:
    seen = {record.body for record in device.records() if not record.snoozed_until}
    return len(seen) == 2 * MANY and not any(body.startswith("passing") for body in seen)


def everything_once(fleet: Fleet, device: Device) -> None:
    until(lambda: is_done(device), 30, "everything that was due to be done")
    assert device.rang_twice() == []
    assert ask(fleet, "SELECT count(*), count(DISTINCT body) FROM notifications") == [(3 * MANY, 3 * MANY)]
    # A sleeping one rang when it came and when it woke; a scheduled one when it came: by its content version.
    rang = dict(ask(fleet, "SELECT body, cver FROM notifications WHERE deleted = ''"))
    assert {rang[f"sleeping {n}"] for n in range(MANY)} == {2} and {rang[f"scheduled {n}"] for n in range(MANY)} == {1}


def test_they_come_at_their_moment(fleet: Fleet) -> None:
    [server] = fleet.serve("a")
    fleet.people("ana")
    device = fleet.device("ana", server.url)
    moment = now_ms() + 3_000
    prepare(fleet, server, device, moment)
    late_at = time.monotonic() + (moment - now_ms()) / 1000

    everything_once(fleet, device)

    came = [device.heard[f"scheduled {number}"] - late_at for number in range(MANY)]
    assert min(came) > -0.05, "before its moment"
    assert sorted(came)[MANY // 2] < 1.0 + 1.0, "the usual one later than a second, and one more for a busy machine"


def test_a_server_killed_in_the_middle_leaves_nothing_undone_and_nothing_twice(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    device = fleet.device("ana", b.url)
    prepare(fleet, a, device, now_ms() + 2_500)
    done = "SELECT count(*) FROM dispatches WHERE state = 'done'"

    until(lambda: ask(fleet, done)[0][0] > 0, 10, "the first to be done")
    # Whoever is on duty has begun: it is the one that took the lease first, which is the one that was ready first.
    a.kill9()

    everything_once(fleet, device)


def test_what_was_due_while_nobody_was_there_comes_once(fleet: Fleet) -> None:
    [server] = fleet.serve("a")
    fleet.people("ana")
    device = fleet.device("ana", server.url)
    moment = now_ms() + 1_500
    prepare(fleet, server, device, moment)
    server.kill9()
    until(lambda: now_ms() > moment, 5, "the moment to pass")

    server.start()

    everything_once(fleet, device)
