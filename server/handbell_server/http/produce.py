"""Producing: POST, batch, look at, take back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from time import monotonic
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from handbell_server.actions import expectations
from handbell_server.actions.produce import Once, Outcome, Produce, ProduceAll, Produced, Retried
from handbell_server.errors import Invalid, NotFound, Problem, RateLimited, Unavailable
from handbell_server.http import problems
from handbell_server.http.bodies import Batch, NewNotification
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.telling import Telling
from handbell_server.parsing import decode
from handbell_server.reads import listing
from handbell_shared.ids import is_id

_one = msgspec.json.Decoder(NewNotification)
_batch = msgspec.json.Decoder(Batch)
_TURN_SECONDS = 0.02
T = TypeVar("T")


class Created(Struct, frozen=True, omit_defaults=True, gc=False):
    """One user was told."""

    id: str
    user: str
    revision: int
    created_at: int
    updated: bool = False


class Scheduled(Struct, frozen=True, omit_defaults=True, gc=False):
    """One user will be told when the time has come; `id` names the dispatch and later the notification."""

    id: str
    user: str
    created_at: int
    deliver_at: int
    reaches: int


class Skipped(Struct, frozen=True, gc=False):
    """Nobody was told: it was the person's own action, or there was nothing open to tell more of."""

    user: str
    skipped: Literal["own_action", "nothing_open"]


class Accepted(Struct, frozen=True, omit_defaults=True, gc=False):
    """Several were told, or will be. `id` names the whole, where it travels on its own or is answered once for all."""

    accepted: int
    notifications: tuple[Outcome, ...]
    id: str | None = None


class ItemFailed(Struct, frozen=True, gc=False):
    error: problems.ProblemDocument


class BatchResult(Struct, frozen=True, gc=False):
    """A result for each item, in the order they were sent."""

    accepted: int
    results: tuple[Outcome | ItemFailed, ...]


_EXAMPLE = {
    "to": "ana",
    "title": "Build failed",
    "body": "main is red since 4f2c1e",
    "link": "https://ci.example/builds/1017",
    "priority": "high",
    "type": "error",
}


@endpoint(
    "POST",
    "/v1/notifications",
    "producer",
    body=NewNotification,
    answers={201: Created | Scheduled | Accepted, 200: Skipped},
    problems=(400, 403, 404, 413, 422, 429, 503),
    example=_EXAMPLE,
    hot=True,
)
def create(call: Call) -> Answer:
    """Tell one user, several, the subscribers of a topic, or everybody."""
    sent: NewNotification = call.body
    return _answer(call, sent, tell(call, sent, _once(call, "one")))


def tell(call: Call, sent: NewNotification, once: Once | None) -> Produced:
    """The one way to tell something: every rule is applied here, in whichever language it was said."""
    take(call, len(sent.to) if isinstance(sent.to, list) else 1)
    command: Produce | Retried
    try:
        command = Telling(call).command(sent, once)
    except (Invalid, Unavailable) as problem:
        if once is None:
            raise
        command = Retried(call.producer.id, once, problem)
    produced: Produced = call.services.change(command)
    if not produced.replayed:
        call.services.metrics.accept(sent.type, len(produced.outcomes))
        _hurry(call, produced)
    else:
        _mark_replayed(call)
    heard(call)
    return produced


def tell_all(call: Call, items: Sequence[tuple[NewNotification, Once | None]]) -> list[Produced | Problem]:
    """Several things of one request, in one transaction; each is judged by itself and has its own idempotency key."""
    take(call, sum(len(sent.to) if isinstance(sent.to, list) else 1 for sent, _ in items))
    telling = Telling(call)
    commands: list[Produce | Problem] = []
    for sent, once in taking_turns(call, items):
        try:
            commands.append(telling.command(sent, once))
        except Unavailable:
            raise
        except Problem as problem:
            commands.append(problem)
    results: list[Produced | Problem]
    results, _ = call.services.change(ProduceAll(call.producer.id, commands, None))
    for (sent, _), result in zip(items, results, strict=True):
        if isinstance(result, Produced) and not result.replayed:
            call.services.metrics.accept(sent.type, len(result.outcomes))
            _hurry(call, result)
    told = [result for result in results if isinstance(result, Produced)]
    if told:
        heard(call)
    if told and all(result.replayed for result in told):
        _mark_replayed(call)
    return results


@endpoint(
    "POST",
    "/v1/notifications/batch",
    "producer",
    body=bytes,
    answers={200: BatchResult},
    media=("application/json", "application/x-ndjson"),
    problems=(400, 413, 422, 429, 503),
    example={"notifications": [_EXAMPLE, {"to": {"topic": "deploys"}, "title": "v2 is live"}]},
    large=True,
    hot=True,
)
def create_batch(call: Call) -> Answer:
    """Tell up to 1,000 things at once; one bad item does not spoil the others."""
    items = _items(call)
    take(call, len(items))
    telling = Telling(call)
    commands: list[Produce | Problem] = []
    room = call.services.limits.batch_recipients
    for item in taking_turns(call, items):
        try:
            one = telling.command(decode(item, _one), None)
            if one.weight > room:
                most = call.services.limits.batch_recipients
                raise Invalid(f"A batch is for {most:,} recipients in all; send the rest in another.", field="to")
            room -= one.weight
            commands.append(one)
        except Unavailable:
            raise  # for the whole of it: nothing is stored, and the same request may come again
        except Problem as problem:
            commands.append(problem)
    batch = ProduceAll(call.producer.id, commands, _once(call, "batch"))
    if batch.weight > len(items):
        take(call, batch.weight - len(items))
    results, replayed = call.services.change(batch)
    if replayed:
        _mark_replayed(call)
    told: list[Outcome | ItemFailed] = []
    kinds = Counter[str]()
    for command, result in zip(commands, results, strict=True):
        if isinstance(result, Problem):
            told.append(ItemFailed(problems.document(result, None)))
            continue
        told.append(result.outcomes[0] if len(result.outcomes) == 1 else _summary(result))
        if isinstance(command, Produce) and not result.replayed:
            kinds[command.draft.type] += 1
            if command.later:
                _hurry(call, result)
    for kind, count in kinds.items():
        call.services.metrics.accept(kind, count)
    accepted = sum(not isinstance(result, Problem) for result in results)
    if accepted:
        heard(call)
    return Answer(200, BatchResult(accepted, tuple(told)))


@endpoint("GET", "/v1/notifications/{id}", "producer", answers={200: listing.Receipt}, problems=(403, 404))
def look_at(call: Call) -> Answer:
    """What became of a notification you sent, per device."""
    call.producer.must("receipts")
    an_id = call.path["id"]
    found = call.services.read(listing.receipt, call.producer.id, an_id) if is_id(an_id) else None
    if found is None:
        raise NotFound("There is no such notification.")
    return Answer(200, found)


# ---- parts


def take(call: Call, cost: int) -> None:
    """Let the producer pay from what it may send."""
    limiter = call.services.rates.producer
    verdict = limiter.check(str(call.producer.id), cost, now=monotonic())
    headers = limiter.headers(verdict)
    if not verdict.allowed:
        raise RateLimited("This producer sends more than it may.", headers=headers)
    call.headers_out.update(headers)


def taking_turns(call: Call, items: Iterable[T]) -> Iterator[T]:
    """The same, with others let in between: templates in many languages take their time, and others wait."""
    turn_ends = monotonic() + _TURN_SECONDS
    for item in items:
        if monotonic() > turn_ends:
            call.services.runtime.sleep(0)
            turn_ends = monotonic() + _TURN_SECONDS
        yield item


def idempotency_key(call: Call) -> str | None:
    key = call.header("Idempotency-Key")
    if key is not None and (not 0 < len(key) <= 128 or not key.isascii() or not key.isprintable()):
        raise Invalid("An Idempotency-Key has 1 to 128 printable ASCII characters.", field="Idempotency-Key")
    return key


def _once(call: Call, kind: str) -> Once | None:
    key = idempotency_key(call)
    if key is None:
        return None
    return Once(key, blake2b(kind.encode() + b"\n" + call.raw, digest_size=16).hexdigest())


def _items(call: Call) -> list[bytes | msgspec.Raw]:
    if (call.header("Content-Type") or "").startswith(("application/x-ndjson", "application/jsonl")):
        lines: list[bytes | msgspec.Raw] = [line for line in call.raw.split(b"\n") if line.strip()]
        if not 0 < len(lines) <= call.services.limits.batch_items:
            raise Invalid(f"A batch has 1 to {call.services.limits.batch_items} lines.")
        return lines
    batch: Batch = decode(call.raw, _batch)
    return list(batch.notifications)


def heard(call: Call) -> None:
    """What the producer has sent is a sign of life too, where it said so."""
    services, producer_id = call.services, call.producer.id
    if call.producer.expected:
        services.signs.note(
            producer_id, partial(services.tell_of, partial(expectations.anything, producer_id=producer_id))
        )


def _hurry(call: Call, produced: Produced) -> None:
    """Start what travels on its own now, instead of waiting for the next round of the jobs."""
    for outcome in produced.outcomes:
        if outcome.reaches is not None and outcome.deliver_at is None and outcome.id is not None:
            call.services.fan_outs.begin(outcome.id, call.producer.id, outcome.reaches)
            call.services.carry(outcome.id)


def _answer(call: Call, sent: NewNotification, produced: Produced) -> Answer:
    first = produced.outcomes[0]
    if isinstance(sent.to, str):
        return Answer(200 if first.skipped else 201, first if first.question is None else replace(first, question=None))
    return Answer(201, _accepted(produced))


def _accepted(produced: Produced) -> Accepted:
    first = produced.outcomes[0]
    if first.reaches is not None and first.user is None:
        return Accepted(first.reaches, (), first.id)
    told = sum(outcome.id is not None for outcome in produced.outcomes)
    return Accepted(told, produced.outcomes, produced.question)


def _summary(produced: Produced) -> Outcome:
    """Several recipients of one item of a batch: how many, in the place of one id."""
    told = sum(outcome.id is not None for outcome in produced.outcomes)
    return Outcome(id=produced.question, reaches=told, question=produced.question)


def _mark_replayed(call: Call) -> None:
    call.services.metrics.replayed += 1
    call.headers_out["Idempotency-Replayed"] = "true"
