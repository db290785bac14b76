"""Why a device did not ring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("receipts", sa.Column("held_at", sa.BigInteger(), nullable=True))
    op.add_column("receipts", sa.Column("held_for", _exact(128), nullable=True))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
