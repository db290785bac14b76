"""A producer's webhooks: where it wants to be told, and of what. Everything here is asked with the producer's id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, get_args

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import producers
from handbell_server.actions.installation import audit
from handbell_server.errors import Invalid, NotFound
from handbell_server.models import Producer, Webhook, WebhookDelivery
from handbell_shared.clock import now_ms

EventName = Literal[
    "notification.answered",
    "notification.read",
    "notification.expired",
    "notification.acknowledged",
    "notification.escalated",
    "notification.unacknowledged",
]
EVENTS: tuple[str, ...] = get_args(EventName)
OF_A_PRODUCER = 10
GRACE_MS = 86_400_000  # a secret that was replaced signs beside the new one for a day

_Row = WebhookDelivery


class WebhookShown(Struct, frozen=True, gc=False):
    """One webhook, without its secret."""

    id: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    disabled_for: str | None
    created_at: int
    delivered_at: int | None
    failing_since: int | None
    waiting: int
    failures: int


class Target(Struct, frozen=True, gc=False):
    """Where to call, and the sealed secrets that are valid now."""

    url: str
    secrets: tuple[str, ...]


class FailureShown(Struct, frozen=True, gc=False):
    """A delivery that was given up, with the last that was heard of it."""

    id: str
    event: str
    notification: str
    user: str
    attempts: int
    status: int | None
    error: str | None
    created_at: int
    died_at: int


def register(
    connection: Connection, producer_id: int, an_id: str, url: str, events: Sequence[str], secret: str
) -> None:
    """A new webhook; `secret` is sealed already."""
    producers.hold(connection, producer_id)
    has = select(func.count()).select_from(Webhook).where(Webhook.producer_id == producer_id)
    if connection.execute(has).scalar_one() >= OF_A_PRODUCER:
        raise Invalid(f"A producer has at most {OF_A_PRODUCER} webhooks.")
    values = {"id": an_id, "producer_id": producer_id, "url": url, "events": _events(events), "secret": secret}
    connection.execute(insert(Webhook).values(values | {"enabled": True, "created_at": now_ms()}))
    audit(connection, f"producer:{producer_id}", "webhook.add", an_id)


def all_of(connection: Connection, producer_id: int | None) -> list[tuple[str, WebhookShown]]:
    """The webhooks of a producer, or of all, each with its producer's name."""
    waiting = func.count().filter(_Row.died_at.is_(None), _Row.id.is_not(None))
    query = (
        select(
            Producer.name.label("producer"), Webhook, waiting.label("waiting"), func.count(_Row.died_at).label("dead")
        )
        .join(Producer, Producer.id == Webhook.producer_id)
        .outerjoin(_Row, _Row.webhook_id == Webhook.id)
        .group_by(Producer.name, *Webhook.__table__.columns)
        .order_by(Producer.name, Webhook.id)
    )
    if producer_id is not None:
        query = query.where(Webhook.producer_id == producer_id)
    return [(row.producer, _shown(row)) for row in connection.execute(query)]


def one_of(connection: Connection, producer_id: int, an_id: str) -> WebhookShown:
    for _, shown in all_of(connection, producer_id):
        if shown.id == an_id:
            return shown
    raise nothing()


def change(
    connection: Connection,
    producer_id: int,
    an_id: str,
    *,
    url: str | None,
    events: Sequence[str] | None,
    enabled: bool | None,
) -> WebhookShown:
    """Change what is given. Switched on again, a webhook begins with a clean slate."""
    values: dict[str, Any] = {}
    if url is not None:
        values["url"] = url
    if events is not None:
        values["events"] = _events(events)
    if enabled is not None:
        values |= {"enabled": enabled, "disabled_for": None, "failing_since": None}
    if values and not connection.execute(_mine(update(Webhook), producer_id, an_id).values(values)).rowcount:
        raise nothing()
    if enabled is False:
        set_aside(connection, an_id, "The webhook was switched off.")
    if values:
        audit(connection, f"producer:{producer_id}", "webhook.change", an_id, {"changed": sorted(values)})
    return one_of(connection, producer_id, an_id)


def remove(connection: Connection, producer_id: int, an_id: str) -> None:
    """The webhook, and everything that waits for it."""
    if not connection.execute(_mine(delete(Webhook), producer_id, an_id)).rowcount:
        raise nothing()
    audit(connection, f"producer:{producer_id}", "webhook.remove", an_id)


def rotate(connection: Connection, producer_id: int, an_id: str, secret: str) -> int:
    """A new secret; until when the old one signs too."""
    until = now_ms() + GRACE_MS
    values = {"old_secret": Webhook.secret, "old_until": until, "secret": secret}
    if not connection.execute(_mine(update(Webhook), producer_id, an_id).values(values)).rowcount:
        raise nothing()
    audit(connection, f"producer:{producer_id}", "webhook.secret", an_id)
    return until


def target_of(connection: Connection, producer_id: int, an_id: str) -> Target:
    query = select(Webhook.url, Webhook.secret, Webhook.old_secret, Webhook.old_until)
    row = connection.execute(_mine(query, producer_id, an_id)).one_or_none()
    if row is None:
        raise nothing()
    return Target(row.url, valid_secrets(row.secret, row.old_secret, row.old_until, now_ms()))


def valid_secrets(secret: str, old: str | None, old_until: int | None, now: int) -> tuple[str, ...]:
    return (secret, old) if old is not None and (old_until or 0) > now else (secret,)


def failures(
    connection: Connection, producer_id: int | None, an_id: str, limit: int, before: str | None = None
) -> list[FailureShown]:
    """What was given up, the latest first; the producer is None for the operator."""
    _must_exist(connection, producer_id, an_id)
    query = select(_Row).where(_Row.webhook_id == an_id, _Row.died_at.is_not(None))
    if before is not None:
        query = query.where(_Row.id < before)
    return [
        FailureShown(
            row.id, row.event, row.notification_id, row.user_name, row.attempts, row.last_status, row.last_error,
            row.created_at, row.died_at,
        )
        for row in connection.execute(query.order_by(_Row.id.desc()).limit(limit))
    ]  # fmt: skip


def retry(connection: Connection, producer_id: int | None, an_id: str, failure: str | None) -> int:
    """Deliver again what was given up, one or all of it: from the first attempt on. How many that are."""
    if not _must_exist(connection, producer_id, an_id):
        raise Invalid("This webhook is switched off; switch it on first.")
    dead = update(_Row).where(_Row.webhook_id == an_id, _Row.died_at.is_not(None))
    if failure is not None:
        dead = dead.where(_Row.id == failure)
    found = connection.execute(dead.values(died_at=None, attempts=0, due_at=now_ms())).rowcount
    if failure is not None and not found:
        raise NotFound("There is no such failure.")
    return found


def set_aside(connection: Connection, an_id: str, why: str) -> int:
    """What waits for a webhook that is off becomes a failure, from where it can be retried."""
    waiting = update(_Row).where(_Row.webhook_id == an_id, _Row.died_at.is_(None))
    return connection.execute(waiting.values(died_at=now_ms(), last_error=why)).rowcount


def nothing() -> NotFound:
    return NotFound("There is no such webhook.")


def _events(events: Sequence[str]) -> str:
    """A JSON list; `store.py` looks for a quoted name in it."""
    return json.dumps([event for event in EVENTS if event in events])


def _mine(statement: Any, producer_id: int, an_id: str) -> Any:
    return statement.where(Webhook.id == an_id, Webhook.producer_id == producer_id)


def _must_exist(connection: Connection, producer_id: int | None, an_id: str) -> bool:
    """Whether it is switched on; NotFound when there is none, or it is somebody else's."""
    query = select(Webhook.enabled).where(Webhook.id == an_id)
    if producer_id is not None:
        query = query.where(Webhook.producer_id == producer_id)
    enabled = connection.execute(query).scalar_one_or_none()
    if enabled is None:
        raise nothing()
    return enabled


def _shown(row: Any) -> WebhookShown:
    return WebhookShown(
        row.id, row.url, tuple(json.loads(row.events)), row.enabled, row.disabled_for, row.created_at,
        row.delivered_at, row.failing_since, row.waiting, row.dead,
    )  # fmt: skip
