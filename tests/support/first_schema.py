"""A database as the first commit with a server left it: its own tables, and rows that its own server wrote.

`tests/server/first_schema/` has both. The rows are those of one server on SQLite, driven through everything a notification
can be (unread, read, answered, taken back, …); on PostgreSQL it wrote the same, but for its search index.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from handbell_shared.device_store import MemoryStore
from handbell_shared.digest import digest_of
from handbell_shared.records import Notification, Position

FOLDER = Path(__file__).parents[1] / "server/first_schema"
ROWS: dict[str, Any] = json.loads((FOLDER / "rows.json").read_text(encoding="utf-8"))
KEY, TOKEN = ROWS["known"]["key"], ROWS["known"]["token"]
TABLES = [name for name in ROWS if name not in ("known", "device_had", "search")]


def make(url: str) -> None:
    """Into an empty database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        of_this = (FOLDER / f"{engine.dialect.name}.sql").read_text(encoding="utf-8")
        for statement in re.sub(r"^--.*\n", "", of_this, flags=re.MULTILINE).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        for name in TABLES:
            _insert(connection, name, ROWS[name])
        if engine.dialect.name == "sqlite":
            words = "INSERT INTO search_index (rowid, owner, words) VALUES (:seq, :owner, :words)"
        else:
            words = "INSERT INTO search_documents VALUES (:seq, CAST(substr(:owner, 2) AS integer), to_tsvector('simple', :words))"
            for sequence in ("users_id_seq", "producers_id_seq", "notifications_seq_seq"):
                connection.exec_driver_sql(f"SELECT setval('{sequence}', 100)")
        connection.execute(text(words), ROWS["search"])
    engine.dispose()


def what_a_device_had() -> MemoryStore:
    """All that ana's laptop was told by that server, up to its last revision."""
    had, store = ROWS["device_had"], MemoryStore()
    records = msgspec.convert(had["changes"], list[Notification])
    for record in records:
        store.put(record)
    store.move(Position(had["epoch"], had["rev"]), digest_of(records))
    return store


def _insert(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    places = ", ".join(f":{column}" for column in rows[0])
    columns = ", ".join(f'"{column}"' for column in rows[0])
    for row in rows:
        told = row | ({"response": row["response"].encode()} if "response" in row else {})
        connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({places})"), told)
