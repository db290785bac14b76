"""Whatever befalls the network, one call makes one notification, in bounded time, and an error says what is known."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from handbell import (
    AsyncHandbell,
    Handbell,
    HandbellError,
    Interrupted,
    Notification,
    RateLimited,
    Told,
    Unavailable,
    Unreachable,
    retrying,
)
from handbell.retrying import Ask, Reply, Request, Wait, insist
from tests.client.conftest import Bell
from tests.server.http.stage import Person, Stage
from tests.support.ports import free_port
from tests.support.proxy import Proxy
from tests.support.waiting import LEAST, until

ONCE = Request("POST", "/v1/notifications", b"{}", {"Idempotency-Key": "k"})


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience is for what fails: an attempt itself gets the time that a busy machine may need for it."""
    monkeypatch.setattr(retrying, "_SHORTEST_ATTEMPT", LEAST)


def sockets_to(port: int) -> int:
    """How many open sockets this process has to a port."""
    rows = [row.split() for row in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if int(row[2].partition(":")[2], 16) == port}
    count = 0
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            count += os.readlink(file).removeprefix("socket:[").removesuffix("]") in inodes - {"0"}
    return count


def refused(status: int, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps({"code": "some_code", "detail": "Some sentence."}).encode())


def test_a_pause_is_at_least_what_the_server_asked_for_and_the_request_stays_the_same() -> None:
    course = insist(ONCE, patience=60)
    first = next(course)
    pause = course.send(refused(503, **{"retry-after": "7"}))
    again = next(course)

    assert isinstance(first, Ask)
    assert isinstance(again, Ask)
    assert first.request is again.request is ONCE
    assert isinstance(pause, Wait)
    assert 7 < pause.seconds < 8


def test_pauses_double_and_are_never_the_same_for_all() -> None:
    def pauses() -> list[float]:
        course, found = insist(ONCE, patience=1_000), []
        next(course)
        for _ in range(6):
            step = course.send(Unreachable("no"))
            assert isinstance(step, Wait)
            found.append(step.seconds)
            next(course)
        return found

    one, other = pauses(), pauses()
    assert one != other
    assert all(limit / 2 <= pause <= limit for pause, limit in zip(one, (0.25, 0.5, 1, 2, 4, 4), strict=True))


@pytest.mark.parametrize(("status", "kind", "arrived"), [(429, RateLimited, False), (503, Unavailable, True)])
def test_waiting_longer_than_the_patience_lasts_is_not_begun(
    status: int, kind: type[HandbellError], arrived: bool
) -> None:
    course = insist(ONCE, patience=5)
    next(course)
    with pytest.raises(kind) as told:
        course.send(refused(status, **{"retry-after": "60"}))
    assert (told.value.idempotency_key, told.value.may_have_arrived) == ("k", arrived)


def test_what_may_not_be_repeated_is_repeated_only_where_it_certainly_did_not_arrive() -> None:
    course = insist(Request("POST", "/v1/x", b"{}", repeatable=False), patience=60)
    next(course)
    assert isinstance(course.send(Unreachable("refused", may_have_arrived=False)), Wait)
    next(course)
    with pytest.raises(Unreachable):
        course.send(Unreachable("no end"))


def test_a_lost_answer_is_asked_for_again_and_the_notification_is_there_once(
    make: Bell, stage: Stage, key: str, ana: Person
) -> None:
    with Proxy(stage.server.port) as proxy, ThreadPoolExecutor(1) as pool:
        proxy.set(deaf_after=())
        bell = make(f"http://127.0.0.1:{proxy.port}", key)
        sending = pool.submit(bell.send, ana.name, "through the storm")
        until(lambda: ana.titles(), 10, "the server to store it, and nobody to hear so")
        proxy.calm()
        proxy.cut()
        sent = sending.result(30)

    assert sent.replayed
    assert [one["id"] for one in ana.inbox()] == [sent.id]


@pytest.mark.usefixtures("slow_machine")
def test_a_batch_that_is_cut_off_in_the_middle_keeps_what_was_answered_and_can_be_sent_again(
    make: Bell, stage: Stage, key: str, ana: Person
) -> None:
    items = [Notification(ana.name, f"number {number}", silent=True) for number in range(2_500)]
    with Proxy(stage.server.port) as proxy:
        bell = make(f"http://127.0.0.1:{proxy.port}", key)

        def lose_the_way(count: int) -> None:
            proxy.target = free_port()
            proxy.cut()

        with pytest.raises(Interrupted) as end:
            bell.send_batch(items, timeout=0.3, progress=lose_the_way)
        assert (len(end.value.results), end.value.temporary) == (1_000, True)
        assert isinstance(end.value.__cause__, Unreachable)

        proxy.target = stage.server.port
        done = bell.send_batch(items, idempotency_key=end.value.idempotency_key)

    ids = [one.id for one in done.results if isinstance(one, Told)]
    assert ids[:1_000] == [one.id for one in end.value.results if isinstance(one, Told)]
    assert len(set(ids)) == len(items)
    assert ana.rest.get("/v1/stats").body["total"] == len(items)


@pytest.mark.usefixtures("slow_machine")
def test_connections_that_were_closed_while_nobody_looked_cost_nothing(
    make: Bell, stage: Stage, key: str, ana: Person
) -> None:
    with Proxy(stage.server.port) as proxy:
        bell = make(f"http://127.0.0.1:{proxy.port}", key)
        bell.send(ana.name, "one")
        assert proxy.connections == 1
        bell.send(ana.name, "two", timeout=0)
        assert proxy.connections == 1
        proxy.cut()
        assert not bell.send(ana.name, "three", timeout=0).replayed  # no patience: nothing may have failed
    assert ana.titles() == ["three", "two", "one"]


def test_everything_ends_and_says_whether_it_may_have_arrived(make: Bell, stage: Stage, key: str, ana: Person) -> None:
    began = monotonic()
    with pytest.raises(Unreachable, match="cannot be reached") as nobody:
        make(f"http://127.0.0.1:{free_port()}", key).send(ana.name, "hello", timeout=0.3)
    with Proxy(stage.server.port) as proxy:
        proxy.set(blackhole=True)
        with pytest.raises(Unreachable, match="no whole answer") as lost:
            make(f"http://127.0.0.1:{proxy.port}", key).send(ana.name, "hello", timeout=0.3, idempotency_key="mine")

    assert not nobody.value.may_have_arrived
    assert nobody.value.idempotency_key
    assert (lost.value.may_have_arrived, lost.value.idempotency_key) == (True, "mine")
    assert monotonic() - began < 20  # and not for ever


def test_an_answer_that_is_no_answer_is_not_taken_for_one(make: Bell) -> None:
    replies = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{}",
    ]
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as pool:
        door.settimeout(20)

        def answer(reply: bytes) -> None:
            with door.accept()[0] as taken:
                taken.recv(65_536)
                taken.sendall(reply)

        for reply in replies:
            answering = pool.submit(answer, reply)
            with pytest.raises(Unreachable):
                make(f"http://127.0.0.1:{door.getsockname()[1]}", "hbp_key").send("ana", "hello", timeout=0)
            answering.result(20)


def test_many_threads_may_use_one_client(stage: Stage, key: str, ana: Person) -> None:
    with Handbell(stage.url, key) as bell, ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: bell.send(ana.name, f"{number}").id, range(80)))
    assert {one["id"] for one in ana.inbox(limit=100)} == set(ids)


def test_what_is_cancelled_leaves_no_connection_behind(stage: Stage, key: str, ana: Person) -> None:
    async def wait_and_think_better(url: str, proxy: Proxy) -> None:
        async with AsyncHandbell(url, key) as bell:
            sent = await bell.send(ana.name, "Deploy?", actions=[{"id": "yes", "label": "Yes"}])
            waiting = [asyncio.ensure_future(sent.wait_for_answer(timeout=60)) for _ in range(20)]
            while await asyncio.to_thread(lambda: proxy.connections) < 20:
                await asyncio.sleep(0.01)
            for one in waiting:
                one.cancel()
            assert all(
                isinstance(one, asyncio.CancelledError)
                for one in await asyncio.gather(*waiting, return_exceptions=True)
            )

    with Proxy(stage.server.port) as proxy:
        asyncio.run(wait_and_think_better(f"http://127.0.0.1:{proxy.port}", proxy))
        assert sockets_to(proxy.port) == 0
