"""What became of notifications, in numbers. What there is already is counted after the start, portion by portion."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_FACTS = ("sent", "delivered", "shown", "read", "clicked", "dismissed", "answered", "expired")
_UNCOUNTED = (
    "counted <> CASE WHEN shown_at IS NULL THEN 0 ELSE 1 END + CASE WHEN clicked_at IS NULL THEN 0 ELSE 2 END "
    "+ CASE WHEN dismissed_at IS NULL THEN 0 ELSE 4 END"
)


def upgrade() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("source", _exact(128), nullable=False),
        sa.Column("type", _exact(128), nullable=False),
        *(sa.Column(fact, sa.BigInteger(), server_default="0", nullable=False) for fact in _FACTS),
        sa.PrimaryKeyConstraint("id", name="pk_cohorts"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_cohorts_what", "cohorts", ["producer_id", "day", "source", "type"], unique=True)
    op.create_index("ix_cohorts_day", "cohorts", ["day"])
    op.create_table(
        "counted",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("cohort_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["notifications.seq"], name="fk_counted_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_counted"),
    )
    op.create_table(
        "counting_progress",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("delivered", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_counting_progress_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_counting_progress"),
    )
    op.create_table(
        "counting_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counting_state"),
    )
    op.execute("INSERT INTO counting_state (id) VALUES (1)")
    op.add_column("receipts", sa.Column("counted", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_receipts_uncounted",
        "receipts",
        ["notification_id"],
        sqlite_where=sa.text(_UNCOUNTED),
        postgresql_where=sa.text(_UNCOUNTED),
    )


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
