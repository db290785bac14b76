"""Signs of life that producers promised, and where each promise stands."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Json, Millis, Name


class Expectation(Base):
    """`recipients` is whom to tell, as it was sent; `says` a draft, as far as its producer chose. `every` and `grace` are seconds.

    `due_at` is set while something can become due. Whoever moves a row holds its lock, and writes the dispatches that tell
    people of it in the same transaction; so it is told once, by whichever process.
    """

    __tablename__ = "expectations"
    __table_args__ = (
        Index(
            "ix_expectations_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    producer_id: Mapped[int] = mapped_column(Integer, ForeignKey("producers.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Name] = mapped_column(primary_key=True)
    every: Mapped[int]
    grace: Mapped[int]
    what: Mapped[Name]
    recipients: Mapped[Json]
    says: Mapped[Json]
    since: Mapped[Millis]
    due_at: Mapped[Millis | None]
    last_seen: Mapped[Millis | None]
    down_since: Mapped[Millis | None]
    paused: Mapped[bool]
    created_at: Mapped[Millis]
