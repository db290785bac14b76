"""What there is one of: the installation with its epoch, and the audit log."""

from __future__ import annotations

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


class Installation(Base):
    """`epoch` changes when history was rewritten (a restored backup): every device then starts from a snapshot.

    `types_rev` counts the changes to registered types; processes that remember some compare it. `attended_at` is when a
    server last listened for expected signs of life; it stands still where nobody expects any.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[Id]
    created_at: Mapped[Millis]
    types_rev: Mapped[int] = mapped_column(server_default="0")
    attended_at: Mapped[Millis | None]


class AuditEntry(Base):
    """Who changed what about people, producers, keys and devices. Never what a notification said."""

    __tablename__ = "audit_log"

    id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[Millis]
    actor: Mapped[Name]
    action: Mapped[Name]
    subject: Mapped[str]
    detail: Mapped[Json | None]


class Lease(Base):
    """Who does a duty that one process at a time should do. A killed holder's lease runs out."""

    __tablename__ = "leases"

    duty: Mapped[Name] = mapped_column(primary_key=True)
    holder: Mapped[Name]
    until: Mapped[Millis]
