"""What is due at a moment: scheduled ones come, sleeping ones wake, expired ones go. Once each, and at their moment."""

from __future__ import annotations

import time

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.journey.test_workers import ask
from tests.support.devices import Device
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

MANY = 150
LATE_AT_MOST = 10.0  # a look every half second, and a busy machine; who looks by the minute is later than that
_HERS = "FROM notifications WHERE user_id = (SELECT id FROM users WHERE name = 'ana')"


def prepare(fleet: Fleet, server: HandbellServer, user: str, moment: int) -> None:
    """Many of each, all due at one moment."""
    producer = fleet.producer(server, timeout=30)
    scheduled: list[dict[str, object]] = [
        {"to": user, "title": "s", "body": f"scheduled {n}", "deliver_at": moment} for n in range(MANY)
    ]
    sleeping: list[dict[str, object]] = [{"to": user, "title": "s", "body": f"sleeping {n}"} for n in range(MANY)]
    passing: list[dict[str, object]] = [
        {"to": user, "title": "s", "body": f"passing {n}", "expires_at": moment} for n in range(MANY)
    ]
    answer = producer.post("/v1/notifications/batch", {"notifications": scheduled + sleeping + passing})
    assert answer.body["accepted"] == 3 * MANY, answer.body
    ids = [one["id"] for one in answer.body["results"][MANY : 2 * MANY]]
    action = {"id": new_id(), "kind": "snooze", "ids": [[an_id, 0] for an_id in ids], "at": now_ms(), "until": moment}
    with Rest(server.url) as door, door.sign_in(user, PASSWORD) as rest:
        assert rest.post("/v1/actions", {"actions": [action]}).body["acks"][0]["status"] == "ok"


def a_moment(fleet: Fleet, server: HandbellServer) -> int:
    """One that this machine has everything ready for, as busy as it is: by a rehearsal for somebody else, due tomorrow."""
    began = now_ms()
    prepare(fleet, server, "bob", began + 86_400_000)
    return now_ms() + 1_000 + 5 * (now_ms() - began)


def is_done(device: Device) -> bool:
    seen = {record.body for record in device.records() if not record.snoozed_until}
    return len(seen) == 2 * MANY and not any(body.startswith("passing") for body in seen)


def everything_once(fleet: Fleet, device: Device) -> None:
    until(lambda: is_done(device), 30, "everything that was due to be done")
    assert device.rang_twice() == []
    assert ask(fleet, f"SELECT count(*), count(DISTINCT body) {_HERS}") == [(3 * MANY, 3 * MANY)]
    # A sleeping one rang when it came and when it woke; a scheduled one when it came: by its content version.
    rang = dict(ask(fleet, f"SELECT body, cver {_HERS} AND deleted = ''"))
    assert {rang[f"sleeping {n}"] for n in range(MANY)} == {2} and {rang[f"scheduled {n}"] for n in range(MANY)} == {1}


def test_they_come_at_their_moment(fleet: Fleet) -> None:
    [server] = fleet.serve("a")
    fleet.people("ana", "bob")
    device = fleet.device("ana", server.url)
    moment = a_moment(fleet, server)
    prepare(fleet, server, "ana", moment)
    late_at = time.monotonic() + (moment - now_ms()) / 1000

    everything_once(fleet, device)

    came = [device.heard[f"scheduled {number}"] - late_at for number in range(MANY)]
    assert min(came) > -0.05, "before its moment"
    assert sorted(came)[MANY // 2] < LATE_AT_MOST


def test_a_server_killed_in_the_middle_leaves_nothing_undone_and_nothing_twice(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana", "bob")
    device = fleet.device("ana", b.url)
    prepare(fleet, a, "ana", a_moment(fleet, a))
    done = "SELECT count(*) FROM dispatches WHERE state = 'done'"

    until(lambda: ask(fleet, done)[0][0] > 0, 10, "the first to be done")
    # Whoever is on duty has begun: it is the one that took the lease first, which is the one that was ready first.
    a.kill9()

    everything_once(fleet, device)


def test_what_was_due_while_nobody_was_there_comes_once(fleet: Fleet) -> None:
    [server] = fleet.serve("a")
    fleet.people("ana", "bob")
    device = fleet.device("ana", server.url)
    moment = a_moment(fleet, server)
    prepare(fleet, server, "ana", moment)
    server.kill9()
    until(lambda: now_ms() > moment, 5, "the moment to pass")

    server.start()

    everything_once(fleet, device)
