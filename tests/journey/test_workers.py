"""`serve --workers` on one port, and `handbell worker` beside servers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from handbell_shared.ids import new_id
from tests.journey.conftest import Fleet
from tests.support.handbell import COMMAND, HandbellServer
from tests.support.processes import Process
from tests.support.rest import NoAnswerError, Rest
from tests.support.waiting import until

LEASE = 6.0
ENDS_WITHIN = 5.0
SLACK = (
    10.0  # a machine that is shared with others may stand still; what never ends or never takes over is later than that
)


def children(server: HandbellServer) -> list[int]:
    pid = server.process.pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if not gone([int(child)])]


def gone(pids: list[int]) -> bool:
    """Whether none of them runs; one that nobody has collected counts as gone."""
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            return False
    return True


def ask(fleet: Fleet, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


def test_three_workers_share_a_port_and_each_hears_what_the_others_accept(fleet: Fleet) -> None:
    [server] = fleet.serve("three", arguments=("--workers", "3"))
    assert server.process.lines() == [f"Handbell is ready at {server.url}"]
    assert len(children(server)) == 3
    assert ask(fleet, "SELECT count(*) FROM installation") == [(1,)]
    fleet.people("ana")
    devices = [fleet.device("ana", server.url, f"device {number}") for number in range(6)]
    for number in range(12):  # a connection each, so that the kernel spreads them
        with Rest(server.url, fleet.key) as rest:
            assert rest.notify("ana", "news", body=f"number {number}").status == 201
    for device in devices:
        until(lambda device=device: len(device.heard) == 12, 10, f"{device.name} to hear all")  # type: ignore[misc]
        assert device.rang_twice() == []
    with Rest(server.url) as door:
        polling = door.get("/socket.io/?EIO=4&transport=polling")
    assert polling.status == 400, polling


def test_a_worker_that_dies_is_replaced_and_its_devices_come_back(fleet: Fleet) -> None:
    [server] = fleet.serve("three", arguments=("--workers", "3"))
    fleet.people("ana")
    devices = [fleet.device("ana", server.url, f"device {number}") for number in range(4)]
    before = children(server)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(children(server)) == 3 and before[0] not in children(server), 15, "another worker")
    fresh = Rest(server.url, fleet.key)

    def posted() -> bool:
        try:
            return fresh.notify("ana", "after", body="after the death", idempotency="after").status == 201
        except NoAnswerError:  # it had asked the one that died
            return False

    with fresh:
        until(posted, 10, "a worker to accept")
    for device in devices:
        until(lambda device=device: "after the death" in device.heard, 10, f"{device.name} to hear")  # type: ignore[misc]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(fleet: Fleet, how: signal.Signals) -> None:
    [server] = fleet.serve("two", arguments=("--workers", "2"))
    family = children(server)
    assert len(family) == 2
    start = time.monotonic()
    os.kill(server.process.pid, how)  # the parent alone, not its group
    until(lambda: gone(family), 8, "the workers to end")
    assert time.monotonic() - start < ENDS_WITHIN + SLACK
    assert server.process.wait() == (0 if how == signal.SIGTERM else -signal.SIGKILL)


def test_workers_that_cannot_start_end_with_a_sentence_instead_of_trying_for_ever(fleet: Fleet, tmp_path: Path) -> None:
    [first] = fleet.serve("first")
    taken = ["serve", "--workers", "2", "--port", str(first.port)]
    environment = os.environ | fleet.environment
    with Process([*COMMAND, *taken], name="taken", directory=tmp_path, environment=environment) as second:
        assert second.wait() == 1
    assert "cannot be used" in second.tail()


def test_one_process_does_the_rounds_and_another_takes_over_when_it_is_killed(fleet: Fleet) -> None:
    upkeep = "SELECT holder FROM leases WHERE duty = 'upkeep'"
    [server] = fleet.serve("a")
    [[holder]] = until(lambda: ask(fleet, upkeep), 10, "the server to have the duty, as long as it is alone")
    workers = [fleet.work() for _ in range(2)]
    fleet.people("ana")
    device, producer = fleet.device("ana", server.url), fleet.producer(server)
    assert ask(fleet, upkeep) == [(holder,)]

    server.kill9()
    start = time.monotonic()
    until(lambda: ask(fleet, upkeep) != [(holder,)], 10, "another holder")
    assert time.monotonic() - start < LEASE + SLACK
    server.start()
    until(device.online.is_set, 10, "the device to be back")
    soon = int(time.time() * 1000) + 1_000
    with Rest(server.url, fleet.key) as rest:
        assert rest.notify("ana", "later", body="scheduled", deliver_at=soon).status == 201
    until(lambda: "scheduled" in device.heard, 5, "the scheduled one, started by a worker")
    assert device.rang_twice() == []
    producer.close()
    for worker in workers:
        start = time.monotonic()
        assert worker.stop() == 0
        assert time.monotonic() - start < ENDS_WITHIN + SLACK


def test_scheduled_and_snoozed_ones_ring_once_with_two_servers_and_a_worker(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.work()
    fleet.people("ana")
    here, there = fleet.device("ana", a.url, "laptop"), fleet.device("ana", b.url, "phone")
    producer = fleet.producer(a)
    soon = int(time.time() * 1000) + 1_500
    for number in range(20):
        assert producer.notify("ana", "later", body=f"later {number}", deliver_at=soon).status == 201
    assert producer.notify("ana", "snoozed", body="snoozed").status == 201
    until(lambda: there.sees("snoozed"), 5, "the phone to see it")
    record = there.sees("snoozed")
    assert record is not None
    with Rest(a.url, here.token) as rest:
        action = {"id": new_id(), "kind": "snooze", "ids": [[record.id, 0]], "at": int(time.time() * 1000)}
        assert rest.post("/v1/actions", {"actions": [action | {"until": soon}]}).status == 200
    for device in (here, there):
        until(lambda device=device: len(device.heard) == 21, 10, f"{device.name} to hear all")  # type: ignore[misc]
        until(lambda device=device: device.picture().badge == 21, 10, f"{device.name} to count all")  # type: ignore[misc]
        assert device.rang_twice() == []
    until(lambda: here.picture() == there.picture(), 10, "both to agree: to wake up is one more change")


def test_a_fan_out_that_is_killed_half_way_is_carried_on_by_the_other_without_doubles(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people()
    everybody = 2_000
    address = fleet.environment["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute(
            "INSERT INTO users (id, name, admin, created_at) "
            "SELECT n, 'user' || n, false, 0 FROM generate_series(1001, %s) n",
            (1000 + everybody,),
        )
        connection.execute("INSERT INTO inboxes (user_id) SELECT id FROM users WHERE id > 1000")
    producer = fleet.producer(a)
    reached = "SELECT count(*) FROM notifications WHERE title = 'v2 is live'"
    with psycopg.connect(address) as holding:  # somebody else has the last inbox: nobody is faster than the kill
        holding.execute("SELECT 1 FROM inboxes ORDER BY user_id DESC LIMIT 1 FOR UPDATE")
        answer = producer.notify({"everyone": True}, "v2 is live")
        assert answer.status == 201, answer
        until(lambda: ask(fleet, reached)[0][0], 10, "the fan-out to begin")
        a.kill9()
        [[half_way]] = ask(fleet, reached)
        assert half_way < everybody
    until(lambda: ask(fleet, reached)[0][0] == everybody, 20, "the other server to reach everybody")
    until(lambda: ask(fleet, "SELECT state FROM dispatches") == [("done",)], 5, "the dispatch to be done")
    assert ask(fleet, "SELECT count(DISTINCT user_id), count(*) FROM notifications") == [(everybody, everybody)]
    assert b.process.alive


def test_ending_takes_five_seconds_at_most_also_with_devices_and_a_request_under_way(fleet: Fleet) -> None:
    [server] = fleet.serve("a")
    fleet.people("ana")
    for number in range(4):
        fleet.device("ana", server.url, f"device {number}")
    with Rest(server.url) as idle:
        assert idle.get("/healthz").status == 200
        start = time.monotonic()
        assert server.process.stop() == 0
        assert time.monotonic() - start < ENDS_WITHIN + SLACK
