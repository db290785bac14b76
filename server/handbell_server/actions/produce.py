"""Telling people something: the verb most of the server exists for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from handbell_server.actions import alarms, answers
from handbell_server.actions.drafts import Asks, Draft, Sender, again, first, spoken
from handbell_server.actions.mail_items import mail
from handbell_server.engine.feed import Needs, Replay, Work
from handbell_server.engine.inbox import Inbox, Origin
from handbell_server.errors import Conflict, NotFound, Problem
from handbell_shared.codes import Code
from handbell_shared.ids import new_id
from handbell_shared.records import Notification


class Recipient(Struct, frozen=True, gc=False):
    user_id: int
    name: str


class Later(Struct, frozen=True, gc=False):
    """A notification that travels on its own: to a topic, to everybody, or at a time to come."""

    target: str
    due_at: int
    reaches: int


class Outcome(Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one recipient, or of one dispatch. This is also what an idempotency key remembers."""

    id: str | None = None
    user: str | None = None
    revision: int | None = None
    created_at: int | None = None
    updated: bool = False
    skipped: str | None = None
    deliver_at: int | None = None
    reaches: int | None = None
    question: str | None = None


class Once(Struct, frozen=True, gc=False):
    """An idempotency key and what it was used for."""

    key: str
    request_hash: str


class Produced(Struct, frozen=True, gc=False):
    outcomes: tuple[Outcome, ...]
    replayed: bool = False

    @property
    def question(self) -> str | None:
        """The question that was put to all of them, if one answer is to close it."""
        return next((outcome.question for outcome in self.outcomes if outcome.question is not None), None)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Outcome, ...]).decode


class Produce:
    """Tell each recipient now, or write the dispatches that will. A retry with the same key changes nothing."""

    __slots__ = ("draft", "later", "notify_actor", "once", "recipients", "sender", "weight")

    def __init__(
        self,
        sender: Sender,
        draft: Draft,
        recipients: Sequence[Recipient],
        *,
        later: Sequence[tuple[Recipient | None, Later]] = (),
        once: Once | None = None,
        notify_actor: bool = False,
    ) -> None:
        self.sender = sender
        self.draft = draft
        self.recipients = recipients
        self.later = later
        self.once = once
        self.notify_actor = notify_actor
        self.weight = len(recipients) + len(later)

    def needs(self, needs: Needs) -> None:
        for recipient in self.recipients:
            needs.inboxes.add(recipient.user_id)
            if self.draft.key is not None:
                needs.keys.add((recipient.user_id, self.sender.id, self.draft.key))
        if self.draft.translations is not None:
            needs.languages.update(recipient.user_id for recipient in self.recipients)
        if self.draft.alarm is not None and self.recipients:
            needs.ringing.add(self.sender.id)
        if self.once is not None:
            needs.idempotency.add((self.sender.id, self.once.key))

    def run(self, work: Work) -> Produced:
        known = earlier(work, self.sender.id, self.once)
        if known is not None:
            return Produced(_decode(known), replayed=True)
        for recipient in self.recipients:
            if recipient.user_id not in work.inboxes:
                raise NotFound(f"There is no user {recipient.name!r}.", code=Code.UNKNOWN_USER, field="to")
        alarms.check_room(work, (work.inboxes[one.user_id] for one in self.recipients), self.sender, self.draft)
        draft = self.draft if self.draft.asks is None else self._ask(work, self.draft.asks)
        outcomes = [self._tell(work, recipient, draft) for recipient in self.recipients]
        outcomes += [self._send_later(work, recipient, later, draft) for recipient, later in self.later]
        if self.once is not None:
            work.remember_answer(self.sender.id, self.once.key, Replay(self.once.request_hash, _encode(outcomes)))
        return Produced(tuple(outcomes))

    def _ask(self, work: Work, asks: Asks) -> Draft:
        """The draft with its question, whose id sorts at the time of delivery like that of a dispatch."""
        question_id = new_id(max((later.due_at for _, later in self.later), default=None))
        question, row = answers.asked_by(self.sender, asks, question_id, work.now)
        work.new_questions.append(row)
        return replace(self.draft, asks=None, question=question)

    def _tell(self, work: Work, recipient: Recipient, draft: Draft) -> Outcome:
        actor = draft.actor
        if actor is not None and actor.user == recipient.name and not self.notify_actor:
            return Outcome(user=recipient.name, skipped="own_action")
        inbox = work.inboxes[recipient.user_id]
        if draft.if_open and not is_open(inbox, self.sender, draft):
            return Outcome(user=recipient.name, skipped="nothing_open")
        if draft.alarm is not None or work.vigils:
            draft = alarms.carried_on(work, inbox, self.sender, draft, self.notify_actor)
        words = draft if draft.translations is None else spoken(draft, work.languages.get(recipient.user_id))
        record, updated = tell(inbox, self.sender, words, work.now)
        if draft.alarm is not None:
            alarms.reached(work, inbox, record, self.sender, draft, self.notify_actor)
        if draft.question is not None:
            work.new_asked.append((draft.question.id, inbox.user_id, record.id))
        return Outcome(
            id=record.id,
            user=recipient.name,
            revision=inbox.stamp,
            created_at=record.created_at,
            updated=updated,
            question=_shared(draft),
        )

    def _send_later(self, work: Work, recipient: Recipient | None, later: Later, draft: Draft) -> Outcome:
        # The id sorts at the time of delivery, where the person will look for it. A fan-out and its question are one.
        an_id = draft.question.id if recipient is None and draft.question is not None else new_id(later.due_at)
        row = dispatch_row(an_id, self.sender.id, later.target, draft, later.due_at, work.now, self.notify_actor)
        work.new_dispatches.append(row)
        return Outcome(
            id=an_id,
            user=recipient.name if recipient else None,
            created_at=work.now,
            deliver_at=later.due_at if later.due_at > work.now else None,
            reaches=later.reaches,
            question=_shared(draft),
        )


def dispatch_row(
    an_id: str, producer_id: int, target: str, draft: Draft, due_at: int, now: int, notify_actor: bool = False
) -> dict[str, Any]:
    """A notification that travels on its own, as a row of `dispatches`."""
    return {
        "id": an_id,
        "producer_id": producer_id,
        "target": target,
        "key": draft.key,
        "payload": _encode((draft, notify_actor)).decode(),
        "state": "waiting",
        "due_at": due_at,
        "cursor": 0,
        "reached": 0,
        "created_at": now,
    }


class Retried:
    """A request that is refused now. A retry of what was accepted is answered as it was, whatever has changed since."""

    __slots__ = ("once", "problem", "producer_id")

    weight = 1

    def __init__(self, producer_id: int, once: Once, problem: Problem) -> None:
        self.producer_id = producer_id
        self.once = once
        self.problem = problem

    def needs(self, needs: Needs) -> None:
        needs.idempotency.add((self.producer_id, self.once.key))

    def run(self, work: Work) -> Produced:
        known = earlier(work, self.producer_id, self.once)
        if known is None:
            raise self.problem
        return Produced(_decode(known), replayed=True)


def _shared(draft: Draft) -> str | None:
    return draft.question.id if draft.question is not None and draft.question.shared else None


_PASSING = frozenset({429, 503})  # the statuses of what may be accepted when it is asked again


class ProduceAll:
    """A batch: each item by itself, all in one transaction, under one idempotency key.

    A retry answers each item as before, except those that were refused for a passing reason: they are tried anew, and
    a retry that tells one of them is no replay. Nobody is told twice by two retries at once, for such an item has
    recipients, whose inboxes are locked before the key is read.
    """

    __slots__ = ("items", "once", "producer_id", "weight")

    def __init__(self, producer_id: int, items: Sequence[Produce | Problem], once: Once | None) -> None:
        self.producer_id = producer_id
        self.items = items
        self.once = once
        self.weight = sum(1 if isinstance(item, Problem) else item.weight for item in items)

    def needs(self, needs: Needs) -> None:
        for item in self.items:
            if not isinstance(item, Problem):
                item.needs(needs)
        if self.once is not None:
            needs.idempotency.add((self.producer_id, self.once.key))

    def run(self, work: Work) -> tuple[list[Produced | Problem], bool]:
        """A result or a Problem for each item, and whether this is a replay: it tells nobody anything."""
        known = earlier(work, self.producer_id, self.once)
        before = () if known is None else _decode_all(known)
        if known is not None and len(before) != len(self.items):
            raise _for_something_else()  # the same bytes, read as lines the one time and as a document the other
        if known is None:
            results = [_try(item, work) for item in self.items]
        else:
            both = zip(self.items, before, strict=True)
            results = [_try(item, work) if was.status in _PASSING else _result_of(was) for item, was in both]
        if self.once is not None and (known is None or any(was.status in _PASSING for was in before)):
            stored = [_Stored(r.outcomes) if isinstance(r, Produced) else _failed(r) for r in results]
            work.remember_answer(self.producer_id, self.once.key, Replay(self.once.request_hash, _encode(stored)))
        return results, known is not None and all(isinstance(r, Problem) or r.replayed for r in results)


class _Stored(Struct, frozen=True, omit_defaults=True, gc=False):
    """An item of a batch as its idempotency key remembers it."""

    outcomes: tuple[Outcome, ...] = ()
    status: int = 0
    code: str = ""
    detail: str = ""
    field: str | None = None


_decode_all = msgspec.json.Decoder(tuple[_Stored, ...]).decode


def _try(item: Produce | Problem, work: Work) -> Produced | Problem:
    if isinstance(item, Problem):
        return item
    try:
        return item.run(work)
    except Problem as problem:
        return problem


def _failed(problem: Problem) -> _Stored:
    return _Stored(status=problem.status, code=str(problem.code), detail=problem.detail, field=problem.field)


def _result_of(stored: _Stored) -> Produced | Problem:
    if not stored.status:
        return Produced(stored.outcomes, replayed=True)
    return Problem(stored.detail, code=Code(stored.code), status=stored.status, field=stored.field)


def earlier(work: Work, producer_id: int, once: Once | None) -> bytes | None:
    """What this key was answered before; a Conflict when it was used for something else."""
    replay = None if once is None else work.replays.get((producer_id, once.key))
    if once is None or replay is None:
        return None
    if replay.request_hash != once.request_hash:
        raise _for_something_else()
    return replay.response


def _for_something_else() -> Problem:
    return Conflict(
        "This Idempotency-Key was used for a different request.",
        code=Code.IDEMPOTENCY_MISMATCH,
        status=422,
        field="Idempotency-Key",
    )


def is_open(inbox: Inbox, sender: Sender, draft: Draft) -> bool:
    """Whether this person has the incident that the draft names, and it is not over."""
    known = None if draft.key is None else inbox.with_key(sender.id, draft.key)
    return known is not None and not known.resolved


def tell(
    inbox: Inbox,
    sender: Sender,
    draft: Draft,
    now: int,
    *,
    an_id: str | None = None,
    dispatch_id: str | None = None,
) -> tuple[Notification, bool]:
    """Put the draft into one inbox: as a new record, or into the row of the incident it names."""
    if draft.key is not None:
        known = inbox.with_key(sender.id, draft.key)
        if known is not None and (draft.resolved or not known.resolved):
            record = inbox.judged(again(known, draft, now))
            inbox.put(record)
            mail(inbox, record, now)
            return record, True
        if known is not None:  # it happens anew after it was over: a new incident, and the key goes with it
            inbox.put(replace(known, key=None))
    record = first(draft, an_id or new_id(), sender.name, inbox.rev + 1, now)
    if inbox.preferences.rules:
        record = inbox.judged(record)
        mail(inbox, record, now)
    inbox.add(record, Origin(sender.id, dispatch_id))
    return record, False
