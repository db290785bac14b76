"""Hints between two processes over a real Redis, and what is left of them without one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from handbell_server.engine.feed import Told
from handbell_server.hints import CHANNEL, Hint, Hints
from handbell_shared.records import Push
from tests.support.redis import RedisServer
from tests.support.waiting import until


class Node:
    def __init__(self, redis: RedisServer) -> None:
        self.heard: list[Hint] = []
        self._lock = threading.Lock()
        self.hints = Hints(redis.url, self._hear)

    def _hear(self, hints: Sequence[Hint]) -> None:
        with self._lock:
            self.heard += hints


@pytest.fixture
def nodes(redis_server: RedisServer) -> Iterator[tuple[Node, Node]]:
    one, two = Node(redis_server), Node(redis_server)
    until(lambda: one.hints.listening and two.hints.listening, 10, "both to listen")
    yield one, two
    redis_server.thaw()
    one.hints.close()
    two.hints.close()


def told(user: int, rev: int) -> Told:
    return Told(user, Push("epoch", rev - 1, rev, "0" * 16, 0, ()))


def test_a_hint_reaches_the_other_process_and_not_oneself(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    one.hints.publish([told(7, 3), told(8, 1)])
    until(lambda: len(two.heard) == 2, 5, "the other to hear")
    assert two.heard == [(7, 2, 3), (8, 0, 1)]
    two.hints.publish([told(9, 1)])
    until(lambda: one.heard, 5, "the first to hear")
    assert one.heard == [(9, 0, 1)], "its own hints came back"


def test_publishing_never_waits_for_a_frozen_redis(nodes: tuple[Node, Node], redis_server: RedisServer) -> None:
    one, _ = nodes
    redis_server.freeze()
    since = time.monotonic()
    for rev in range(1, 20_001):
        one.hints.publish([told(1, rev)])
    assert time.monotonic() - since < 30  # a quarter of a second for each would be more than an hour
    assert one.hints.dropped, "the queue is not bounded"
    until(lambda: not one.hints.publishing, 10, "the loss to be noticed")


def test_hints_are_heard_again_when_redis_is_back(nodes: tuple[Node, Node], redis_server: RedisServer) -> None:
    one, two = nodes
    redis_server.kill9()
    until(lambda: not two.hints.listening, 10, "the loss to be noticed")
    one.hints.publish([told(1, 1)])
    redis_server.restart()
    until(lambda: two.hints.listening, 10, "the other to listen again")

    def hint() -> bool:
        one.hints.publish([told(1, 2)])
        return (1, 1, 2) in two.heard

    until(hint, 10, "a hint to be heard again")
    until(lambda: one.hints.healthy and two.hints.healthy, 10, "both to say that they are well")


def test_health_comes_back_although_nobody_has_anything_to_say(
    nodes: tuple[Node, Node], redis_server: RedisServer
) -> None:
    one, _ = nodes
    redis_server.kill9()
    one.hints.publish([told(1, 1)])
    until(lambda: not one.hints.publishing, 10, "the loss to be noticed")
    redis_server.restart()
    until(lambda: one.hints.healthy, 10, "it to find Redis without being asked")


def test_forged_hints_are_dropped_and_the_next_real_one_is_heard(
    nodes: tuple[Node, Node], redis_server: RedisServer
) -> None:
    import redis

    one, two = nodes
    with redis.Redis.from_url(redis_server.url) as forger:
        for forged in (b"", b"\xff\xfe", b"x\n1 2", b"x\n-1 2 3", b"x\na b c", "x\n\u0661 2 3".encode(), b"x\n1 2 3 4"):
            forger.publish(CHANNEL, forged)
    one.hints.publish([told(5, 1)])
    until(lambda: two.heard, 5, "the real one to be heard")
    assert two.heard == [(5, 0, 1)]


def test_a_number_that_nobody_can_count_to_does_not_end_the_listening(
    nodes: tuple[Node, Node], redis_server: RedisServer
) -> None:
    import redis

    one, two = nodes
    with redis.Redis.from_url(redis_server.url) as forger:
        for forged in (b"x\n" + b"9" * 5_000 + b" 1 2", b"x\n1 2 " + b"9" * 5_000, b"\x00\xff" * 5_000, b"x\n\xff 1 2"):
            forger.publish(CHANNEL, forged)
    one.hints.publish([told(5, 1)])
    until(lambda: two.heard, 5, "the real one to be heard")
    assert two.heard == [(5, 0, 1)]


def test_a_surprise_while_hearing_does_not_end_the_listening(redis_server: RedisServer) -> None:
    heard: list[Hint] = []

    def hear(hints: Sequence[Hint]) -> None:
        if (13, 0, 1) in hints:
            raise LookupError("nobody expected this one")
        heard.extend(hints)

    speaker, listener = Node(redis_server), Hints(redis_server.url, hear)
    try:
        until(lambda: speaker.hints.listening and listener.listening, 10, "both to listen")
        speaker.hints.publish([told(13, 1)])

        def hint() -> bool:
            speaker.hints.publish([told(1, 1)])
            return (1, 0, 1) in heard

        until(hint, 10, "a hint to be heard after the one that broke")
    finally:
        speaker.hints.close()
        listener.close()
