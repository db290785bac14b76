"""Questions put to several people or with a deadline, whom they reached, and what devices did with notifications."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


class QuestionRow(Base):
    """One POST that asks several people at once, or until a moment. Whoever decides it holds this row's lock.

    `open` → `closing` (the answer is here, and on its way into the inboxes behind `cursor`) → `closed`. `user_id` is who
    gave the answer; nobody did at the deadline.
    """

    __tablename__ = "questions"
    __table_args__ = (
        Index(
            "ix_questions_due_at",
            "due_at",
            sqlite_where=text("state = 'open' AND due_at IS NOT NULL"),
            postgresql_where=text("state = 'open' AND due_at IS NOT NULL"),
        ),
        Index(
            "ix_questions_closing",
            "id",
            sqlite_where=text("state = 'closing'"),
            postgresql_where=text("state = 'closing'"),
        ),
        Index("ix_questions_created_at", "created_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    producer_id: Mapped[int]
    shared: Mapped[bool]
    state: Mapped[Name]
    due_at: Mapped[Millis | None]
    fallback: Mapped[Name]
    answer: Mapped[Json | None]
    user_id: Mapped[int | None]
    cursor: Mapped[int]
    created_at: Mapped[Millis]
    finished_at: Mapped[Millis | None]


class Asked(Base):
    """Whom a question has reached, and as which notification."""

    __tablename__ = "asked"

    question_id: Mapped[Id] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    notification_id: Mapped[Id]


# Which of the moments of a receipt there are, as the bits that `counted` has when all of them are in the statistics.
RECEIPT_MOMENTS = (
    "CASE WHEN shown_at IS NULL THEN 0 ELSE 1 END + CASE WHEN clicked_at IS NULL THEN 0 ELSE 2 END "
    "+ CASE WHEN dismissed_at IS NULL THEN 0 ELSE 4 END"
)
RECEIPT_UNCOUNTED = f"counted <> {RECEIPT_MOMENTS}"


class ReceiptRow(Base):
    """What one device did with one notification, and when it first did; the device's own word."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_device_id", "device_id"),
        Index(
            "ix_receipts_uncounted",
            "notification_id",
            sqlite_where=text(RECEIPT_UNCOUNTED),
            postgresql_where=text(RECEIPT_UNCOUNTED),
        ),
    )

    notification_id: Mapped[Id] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True)
    device_id: Mapped[Id] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True)
    shown_at: Mapped[Millis | None]
    clicked_at: Mapped[Millis | None]
    dismissed_at: Mapped[Millis | None]
    held_at: Mapped[Millis | None]
    held_for: Mapped[Name | None]
    counted: Mapped[int] = mapped_column(server_default="0")
