"""Full text, kept by a reader that follows the feed.

The index is one more device: for each inbox it has a cursor (`search_progress.rev`), and before a search it reads the
delta since then and indexes what changed. So writing a notification pays nothing for being searchable later, the index
cannot drift from the inbox, and when it is too far behind it starts from a snapshot, as any device would.

SQLite keeps the words in an FTS5 table, PostgreSQL in a `tsvector` with a GIN index. On both a search means: every word
the person typed begins some word of the notification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from handbell_server.models import Inbox

_WORD = re.compile(r"\w+")
_WORDS_AT_MOST = 16
_BATCH = 500


def words_of(query: str) -> list[str]:
    """What the person is looking for."""
    return [word.lower() for word in _WORD.findall(query)][:_WORDS_AT_MOST]


def is_behind(connection: Connection, user_id: int, /) -> bool:
    """Whether the index has something to read before it can answer for this inbox."""
    return _progress(connection, user_id) < _stand(connection, user_id)[0]


def follow(connection: Connection, user_id: int) -> None:
    """Index the next stretch of what changed in this inbox. Runs in the writer's turn, so it is short; call it until
    the index is not behind any more."""
    rev, floor = _stand(connection, user_id)
    at = _progress(connection, user_id)
    index = _Index(connection)
    if at < floor:
        index.clear(user_id)
        at = 0
    # Whole revisions only: the cursor cannot stand inside one.
    upto = connection.execute(_STRETCH, {"user_id": user_id, "rev": at}).scalar() or rev
    changed = connection.execute(_CHANGED, {"user_id": user_id, "rev": at, "upto": upto}).all()
    if changed:
        index.replace(user_id, changed)
    connection.execute(_REMEMBER, {"user_id": user_id, "rev": upto})


def forget(connection: Connection, user_id: int) -> None:
    """Drop a person's words; on SQLite nothing else would, and numbers of people and rows may be given again."""
    _Index(connection).clear(user_id)


def condition(connection: Connection, user_id: int, words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """A condition on `notifications.seq` for the rows of this inbox that match, with its parameters."""
    if connection.dialect.name == "sqlite":
        match = " AND ".join([f"owner : u{user_id:d}", *(f'words : "{word}" *' for word in words)])
        return "seq IN (SELECT rowid FROM search_index WHERE search_index MATCH :search_words)", {"search_words": match}
    match = " & ".join(f"'{word}':*" for word in words)
    found = (
        "SELECT seq FROM search_documents WHERE user_id = :search_user AND words @@ to_tsquery('simple', :search_words)"
    )
    return f"seq IN ({found})", {"search_user": user_id, "search_words": match}


_STRETCH = text(
    "SELECT ver FROM notifications WHERE user_id = :user_id AND ver > :rev "
    f"ORDER BY ver, id LIMIT 1 OFFSET {_BATCH - 1}"
)
_CHANGED = text(
    "SELECT seq, title, body, source, deleted FROM notifications "
    "WHERE user_id = :user_id AND ver > :rev AND ver <= :upto ORDER BY ver, id"
)
_REMEMBER = text(
    "INSERT INTO search_progress (user_id, rev) VALUES (:user_id, :rev) "
    "ON CONFLICT (user_id) DO UPDATE SET rev = excluded.rev"
)
_PROGRESS = text("SELECT rev FROM search_progress WHERE user_id = :user_id")


def _progress(connection: Connection, user_id: int) -> int:
    return int(connection.execute(_PROGRESS, {"user_id": user_id}).scalar() or 0)


def _stand(connection: Connection, user_id: int) -> tuple[int, int]:
    row = connection.execute(
        Inbox.__table__.select().where(Inbox.user_id == bindparam("user_id")), {"user_id": user_id}
    ).one()
    return row.rev, row.floor


class _Index:
    """The two dialects of "these rows now have these words"."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        if connection.dialect.name == "sqlite":
            self._delete = text("DELETE FROM search_index WHERE rowid = :seq")
            self._clear = text("DELETE FROM search_index WHERE search_index MATCH :owner")
            self._insert = text("INSERT INTO search_index (rowid, owner, words) VALUES (:seq, :owner, :words)")
        else:
            self._delete = text("DELETE FROM search_documents WHERE seq = :seq")
            self._clear = text("DELETE FROM search_documents WHERE user_id = :user_id")
            self._insert = text(
                "INSERT INTO search_documents (seq, user_id, words) "
                "VALUES (:seq, :user_id, to_tsvector('simple', :words))"
            )

    def clear(self, user_id: int) -> None:
        self._connection.execute(self._clear, {"owner": f"owner : u{user_id:d}", "user_id": user_id})

    def replace(self, user_id: int, rows: Sequence[Any]) -> None:
        self._connection.execute(self._delete, [{"seq": row.seq} for row in rows])
        documents = [
            {
                "seq": row.seq,
                "owner": f"u{user_id:d}",
                "user_id": user_id,
                # Lower case is made here: PostgreSQL knows it for ASCII only when the database has no locale.
                "words": " ".join(_WORD.findall(f"{row.title} {row.body} {row.source}")).lower(),
            }
            for row in rows
            if not row.deleted
        ]
        if documents:
            self._connection.execute(self._insert, documents)
