"""What a producer's key carries for senders that speak another system's language, and tokens for those alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("producers", sa.Column("dialects", sa.Text(), server_default="{}", nullable=False))
    op.add_column("producer_keys", sa.Column("dialect", _exact(128), nullable=True))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
