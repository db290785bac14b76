"""What goes into e-mail at once, and when digests are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("digest_at", sa.BigInteger(), nullable=True))
    op.add_column("mailboxes", sa.Column("digested_to", sa.BigInteger(), server_default="0", nullable=False))
    _partial_index("mailboxes", "digest_at", "digest_at IS NOT NULL")
    op.create_table(
        "mail_items",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", _exact(36), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("mail_id", _exact(36), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mail_items_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_mail_items_mail_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "notification_id", name="pk_mail_items"),
    )
    _partial_index("mail_items", "due_at", "mail_id IS NULL")
    op.create_index("ix_mail_items_mail_id", "mail_items", ["mail_id"])


def _partial_index(table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=where, postgresql_where=where)


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
