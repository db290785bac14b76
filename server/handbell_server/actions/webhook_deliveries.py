"""The outbox of the webhooks: who sends what now, what came of it, and what is too old to keep.

A row is claimed for `CLAIM_MS`, which is longer than an attempt can take (`channels/calling.py`): two processes never
make the same attempt at the same time, and what a killed one had claimed is free again soon. What is delivered twice,
because nobody lived to write down that it was, has the same `webhook-id` both times.

The order in which events arrive is not promised, so a receiver that fails holds up nobody but itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import uniform
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, and_, delete, exists, func, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions import webhooks
from handbell_server.channels.calling import CONNECT_S, LOOKUP_S, WHOLE_S, Outcome
from handbell_server.models import Producer, Webhook, WebhookDelivery
from handbell_shared.clock import now_ms

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000

# The pauses after the first attempt, the second, …: about a day in all.
PAUSES_MS = (5 * _SECOND, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 8 * _HOUR, 8 * _HOUR)
_JITTER = 0.2
CLAIM_MS = int((LOOKUP_S + CONNECT_S + WHOLE_S) * 1_000) + 5_000
AT_ONCE = 4  # attempts at one webhook at the same time; one that fails gets one
FAILING_DAYS = 5
DEAD_DAYS = 30
DEAD_AT_MOST = 1_000
WAITING_AT_MOST = 100_000

_Row = WebhookDelivery
_GONE = 410
_WHY = {
    "gone": "The receiver answered 410: it is gone for good. The webhook was switched off.",
    "failing": f"Nothing was delivered for {FAILING_DAYS} days. The webhook was switched off.",
    "backlog": f"More than {WAITING_AT_MOST:,} deliveries were waiting. The webhook was switched off.",
}


class Claimed(Struct, frozen=True, gc=False):
    """One attempt to be made, with what it needs."""

    webhook_id: str
    id: str
    event: str
    notification: str
    user: str
    facts: str
    created_at: int
    attempts: int
    url: str
    secrets: tuple[str, ...]  # sealed
    claimed_at: int


class Made(Struct, frozen=True, gc=False):
    """An attempt, and what came of it."""

    webhook_id: str
    id: str
    attempts: int
    outcome: Outcome


class Tally(Struct, gc=False):
    delivered: int = 0
    failed: int = 0
    dead: int = 0


def anything_due(connection: Connection) -> bool:
    """A cheap look before anything is claimed."""
    return bool(connection.execute(select(_due_webhooks(now_ms()).exists())).scalar_one())


def turn(connection: Connection, holder: str, made: Sequence[Made], room: int) -> tuple[Tally, list[Claimed]]:
    """Write down what came of the attempts that were made, and claim as many new ones as there is room for."""
    tally = Tally()
    for one in sorted(made, key=lambda made: (made.webhook_id, made.id)):  # two processes wait, and never in a circle
        _write_down(connection, holder, one, tally)
    return tally, _claim(connection, holder, room) if room > 0 else []


def release(connection: Connection, holder: str | None) -> None:
    """Let others have what `holder` had claimed; None is for everybody, when this process is known to be alone."""
    mine = _Row.claimed_by == holder if holder is not None else _Row.claimed_by.is_not(None)
    connection.execute(update(_Row).where(mine).values(claimed_by=None, claimed_until=0))


def _is_due(now: int) -> list[Any]:
    return [_Row.died_at.is_(None), _Row.due_at <= now, _Row.claimed_until < now]


def _due_webhooks(now: int) -> Select[str, int | None]:
    return (
        select(Webhook.id, Webhook.failing_since)
        .join(Producer, Producer.id == Webhook.producer_id)
        .where(Webhook.enabled, Producer.disabled_at.is_(None))
        .where(exists().where(_Row.webhook_id == Webhook.id, *_is_due(now)))
    )


def _claim(connection: Connection, holder: str, room: int) -> list[Claimed]:
    now = now_ms()
    # Locked, so that its attempts are counted by one process at a time; by chance, so that none is always the last.
    due = (
        _due_webhooks(now)
        .order_by(func.random())
        .limit(room)
        .with_for_update(key_share=True, skip_locked=True, of=Webhook)
    )
    claimed: list[Claimed] = []
    for webhook_id, failing_since in connection.execute(due).all():
        under_way = select(func.count()).select_from(_Row)
        under_way = under_way.where(_Row.webhook_id == webhook_id, _Row.died_at.is_(None), _Row.claimed_until >= now)
        bound = AT_ONCE if failing_since is None else 1
        take = min(bound - connection.execute(under_way).scalar_one(), room - len(claimed))
        if take > 0:
            claimed += _claim_of(connection, holder, webhook_id, take, now)
    return claimed


def _claim_of(connection: Connection, holder: str, webhook_id: str, take: int, now: int) -> list[Claimed]:
    first = select(_Row.id).where(_Row.webhook_id == webhook_id, *_is_due(now)).order_by(_Row.due_at).limit(take)
    ids = list(connection.execute(first).scalars())
    mine = and_(_Row.webhook_id == webhook_id, _Row.id.in_(ids))
    connection.execute(update(_Row).where(mine).values(claimed_by=holder, claimed_until=now + CLAIM_MS))
    query = select(_Row, Webhook.url, Webhook.secret, Webhook.old_secret, Webhook.old_until).where(mine)
    return [
        Claimed(
            webhook_id, row.id, row.event, row.notification_id, row.user_name, row.facts, row.created_at, row.attempts,
            row.url, webhooks.valid_secrets(row.secret, row.old_secret, row.old_until, now), now,
        )
        for row in connection.execute(query.join(Webhook, Webhook.id == _Row.webhook_id))
    ]  # fmt: skip


def _write_down(connection: Connection, holder: str, one: Made, tally: Tally) -> None:
    """Only what is still claimed by us: somebody else may have taken over, and knows better."""
    outcome, now = one.outcome, now_ms()
    row = and_(_Row.webhook_id == one.webhook_id, _Row.id == one.id, _Row.claimed_by == holder)
    webhook = update(Webhook).where(Webhook.id == one.webhook_id)
    if outcome.broken_off:
        connection.execute(update(_Row).where(row).values(claimed_by=None, claimed_until=0))
        return
    if outcome.delivered:
        tally.delivered += 1
        connection.execute(delete(_Row).where(row))
        connection.execute(webhook.values(delivered_at=now, failing_since=None))
        return
    tally.failed += 1
    attempts = one.attempts + 1
    last = attempts > len(PAUSES_MS)
    values = {
        "attempts": attempts, "last_status": outcome.status, "last_error": outcome.said, "claimed_by": None,
        "claimed_until": 0, "died_at": now if last else None,
        "due_at": now if last else now + _pause_ms(attempts, outcome),
    }  # fmt: skip
    tally.dead += last * connection.execute(update(_Row).where(row, _Row.died_at.is_(None)).values(values)).rowcount
    failing = webhook.values(failing_since=func.coalesce(Webhook.failing_since, now)).returning(Webhook.failing_since)
    since = connection.execute(failing).scalar_one_or_none()
    if since is None:
        return  # the webhook was removed meanwhile
    if outcome.status == _GONE:
        tally.dead += switch_off(connection, one.webhook_id, "gone")
    elif now - since > FAILING_DAYS * _DAY:
        tally.dead += switch_off(connection, one.webhook_id, "failing")


def _pause_ms(attempts: int, outcome: Outcome) -> int:
    """Never before the receiver wants it, and not all at the same moment."""
    pause = PAUSES_MS[attempts - 1] * uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 — spreading load
    return int(max(pause, outcome.retry_after_s * 1_000))


def switch_off(connection: Connection, webhook_id: str, why: str) -> int:
    """Stop calling it, and set aside what waits; how much that is."""
    connection.execute(update(Webhook).where(Webhook.id == webhook_id).values(enabled=False, disabled_for=why))
    return webhooks.set_aside(connection, webhook_id, _WHY[why])


# ---- now and then


def tidy(connection: Connection) -> int:
    """Forget old failures, secrets that sign no more, and keep every outbox within its bounds; how many have died."""
    now = now_ms()
    old = update(Webhook).where(Webhook.old_until < now, Webhook.old_secret.is_not(None))
    connection.execute(old.values(old_secret=None, old_until=None))
    connection.execute(delete(_Row).where(_Row.died_at.is_not(None), _Row.died_at < now - DEAD_DAYS * _DAY))
    dead = 0
    for webhook_id in _with_more_than(connection, WAITING_AT_MOST, dead=False):
        dead += switch_off(connection, webhook_id, "backlog")
    for webhook_id in _with_more_than(connection, DEAD_AT_MOST, dead=True):
        _keep_the_latest(connection, webhook_id)
    return dead


def _with_more_than(connection: Connection, bound: int, *, dead: bool) -> list[str]:
    kind = _Row.died_at.is_not(None) if dead else _Row.died_at.is_(None)
    query = select(_Row.webhook_id).where(kind).group_by(_Row.webhook_id).having(func.count() > bound)
    return list(connection.execute(query).scalars())


def _keep_the_latest(connection: Connection, webhook_id: str) -> None:
    mine = and_(_Row.webhook_id == webhook_id, _Row.died_at.is_not(None))
    eldest = select(_Row.id).where(mine).order_by(_Row.id.desc()).offset(DEAD_AT_MOST - 1).limit(1).scalar_subquery()
    connection.execute(delete(_Row).where(mine, _Row.id < eldest))
