"""All accounts as one inbox: their lists merged, their numbers added up. Reads only; what a person does is in `deeds.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from handbell_desktop.account.session import Session
from handbell_desktop.account.sight import merged
from handbell_desktop.kept.shown import Entry, Key, Query
from handbell_desktop.timers import Turns
from handbell_shared.records import Priority


class Inbox:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._sessions: dict[str, Session] = {}

    @property
    def badge(self) -> int:
        return sum(session.sight.badge(session.now()) for session in self._sessions.values())

    def page(self, query: Query, *, after: Key | None = None, limit: int = 200) -> list[Entry]:
        pages = [
            session.sight.page(query, now=session.now(), after=after, limit=limit)
            for session in self._sessions.values()
        ]
        return merged(pages, limit)

    def count(self, query: Query) -> int:
        return sum(session.sight.count(query, now=session.now()) for session in self._sessions.values())

    def count_all(self, queries: Sequence[Query], done: Callable[[list[int] | None], None]) -> None:
        """The same for several, by a worker; None when it could not: an account may have left meanwhile."""
        parts = [[one.sight.counting(query, now=one.now()) for one in self._sessions.values()] for query in queries]
        self._turns.work(
            lambda: [sum(count() for count in of_one) for of_one in parts],
            lambda result: done(result if isinstance(result, list) else None),
        )

    def among(self, query: Query, account: str, ids: Collection[str]) -> set[str]:
        """Those of them that the query finds."""
        session = self._sessions.get(account)
        return set() if session is None else session.sight.among(query, ids, now=session.now())

    def entry(self, account: str, an_id: str) -> Entry | None:
        found = self.entries(account, [an_id])
        return found[0] if found else None

    def entries(self, account: str, ids: Collection[str]) -> list[Entry]:
        session = self._sessions.get(account)
        return [] if session is None else session.sight.entries(ids)

    def waiting(self, account: str, ids: Collection[str]) -> dict[str, Priority]:
        """Those of them that belong to the number on the bell."""
        session = self._sessions.get(account)
        return {} if session is None else session.sight.waiting(ids, session.now())

    def types(self) -> list[str]:
        return sorted({name for session in self._sessions.values() for name in session.sight.types()})

    def sources(self) -> list[str]:
        return sorted({name for session in self._sessions.values() for name in session.sight.sources()})
