"""What a person does to more notifications than one action may name: to everything a query finds, or to all that are selected.

A long act is walked in steps of one action each, the next after the one before is on disk, so no turn of the loop is long
and never more than one step is pencilled. Taking it back, or quitting, ends the walk where it is.

What is held back until it can be taken back no longer (see `undo.py`) is held in the store then: a hundred thousand pencil
marks would have to be folded over whatever is read. The store lets go of what was held when it is opened again, so being
killed means the same as ever: nothing was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from handbell_desktop.account.session import Session
from handbell_desktop.deeds import Deeds
from handbell_desktop.kept.shown import Entry, Key, Query
from handbell_desktop.undo import OFFERED_FOR, Back, Deed
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Action, ActionKind, Notification

Name = tuple[str, str]  # an account, and the id of a notification

_CHANGES: Final[dict[str, Callable[[Notification], bool]]] = {
    "read": lambda record: not record.read,
    "unread": lambda record: record.read,
    "archive": lambda record: not record.archived,
    "unarchive": lambda record: record.archived,
    "pin": lambda record: not record.pinned,
    "unpin": lambda record: record.pinned,
}


class LongDeeds(Deeds):
    def mark_all_read(self, query: Query) -> None:
        """Everything that this query finds now."""
        query = query if query.tab == "archived" else replace(query, tab="unread")
        number = self._offer(Deed("read", 0, self._now() + OFFERED_FOR))
        for session in self._sessions.values():
            self._read_on(session, query, None, number)

    def do_all(self, kind: ActionKind, names: Sequence[Name], until: int = 0) -> None:
        """The verb of this name, for all of these."""
        number = self._offer(Deed(kind, 0, self._now() + OFFERED_FOR))
        self._go_on(kind, names, 0, until, number)

    def some(self, names: Sequence[Name]) -> list[Entry]:
        """The first of them, as many as one action may name: enough to tell what a person means by a toggle."""
        first = names[:TARGETS_PER_ACTION]
        accounts = dict.fromkeys(account for account, _ in first)
        return [one for a in accounts for one in self.entries(a, [an_id for account, an_id in first if account == a])]

    def _read_on(self, session: Session, query: Query, after: Key | None, number: int) -> None:
        if number in self._taken_back:
            return
        page = session.sight.page(query, now=session.now(), after=after, limit=TARGETS_PER_ACTION)
        records = [entry.record for entry in page if not entry.record.read]

        def go_on() -> None:
            if len(page) == TARGETS_PER_ACTION:
                self._read_on(session, query, page[-1].key, number)

        self._act(session, "read", records, done=go_on)
        self._more(number, self._backs(session, "read", records), [])

    def _go_on(self, kind: ActionKind, names: Sequence[Name], at: int, until: int, number: int) -> None:
        if number in self._taken_back or at >= len(names):
            return
        sessions = self._by_session(self.some(names[at : at + TARGETS_PER_ACTION]))
        if any(session.failure for session, _ in sessions):
            return  # nothing can be kept: the disk is full, say
        waiting = [1]  # for those that go to disk, and for this turn

        def done() -> None:
            waiting[0] -= 1
            if not waiting[0]:
                self._go_on(kind, names, at + TARGETS_PER_ACTION, until, number)

        def hold(
            session: Session, kind: ActionKind, records: Sequence[Notification], until: int
        ) -> list[tuple[str, Action]]:
            account = session.account.id
            if not records:
                return []
            waiting[0] += 1
            self._changes.mark(entries=[(account, record.id) for record in records])
            return [(account, one) for one in session.hold(kind, records, until=until, done=done)]

        backs: list[Back] = []
        held: list[tuple[str, Action]] = []
        if kind == "snooze":
            backs, held = self._put_to_sleep(sessions, until, hold)
        elif kind == "delete":
            held = [one for session, records in sessions for one in hold(session, kind, records, until)]
        else:
            for session, records in sessions:
                changed = [record for record in records if _CHANGES[kind](record)]
                if changed:
                    waiting[0] += 1
                    self._act(session, kind, changed, done=done)
                    backs += self._backs(session, kind, changed)
        self._more(number, backs, held)
        self._turns.post(done)

    def _more(self, number: int, backs: Sequence[Back], held: Sequence[tuple[str, Action]]) -> None:
        if backs or held:
            self._undo.more(number, self._now() + OFFERED_FOR, backs, held)
            self._arm_undo()
