"""Which device a person uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("devices", sa.Column("active_since", sa.BigInteger(), nullable=True))
    op.add_column("devices", sa.Column("activity_at", sa.BigInteger(), server_default="0", nullable=False))
    _partial("ix_devices_activity_at", "activity_at", "activity_at > 0")
    _partial("ix_devices_active", "online_until", "active_since IS NOT NULL")


def _partial(name: str, column: str, where: str) -> None:
    op.create_index(name, "devices", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
