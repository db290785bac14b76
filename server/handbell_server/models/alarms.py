"""What rings until somebody acknowledges it."""

from __future__ import annotations

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


class AlarmRow(Base):
    """One POST that rings until it is acknowledged (`alarming.py` has the rules). Whoever moves it holds this row's lock.

    `people` is who is next, as pairs of an id and a name; `told` whom it has reached, at which step, as which
    notification. Both are bounded, and never looked through. `next_at` is when there is something to do, until
    everybody who was told knows how it ended.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        Index(
            "ix_alarms_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_alarms_ringing",
            "producer_id",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_alarms_finished_at",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    producer_id: Mapped[int]
    state: Mapped[Name]
    repeat_s: Mapped[int]
    expire_s: Mapped[int]
    people: Mapped[Json]
    payload: Mapped[str] = mapped_column(Text)
    step: Mapped[int]
    rings: Mapped[int]
    told: Mapped[Json]
    started_at: Mapped[Millis]
    next_at: Mapped[Millis | None]
    user_id: Mapped[int | None]
    created_at: Mapped[Millis]
    ended_at: Mapped[Millis | None]
    finished_at: Mapped[Millis | None]
