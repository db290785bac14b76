"""People, the devices they signed in on, and those that are about to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Hash, Id, Millis, Name


class User(Base):
    """A person with an inbox. `subject` names them at the organisation's own issuer, where there is one.

    `language` is how BCP 47 writes it; without one, a person is told things as their producer wrote them.
    """

    __tablename__ = "users"
    # A number is never given again: it may still stand in a cache, a dispatch or a log.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[Name] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    subject: Mapped[Name | None] = mapped_column(unique=True)
    admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Millis]
    disabled_at: Mapped[Millis | None]
    language: Mapped[Name | None]


class Device(Base):
    """One signed-in client.

    `received_rev` is how far it said it has come: a receipt, not a cursor. `online_until` is renewed by the process that
    holds its socket, so a device whose server was killed goes offline by itself; no index may have it, nor name it in its
    condition, or every renewal writes into all of them. `active_since` is there while the person uses it, as far as it says;
    `activity_at` is when that last changed, or when such a device left.
    """

    __tablename__ = "devices"
    __table_args__ = (
        Index("ix_devices_user_id", "user_id"),
        Index(
            "ix_devices_revoked_at",
            "revoked_at",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
        Index(
            "ix_devices_activity_at",
            "activity_at",
            sqlite_where=text("activity_at > 0"),
            postgresql_where=text("activity_at > 0"),
        ),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    platform: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    created_at: Mapped[Millis]
    online_until: Mapped[Millis] = mapped_column(default=0, server_default="0")
    revoked_at: Mapped[Millis | None]
    active_since: Mapped[Millis | None]
    activity_at: Mapped[Millis] = mapped_column(default=0, server_default="0")
    received_epoch: Mapped[Id | None]
    received_rev: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[Millis | None]
    dialect: Mapped[Name | None]  # of a program of another system, whose token is good for nothing else


class Pairing(Base):
    """A code that will make a device somebody's, for ten minutes; `actions/pairings.py` tells the two kinds apart.

    `granted_by` is the device that offered or approved it. Signing that one out takes back what it granted.
    """

    __tablename__ = "pairings"
    __table_args__ = (
        Index("ix_pairings_user_id", "user_id"),
        Index("ix_pairings_expires_at", "expires_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    code_hash: Mapped[Hash] = mapped_column(unique=True)
    secret_hash: Mapped[Hash | None] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    granted_by: Mapped[Id | None]
    address: Mapped[Name | None]
    name: Mapped[str] = mapped_column(default="")
    platform: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[Millis]
