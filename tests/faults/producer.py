"""A producer that follows the rules: it writes down what it asks, asks again under the same key until there is a yes,
and writes down the yes. It sends everything a producer can send: one, several, batches, topics, incidents."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tests.support.ledger import Ledger
from tests.support.rest import Answer, NoAnswerError, Rest

BATCH = 5
# Not now, ask again: everything else that is no yes is a surprise.
LATER = (429, 503, 507)
# What nginx says for a server that went away under a request: nobody knows, so ask again.
LATER_OF_A_PROXY = (*LATER, 502)

Offer = tuple[str, str, str]
"""The key in the ledger, the user, the body."""


class Evidence:
    """What all producers together saw; the promises themselves are in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.accepted = 0
        self.retries = 0
        self.surprises: list[str] = []
        self.refusals: list[Answer] = []
        self.topics: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    @property
    def topic_bodies(self) -> set[str]:
        return {body for _, body in self.topics}

    def offer(self, offers: Sequence[Offer]) -> None:
        for key, user, body in offers:
            self.ledger.offer(key, user, body)

    def yes(self, offers: Sequence[Offer], ids: Sequence[str]) -> None:
        for (key, _, _), an_id in zip(offers, ids, strict=True):
            self.ledger.accept(key, an_id)
        with self._lock:
            self.accepted += max(1, len(offers))

    def again(self, answer: Answer | None) -> None:
        with self._lock:
            self.retries += 1
            if answer is not None:
                self.refusals.append(answer)

    def surprise(self, text: str) -> None:
        with self._lock:
            self.surprises.append(text)


class Producer:
    """One thread's worth. Its incidents are its own, so their occurrences come in one order."""

    def __init__(
        self,
        number: int,
        doors: Sequence[str],
        key: str,
        users: Sequence[str],
        topic: str,
        evidence: Evidence,
        *,
        pause: float,
        seed: int,
        later: Sequence[int] = LATER,
    ) -> None:
        self.give_up = threading.Event()
        self._number = number
        self._rests = [Rest(door, key, timeout=20) for door in doors]
        self._users = users
        self._topic = topic
        self._evidence = evidence
        self._pause = pause
        self._later = later
        self._chance = random.Random(seed * 1_000 + number)

    def work(self, over: threading.Event) -> None:
        kinds: list[Callable[[], None]] = [self.one, self.one, self.one, self.several, self.batch, self.incident]
        try:
            while not over.wait(self._chance.uniform(0, 2 * self._pause)):
                (self.to_topic if self._chance.random() < 0.05 else self._chance.choice(kinds))()
        except Exception as error:  # told in the verdict, not in a thread that nobody joins
            self._evidence.surprise(f"producer {self._number}: {error!r}")
        finally:
            for rest in self._rests:
                rest.close()

    def one(self) -> None:
        key, user = _new_key(), self._chance.choice(self._users)
        offers = [(key, user, f"one {key}")]
        self._evidence.offer(offers)
        answer = self._ask("/v1/notifications", {"to": user, "title": "Build failed", "body": offers[0][2]}, key)
        if answer is not None:
            self._evidence.yes(offers, [answer.body["id"]])

    def several(self) -> None:
        key = _new_key()
        offers = [(f"{key} to {user}", user, f"several {key}") for user in self._users]
        self._evidence.offer(offers)
        sent = {"to": list(self._users), "title": "Deployed", "body": f"several {key}"}
        answer = self._ask("/v1/notifications", sent, key)
        if answer is not None:
            self._evidence.yes(offers, [told["id"] for told in answer.body["notifications"]])

    def batch(self) -> None:
        key = _new_key()
        users = [self._chance.choice(self._users) for _ in range(BATCH)]
        offers = [(f"{key} #{n}", user, f"batch {key} #{n}") for n, user in enumerate(users)]
        self._evidence.offer(offers)
        sent = {"notifications": [{"to": user, "title": "Line", "body": body} for _, user, body in offers]}
        answer = self._ask("/v1/notifications/batch", sent, key)
        if answer is not None:
            results: Sequence[Mapping[str, Any]] = answer.body["results"]
            self._evidence.yes(offers, [told["id"] for told in results])

    def incident(self) -> None:
        """The same row again and again, by its life-cycle key."""
        key = _new_key()
        place = self._chance.randrange(len(self._users))
        offers = [(key, self._users[place], f"incident {key}")]
        self._evidence.offer(offers)
        sent = {
            "to": self._users[place],
            "title": "Disk",
            "body": offers[0][2],
            "key": f"disk-{self._number}-{place}",
        }
        answer = self._ask("/v1/notifications", sent, key)
        if answer is not None:
            self._evidence.yes(offers, [answer.body["id"]])

    def to_topic(self) -> None:
        key = _new_key()
        answer = self._ask("/v1/notifications", {"to": {"topic": self._topic}, "title": "v2", "body": f"t {key}"}, key)
        if answer is not None:
            self._evidence.topics.append((key, f"t {key}"))
            self._evidence.yes((), ())

    def _ask(self, path: str, body: object, key: str) -> Answer | None:
        """Until there is a yes: at the next door, when this one does not open."""
        while not self.give_up.is_set():
            rest = self._chance.choice(self._rests)
            answer: Answer | None = None
            with suppress(NoAnswerError):
                answer = rest.post(path, body, headers={"Idempotency-Key": key})
            if answer is not None and answer.status in (200, 201):
                return answer
            if answer is not None and answer.status not in self._later:
                self._evidence.surprise(f"{path} answered {answer.status}: {answer.body}")
                return None
            self._evidence.again(answer)
            self.give_up.wait(self._chance.uniform(0.02, 0.1))
        return None


def _new_key() -> str:
    return uuid.uuid4().hex
