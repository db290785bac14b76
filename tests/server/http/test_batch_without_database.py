"""A batch whose recipients cannot be looked up. Only the database is not real: it is away in the middle of a batch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from handbell_server.actions.producers import KnownProducer
from handbell_server.config import Config
from handbell_server.errors import NotFound, Unavailable
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
        return [NotFound("not needed here")] * 2, False


def batch(services: Half) -> Any:
    items = [{"to": "ana", "title": "One"}, {"to": "ben", "title": "Two"}]
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
