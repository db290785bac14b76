"""The feed: inboxes, the notifications in them, and what keeps a retry from happening twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Hash, Id, Json, Millis, Name


class Inbox(Base):
    """The narrow, hot row of a user: it is locked first in every change, so revisions appear in order, without holes.

    `digest` is the xor of 64-bit fingerprints, kept as a signed integer. `floor` is the oldest revision from which a
    delta is still complete.
    """

    __tablename__ = "inboxes"
    __table_args__ = {"postgresql_with": {"fillfactor": 50}}

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    rev: Mapped[int] = mapped_column(default=0, server_default="0")
    floor: Mapped[int] = mapped_column(default=0, server_default="0")
    digest: Mapped[int] = mapped_column(default=0, server_default="0")
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    chosen_rev: Mapped[int] = mapped_column(default=0, server_default="0")


class PreferencesRow(Base):
    """What a person chose, as a list of registers. `inboxes.chosen_rev` says since which revision it is so; 0 is never."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[Json]


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


_KEYED = "key IS NOT NULL AND deleted = ''"


class NotificationRow(Base):
    """One record. Rare content lives in `extra` (JSON), so that the common row stays narrow.

    `seq` follows the order of insertion; only the search index uses it. `nrev` is the revision that brought the present
    content where that is not `crev`.

    The indexes that serve a person's rows by id and by `ver` are each database's own and stand in the migration.
    PostgreSQL has one for each. SQLite has a single one that covers both: inboxes are bounded, so reading a delta from
    it costs a third of a millisecond at most, and every insert saves a third of its time and half of its log.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        _partial("uq_notifications_live_key", "user_id", "producer_id", "key", where=_KEYED, unique=True),
        _partial("ix_notifications_producer_key", "producer_id", "key", where=_KEYED),
        _partial("ix_notifications_dispatch_id", "dispatch_id", where="dispatch_id IS NOT NULL AND deleted = ''"),
        _partial("ix_notifications_expires_at", "expires_at", where="expires_at IS NOT NULL AND deleted = ''"),
        _partial("ix_notifications_snoozed_until", "snoozed_until", where="snoozed_until > 0 AND deleted = ''"),
        _partial("ix_notifications_deleted_at", "deleted_at", where="deleted_at IS NOT NULL"),
    )

    # A plain INTEGER is SQLite's own row number; elsewhere it has room for more rows than 32 bits count.
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[Id] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    producer_id: Mapped[int]
    dispatch_id: Mapped[Id | None]
    ver: Mapped[int]
    crev: Mapped[int]
    cver: Mapped[int] = mapped_column(server_default="1")
    nrev: Mapped[int] = mapped_column(server_default="0")
    source: Mapped[Name]
    type: Mapped[Name]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[Name]
    key: Mapped[Name | None]
    extra: Mapped[Json | None]
    created_at: Mapped[Millis]
    updated_at: Mapped[Millis | None]
    expires_at: Mapped[Millis | None]
    gen: Mapped[int] = mapped_column(server_default="0")
    read: Mapped[int] = mapped_column(Integer, server_default="0")
    read_at: Mapped[Millis | None]
    sgen: Mapped[int] = mapped_column(server_default="0")
    seen: Mapped[int] = mapped_column(Integer, server_default="0")
    agen: Mapped[int] = mapped_column(server_default="0")
    archived: Mapped[int] = mapped_column(Integer, server_default="0")
    snooze_at: Mapped[Millis] = mapped_column(server_default="0")
    snooze_op: Mapped[Name] = mapped_column(server_default="")
    snoozed_until: Mapped[Millis] = mapped_column(server_default="0")
    pin_at: Mapped[Millis] = mapped_column(server_default="0")
    pin_op: Mapped[Name] = mapped_column(server_default="")
    pinned: Mapped[int] = mapped_column(Integer, server_default="0")
    deleted: Mapped[Name] = mapped_column(server_default="")
    deleted_at: Mapped[Millis | None]


class IdempotencyKey(Base):
    """The answer a producer got for a key, written in the transaction of what it did."""

    __tablename__ = "idempotency_keys"

    producer_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[Name] = mapped_column(primary_key=True)
    request_hash: Mapped[Hash]
    response: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Millis] = mapped_column(index=True)


class AppliedAction(Base):
    """The acknowledgement an action got, so that a repeated action hears the same."""

    __tablename__ = "applied_actions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    rev: Mapped[int]
    status: Mapped[Name]
    at: Mapped[Millis] = mapped_column(index=True)


class Dispatch(Base):
    """A notification still on its way to its recipients: to a topic, to everybody, or to somebody later.

    `cursor` is the last user it reached; it moves in the transaction that reaches the next ones, so a killed fan-out
    resumes without a double. A finished dispatch stays for its producer to look at until retention takes it.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        _partial("ix_dispatches_due_at", "due_at", where="state = 'waiting'"),
        _partial("ix_dispatches_waiting", "producer_id", "key", where="state = 'waiting'"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    producer_id: Mapped[int]
    target: Mapped[Name]  # "user:<id>", "topic:<name>", "everyone", or "told:<key>": who has a notification of that key
    key: Mapped[Name | None]
    payload: Mapped[Json]
    state: Mapped[Name]  # waiting, done, recalled
    due_at: Mapped[Millis]
    cursor: Mapped[int] = mapped_column(server_default="0")
    reached: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Millis]
    finished_at: Mapped[Millis | None]
