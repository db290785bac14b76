"""The client for programs that block. Any number of threads may use one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, Unpack

from handbell import verbs
from handbell.address import DEFAULT_SERVER, Address
from handbell.errors import Unreachable
from handbell.messages import Notification, Options, To
from handbell.results import Answer, BatchResult, Expectation, KnownType, Receipt, Told, Trace
from handbell.retrying import Ask, Course, Reply

if TYPE_CHECKING:
    from handbell.connections import Connections

T = TypeVar("T")
PATIENCE: Final = 30.0
ANSWER_WITHIN: Final = 300.0


class Account:
    """Which server, and whose key: what both clients are made from. The key is a secret, so `repr` leaves it out."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = PATIENCE, ca_file: str | None = None
    ) -> None:
        key = key or os.environ.get("HANDBELL_KEY")
        if not key:
            raise ValueError(
                "a key is needed: give it as `key`, or set HANDBELL_KEY; `handbell producer add` makes one"
            )
        if not key.isascii() or not key.isprintable():
            raise ValueError("this is not the key of a producer")
        self._address = Address.of(url or os.environ.get("HANDBELL_SERVER") or DEFAULT_SERVER, ca_file)
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json",
            "User-Agent": "handbell-python",
        }
        self._patience = timeout

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._address)!r})"

    def _within(self, timeout: float | None) -> float:
        return self._patience if timeout is None else timeout


class Handbell(Account):
    """One producer's way to its server. Without arguments it is what HANDBELL_SERVER and HANDBELL_KEY say.

    `timeout` is how many seconds a call may go on trying; `send` and `send_batch` take their own.
    """

    _pool: Connections | None = None

    def send(
        self,
        to: To,
        title: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Sent:
        """Tell a user, several, a topic or everybody. However often it has to ask, it is told once."""
        reply = self._carry_out(verbs.send(to, title, options, idempotency_key, self._within(timeout)))
        return Sent.of(reply.json(), replayed=reply.replayed, client=self)

    def send_batch(
        self,
        notifications: Iterable[Notification | Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> BatchResult:
        """Tell many things, a thousand at a time; `progress` hears how many are answered. May raise `Interrupted`."""
        return self._carry_out(verbs.send_batch(notifications, idempotency_key, self._within(timeout), progress))

    def wait_for_answer(self, an_id: str, *, timeout: float = ANSWER_WITHIN) -> Answer | None:
        """The answer to what was sent with `actions`, as soon as there is one; None when there is none in time."""
        return self._carry_out(verbs.wait_for_answer(an_id, timeout))

    def receipt(self, an_id: str) -> Receipt:
        """What became of it, per device."""
        return self._carry_out(verbs.receipt(an_id, self._patience))

    def trace(self, an_id: str) -> Trace:
        """Why it rang or did not."""
        return self._carry_out(verbs.trace(an_id, self._patience))

    def recall(self, an_id: str | None = None, *, key: str | None = None) -> int:
        """Take back one notification, or all with a life-cycle key; how many there were."""
        return self._carry_out(verbs.recall(an_id, key, self._patience))

    def types(self) -> tuple[KnownType, ...]:
        """The types this producer may use."""
        return self._carry_out(verbs.types(self._patience))

    def define_type(self, name: str, **definition: Any) -> KnownType:
        """Register a type of this producer's, or register it anew."""
        return self._carry_out(verbs.define_type(name, definition, self._patience))

    def remove_type(self, name: str) -> None:
        self._carry_out(verbs.remove_type(name, self._patience))

    def expect(self, name: str, *, every: int | timedelta, to: To, **more: Any) -> Expectation:
        """Promise a sign of life every so often; people are told when one does not come."""
        return self._carry_out(verbs.expect(name, {"every": every, "to": to, **more}, self._patience))

    def expectation(self, name: str) -> Expectation:
        return self._carry_out(verbs.expectation(name, self._patience))

    def expectations(self) -> tuple[Expectation, ...]:
        return self._carry_out(verbs.expectations(self._patience))

    def remove_expectation(self, name: str) -> None:
        self._carry_out(verbs.remove_expectation(name, self._patience))

    def ping(self, name: str) -> None:
        """Give the sign of life that was promised."""
        self._carry_out(verbs.ping(name, self._patience))

    def fail(self, name: str, report: str = "") -> None:
        """Tell the people of an expectation at once that it failed."""
        self._carry_out(verbs.fail(name, report, self._patience))

    def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        idempotency_key: str | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        """Any request that has no method here: path and body as the server documents them, its JSON as the answer.

        `repeatable` is whether it may be made twice; if you do not say, a POST or PATCH without a key may not.
        """
        asked = verbs.any_request(method, path, json, idempotency_key, repeatable)
        return self._carry_out(verbs.call(asked, self._patience))

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _carry_out(self, course: Course[T]) -> T:
        pool = self._connections()
        told: Reply | Unreachable | None = None
        while True:
            try:
                step = course.send(told)
            except StopIteration as end:
                result: T = end.value
                return result
            told = None
            if not isinstance(step, Ask):
                time.sleep(step.seconds)
                continue
            try:
                told = pool.exchange(step.request, step.timeout)
            except Unreachable as error:
                told = error

    def _connections(self) -> Connections:
        if self._pool is None:
            from handbell.connections import Connections

            self._pool = Connections(self._address, self._headers)  # two threads may make one each; both work
        return self._pool


@dataclass(frozen=True, kw_only=True)
class Sent(Told):
    """What became of a notification, and what can be asked about it."""

    client: Handbell = field(repr=False, compare=False)

    def wait_for_answer(self, *, timeout: float = ANSWER_WITHIN) -> Answer | None:
        return self.client.wait_for_answer(self._id, timeout=timeout)

    def receipt(self) -> Receipt:
        return self.client.receipt(self._id)

    def trace(self) -> Trace:
        return self.client.trace(self._id)

    def recall(self) -> int:
        return self.client.recall(self._id)
