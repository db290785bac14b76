"""What SQLite and PostgreSQL want said differently, in the few statements that run for every notification.

Both want few, fixed statement texts: the driver keeps the prepared form of a text it has seen. SQLite binds cheaply, so
rows go into VALUES in chunks of a few sizes. For PostgreSQL the driver's work for each parameter is most of the cost, so
a whole set of rows travels as one JSON text that the server takes apart, and a list as one string.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

import msgspec

Statement = tuple[str, Sequence[Any]]
Rows = Sequence[tuple[Any, ...]]
Opening = tuple[str, int | None, bool]
"""The epoch, the transaction's number if there is one to ask about later, and whether there is any webhook."""
InboxRow = tuple[int, int, int, int, int, int]
"""user_id, rev, floor, digest, unread, chosen_rev"""

_INBOX = ("u", "rev", "floor", "digest", "unread")
_encode = msgspec.json.Encoder().encode
_decode_inboxes = msgspec.json.Decoder(list[InboxRow]).decode


class Dialect(Protocol):
    mark: str
    lock: str

    def open(self, driver_connection: Any, users: Sequence[int]) -> tuple[Opening, Iterable[InboxRow]]:
        """How a group begins: where we are, and the inboxes of these users, locked in this order.

        At once, for whatever a thread waits for costs it its turn with the interpreter, which is busy when this is.
        """

    def together(self, driver_connection: Any) -> AbstractContextManager[Any]:
        """Around statements whose results nobody reads: where each costs a way to the server and back, one does."""

    def among(self, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
        """Conditions to put behind a column name, each with its parameters, that together mean "one of these"."""

    def insert(self, table: str, columns: Sequence[str], rows: Rows) -> Iterator[Statement]: ...

    def update_inboxes(self, rows: Rows) -> Iterator[Statement]:
        """Rows of (user_id, rev, floor, digest, unread)."""

    happenings: str
    """Where the happenings of one JSON text are a table `v` (id, event, user_id, notification, facts, at)."""

    def table(self, columns: tuple[str, ...]) -> str:
        """One JSON text, a list of objects with these members, as a table `v`; what is no text is a whole number."""


class Sqlite:
    mark = "?"
    lock = ""  # the writer holds the whole database already

    happenings = (
        "(SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.event') AS event, "
        "json_extract(value, '$.user_id') AS user_id, json_extract(value, '$.notification') AS notification, "
        "json_extract(value, '$.facts') AS facts, json_extract(value, '$.at') AS at FROM json_each(?)) AS v"
    )

    _CHUNKS = (512, 128, 32, 8, 2, 1)
    _AMONG_AT_MOST = 512
    _OPENING = "SELECT epoch, EXISTS (SELECT 1 FROM webhooks) FROM installation"
    # One row, because the driver lets go of the interpreter for each.
    _INBOXES = (
        "SELECT json_group_array(json_array(user_id, rev, floor, digest, unread, chosen_rev)) "
        "FROM inboxes WHERE user_id IN (SELECT value FROM json_each(?))"
    )

    def open(self, driver_connection: Any, users: Sequence[int]) -> tuple[Opening, Iterable[InboxRow]]:
        epoch, webhooks = driver_connection.execute(self._OPENING).fetchone()
        found = driver_connection.execute(self._INBOXES, (_encode(users).decode(),)).fetchone()[0] if users else "[]"
        return (epoch, None, bool(webhooks)), _decode_inboxes(found)

    def together(self, driver_connection: Any) -> AbstractContextManager[Any]:
        return nullcontext()

    def among(self, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
        for start in range(0, len(values), self._AMONG_AT_MOST):
            part = values[start : start + self._AMONG_AT_MOST]
            size = 1 << (len(part) - 1).bit_length()
            yield f"IN ({_marks(size)})", (*part, *(part[-1],) * (size - len(part)))

    def insert(self, table: str, columns: Sequence[str], rows: Rows) -> Iterator[Statement]:
        for chunk in self._chunked(rows):
            yield _insert_values(table, tuple(columns), len(chunk)), tuple(chain.from_iterable(chunk))

    def update_inboxes(self, rows: Rows) -> Iterator[Statement]:
        for chunk in self._chunked(rows):
            yield _update_inboxes_values(len(chunk)), tuple(chain.from_iterable(chunk))

    def table(self, columns: tuple[str, ...]) -> str:
        picked = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        return f"(SELECT {picked} FROM json_each(?)) AS v"

    def _chunked(self, rows: Rows) -> Iterator[Rows]:
        start = 0
        for size in self._CHUNKS:
            while len(rows) - start >= size:
                yield rows[start : start + size]
                start += size


class Postgres:
    mark = "%s"
    lock = " FOR UPDATE"

    happenings = (
        "json_to_recordset(%s::json) "
        "AS v(id text, event text, user_id bigint, notification text, facts text, at bigint)"
    )

    # How a column's JSON value is read; everything that is not named here is text.
    _TYPES = {  # noqa: RUF012 — never changed
        "user_id": "bigint", "producer_id": "bigint", "ver": "bigint", "crev": "bigint", "nrev": "bigint", "rev": "bigint",
        "created_at": "bigint", "expires_at": "bigint", "at": "bigint",
        "cver": "bigint", "updated_at": "bigint", "gen": "bigint", "read": "bigint", "read_at": "bigint",
        "sgen": "bigint", "seen": "bigint", "agen": "bigint", "archived": "bigint", "snooze_at": "bigint",
        "snoozed_until": "bigint", "pin_at": "bigint", "pinned": "bigint", "deleted_at": "bigint",
    }  # fmt: skip
    _OPENING = "SELECT epoch, txid_current(), EXISTS (SELECT 1 FROM webhooks) FROM installation"
    _INBOXES = "SELECT user_id, rev, floor, digest, unread, chosen_rev FROM inboxes WHERE user_id {} ORDER BY user_id FOR UPDATE"
    _BINARY = frozenset({"response"})
    _WORDS = frozenset({"id", "device_id", "source", "type"})

    def open(self, driver_connection: Any, users: Sequence[int]) -> tuple[Opening, Iterable[InboxRow]]:
        with driver_connection.pipeline():
            opening = driver_connection.execute(self._OPENING)
            asked = [driver_connection.execute(self._INBOXES.format(among), said) for among, said in self.among(users)]
        return opening.fetchone(), chain.from_iterable(cursor.fetchall() for cursor in asked)

    def together(self, driver_connection: Any) -> AbstractContextManager[Any]:
        pipeline: AbstractContextManager[Any] = driver_connection.pipeline()
        return pipeline

    def among(self, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
        if not values:
            return
        # Ids, names and keys are printable, so the unit separator is in none of them.
        kind = "bigint[]" if isinstance(values[0], int) else "text[]"
        yield f"= ANY(string_to_array(%s, E'\\x1f')::{kind})", ("\x1f".join(map(str, values)),)

    def insert(self, table: str, columns: Sequence[str], rows: Rows) -> Iterator[Statement]:
        if self._BINARY.isdisjoint(columns):
            if rows:
                # What is NULL is left out: the server reads one member less for it.
                said = [{name: v for name, v in zip(columns, row, strict=True) if v is not None} for row in rows]
                yield self._insert_json(table, tuple(columns)), (_encode(said).decode(),)
            return
        text = _insert_values(table, tuple(columns), 1).replace("?", "%s")
        for row in rows:
            yield text, row

    def update_inboxes(self, rows: Rows) -> Iterator[Statement]:
        if rows:
            yield (
                "UPDATE inboxes SET rev = v.rev, floor = v.floor, digest = v.digest, unread = v.unread "
                "FROM json_to_recordset(%s::json) AS v(u bigint, rev bigint, floor bigint, digest bigint, unread bigint) "
                "WHERE inboxes.user_id = v.u",
                (_encode([dict(zip(_INBOX, r, strict=True)) for r in rows]).decode(),),
            )

    def table(self, columns: tuple[str, ...]) -> str:
        shape = ", ".join(f"{name} {'text' if name in self._WORDS else 'bigint'}" for name in columns)
        return f"json_to_recordset(%s::json) AS v({shape})"

    @classmethod
    @lru_cache(8)
    def _insert_json(cls, table: str, columns: tuple[str, ...]) -> str:
        names = ", ".join(columns)
        shape = ", ".join(f"{column} {cls._TYPES.get(column, 'text')}" for column in columns)
        return f"INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset(%s::json) AS v({shape})"


def dialect_of(name: str) -> Dialect:
    return Sqlite() if name == "sqlite" else Postgres()


@lru_cache(64)
def _marks(count: int) -> str:
    return ", ".join("?" * count)


@lru_cache(64)
def _insert_values(table: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({_marks(len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"


@lru_cache(16)
def _update_inboxes_values(count: int) -> str:
    row = f"({_marks(5)})"
    return (
        f"WITH v(user_id, rev, floor, digest, unread) AS (VALUES {', '.join([row] * count)}) "
        "UPDATE inboxes SET rev = v.rev, floor = v.floor, digest = v.digest, unread = v.unread "
        "FROM v WHERE inboxes.user_id = v.user_id"
    )
