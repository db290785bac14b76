"""Who subscribes to what. A topic exists by being named."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Millis, Name


class Subscription(Base):
    __tablename__ = "subscriptions"

    topic: Mapped[Name] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Millis]
