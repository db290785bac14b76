"""Full text, kept by a reader that follows the feed.

The index is one more device: for each inbox it has a cursor (`search_progress.rev`), and before a search it reads the
delta since then and indexes what changed. So writing a notification pays nothing for being searchable later, the index
cannot drift from the inbox, and when it is too far behind it starts from a snapshot, as any device would.

SQLite keeps the words in an FTS5 table, PostgreSQL in a `tsvector` with a GIN index. On both a search means: every word
the person typed begins some word of the notification. What a word is, and which letters are the same, is decided here
once, for the index and for the question; both databases get finished words, and neither's own parser has a say.

FTS5 has one index for everybody, so each word carries its owner in front (`u7xdeploy`): looking for a beginning then
walks along that person's words and no others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from handbell_server.models import Inbox

_WORD = re.compile(r"[^\W_]+")
_WORD_CHARS = 64  # PostgreSQL takes none above 2 KiB, and nobody types that many
_WORDS_AT_MOST = 16
_BATCH = 500


def words_of(query: str) -> list[str]:
    """What the person is looking for."""
    return _words(query)[:_WORDS_AT_MOST]


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


def indexed(connection: Connection) -> list[int]:
    """Whose inboxes were indexed, as far as ever."""
    return list(connection.execute(_INDEXED).scalars())


def begin_anew(connection: Connection, user_id: int) -> None:
    """Forget this person's index: the next search makes it again, from the first revision."""
    _Index(connection).clear(user_id)
    connection.execute(_FORGET, {"user_id": user_id})


def condition(connection: Connection, user_id: int, words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """A condition on `notifications.seq` for the rows of this inbox that match, with its parameters."""
    if connection.dialect.name == "sqlite":
        match = " AND ".join(f'"{_owned(user_id, word)}" *' for word in words)
        return "seq IN (SELECT rowid FROM search_index WHERE search_index MATCH :search_words)", {"search_words": match}
    match = " & ".join(f"'{word}':*" for word in words)
    found = "SELECT seq FROM search_documents WHERE user_id = :search_user AND words @@ CAST(:search_words AS tsquery)"
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
_INDEXED = text("SELECT user_id FROM search_progress ORDER BY user_id")
_FORGET = text("DELETE FROM search_progress WHERE user_id = :user_id")
_PROGRESS = text("SELECT rev FROM search_progress WHERE user_id = :user_id")


def _progress(connection: Connection, user_id: int) -> int:
    return int(connection.execute(_PROGRESS, {"user_id": user_id}).scalar() or 0)


def _stand(connection: Connection, user_id: int) -> tuple[int, int]:
    row = connection.execute(
        Inbox.__table__.select().where(Inbox.user_id == bindparam("user_id")), {"user_id": user_id}
    ).one()
    return row.rev, row.floor


def _words(text: str) -> list[str]:
    """The different words of a text, in order, with case and accents folded: "Café" and "CAFE" are one word."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(char for char in plain if not unicodedata.category(char).startswith("M"))
    # Composed again: Korean syllables are taken apart like accents, and are no accents.
    found = _WORD.findall(unicodedata.normalize("NFC", letters))
    return list(dict.fromkeys(word[:_WORD_CHARS] for word in found))


def _owned(user_id: int, word: str = "") -> str:
    return f"u{user_id:d}x{word}"


class _Index:
    """The two dialects of "these rows now have these words"."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        if connection.dialect.name == "sqlite":
            self._delete = text("DELETE FROM search_index WHERE rowid = :seq")
            self._clear = text("DELETE FROM search_index WHERE search_index MATCH :everything")
            self._insert = text("INSERT INTO search_index (rowid, words) VALUES (:seq, :owned)")
        else:
            self._delete = text("DELETE FROM search_documents WHERE seq = :seq")
            self._clear = text("DELETE FROM search_documents WHERE user_id = :user_id")
            self._insert = text(
                "INSERT INTO search_documents (seq, user_id, words) "
                "VALUES (:seq, :user_id, array_to_tsvector(CAST(:words AS text[])))"
            )

    def clear(self, user_id: int) -> None:
        self._connection.execute(self._clear, {"everything": f'"{_owned(user_id)}" *', "user_id": user_id})

    def replace(self, user_id: int, rows: Sequence[Any]) -> None:
        self._connection.execute(self._delete, [{"seq": row.seq} for row in rows])
        documents = []
        for row in rows:
            words = [] if row.deleted else _words(f"{row.title} {row.body} {row.source}")
            if words:
                owned = " ".join(_owned(user_id, word) for word in words)
                documents.append({"seq": row.seq, "user_id": user_id, "words": words, "owned": owned})
        if documents:
            self._connection.execute(self._insert, documents)
