"""Where producers want to be told what became of their notifications, and what still has to be told there.

A delivery is a row of an outbox: written by the transaction in which the thing happened, claimed for half a minute by
whoever sends it, deleted when the receiver has it. One that failed for good stays, with `died_at`, for its producer.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


class Webhook(Base):
    """One endpoint of a producer. `events` is a JSON list; the secrets are sealed (`sealing.py`)."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_producer_id", "producer_id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[Json]
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_until: Mapped[Millis | None]
    enabled: Mapped[bool]
    disabled_for: Mapped[Name | None]  # why, when it was not its producer: gone, failing, backlog
    created_at: Mapped[Millis]
    delivered_at: Mapped[Millis | None]
    failing_since: Mapped[Millis | None]


class WebhookDelivery(Base):
    """One event for one endpoint. `id` is the event's, the `webhook-id` of every attempt."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "due_at",
            sqlite_where=text("died_at IS NULL"),
            postgresql_where=text("died_at IS NULL"),
        ),
        Index(
            "ix_webhook_deliveries_dead",
            "webhook_id",
            "died_at",
            sqlite_where=text("died_at IS NOT NULL"),
            postgresql_where=text("died_at IS NOT NULL"),
        ),
    )

    webhook_id: Mapped[Id] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    event: Mapped[Name]
    notification_id: Mapped[Id]
    user_name: Mapped[Name]
    facts: Mapped[Json]
    created_at: Mapped[Millis]
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[Millis]
    claimed_by: Mapped[Id | None]
    claimed_until: Mapped[Millis] = mapped_column(server_default="0")
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    died_at: Mapped[Millis | None]
