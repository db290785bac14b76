"""Types of notifications that somebody registered."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Json, Millis, Name


class RegisteredType(Base):
    """`owner` is the producer whose type it is; 0 for the whole house. `Installation.types_rev` counts the changes."""

    __tablename__ = "registered_types"

    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Name] = mapped_column(primary_key=True)
    definition: Mapped[Json]
    updated_at: Mapped[Millis]
