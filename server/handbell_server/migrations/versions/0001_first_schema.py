"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    _feed_and_people()
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_notifications_user_id_id_ver", "notifications", ["user_id", "id", "ver"])
        # Every word stands with its owner's number in front (search.py), so a search reads the posting lists of one
        # person's words only. Words are folded and cut there; the tokenizer takes all beyond ASCII for a letter.
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(words, tokenize = 'ascii')")
    else:
        op.create_index("ix_notifications_user_id_id", "notifications", ["user_id", "id"])
        op.create_index("ix_notifications_user_id_ver_id", "notifications", ["user_id", "ver", "id"])
        _search_documents()


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _feed_and_people() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", _exact(128), nullable=False),
        sa.Column("action", _exact(128), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_table(
        "dispatches",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("target", _exact(128), nullable=False),
        sa.Column("key", _exact(128), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", _exact(128), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
    )
    op.create_index("ix_dispatches_due_at", "dispatches", ["due_at"], **_where("state = 'waiting'"))
    op.create_table(
        "idempotency_keys",
        sa.Column("producer_id", sa.Integer(), nullable=False),
        sa.Column("key", _exact(128), nullable=False),
        sa.Column("request_hash", _exact(64), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("producer_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", _exact(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "leases",
        sa.Column("duty", _exact(128), nullable=False),
        sa.Column("holder", _exact(128), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("duty", name="pk_leases"),
    )
    op.create_table(
        "producers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _exact(128), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_producers"),
        sa.UniqueConstraint("name", name="uq_producers_name"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _exact(128), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("subject", _exact(128), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.UniqueConstraint("subject", name="uq_users_subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "applied_actions",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("status", _exact(128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_applied_actions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_applied_actions"),
    )
    op.create_index("ix_applied_actions_at", "applied_actions", ["at"])
    op.create_table(
        "devices",
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("token_hash", _exact(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("online_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("received_epoch", _exact(36), nullable=True),
        sa.Column("received_rev", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_devices_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    op.create_index("ix_devices_revoked_at", "devices", ["revoked_at"], **_where("revoked_at IS NOT NULL"))
    op.create_index("ix_devices_user_id", "devices", ["user_id"])
    op.create_table(
        "inboxes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("digest", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unread", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_inboxes_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_inboxes"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "notifications",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", _exact(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("dispatch_id", _exact(36), nullable=True),
        sa.Column("ver", sa.BigInteger(), nullable=False),
        sa.Column("crev", sa.BigInteger(), nullable=False),
        sa.Column("cver", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("source", _exact(128), nullable=False),
        sa.Column("type", _exact(128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("priority", _exact(128), nullable=False),
        sa.Column("key", _exact(128), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("gen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("sgen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("archived", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snooze_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("snooze_op", _exact(128), server_default="", nullable=False),
        sa.Column("snoozed_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pin_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pin_op", _exact(128), server_default="", nullable=False),
        sa.Column("pinned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted", _exact(128), server_default="", nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notifications_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_notifications"),
        sa.UniqueConstraint("id", name="uq_notifications_id"),
    )
    op.create_index("ix_notifications_deleted_at", "notifications", ["deleted_at"], **_where("deleted_at IS NOT NULL"))
    op.create_index(
        "ix_notifications_dispatch_id",
        "notifications",
        ["dispatch_id"],
        **_where("dispatch_id IS NOT NULL AND deleted = ''"),
    )
    op.create_index(
        "ix_notifications_expires_at",
        "notifications",
        ["expires_at"],
        **_where("expires_at IS NOT NULL AND deleted = ''"),
    )
    op.create_index(
        "ix_notifications_producer_key",
        "notifications",
        ["producer_id", "key"],
        **_where("key IS NOT NULL AND deleted = ''"),
    )
    op.create_index(
        "ix_notifications_snoozed_until",
        "notifications",
        ["snoozed_until"],
        **_where("snoozed_until > 0 AND deleted = ''"),
    )
    op.create_index(
        "uq_notifications_live_key",
        "notifications",
        ["user_id", "producer_id", "key"],
        unique=True,
        **_where("key IS NOT NULL AND deleted = ''"),
    )
    op.create_table(
        "producer_keys",
        sa.Column("id", _exact(128), nullable=False),
        sa.Column("producer_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", _exact(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name="fk_producer_keys_producer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_producer_keys"),
    )
    op.create_index("ix_producer_keys_producer_id", "producer_keys", ["producer_id"])
    op.create_table(
        "search_progress",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_search_progress_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_search_progress"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("topic", _exact(128), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_subscriptions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "user_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_user_id", "subscriptions", ["user_id"])


def _search_documents() -> None:
    op.create_table(
        "search_documents",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_search_documents_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_search_documents"),
    )
    op.create_index("ix_search_documents_user_id", "search_documents", ["user_id"])
    op.create_index("ix_search_documents_words", "search_documents", ["words"], postgresql_using="gin")
