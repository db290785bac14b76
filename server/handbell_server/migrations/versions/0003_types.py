"""Types that somebody registered, and the language of each person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "registered_types",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", _exact(128), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_registered_types"),
    )
    op.add_column("users", sa.Column("language", _exact(128), nullable=True))
    op.add_column("installation", sa.Column("types_rev", sa.BigInteger(), server_default="0", nullable=False))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
