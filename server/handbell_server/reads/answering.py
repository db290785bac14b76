"""How questions stand, for the producers that asked them: what they may look at, and waiting until there is an answer.

A producer that waits costs a greenlet and an entry in two dictionaries, and no query of its own. Whatever says that an
inbox has changed — our own writer, a hint from another process — makes the questions of that inbox looked at, together in
one read; and once a second all that are waited for are looked at together, which heals a lost hint and finds the answer
of a question that was put to more people than we keep in mind.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.errors import Problem, RateLimited
from handbell_server.models import Asked, NotificationRow, QuestionRow, User
from handbell_server.runtime import Promise, Runtime
from handbell_shared.records import Answer

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
WAITING_AT_MOST = 500
WAITING_OF_ONE = 50
_USERS_IN_MIND = 100

Name = tuple[int, str]
"""A producer, and the id of a notification or of what was sent to several."""


class GivenAnswer(Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer that won, for the producer. `user` is missing at a `deadline`: nobody gave it."""

    action: str
    at: int
    text: str | None = None
    user: str | None = None
    deadline: bool = False


class Standing(Struct, frozen=True, gc=False):
    """How a question stands. `each` is one that everybody answers for themself, asked for as a whole."""

    state: Literal["open", "answered", "closed", "each", "no question"]
    answer: GivenAnswer | None = None
    users: tuple[int, ...] = ()


def look(connection: Connection, wanted: Collection[Name]) -> dict[Name, Standing]:
    """Those that are the producers' own; what is somebody else's is missing."""
    ids = sorted({an_id for _, an_id in wanted})
    found = {name: standing for name, standing in _wholes(connection, ids) if name in wanted}
    found |= {name: standing for name, standing in _notifications(connection, ids) if name in wanted}
    return found


def given(answer: Answer, user: str | None) -> GivenAnswer | None:
    """None for a question that was closed without an answer."""
    if not answer.action:
        return None
    who = None if answer.deadline else answer.by or user
    return GivenAnswer(answer.action, answer.at, answer.text, who, answer.deadline)


def _notifications(connection: Connection, ids: Collection[str]) -> Iterable[tuple[Name, Standing]]:
    row = NotificationRow
    query = select(row.id, row.producer_id, row.user_id, row.extra, row.deleted, User.name).join(
        User, User.id == row.user_id
    )
    for one in connection.execute(query.where(row.id.in_(ids))):
        yield (one.producer_id, one.id), _of_record(one)


def _of_record(row: Any) -> Standing:
    actions, answer = rows.question_in(row.extra)
    if answer is not None:
        said = given(answer, row.name)
        return Standing("answered" if said else "closed", said)
    if row.deleted:
        return Standing("closed")
    answerable = any(button.kind != "link" for button in actions)
    return Standing("open", users=(row.user_id,)) if answerable else Standing("no question")


def _wholes(connection: Connection, ids: Collection[str]) -> Iterable[tuple[Name, Standing]]:
    row = QuestionRow
    query = select(row.id, row.producer_id, row.shared, row.state, row.answer, User.name).join(
        User, User.id == row.user_id, isouter=True
    )
    for one in connection.execute(query.where(row.id.in_(ids))).all():
        if not one.shared:
            standing = Standing("each")
        elif one.answer is not None:
            said = given(rows.answer_of(one.answer), one.name)
            standing = Standing("answered" if said else "closed", said)
        elif one.state == "closed":
            standing = Standing("closed")
        else:
            asked = select(Asked.user_id).where(Asked.question_id == one.id).limit(_USERS_IN_MIND)
            standing = Standing("open", users=tuple(connection.execute(asked).scalars()))
        yield (one.producer_id, one.id), standing


class AwaitedAnswers:
    """Who waits for which answer, in this process. Everything here runs on the loop; `read` waits."""

    def __init__(self, runtime: Runtime, read: Callable[[Collection[Name]], dict[Name, Standing]]) -> None:
        self._runtime = runtime
        self._read = read
        self._waiting: dict[Name, list[Promise[Standing | None]]] = {}
        self._of_producer: dict[int, int] = defaultdict(int)
        self._by_user: dict[int, set[Name]] = {}
        self._stale: set[Name] = set()
        self._looking = False
        self._rounding = False
        self._released = False
        self.count = 0

    def wait(self, name: Name, seconds: float) -> Standing | None:
        """How it stands, once that is not "open" any more or the time is over; None when there is no such thing."""
        standing = self._read([name]).get(name)
        if standing is None or standing.state != "open" or not seconds or self._released:
            return standing
        self._admit(name[0])
        promise: Promise[Standing | None] = self._runtime.promise()
        self._enter(name, standing.users, promise)
        try:
            # Looked at once more: it may have been answered since, and nobody would have told us.
            self._look_at([name])
            return promise.wait(seconds)
        except TimeoutError:
            return standing
        finally:
            self._leave(name, standing.users, promise)

    def told(self, users: Iterable[int]) -> None:
        """These inboxes have changed."""
        if self._waiting:
            for user_id in users:
                names = self._by_user.get(user_id)
                if names:
                    self._look_at(names)

    def release(self) -> None:
        """The server is about to end: nobody waits any more."""
        self._released = True
        for promises in self._waiting.values():
            for promise in promises:
                promise.fail(TimeoutError())

    # ---- parts

    def _admit(self, producer_id: int) -> None:
        if self.count >= WAITING_AT_MOST or self._of_producer[producer_id] >= WAITING_OF_ONE:
            raise RateLimited("Too many are waiting for answers already.", retry_after=5)

    def _enter(self, name: Name, users: Iterable[int], promise: Promise[Standing | None]) -> None:
        self._waiting.setdefault(name, []).append(promise)
        self._of_producer[name[0]] += 1
        self.count += 1
        for user_id in users:
            self._by_user.setdefault(user_id, set()).add(name)
        if not self._rounding:
            self._rounding = True
            self._runtime.spawn(self._rounds)

    def _leave(self, name: Name, users: Iterable[int], promise: Promise[Standing | None]) -> None:
        self.count -= 1
        self._of_producer[name[0]] -= 1
        if not self._of_producer[name[0]]:
            del self._of_producer[name[0]]
        promises = self._waiting[name]
        promises.remove(promise)
        if promises:
            return
        del self._waiting[name]
        for user_id in users:
            names = self._by_user.get(user_id, set())
            names.discard(name)
            if not names:
                self._by_user.pop(user_id, None)

    def _rounds(self) -> None:
        try:
            while self._waiting:
                self._runtime.sleep(ROUND_SECONDS)
                self._look_at(self._waiting)
        finally:
            self._rounding = False

    def _look_at(self, names: Iterable[Name]) -> None:
        self._stale.update(names)
        if self._stale and not self._looking:
            self._looking = True
            self._runtime.spawn(self._look)

    def _look(self) -> None:
        try:
            while self._stale:
                asked, self._stale = self._stale, set()
                for name, standing in self._read(asked).items():
                    if standing.state != "open":
                        for promise in self._waiting.get(name, ()):
                            promise.resolve(standing)
        except Problem as problem:
            log.warning("answers could not be looked for: %s", problem.detail)
        finally:
            self._looking = False
