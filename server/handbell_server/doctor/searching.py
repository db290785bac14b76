"""The search index: as far as it says that it has read an inbox, it must have every word of it.

The index follows the feed by itself (reads/search.py), so this goes wrong only when rows were lost or put back by hand. What
is missing is then not found, and nobody is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from handbell_server.doctor.findings import Finding, ok, wrong
from handbell_server.models import Inbox, IndexProgress, User
from handbell_server.reads import search

_SAMPLE = 50
_SHOWN = 5
_IN_INDEX = {
    "sqlite": "SELECT 1 FROM search_index WHERE rowid = seq",
    "postgresql": "SELECT 1 FROM search_documents WHERE search_documents.seq = notifications.seq",
}


def index(connection: Connection, *, full: bool) -> Iterator[Finding]:
    """Of a random sample of inboxes that somebody searched, or of all of them."""
    query = select(IndexProgress.user_id, IndexProgress.rev, User.name, Inbox.rev.label("stands")).join(
        User, User.id == IndexProgress.user_id
    )
    query = query.join(Inbox, Inbox.user_id == IndexProgress.user_id)
    if not full:
        query = query.order_by(func.random()).limit(_SAMPLE)
    faults: list[str] = []
    for one in connection.execute(query).all():
        if one.rev > one.stands:
            faults.append(f"{one.name}: indexed up to revision {one.rev}, and the inbox is at {one.stands}")
        elif missing := _missing(connection, one.user_id, one.rev):
            faults.append(f"{one.name}: {missing} are not indexed and cannot be found")
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        todo = "Let it be made anew, also while the server runs: handbell migrate --search"
        yield wrong("search", "; ".join(faults[:_SHOWN]) + more, todo)
    else:
        yield ok("search", "what was indexed can be found")


def _missing(connection: Connection, user_id: int, rev: int) -> int:
    query = text(
        "SELECT title, body, source FROM notifications WHERE user_id = :user_id AND ver <= :rev AND deleted = '' "
        f"AND NOT EXISTS ({_IN_INDEX[connection.dialect.name]})"
    )
    rows = connection.execute(query, {"user_id": user_id, "rev": rev})
    return sum(bool(search.words_of(f"{row.title} {row.body} {row.source}")) for row in rows)
