"""Finding what a producer has going: what rings, and what is on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _partial("ix_alarms_ringing", "alarms", ["producer_id"], "next_at IS NOT NULL")
    _partial("ix_dispatches_waiting", "dispatches", ["producer_id", "key"], "state = 'waiting'")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
