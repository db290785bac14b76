"""Where people get e-mail, and the outbox of what is on its way there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


class Mailbox(Base):
    """A person's address. Until `confirmed_at` nothing goes there but the question whether it is theirs.

    `asked` is the latest e-mail with that question, from whose id its code is made; `guesses` counts wrong ones. `trouble` is what
    a mail server said when it refused the address for good.
    """

    __tablename__ = "mailboxes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[Millis | None]
    asked: Mapped[Id | None]
    guesses: Mapped[int] = mapped_column(server_default="0")
    trouble: Mapped[str | None] = mapped_column(Text)


def _partial(name: str, column: str, state: str) -> Index:
    where = text(f"state = '{state}'")
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class Mail(Base):
    """One e-mail. Its id makes its Message-ID.

    waiting ──► handing ──► sent          `handing` is written down before the mail server can have it
       │           └──────► unknown       nobody lived to hear the answer: never sent again
       ├──► failed                        refused for good, or for a day
       └──► dropped                       there was nothing left to say, or nobody to say it to
    """

    __tablename__ = "mails"
    __table_args__ = (
        _partial("ix_mails_waiting", "due_at", "waiting"),
        _partial("ix_mails_handing", "claimed_until", "handing"),
        Index("ix_mails_user_id", "user_id"),
        Index("ix_mails_created_at", "created_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[Name]
    address: Mapped[str] = mapped_column(String(254))
    facts: Mapped[Json]
    state: Mapped[Name] = mapped_column(server_default="waiting")
    created_at: Mapped[Millis]
    due_at: Mapped[Millis]
    attempts: Mapped[int] = mapped_column(server_default="0")
    claimed_by: Mapped[Id | None]
    claimed_until: Mapped[Millis] = mapped_column(server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[Millis | None]
