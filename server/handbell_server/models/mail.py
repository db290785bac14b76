"""Where people get e-mail, and the outbox of what is on its way there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base, Id, Json, Millis, Name


def _partial(name: str, column: str, condition: str) -> Index:
    where = text(condition)
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class Mailbox(Base):
    """A person's address. Until `confirmed_at` nothing goes there but the question whether it is theirs.

    `asked` is the latest e-mail with that question, from whose id its code is made; `guesses` counts wrong ones. `trouble` is what
    a mail server said when it refused the address for good. `digest_at` is when the next digest is due, if any, and `digested_to`
    up to when the last one told.
    """

    __tablename__ = "mailboxes"
    __table_args__ = (_partial("ix_mailboxes_digest_at", "digest_at", "digest_at IS NOT NULL"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[Millis | None]
    asked: Mapped[Id | None]
    guesses: Mapped[int] = mapped_column(server_default="0")
    trouble: Mapped[str | None] = mapped_column(Text)
    digest_at: Mapped[Millis | None]
    digested_to: Mapped[Millis] = mapped_column(server_default="0")


class Mail(Base):
    """One e-mail. Its id makes its Message-ID.

    waiting ──► handing ──► sent          `handing` is written down before the mail server can have it
       │           └──────► unknown       nobody lived to hear the answer: never sent again
       ├──► failed                        refused for good, or for a day
       └──► dropped                       there was nothing left to say, or nobody to say it to

    `named` are the notifications that a digest told of, as far as it had lines for them: the latest attempt's. It is one list in the
    row, and not a row for each, because it is written for every digest and read when somebody asks why.
    """

    __tablename__ = "mails"
    __table_args__ = (
        _partial("ix_mails_waiting", "due_at", "state = 'waiting'"),
        _partial("ix_mails_handing", "claimed_until", "state = 'handing'"),
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
    named: Mapped[Json | None]


class MailItem(Base):
    """A notification that its person wants by e-mail at once: from the transaction in which it came, until it is forgotten.

    Not before `due_at`. `mail_id` is the e-mail that it went into, which may tell of several.
    """

    __tablename__ = "mail_items"
    __table_args__ = (
        _partial("ix_mail_items_due_at", "due_at", "mail_id IS NULL"),
        Index("ix_mail_items_mail_id", "mail_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    notification_id: Mapped[Id] = mapped_column(primary_key=True)
    due_at: Mapped[Millis]
    mail_id: Mapped[Id | None] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
