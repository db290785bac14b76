"""Numbering changes: what happens to inboxes between BEGIN and COMMIT, without a line of SQL.

A group commit is a list of commands. Each says first what it `needs`; the store locks those inboxes and loads those rows
for the whole group in a handful of statements; then every command runs in memory against this `Work`; then each touched
inbox is closed: one new revision, its changed records stamped with it, digest and unread count carried along; and the
store writes the result in a handful of statements.

So the verbs in `actions/` are plain functions over loaded state. They validate first and change afterwards: a command
that raises a `Problem` has changed nothing, and the rest of its group goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from handbell_server.engine.inbox import Happening, Inbox
from handbell_server.errors import Problem
from handbell_server.rules.alarming import Vigil, alarms_of, ended_by
from handbell_shared.records import Answer, Push


@dataclass(slots=True)
class Needs:
    """What a group of commands wants loaded."""

    inboxes: set[int] = field(default_factory=set)
    records: set[tuple[int, str]] = field(default_factory=set)
    keys: set[tuple[int, int, str]] = field(default_factory=set)  # user, producer, life-cycle key
    idempotency: set[tuple[int, str]] = field(default_factory=set)  # producer, key
    applied: set[tuple[int, str]] = field(default_factory=set)  # user, action
    dispatches: set[str] = field(default_factory=set)
    languages: set[int] = field(default_factory=set)  # of users who may be told in theirs
    questions: set[str] = field(default_factory=set)
    answering: set[tuple[int, str]] = field(default_factory=set)  # records whose questions are wanted too
    choosing: set[int] = field(default_factory=set)  # inboxes whose rules may become others
    vigils: set[str] = field(default_factory=set)  # beside those of the records that are loaded
    ringing: set[int] = field(default_factory=set)  # producers of whom one more may begin to ring


class Replay(Struct, frozen=True, gc=False):
    """What a producer was answered the first time."""

    request_hash: str
    response: bytes


class Applied(Struct, frozen=True, gc=False):
    rev: int
    status: str


class Journey(Struct, frozen=True, gc=False):
    """A dispatch as loaded: where it stands."""

    id: str
    producer_id: int
    state: str
    cursor: int
    reached: int


class Inquiry(Struct, frozen=True, gc=False):
    """A question as loaded: whether it is open, and the answer that closed it. `by` is the name of who gave that."""

    id: str
    producer_id: int
    shared: bool
    state: str
    due_at: int | None
    fallback: str
    cursor: int
    answer: Answer | None = None
    user_id: int | None = None
    by: str = ""
    fresh: bool = False  # decided by a person in this very group, whose name nobody has read yet


class Told(Struct, frozen=True, gc=False):
    """A push and whose it is: what delivery and hints get after the commit."""

    user_id: int
    push: Push


class Work:
    """The state one group of commands runs on, and what they leave to be written."""

    def __init__(self, epoch: str, now: int) -> None:
        self.epoch = epoch
        self.now = now
        self.inboxes: dict[int, Inbox] = {}
        self.replays: dict[tuple[int, str], Replay] = {}
        self.applied: dict[tuple[int, str], Applied] = {}
        self.journeys: dict[str, Journey] = {}
        self.languages: dict[int, str] = {}
        self.inquiries: dict[str, Inquiry] = {}
        self.vigils: dict[str, Vigil] = {}
        self.ringing: dict[int, int] = {}  # how many alarms of a producer ring
        # ---- to be written
        self.new_replays: dict[tuple[int, str], Replay] = {}
        self.renewed_replays: dict[tuple[int, str], Replay] = {}
        self.new_applied: dict[tuple[int, str], Applied] = {}
        self.new_dispatches: list[dict[str, Any]] = []
        self.moved_journeys: dict[str, Journey] = {}
        self.new_questions: list[dict[str, Any]] = []
        self.new_asked: list[tuple[str, int, str]] = []  # question, user, notification
        self.moved_inquiries: dict[str, Inquiry] = {}
        self.new_vigils: set[str] = set()
        self.moved_vigils: set[str] = set()

    def remember_answer(self, producer_id: int, key: str, replay: Replay) -> None:
        mine = (producer_id, key)
        stored = mine in self.replays and mine not in self.new_replays
        (self.renewed_replays if stored else self.new_replays)[mine] = self.replays[mine] = replay

    def remember_action(self, user_id: int, action_id: str, applied: Applied) -> None:
        self.applied[user_id, action_id] = self.new_applied[user_id, action_id] = applied

    def move(self, journey: Journey) -> None:
        self.journeys[journey.id] = self.moved_journeys[journey.id] = journey

    def settle(self, inquiry: Inquiry) -> None:
        self.inquiries[inquiry.id] = self.moved_inquiries[inquiry.id] = inquiry

    def begin(self, vigil: Vigil) -> None:
        self.vigils[vigil.id] = vigil
        self.new_vigils.add(vigil.id)

    def watch(self, vigil: Vigil) -> None:
        self.vigils[vigil.id] = vigil
        if vigil.id not in self.new_vigils:
            self.moved_vigils.add(vigil.id)

    def heed(self) -> None:
        """End the alarms that somebody has acknowledged by what was done so far, or their producers have ended."""
        for inbox in self.inboxes.values():
            for last, record in inbox.alarmed:
                vigil = ended_by(self.vigils, last, record, inbox.user_id, self.now)
                if vigil is not None:
                    self.watch(vigil)
                    if vigil.state == "acknowledged":
                        inbox.happenings.append(Happening("notification.acknowledged", inbox.user_id, record))
            inbox.alarmed.clear()

    def close(self) -> list[Told]:
        """Number every changed inbox; what is to be told after the commit."""
        if self.vigils:
            self.heed()
        told = []
        for inbox in self.inboxes.values():
            push = inbox.close(self.epoch)
            if push is not None:
                told.append(Told(inbox.user_id, push))
        return told


class Command(Protocol):
    """One verb with its arguments, to be run inside a group commit."""

    @property
    def weight(self) -> int:
        """About how many rows it writes."""

    def needs(self, needs: Needs) -> None: ...

    def run(self, work: Work) -> Any:
        """Carry it out in memory. Raises a Problem only before it has changed anything."""


class OnRecords:
    """A command on some records of one user, looked up with their owner before: the part that such verbs share."""

    __slots__ = ("ids", "user_id")

    def __init__(self, user_id: int, ids: Sequence[str]) -> None:
        self.user_id = user_id
        self.ids = ids

    @property
    def weight(self) -> int:
        return len(self.ids)

    def needs(self, needs: Needs) -> None:
        needs.inboxes.add(self.user_id)
        needs.records.update((self.user_id, an_id) for an_id in self.ids)


class Session(Protocol):
    """The inside of one database transaction, as the feed sees it."""

    def load(self, needs: Needs, now: int) -> Work: ...
    def save(self, work: Work) -> None: ...


def run_group(session: Session, commands: Sequence[Command], now: int) -> tuple[list[Any], list[Told]]:
    """Run the commands in one transaction: a result or a Problem for each, and what is to be told after the commit."""
    needs = Needs()
    for command in commands:
        command.needs(needs)
    work = session.load(needs, now)
    results: list[Any] = []
    for command in commands:
        try:
            results.append(command.run(work))
        except Problem as problem:
            results.append(problem)
    told = work.close()
    session.save(work)
    return results, told


def questions_of(work: Work, needs: Needs) -> list[str]:
    """The questions to be loaded once the records are there, in the order in which they are locked."""
    found = set(needs.questions)
    for user_id, an_id in needs.answering:
        inbox = work.inboxes.get(user_id)
        record = inbox.records.get(an_id) if inbox is not None else None
        if record is not None and record.question is not None:
            found.add(record.question.id)
    return sorted(found)


def vigils_of(work: Work, needs: Needs) -> list[str]:
    """The alarms to be loaded once the records are there, in the order in which they are locked."""
    held = (record for inbox in work.inboxes.values() for record in inbox.records.values())
    return sorted(needs.vigils.union(alarms_of(held)))


def grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    """Owner by owner, what was asked for."""
    found: dict[int, list[str]] = defaultdict(list)
    for owner, name in pairs:
        found[owner].append(name)
    return found
