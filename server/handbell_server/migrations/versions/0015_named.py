"""Which notifications a digest told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("mails", sa.Column("named", sa.Text(), nullable=True))
