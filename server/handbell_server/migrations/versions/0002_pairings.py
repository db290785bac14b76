"""Codes that sign a device in without its password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "pairings",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("code_hash", _exact(64), nullable=False),
        sa.Column("secret_hash", _exact(64), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("granted_by", _exact(36), nullable=True),
        sa.Column("address", _exact(128), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_pairings_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
        sa.UniqueConstraint("code_hash", name="uq_pairings_code_hash"),
        sa.UniqueConstraint("secret_hash", name="uq_pairings_secret_hash"),
    )
    op.create_index("ix_pairings_user_id", "pairings", ["user_id"])
    op.create_index("ix_pairings_expires_at", "pairings", ["expires_at"])


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
