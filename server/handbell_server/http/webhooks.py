"""Webhooks: where a producer wants to be told what became of its notifications."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server.actions import webhooks
from handbell_server.actions.webhooks import EventName, FailureShown, WebhookShown
from handbell_server.channels.egress import URL_CHARS
from handbell_server.channels.posting import body_of
from handbell_server.errors import Invalid, RateLimited
from handbell_server.guessing import pay
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id, new_id

_TRIES_AT_ONCE = 8
_trying: set[int] = set()  # producers that are trying one of theirs out now

Url = Annotated[str, Meta(min_length=1, max_length=URL_CHARS)]
Events = Annotated[tuple[EventName, ...], Meta(min_length=1, max_length=20)]


class NewWebhook(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Where to call, and for what."""

    url: Url
    events: Events


class WebhookChange(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What to change; what is not given stays."""

    url: Url | None = None
    events: Events | None = None
    enabled: bool | None = None


class RegisteredWebhook(Struct, frozen=True, gc=False):
    """The secret is shown this once."""

    id: str
    secret: str


class NewSecret(Struct, frozen=True, gc=False):
    """The secret is shown this once. Until `old_until` every message is signed with the old one too."""

    secret: str
    old_until: int


class Webhooks(Struct, frozen=True, gc=False):
    webhooks: tuple[WebhookShown, ...]


class Tried(Struct, frozen=True, gc=False):
    """What came of the test message."""

    delivered: bool
    status: int | None
    error: str | None


class FailuresAsked(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    cursor: Annotated[str, Meta(max_length=36)] | None = None


class Failures(Struct, frozen=True, gc=False):
    failures: tuple[FailureShown, ...]
    next: str | None


@endpoint(
    "POST",
    "/v1/webhooks",
    "producer",
    body=NewWebhook,
    answers={201: RegisteredWebhook},
    problems=(403, 429),
    example={"url": "https://ci.example/hooks/handbell", "events": ["notification.answered"]},
)
def register(call: Call) -> Answer:
    """Be told of what becomes of your notifications; the secret that proves it is us is shown this once."""
    producer_id, sent = _producer(call), call.body
    call.services.poster.check(sent.url)
    an_id = new_id()
    secret, sealed = call.services.poster.new_secret(an_id)
    call.services.errand(lambda c: webhooks.register(c, producer_id, an_id, sent.url, sent.events, sealed))
    return Answer(201, RegisteredWebhook(an_id, secret))


@endpoint("GET", "/v1/webhooks", "producer", answers={200: Webhooks}, problems=(403, 429))
def all_mine(call: Call) -> Answer:
    """Your webhooks, and how they fare."""
    mine = call.services.read(webhooks.all_of, _producer(call))
    return Answer(200, Webhooks(tuple(shown for _, shown in mine)))


@endpoint("GET", "/v1/webhooks/{id}", "producer", answers={200: WebhookShown}, problems=(403, 404, 429))
def show(call: Call) -> Answer:
    """One of your webhooks, and how it fares."""
    producer_id, an_id = _producer(call), _id(call)
    return Answer(200, call.services.read(webhooks.one_of, producer_id, an_id))


@endpoint(
    "PATCH",
    "/v1/webhooks/{id}",
    "producer",
    body=WebhookChange,
    answers={200: WebhookShown},
    problems=(403, 404, 429),
    example={"enabled": True},
)
def change(call: Call) -> Answer:
    """Call elsewhere, for other events, not at all, or again."""
    producer_id, an_id = _producer(call), _id(call)
    sent: WebhookChange = call.body
    if sent.url is not None:
        call.services.poster.check(sent.url)
    shown = call.services.errand(
        lambda c: webhooks.change(c, producer_id, an_id, url=sent.url, events=sent.events, enabled=sent.enabled)
    )
    return Answer(200, shown)


@endpoint("DELETE", "/v1/webhooks/{id}", "producer", answers={204: None}, problems=(403, 404, 429))
def remove(call: Call) -> Answer:
    """Be told no more; what waits is dropped."""
    producer_id, an_id = _producer(call), _id(call)
    call.services.errand(lambda c: webhooks.remove(c, producer_id, an_id))
    return Answer(204)


@endpoint("POST", "/v1/webhooks/{id}/secret", "producer", answers={200: NewSecret}, problems=(403, 404, 429))
def rotate(call: Call) -> Answer:
    """A new secret; for a day the old one signs too."""
    producer_id, an_id = _producer(call), _id(call)
    secret, sealed = call.services.poster.new_secret(an_id)
    old_until = call.services.errand(lambda c: webhooks.rotate(c, producer_id, an_id, sealed))
    return Answer(200, NewSecret(secret, old_until))


@endpoint("POST", "/v1/webhooks/{id}/test", "producer", answers={200: Tried}, problems=(403, 404, 429))
def try_out(call: Call) -> Answer:
    """Send a signed `webhook.test` now, once, and hear what came of it."""
    producer_id, an_id = _producer(call), _id(call)
    target = call.services.read(webhooks.target_of, producer_id, an_id)
    if producer_id in _trying or len(_trying) >= _TRIES_AT_ONCE:
        raise RateLimited("One test at a time.", retry_after=5)
    body = body_of("webhook.test", now_ms(), {"webhook": an_id})
    _trying.add(producer_id)
    try:
        outcome = call.services.runtime.offload(
            call.services.poster.post, an_id, new_id(), target.url, target.secrets, body, pool="calls"
        )
    finally:
        _trying.discard(producer_id)
    return Answer(200, Tried(outcome.delivered, outcome.status, None if outcome.delivered else outcome.said))


@endpoint(
    "GET",
    "/v1/webhooks/{id}/failures",
    "producer",
    query=FailuresAsked,
    answers={200: Failures},
    problems=(403, 404, 429),
)
def failures(call: Call) -> Answer:
    """What was given up in the last 30 days, the latest first."""
    producer_id, an_id = _producer(call), _id(call)
    asked: FailuresAsked = call.query
    if asked.cursor is not None and not is_id(asked.cursor):
        raise Invalid("A cursor is `next` of the page before.", field="cursor")
    found = call.services.read(webhooks.failures, producer_id, an_id, asked.limit + 1, asked.cursor)
    page = tuple(found[: asked.limit])
    return Answer(200, Failures(page, page[-1].id if len(found) > asked.limit else None))


@endpoint(
    "POST", "/v1/webhooks/{id}/failures/{failure}/retry", "producer", answers={204: None}, problems=(403, 404, 429)
)
def retry(call: Call) -> Answer:
    """Deliver again what was given up."""
    producer_id, an_id, failure = _producer(call), _id(call), call.path["failure"]
    call.services.errand(lambda c: webhooks.retry(c, producer_id, an_id, failure if is_id(failure) else ""))
    return Answer(204)


def _producer(call: Call) -> int:
    """Who asks. What a webhook tells is what a receipt tells, so the same scope opens both."""
    call.producer.must("receipts")
    pay(call.services.rates.producer, str(call.producer.id), "This producer asks more than it may.")
    return call.producer.id


def _id(call: Call) -> str:
    if not is_id(call.path["id"]):
        raise webhooks.nothing()
    return call.path["id"]
