"""What the person sees, as queries: lists, badge and search over the folded rows that `folding.py` keeps.

A `Reader` has its own read-only connection and belongs to the one thread that made it. The write-ahead log lets it
read while the store writes, neither waits for the other, and what it reads is always the state between two steps. Every
question is one statement that is read to its end, so no old state is held on to; only `still` holds on to one, for as
long as two questions take that belong together. Open it after the store of the same
file is open, which makes the file what this code expects, and close it before the store.

Two indexes carry every list: `shown_order` for what is archived or not, `shown_unread` for the few that are unread.
They are named in the queries, so that no planner's guess is between a person and a list of 100,000.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct

from handbell_shared.records import Notification, Priority

BUSY_TIMEOUT: Final = 1.0
LONGEST_SEARCH: Final = 500
WORDS_PER_SEARCH: Final = 32

Tab = Literal["unread", "all", "archived"]

_TABS: Final[dict[Tab, str]] = {
    "unread": "shown INDEXED BY shown_unread WHERE archived = 0 AND read = 0 AND off_badge = 0 AND snoozed_until <= :now",
    "all": "shown INDEXED BY shown_order WHERE archived = 0",
    "archived": "shown INDEXED BY shown_order WHERE archived = 1",
}
_FILTERS: Final = {
    "type": "type = :type",
    "source": "source = :source",
    "priority": "priority = :priority",
    "since": "at >= :since",
    "before": "at < :before",
}
# The unary plus keeps the row number from being looked up: the list is walked in its order, and asked against a set.
_FOUND: Final = "+n IN (SELECT rowid FROM found WHERE found MATCH :words)"
_AFTER: Final = "(pinned, at, id) < (:after_pinned, :after_at, :after_id)"
_ANY_INDEX: Final = re.compile(r"INDEXED BY \w+ ")
_ORDER: Final = "pinned DESC, at DESC, id DESC"

_record = msgspec.json.Decoder(Notification).decode


class Key(NamedTuple):
    """The place in every list, greatest first: pinned before the others, then the newest."""

    pinned: bool
    at: int
    id: str


class Entry(Struct, frozen=True, gc=False):
    """A notification as the person sees it: with everything they did to it, said or not yet said."""

    account: str
    at: int
    record: Notification

    @property
    def key(self) -> Key:
        return Key(self.record.pinned, self.at, self.record.id)


class Query(Struct, frozen=True, kw_only=True):
    """Which entries. `since` and `before` are in milliseconds, of `Entry.at`; the filters all have to agree."""

    tab: Tab = "all"
    text: str = ""
    type: str | None = None
    source: str | None = None
    priority: Priority | None = None
    since: int | None = None
    before: int | None = None


class Reader:
    def __init__(self, path: Path, account: str) -> None:
        self._path, self._account = path, account
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT
        )

    def close(self) -> None:
        self._connection.close()

    @property
    def another(self) -> Callable[[], Reader]:
        """Makes one like this for another thread, which closes it."""
        return partial(Reader, self._path, self._account)

    @contextmanager
    def still(self) -> Iterator[None]:
        """What is asked within is answered out of one state, whatever the store writes meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def page(self, query: Query, *, now: int, after: Key | None = None, limit: int = 200) -> list[Entry]:
        """The first entries behind the key `after`, in the order of their keys."""
        chosen = _where(query, now)
        if chosen is None:
            return []
        where, values = chosen
        if after is not None:
            where += f" AND {_AFTER}"
            values |= {"after_pinned": after.pinned, "after_at": after.at, "after_id": after.id}
        # First which, then what: only the rows of the page are fetched, never those that were passed over.
        ids = f"SELECT n FROM {where} ORDER BY {_ORDER} LIMIT :limit"
        return self._entries(f"n IN ({ids})", values | {"limit": limit})

    def count(self, query: Query, *, now: int, among: Collection[str] | None = None) -> int:
        """How many there are; `among` these ids only."""
        chosen = _where(query, now)
        if chosen is None:
            return 0
        where, values = chosen
        if among is not None:
            where += " AND id IN (SELECT value FROM json_each(:among))"
            values |= {"among": msgspec.json.encode(list(among)).decode()}
        return self._number(f"SELECT count(*) FROM {where}", values)

    def among(self, query: Query, ids: Collection[str], *, now: int) -> set[str]:
        """Those of them that the query finds."""
        chosen = _where(query, now)
        if chosen is None:
            return set()
        where, values = chosen
        by_ids = _ANY_INDEX.sub("", where)  # a few by their ids, and not a list walked for them
        rows = self._connection.execute(
            f"SELECT id FROM {by_ids} AND id IN (SELECT value FROM json_each(:among))",
            values | {"among": msgspec.json.encode(list(ids)).decode()},
        )
        return {an_id for (an_id,) in rows.fetchall()}

    def badge(self, now: int) -> int:
        """The number on the bell."""
        return self._number(f"SELECT count(*) FROM {_TABS['unread']}", {"now": now})

    def entry(self, an_id: str) -> Entry | None:
        found = self._entries("id = :id", {"id": an_id})
        return found[0] if found else None

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """Those of them that are there, in the order of their keys."""
        wanted = msgspec.json.encode(list(ids)).decode()
        return self._entries("id IN (SELECT value FROM json_each(:ids))", {"ids": wanted})

    def waiting(self, ids: Collection[str], now: int) -> dict[str, Priority]:
        """Those of them that the person has not dealt with; no record is opened for it, so there may be thousands."""
        rows = self._connection.execute(
            "SELECT id, priority FROM shown WHERE id IN (SELECT value FROM json_each(:ids))"
            " AND +archived = 0 AND +read = 0 AND +snoozed_until <= :now",  # by the ids, whatever the planner thinks
            {"ids": msgspec.json.encode(list(ids)).decode(), "now": now},
        )
        return dict(rows.fetchall())

    def came_since(self, since: int, now: int, limit: int) -> list[Entry]:
        """The newest of what came or was told anew since then, and was neither looked at nor dealt with."""
        ids = (
            "SELECT n FROM shown INDEXED BY shown_order WHERE archived = 0 AND pinned IN (0, 1) AND at >= :since"
            " AND read = 0 AND snoozed_until <= :now ORDER BY at DESC LIMIT :limit"
        )
        found = self._entries(f"n IN ({ids})", {"since": since, "now": now, "limit": limit})
        return [entry for entry in found if not entry.record.seen]

    def chosen(self) -> tuple[list[bytes], list[bytes]]:
        """What the person chose as the server told it, and the choices of the outbox; both as they are written."""
        choices = self._connection.execute("SELECT body FROM choice ORDER BY name").fetchall()
        pending = self._connection.execute("SELECT body FROM choosing JOIN outbox USING (seq) ORDER BY seq").fetchall()
        return [body for (body,) in choices], [body for (body,) in pending]

    @property
    def version(self) -> int:
        """Another number whenever the store has written since."""
        return self._number("PRAGMA data_version", {})

    def next_snooze_end(self, now: int) -> int | None:
        """When something that sleeps now will wake."""
        row = self._connection.execute(
            "SELECT min(snoozed_until) FROM shown INDEXED BY shown_snoozed WHERE snoozed_until > 0"
            " AND snoozed_until > ?",
            (now,),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def types(self) -> list[str]:
        return self._distinct("type")

    def sources(self) -> list[str]:
        return self._distinct("source")

    def outbox_size(self) -> int:
        """How many actions the server has not taken yet."""
        return self._number("SELECT count(*) FROM outbox WHERE rev IS NULL AND held = 0", {})

    def _entries(self, where: str, values: dict[str, object]) -> list[Entry]:
        rows = self._connection.execute(
            "SELECT at, coalesce(shown.body, record.body) FROM shown JOIN record USING (id)"
            f" WHERE {where} ORDER BY {_ORDER}",
            values,
        ).fetchall()
        return [Entry(self._account, at, _record(body)) for at, body in rows]

    def _number(self, sql: str, values: dict[str, object]) -> int:
        return int(self._connection.execute(sql, values).fetchone()[0])

    def _distinct(self, column: Literal["type", "source"]) -> list[str]:
        # From each name to the next by the index; DISTINCT would look at every row.
        following = f"(SELECT min({column}) FROM shown WHERE {column} > name)"
        rows = self._connection.execute(
            f"WITH RECURSIVE names (name) AS (VALUES ('') UNION ALL SELECT {following} FROM names WHERE name NOT NULL)"
            " SELECT name FROM names WHERE name <> ''"
        )
        return [name for (name,) in rows.fetchall()]


def _where(query: Query, now: int) -> tuple[str, dict[str, object]] | None:
    """What to read, with its values; None when nothing can match."""
    parts = [_TABS[query.tab]]
    values: dict[str, object] = {"now": now}
    for name, condition in _FILTERS.items():
        value = getattr(query, name)
        if value is not None:
            parts.append(condition)
            values[name] = value
    if query.text.strip():
        words = match_of(query.text)
        if not words:
            return None
        parts.append(_FOUND)
        values["words"] = words
    return " AND ".join(parts), values


def match_of(text: str) -> str:
    """The expression of SQLite's full-text search for what a person typed; empty when there is nothing to look for.

    Each word has to be there, the last one perhaps only with its beginning. A word goes in quotes, so nothing in it is
    an operator; signs within a word part it, and its parts have to stand side by side ("10.0.0.1"). A word of signs
    alone is no word. What is too long to be a search is cut.
    """
    sound = text[:LONGEST_SEARCH].encode(errors="replace").decode().replace("\0", " ")
    words = [word for word in sound.split() if any(sign.isalnum() for sign in word)]
    quoted = ['"' + word.replace('"', '""') + '"' for word in words[:WORDS_PER_SEARCH]]
    return " ".join(quoted) + "*" if quoted else ""
