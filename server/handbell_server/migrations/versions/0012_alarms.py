"""What rings until somebody acknowledges it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _exact(128), nullable=False),
        sa.Column("repeat_s", sa.BigInteger(), nullable=False),
        sa.Column("expire_s", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("rings", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    _partial("next_at")
    _partial("finished_at")


def _partial(column: str) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_alarms_{column}", "alarms", [column], sqlite_where=where, postgresql_where=where)


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
