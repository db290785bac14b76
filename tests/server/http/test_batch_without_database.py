"""A batch whose recipients cannot be looked up. Only the database is not real: it is away in the middle of a batch."""

from __future__ import annotations

from time import monotonic
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from handbell_server.actions.producers import KnownProducer
from handbell_server.config import Config
from handbell_server.errors import NotFound, RateLimited, Unavailable
from handbell_server.http import produce
from handbell_server.http.endpoint import Call
from handbell_server.limits import InputLimits, RateLimiter
from handbell_server.rules.builtin_types import BUILT_IN
from handbell_server.rules.kinds import Book
from handbell_shared.codes import Code


class Half:
    """Services whose database knows ana and goes away when anybody else is asked for."""

    def __init__(self, error: Exception) -> None:
        self.config = Config()
        self.limits = InputLimits()
        self.rates = SimpleNamespace(producer=RateLimiter(1000, 1000))
        self.metrics = SimpleNamespace(accepted=0, replayed=0)
        self.stored: list[Any] = []
        self._error = error

    def user_id(self, name: str, field: str = "to") -> int:
        if name != "ana":
            raise self._error
        return 1

    def book_of(self, producer: KnownProducer) -> Book:
        return BUILT_IN

    def change(self, command: Any) -> tuple[list[Exception], bool]:
        self.stored.append(command)
        return [NotFound("not needed here")] * len(command.items), False


def batch(services: Half, *to: Any) -> Any:
    items = [{"to": one, "title": "One of them"} for one in to or ("ana", "ben")]
    raw = msgspec.json.encode({"notifications": items})
    identity = KnownProducer(1, "ci", frozenset({"send:user"}))
    header = {"Idempotency-Key": "batch-1"}.get
    return produce.create_batch(Call(services, identity, {}, None, None, raw, header, "", {}))  # type: ignore[arg-type]


def test_a_database_that_goes_away_fails_the_whole_batch_and_leaves_its_key_free() -> None:
    services = Half(Unavailable("The database does not answer."))

    with pytest.raises(Unavailable) as refused:
        batch(services)

    assert refused.value.status == 503
    assert services.stored == [], "it would be answered for as long as the key is kept"


def test_a_recipient_nobody_knows_fails_one_item_only() -> None:
    services = Half(NotFound("There is no user 'ben'.", code=Code.UNKNOWN_USER))

    assert batch(services).status == 200
    assert len(services.stored) == 1


class Open(Half):
    """Services whose database knows everybody."""

    def user_id(self, name: str, field: str = "to") -> int:
        return len(name)


def test_a_batch_costs_and_holds_by_recipients_and_not_by_items() -> None:
    services = Open(NotFound("nobody asks"))
    services.limits = InputLimits(batch_recipients=3)
    before = services.rates.producer.check("1", 0, now=monotonic()).remaining

    said = batch(services, ["ana", "ben"], ["cy", "dee"], "eve")

    (stored,) = services.stored
    first, second, third = stored.items
    assert ([one.name for one in first.recipients], [one.name for one in third.recipients]) == (["ana", "ben"], ["eve"])
    assert (second.status, second.field) == (422, "to")
    assert said.status == 200
    after = services.rates.producer.check("1", 0, now=monotonic()).remaining
    assert before - after == 4, "an item costs one at least"


def test_a_batch_that_costs_more_than_the_producer_has_stores_nothing() -> None:
    services = Open(NotFound("nobody asks"))
    services.rates = SimpleNamespace(producer=RateLimiter(0.001, 3))

    with pytest.raises(RateLimited):
        batch(services, ["ana", "ben"], ["cy", "dee"])

    assert services.stored == []
