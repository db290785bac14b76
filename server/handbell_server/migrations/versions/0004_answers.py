"""Questions that one answer closes, their deadlines, and what devices did with notifications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("state", _exact(128), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("fallback", _exact(128), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
    )
    _partial("ix_questions_due_at", "due_at", "state = 'open' AND due_at IS NOT NULL")
    _partial("ix_questions_closing", "id", "state = 'closing'")
    op.create_index("ix_questions_created_at", "questions", ["created_at"])
    op.create_table(
        "asked",
        sa.Column("question_id", _exact(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", _exact(36), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_asked_question_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_asked_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("question_id", "user_id", name="pk_asked"),
    )
    op.create_table(
        "receipts",
        sa.Column("notification_id", _exact(36), nullable=False),
        sa.Column("device_id", _exact(36), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("clicked_at", sa.BigInteger(), nullable=True),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_receipts_notification_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_receipts_device_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notification_id", "device_id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_device_id", "receipts", ["device_id"])


def _partial(name: str, column: str, where: str) -> None:
    op.create_index(name, "questions", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
