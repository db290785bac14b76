"""The client for asyncio: the same verbs as `client.py`, awaited. For one loop at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar, Unpack

from handbell import verbs
from handbell.client import ANSWER_WITHIN, Account
from handbell.errors import Unreachable
from handbell.messages import Notification, Options, To
from handbell.results import Answer, BatchResult, Expectation, KnownType, Receipt, Told, Trace
from handbell.retrying import Ask, Course, Reply
from handbell.streams import Streams

T = TypeVar("T")


class AsyncHandbell(Account):
    """One producer's way to its server. Without arguments it is what HANDBELL_SERVER and HANDBELL_KEY say.

    `timeout` is how many seconds a call may go on trying; `send` and `send_batch` take their own.
    """

    _pool: Streams | None = None

    async def send(
        self,
        to: To,
        title: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> AsyncSent:
        """Tell a user, several, a topic or everybody. However often it has to ask, it is told once."""
        reply = await self._carry_out(verbs.send(to, title, options, idempotency_key, self._within(timeout)))
        return AsyncSent.of(reply.json(), replayed=reply.replayed, client=self)

    async def send_batch(
        self,
        notifications: Iterable[Notification | Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> BatchResult:
        """Tell many things, a thousand at a time; `progress` hears how many are answered. May raise `Interrupted`."""
        return await self._carry_out(verbs.send_batch(notifications, idempotency_key, self._within(timeout), progress))

    async def wait_for_answer(self, an_id: str, *, timeout: float = ANSWER_WITHIN) -> Answer | None:
        """The answer to what was sent with `actions`, as soon as there is one; None when there is none in time."""
        return await self._carry_out(verbs.wait_for_answer(an_id, timeout))

    async def receipt(self, an_id: str) -> Receipt:
        """What became of it, per device."""
        return await self._carry_out(verbs.receipt(an_id, self._patience))

    async def trace(self, an_id: str) -> Trace:
        """Why it rang or did not."""
        return await self._carry_out(verbs.trace(an_id, self._patience))

    async def recall(self, an_id: str | None = None, *, key: str | None = None) -> int:
        """Take back one notification, or all with a life-cycle key; how many there were."""
        return await self._carry_out(verbs.recall(an_id, key, self._patience))

    async def types(self) -> tuple[KnownType, ...]:
        """The types this producer may use."""
        return await self._carry_out(verbs.types(self._patience))

    async def define_type(self, name: str, **definition: Any) -> KnownType:
        """Register a type of this producer's, or register it anew."""
        return await self._carry_out(verbs.define_type(name, definition, self._patience))

    async def remove_type(self, name: str) -> None:
        await self._carry_out(verbs.remove_type(name, self._patience))

    async def expect(self, name: str, *, every: int | timedelta, to: To, **more: Any) -> Expectation:
        """Promise a sign of life every so often; people are told when one does not come."""
        return await self._carry_out(verbs.expect(name, {"every": every, "to": to, **more}, self._patience))

    async def expectation(self, name: str) -> Expectation:
        return await self._carry_out(verbs.expectation(name, self._patience))

    async def expectations(self) -> tuple[Expectation, ...]:
        return await self._carry_out(verbs.expectations(self._patience))

    async def remove_expectation(self, name: str) -> None:
        await self._carry_out(verbs.remove_expectation(name, self._patience))

    async def ping(self, name: str) -> None:
        """Give the sign of life that was promised."""
        await self._carry_out(verbs.ping(name, self._patience))

    async def fail(self, name: str, report: str = "") -> None:
        """Tell the people of an expectation at once that it failed."""
        await self._carry_out(verbs.fail(name, report, self._patience))

    async def call(
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
        return await self._carry_out(verbs.call(asked, self._patience))

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _carry_out(self, course: Course[T]) -> T:
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
                await asyncio.sleep(step.seconds)
                continue
            try:
                told = await pool.exchange(step.request, step.timeout)
            except Unreachable as error:
                told = error

    def _connections(self) -> Streams:
        if self._pool is None:
            self._pool = Streams(self._address, self._headers)
        return self._pool


@dataclass(frozen=True, kw_only=True)
class AsyncSent(Told):
    """What became of a notification, and what can be asked about it."""

    client: AsyncHandbell = field(repr=False, compare=False)

    async def wait_for_answer(self, *, timeout: float = ANSWER_WITHIN) -> Answer | None:
        return await self.client.wait_for_answer(self._id, timeout=timeout)

    async def receipt(self) -> Receipt:
        return await self.client.receipt(self._id)

    async def trace(self) -> Trace:
        return await self.client.trace(self._id)

    async def recall(self) -> int:
        return await self.client.recall(self._id)
