"""Applications that may send, and their keys. Several keys may be valid at once, so that one can be rotated."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Hash, Json, Millis, Name


class Producer(Base):
    __tablename__ = "producers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[Name] = mapped_column(unique=True)
    scopes: Mapped[Json]  # a JSON list, see actions/producers.py
    created_at: Mapped[Millis]
    disabled_at: Mapped[Millis | None]
    dialects: Mapped[Json] = mapped_column(server_default="{}")  # see actions/dialects.py


class ProducerKey(Base):
    __tablename__ = "producer_keys"

    id: Mapped[Name] = mapped_column(primary_key=True)
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[Hash]
    created_at: Mapped[Millis]
    expires_at: Mapped[Millis | None]
    revoked_at: Mapped[Millis | None]
    dialect: Mapped[Name | None]  # of a token that is good for nothing else
