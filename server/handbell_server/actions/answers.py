"""Questions: which answer wins, and bringing it to everybody who was asked.

Two moments matter, as with a dispatch. The decision is one: whoever answers holds the lock of the question's row, so of
two answers at once, on whatever servers, one finds it open. Bringing the answer to the others is done in chunks behind a
cursor that moves in the transaction of each chunk, so it can be killed anywhere and carried on by any process. Somebody
whom the question reaches only now (a fan-out under way, a scheduled notification) takes the same lock and gets the
notification with the answer in it: so nobody is missed between the two.

A deadline is an answer that nobody gave: the producer's default, or none at all. It is due at its moment, whoever looks
first: the rounds of the jobs, or an answer that comes too late.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import and_, or_, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.drafts import Asks, Sender
from handbell_server.actions.forgetting import forget_some
from handbell_server.engine.feed import Inquiry, Needs, Work
from handbell_server.engine.inbox import Inbox
from handbell_server.models import Asked, NotificationRow, QuestionRow
from handbell_shared.clock import now_ms
from handbell_shared.records import Answer, Notification, Question

CHUNK = 250
_SOMEBODY = "?"  # who answered has been removed since

Row = QuestionRow


# ---- in a group commit


def answered(work: Work, inbox: Inbox, record: Notification) -> None:
    """An answer has won: called once for each, in the transaction that stores it, with the record that holds it."""
    inquiry = _inquiry(work, record)
    if inquiry is not None and inquiry.shared:
        work.settle(replace(inquiry, state="closing", answer=record.answer, user_id=inbox.user_id, fresh=True))


def may_answer(work: Work, record: Notification) -> bool:
    """Whether the question is still open, for this person."""
    if record.question is None:
        return True
    inquiry = _inquiry(work, record)
    return inquiry is not None and close_if_due(work, inquiry).state == "open"


def with_answer(work: Work, record: Notification) -> Notification:
    """The record with the answer that was given elsewhere, if there is one for it; else the very same object."""
    inquiry = _inquiry(work, record)
    if inquiry is None or inquiry.answer is None or record.answer is not None or record.deleted:
        return record
    if inquiry.fresh:
        return record  # decided in this very group: who that was is read when it is brought to the others
    answer = inquiry.answer
    if answer.deadline:
        return replace(record, answer=answer)
    # What the other one wrote is for the producer; the others learn who answered, and what was chosen.
    return replace(record, answer=replace(answer, text=None, by=inquiry.by or _SOMEBODY))


def reached(work: Work, inbox: Inbox, record: Notification, question: Question) -> None:
    """The question has reached one more; perhaps it is decided already."""
    work.new_asked.append((question.id, inbox.user_id, record.id))
    may_answer(work, record)  # its time may be up, and nobody has looked yet
    told = with_answer(work, record)
    if told is not record:
        inbox.put(told)


def close_if_due(work: Work, inquiry: Inquiry) -> Inquiry:
    """The question as it stands now: at its deadline it is decided, by whoever looks first."""
    if inquiry.state != "open" or inquiry.due_at is None or work.now < inquiry.due_at:
        return inquiry
    # The question's own id is the operation: every device computes the same digest.
    answer = Answer(inquiry.fallback, inquiry.id, inquiry.due_at, deadline=True)
    closed = replace(inquiry, state="closing", answer=answer)
    work.settle(closed)
    return closed


def is_withdrawn(work: Work, question_id: str) -> bool:
    """Whether the producer took the question back, or it is so old that it is forgotten."""
    inquiry = work.inquiries.get(question_id)
    return inquiry is None or (inquiry.state == "closed" and inquiry.answer is None)


def _inquiry(work: Work, record: Notification) -> Inquiry | None:
    return None if record.question is None else work.inquiries.get(record.question.id)


class Chunk(Struct, frozen=True, gc=False):
    """What a question needs next: to be closed, or its answer brought to these."""

    question_id: str
    state: str
    cursor: int
    asked: tuple[tuple[int, str], ...] = ()

    @property
    def size(self) -> int:
        return len(self.asked)


class Settle:
    """Close a question whose time is up, or bring its answer to the next of those who were asked."""

    __slots__ = ("chunk",)

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk

    @property
    def weight(self) -> int:
        return self.chunk.size + 1

    def needs(self, needs: Needs) -> None:
        needs.questions.add(self.chunk.question_id)
        needs.inboxes.update(user_id for user_id, _ in self.chunk.asked)
        needs.records.update(self.chunk.asked)

    def run(self, work: Work) -> bool:
        """Whether it changed anything; somebody else may have been faster."""
        chunk, inquiry = self.chunk, work.inquiries.get(self.chunk.question_id)
        if inquiry is None or (inquiry.state, inquiry.cursor) != (chunk.state, chunk.cursor):
            return False
        if chunk.state == "open":
            # Whom it has reached is looked up after this commit: until then a fan-out may reach more.
            return close_if_due(work, inquiry) is not inquiry
        for user_id, an_id in chunk.asked:
            inbox = work.inboxes.get(user_id)
            record = inbox.records.get(an_id) if inbox is not None else None
            if inbox is None or record is None or record.question is None or record.question.id != inquiry.id:
                continue
            told = with_answer(work, record)
            if told is not record:
                inbox.put(told)
        last = chunk.size < CHUNK
        cursor = chunk.asked[-1][0] if chunk.asked else inquiry.cursor
        work.settle(replace(inquiry, state="closed" if last else "closing", cursor=cursor))
        return True


# ---- looking, outside of it


def due(connection: Connection, now: int, limit: int = 20) -> list[str]:
    """Questions whose deadline has come, or whose answer is still on its way."""
    over = select(Row.id).where(Row.state == "open", Row.due_at <= now, Row.due_at.is_not(None))
    found = list(connection.execute(over.order_by(Row.due_at).limit(limit)).scalars())
    found += connection.execute(select(Row.id).where(Row.state == "closing").order_by(Row.id).limit(limit)).scalars()
    return found


def next_chunk(connection: Connection, question_id: str) -> Chunk | None:
    """What a question has to do next; None when there is nothing."""
    row = connection.execute(select(Row.state, Row.due_at, Row.cursor).where(Row.id == question_id)).one_or_none()
    if row is None or row.state == "closed":
        return None
    if row.state == "open":
        return Chunk(question_id, "open", row.cursor) if row.due_at is not None and row.due_at <= now_ms() else None
    asked = (
        select(Asked.user_id, Asked.notification_id)
        .where(Asked.question_id == question_id, Asked.user_id > row.cursor)
        .order_by(Asked.user_id)
        .limit(CHUNK)
    )
    found = tuple((one.user_id, one.notification_id) for one in connection.execute(asked))
    return Chunk(question_id, "closing", row.cursor, found)


def ids_asked(connection: Connection, question_id: str, producer_id: int, limit: int) -> list[tuple[int, str]]:
    """Live notifications by which a question of this producer reached people, with their owners."""
    query = (
        select(NotificationRow.user_id, NotificationRow.id)
        .join(Asked, and_(Asked.notification_id == NotificationRow.id, Asked.user_id == NotificationRow.user_id))
        .where(
            Asked.question_id == question_id,
            NotificationRow.producer_id == producer_id,
            NotificationRow.deleted == "",
        )
    )
    return [(row.user_id, row.id) for row in connection.execute(query.limit(limit))]


def withdraw(connection: Connection, question_id: str, producer_id: int) -> bool:
    """Take the question back: nobody can answer it any more. Whether there was one."""
    query = update(Row).where(Row.id == question_id, Row.producer_id == producer_id)
    return connection.execute(query.values(state="closed", finished_at=now_ms())).rowcount > 0


def forget(connection: Connection, finished_before: int, made_before: int) -> int:
    """Drop what is decided since long ago, and what is so old that nobody holds it any more."""
    old = or_(and_(Row.finished_at < finished_before, Row.finished_at.is_not(None)), Row.created_at < made_before)
    return forget_some(connection, Row, old)


def asked_by(sender: Sender, asks: Asks, question_id: str, now: int) -> tuple[Question, dict[str, Any]]:
    """The question as devices see it, and its row."""
    row = {
        "id": question_id,
        "producer_id": sender.id,
        "shared": asks.shared,
        "state": "open",
        "due_at": asks.until,
        "fallback": asks.default,
        "cursor": 0,
        "created_at": now,
    }
    return Question(question_id, asks.until, asks.shared), row
