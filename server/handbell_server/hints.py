"""Hints between processes, over Redis: "this user went from revision p to r". Never content, never the truth.

One channel, one short message for each group commit: a process without a socket of that user drops a hint for the
price of one dictionary look-up. Publishing and listening have a native thread each, so a Redis that is slow, frozen or
gone delays no request: the queue is bounded, what does not fit is dropped, and the sweep heals it within a second.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import redis

from handbell_server.engine.feed import Told
from handbell_shared.ids import new_id

log = logging.getLogger(__name__)

CHANNEL = "handbell:hints"
_TIMEOUT = 0.25
_QUEUE_AT_MOST = 10_000
_BACK_OFF_AT_MOST = 1.0
_LISTEN_SECONDS = 15.0

Hint = tuple[int, int, int]


class Hints:
    """`publish` never waits; `heard` is called in the listening thread with the hints of other processes."""

    def __init__(self, url: str, heard: Callable[[Sequence[Hint]], None]) -> None:
        self._url = url
        self._heard = heard
        self._name = new_id()
        self._queue: queue.Queue[list[Told] | None] = queue.Queue(_QUEUE_AT_MOST)
        self._stop = threading.Event()
        self.dropped = 0
        self.listening = False
        self.publishing = True
        self._threads = [
            threading.Thread(target=self._publish_loop, name="handbell-hints-out", daemon=True),
            threading.Thread(target=self._listen_loop, name="handbell-hints-in", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def healthy(self) -> bool:
        return self.listening and self.publishing

    def publish(self, told: list[Told]) -> None:
        try:
            self._queue.put_nowait(told)
        except queue.Full:
            self.dropped += len(told)

    def close(self) -> None:
        self._stop.set()
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            log.debug("hints were still waiting at the end; the sweep of others heals them")
        for thread in self._threads:
            thread.join(1)

    # ---- outwards

    def _publish_loop(self) -> None:
        client = _client(self._url, _TIMEOUT)
        pause = 0.05
        while not self._stop.is_set():
            try:
                told = self._queue.get(timeout=None if self.publishing else _BACK_OFF_AT_MOST)
            except queue.Empty:
                told = []  # nothing to say, but readiness wants to know when Redis is back
            if told is None:
                break
            try:
                if told:
                    client.publish(CHANNEL, _pack(self._name, told))
                else:
                    client.ping()
                self.publishing, pause = True, 0.05
            except redis.RedisError as error:
                self.dropped += len(told)
                if self.publishing:
                    log.warning("hints cannot be published (%s); the sweep delivers meanwhile", type(error).__name__)
                self.publishing = False
                self._stop.wait(pause)
                pause = min(pause * 2, _BACK_OFF_AT_MOST)
        client.close()

    # ---- inwards

    def _listen_loop(self) -> None:
        pause = 0.05
        while not self._stop.is_set():
            try:
                self._listen()
                pause = 0.05
            except Exception as error:  # a surprise in what others wrote must not end the listening
                if self.listening or pause <= 0.05:
                    log.warning("hints cannot be heard (%s); the sweep delivers meanwhile", type(error).__name__)
                self.listening = False
                self._stop.wait(pause)
                pause = min(pause * 2, _BACK_OFF_AT_MOST)

    def _listen(self) -> None:
        client = _client(self._url, _LISTEN_SECONDS)
        subscription = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        try:
            subscription.subscribe(CHANNEL)
            self.listening = True
            heard_at = asked_at = monotonic()
            while not self._stop.is_set():
                message = subscription.get_message(timeout=0.5)
                now = monotonic()
                if message is not None:
                    heard_at = now
                    self._take(message)
                elif now - heard_at > _LISTEN_SECONDS:
                    raise redis.TimeoutError("nothing was heard, not even an echo")
                elif now - max(heard_at, asked_at) > _LISTEN_SECONDS / 3:
                    subscription.ping()  # a frozen Redis looks like a quiet one until it is asked
                    asked_at = now
        finally:
            subscription.close()
            client.close()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "message":
            sender, hints = _unpack(message["data"])
            if sender != self._name:
                self._heard(hints)


def _client(url: str, timeout: float) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=1.0)


def _pack(name: str, told: Sequence[Told]) -> str:
    return "\n".join([name, *(f"{t.user_id} {t.push.prev} {t.push.rev}" for t in told)])


def _unpack(data: bytes) -> tuple[str, list[Hint]]:
    """Anybody who can write to Redis can forge this; the worst it does is a needless read."""
    name, *lines = data.decode("utf-8", "replace").split("\n")
    hints: list[Hint] = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 19 for part in parts):
            user, prev, rev = map(int, parts)
            hints.append((user, prev, rev))
    return name, hints
