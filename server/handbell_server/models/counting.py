"""What became of notifications, in numbers: a row for a day, a source and a type, and what of each notification is in it.

The numbers outlive the notifications; `actions/counting.py` says how they come to be.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, false
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Name


class Cohort(Base):
    """All that one producer sent of one type on one day, and how far they have come by now.

    `day` counts from 1970-01-01 in UTC. The empty type stands for those beyond the number that is kept apart.
    """

    __tablename__ = "cohorts"
    __table_args__ = (
        Index("uq_cohorts_what", "producer_id", "day", "source", "type", unique=True),
        Index("ix_cohorts_day", "day"),
        # A number is never given again: it may still stand beside a notification that is kept for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    producer_id: Mapped[int]
    day: Mapped[int]
    source: Mapped[Name]
    type: Mapped[Name]
    sent: Mapped[int] = mapped_column(server_default="0")
    delivered: Mapped[int] = mapped_column(server_default="0")
    shown: Mapped[int] = mapped_column(server_default="0")
    read: Mapped[int] = mapped_column(server_default="0")
    clicked: Mapped[int] = mapped_column(server_default="0")
    dismissed: Mapped[int] = mapped_column(server_default="0")
    answered: Mapped[int] = mapped_column(server_default="0")
    expired: Mapped[int] = mapped_column(server_default="0")


class Counted(Base):
    """What of a notification has been counted, as bits, and in which cohort. Bits are only ever added."""

    __tablename__ = "counted"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("notifications.seq", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    cohort_id: Mapped[int]
    facts: Mapped[int]


class CountingProgress(Base):
    """How far one inbox has been counted: its changes up to `rev`, and what its devices hold up to `delivered`."""

    __tablename__ = "counting_progress"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    rev: Mapped[int] = mapped_column(server_default="0")
    delivered: Mapped[int] = mapped_column(server_default="0")


class CountingState(Base):
    """The one row that who counts holds locked. `complete`: nothing was left to count when it was last looked for."""

    __tablename__ = "counting_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    complete: Mapped[bool] = mapped_column(server_default=false())
