"""Programs of other systems that listen: their tokens, and where each notification's present content stands in the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("devices", sa.Column("dialect", _exact(128), nullable=True))
    op.add_column("notifications", sa.Column("nrev", sa.BigInteger(), server_default="0", nullable=False))


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
