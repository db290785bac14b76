"""People's e-mail addresses, and the outbox of what is sent there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("asked", _exact(36), nullable=True),
        sa.Column("guesses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mailboxes_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_mailboxes"),
    )
    op.create_table(
        "mails",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", _exact(128), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", _exact(128), server_default="waiting", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed_by", _exact(36), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mails_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    _partial_index("waiting", "due_at")
    _partial_index("handing", "claimed_until")
    op.create_index("ix_mails_user_id", "mails", ["user_id"])
    op.create_index("ix_mails_created_at", "mails", ["created_at"])


def _partial_index(state: str, column: str) -> None:
    where = sa.text(f"state = '{state}'")
    op.create_index(f"ix_mails_{state}", "mails", [column], sqlite_where=where, postgresql_where=where)


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
