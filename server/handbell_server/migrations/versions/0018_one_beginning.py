"""Databases from before the first schema was settled become like all others.

Migration 0001 was changed in place during its first hours, and so were the words of the search index and the text that a
digest is made of (docs/decisions/0008). What was made before can be told by what only it has:

| it has | so |
|---|---|
| a unique index over a person's ids | the indexes of a person's rows are of the old kind, and perhaps the digests |
| SQLite: an owner in the search index; PostgreSQL: words with places | what is searched is indexed anew, by the next search |
| SQLite: numbers of people without AUTOINCREMENT | the number of somebody who is gone might be given again |

Everything happens in the one transaction of an upgrade: whoever is killed begins anew. Digests are computed in portions, so a
large database takes time (some ten seconds for a million notifications) and no memory. `users` is made anew, which deletes
nobody's rows only because an upgrade holds SQLite's cascades back (see `migrations.upgrade`).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection, Row

revision = "0018"
down_revision = "0017"

_INBOXES_AT_ONCE = 500
_RECORDS_AT_ONCE = 2_000
_BY_ID = "ix_notifications_user_id_id"
_BY_REVISION = "ix_notifications_user_id_ver_id"


def upgrade() -> None:
    connection = op.get_bind()
    if _is_unique(connection, _BY_ID):
        _compute_digests(connection)
        _settle_indexes(connection)
    if connection.dialect.name == "sqlite":
        if "owner" in _made_by(connection, "search_index"):
            op.execute("DROP TABLE search_index")
            op.execute("CREATE VIRTUAL TABLE search_index USING fts5(words, tokenize = 'ascii')")
            op.execute("DELETE FROM search_progress")
        if "AUTOINCREMENT" not in _made_by(connection, "users"):
            _count_people_upwards()
    elif connection.execute(sa.text(_A_WORD_WITH_PLACES)).first():
        op.execute("DELETE FROM search_documents")
        op.execute("DELETE FROM search_progress")


# A tsvector shows places after a colon, and no word of ours has one.
_A_WORD_WITH_PLACES = "SELECT 1 FROM search_documents WHERE CAST(words AS text) LIKE '%:%' LIMIT 1"


def _is_unique(connection: Connection, name: str) -> bool:
    indexes = sa.inspect(connection).get_indexes("notifications")
    return any(index["name"] == name and index["unique"] for index in indexes)


def _made_by(connection: Connection, table: str) -> str:
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return str(connection.execute(query, {"table": table}).scalar_one())


def _settle_indexes(connection: Connection) -> None:
    op.drop_index(_BY_ID, "notifications")
    if connection.dialect.name == "sqlite":
        op.drop_index(_BY_REVISION, "notifications")
        op.create_index("ix_notifications_user_id_id_ver", "notifications", ["user_id", "id", "ver"])
    else:
        op.create_index(_BY_ID, "notifications", ["user_id", "id"])


def _count_people_upwards() -> None:
    """SQLite's own recipe for what ALTER TABLE cannot do."""
    columns = "id, name, password_hash, subject, admin, created_at, disabled_at, language"
    op.create_table(
        "users_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("subject", sa.String(128), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(128), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.UniqueConstraint("subject", name="uq_users_subject"),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO users_anew ({columns}) SELECT {columns} FROM users ORDER BY id")
    op.drop_table("users")
    op.rename_table("users_anew", "users")


# The digest as it is made at this revision. A migration says it in its own words, for the program's may change after it.

_INBOXES = sa.select(sa.column("user_id", sa.Integer()), sa.column("digest", sa.BigInteger())).select_from(
    sa.table("inboxes")
)
_REGISTERS = (
    "id, user_id, ver, cver, updated_at, gen, read, read_at, sgen, seen, agen, archived, "
    "snooze_at, snooze_op, snoozed_until, pin_at, pin_op, pinned, extra"
)
_RECORDS = sa.text(
    f"SELECT {_REGISTERS} FROM notifications WHERE deleted = '' "
    "AND (user_id, id) > (:user_id, :id) AND user_id <= :last ORDER BY user_id, id LIMIT :most"
)
_CHOICES = sa.text("SELECT user_id, document FROM preferences WHERE user_id BETWEEN :first AND :last")
_CORRECT = sa.text("UPDATE inboxes SET digest = :digest WHERE user_id = :user_id")


def _compute_digests(connection: Connection) -> None:
    after = -1
    while inboxes := _next_inboxes(connection, after):
        after = max(inboxes)
        totals = dict.fromkeys(inboxes, 0)
        for row in _records(connection, min(inboxes), after):
            totals[row.user_id] ^= _hash(_text(row))
        for row in connection.execute(_CHOICES, {"first": min(inboxes), "last": after}):
            for one in msgspec.json.decode(row.document):
                totals[row.user_id] ^= _hash(
                    f"choice|{one['name']}|{one.get('ver', 0)}|{one.get('at', 0)}|{one.get('op', '')}"
                )
        wrong = [
            {"user_id": user_id, "digest": _signed(total)}
            for user_id, total in totals.items()
            if _signed(total) != inboxes[user_id]
        ]
        if wrong:
            connection.execute(_CORRECT, wrong)


def _next_inboxes(connection: Connection, after: int) -> dict[int, int]:
    """Locked, where a database lets others write meanwhile."""
    query = _INBOXES.where(sa.column("user_id") > after).order_by("user_id").limit(_INBOXES_AT_ONCE).with_for_update()
    return {row.user_id: row.digest for row in connection.execute(query)}


def _records(connection: Connection, first: int, last: int) -> Iterator[Row[Any]]:
    user_id, an_id = first, ""
    while True:
        at = {"user_id": user_id, "id": an_id, "last": last, "most": _RECORDS_AT_ONCE}
        rows = connection.execute(_RECORDS, at).all()
        yield from rows
        if len(rows) < _RECORDS_AT_ONCE:
            return
        user_id, an_id = rows[-1].user_id, rows[-1].id


def _text(row: Row[Any]) -> str:
    answer = msgspec.json.decode(row.extra).get("answer") if row.extra else None
    return (
        f"{row.id}|{row.ver}|{row.cver}|{row.updated_at or 0}|{row.gen}|{row.read:d}|{row.read_at or 0}"
        f"|{row.sgen}|{row.seen:d}|{row.agen}|{row.archived:d}"
        f"|{row.snooze_at}|{row.snooze_op}|{row.snoozed_until}|{row.pin_at}|{row.pin_op}|{row.pinned:d}"
        f"|{answer['op'] if answer else ''}"
    )


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _signed(total: int) -> int:
    """As the column has it."""
    return total - (1 << 64) if total >= 1 << 63 else total
