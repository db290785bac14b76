"""The search index, which follows each inbox's feed like one more device (see `search.py`).

On SQLite the documents live in an FTS5 table that only the migration knows how to make; `SearchDocument` is PostgreSQL's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from handbell_server.models.base import Base


class IndexProgress(Base):
    """How far the index has followed one inbox."""

    __tablename__ = "search_progress"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    rev: Mapped[int] = mapped_column(default=0)


class SearchDocument(Base):
    __tablename__ = "search_documents"
    __table_args__ = (
        Index("ix_search_documents_words", "words", postgresql_using="gin"),
        {"info": {"only": "postgresql"}},
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
