"""Signs of life that producers promised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "expectations",
        sa.Column("producer_id", sa.Integer(), nullable=False),
        sa.Column("name", _exact(128), nullable=False),
        sa.Column("every", sa.BigInteger(), nullable=False),
        sa.Column("grace", sa.BigInteger(), nullable=False),
        sa.Column("what", _exact(128), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("down_since", sa.BigInteger(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name="fk_expectations_producer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("producer_id", "name", name="pk_expectations"),
    )
    op.create_index(
        "ix_expectations_due_at",
        "expectations",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.add_column("installation", sa.Column("attended_at", sa.BigInteger(), nullable=True))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
