"""Doing what is due for an alarm: ring again, pass it on, give it up, or let everybody know how it ended.

As with a fan-out, two moments matter. Finding what is due is a read of its own. Doing it is a command in a group commit:
it holds the locks of the inboxes and then that of the alarm's row, looks again whether the alarm stands as it was found
and is due, and moves it in the transaction in which it rings or tells. So nobody is rung or told twice, whoever does it,
and whatever is killed is done by the next who looks. Who acknowledges takes the same locks: nothing rings after that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import or_, select
from sqlalchemy.engine import Connection

from handbell_server.actions import answers
from handbell_server.actions.alarms import draft_in
from handbell_server.actions.drafts import Draft, Sender, again, spoken
from handbell_server.actions.forgetting import forget_some
from handbell_server.actions.produce import Recipient, tell
from handbell_server.engine import rows
from handbell_server.engine.feed import Needs, Work
from handbell_server.engine.inbox import Happening, Inbox
from handbell_server.models import AlarmRow, Producer, User
from handbell_server.rules.alarming import Deed, Member, Vigil, due_of, ended, marked, rung, turn_of
from handbell_server.watching import vigils
from handbell_shared.actions import waits
from handbell_shared.records import Notification

AT_ONCE = 50

Done = Literal["", "rung", "escalated", "expired", "settled"]

Row = AlarmRow


class Due(Struct, frozen=True, gc=False):
    """An alarm as it was found, with what is needed to do what is due. `step` is the next person's place in the list."""

    vigil: Vigil
    deed: Deed
    sender: Sender
    draft: Draft
    following: Recipient | None = None
    step: int = 0


class Pursue:
    """Do what is due for one alarm. Answers what that was: nothing, if somebody else was faster or it has changed."""

    __slots__ = ("due",)

    def __init__(self, due: Due) -> None:
        self.due = due

    @property
    def weight(self) -> int:
        return len(self.due.vigil.told) + 1

    def needs(self, needs: Needs) -> None:
        vigil, draft, following = self.due.vigil, self.due.draft, self.due.following
        needs.vigils.add(vigil.id)
        for member in vigil.told:
            needs.inboxes.add(member.user_id)
            needs.records.add((member.user_id, member.notification))
        if draft.translations is not None:
            needs.languages.update(member.user_id for member in vigil.told)
        if draft.question is not None:
            needs.questions.add(draft.question.id)
        if following is None:
            return
        needs.inboxes.add(following.user_id)
        if draft.translations is not None:
            needs.languages.add(following.user_id)
        if draft.key is not None:
            needs.keys.add((following.user_id, self.due.sender.id, draft.key))

    def run(self, work: Work) -> Done:
        work.heed()
        found, vigil = self.due.vigil, work.vigils.get(self.due.vigil.id)
        if vigil is None or (vigil.state, vigil.step, vigil.next_at, vigil.told) != (
            found.state,
            found.step,
            found.next_at,
            found.told,
        ):
            return ""
        if due_of(vigil, work.now) != self.due.deed:
            return ""  # the next look finds what else is needed
        match self.due.deed:
            case "settle":
                return self._settle(work, vigil)
            case _ if self._is_void(work):
                work.watch(ended(vigil, "over", work.now))
                return "settled"
            case "ring":
                return self._ring(work, vigil)
            case _:
                return self._pass_on(work, vigil)

    def _is_void(self, work: Work) -> bool:
        """Its time has run out, or its question was taken back, and the notifications are about to go."""
        draft = self.due.draft
        if draft.expires_at is not None and draft.expires_at <= work.now:
            return True
        return draft.question is not None and answers.is_withdrawn(work, draft.question.id)

    def _ring(self, work: Work, vigil: Vigil) -> Done:
        """Whose turn it is hears it anew: a new version of the content, and everything the person did stays as it is."""
        for _, inbox, record in _held(work, vigil, vigil.whose_turn):
            if waits(record, work.now):
                inbox.put(replace(record, cver=record.cver + 1, updated_at=work.now))
        work.watch(rung(vigil, work.now))
        return "rung"

    def _pass_on(self, work: Work, vigil: Vigil) -> Done:
        draft, sender, following = self.due.draft, self.due.sender, self.due.following
        if following is None:
            return self._give_up(work, vigil)
        inbox = work.inboxes.get(following.user_id)
        if inbox is None:
            return ""  # gone since it was found; the next look finds who comes after
        if draft.translations is not None:
            draft = spoken(draft, work.languages.get(following.user_id))
        record, _ = tell(inbox, sender, draft, work.now)
        moved = turn_of(vigil, self.due.step, Member(self.due.step, following.user_id, record.id), work.now)
        work.watch(moved)
        inbox.happenings.append(Happening("notification.escalated", inbox.user_id, record))
        if draft.question is not None:
            answers.reached(work, inbox, record, draft.question)
        _mark(work, moved)
        return "escalated"

    def _give_up(self, work: Work, vigil: Vigil) -> Done:
        over = replace(vigil, state="expired", ended_at=work.now, next_at=None)
        work.watch(over)
        _mark(work, over)
        for _, inbox, record in _held(work, over, over.told[::-1]):
            inbox.happenings.append(Happening("notification.unacknowledged", inbox.user_id, record))
            break  # it is one event, told with the last who could have had it
        return "expired"

    def _settle(self, work: Work, vigil: Vigil) -> Done:
        """It is over: everybody who was told hears how."""
        if vigil.state == "resolved":
            for _, inbox, record in _held(work, vigil, vigil.told):
                if not record.resolved:
                    words = spoken(self.due.draft, work.languages.get(inbox.user_id))
                    inbox.put(again(record, words, work.now))
        _mark(work, vigil)
        work.watch(replace(vigil, next_at=None))
        return "settled"


def _held(work: Work, vigil: Vigil, members: Collection[Member]) -> Iterator[tuple[Member, Inbox, Notification]]:
    """Those of them that have their notification still, and as one of this alarm."""
    for member in members:
        inbox = work.inboxes.get(member.user_id)
        record = inbox.records.get(member.notification) if inbox is not None else None
        if inbox is not None and record is not None and record.live and record.alarm and record.alarm.id == vigil.id:
            yield member, inbox, record


def _mark(work: Work, vigil: Vigil) -> None:
    for member, inbox, record in _held(work, vigil, vigil.told):
        seen = marked(record, vigil, member)
        if seen is not record:
            inbox.put(seen)


# ---- looking, outside of it


def due(connection: Connection, now: int, limit: int = AT_ONCE) -> list[Due]:
    """Alarms for which something is to be done, the longest waiting first."""
    query = (
        vigils()
        .add_columns(Producer.name.label("producer"))
        .join(Producer, Producer.id == Row.producer_id)
        .where(Row.next_at <= now, Row.next_at.is_not(None))
        # What rings for a disabled producer rings no more; `actions/stopping.py` ends it.
        .where(or_(Row.state != "ringing", Producer.disabled_at.is_(None)))
        .order_by(Row.next_at)
        .limit(limit)
    )
    found = []
    for *row, producer in connection.execute(query).all():
        vigil = rows.vigil_of(row)
        draft, notify_actor = draft_in(vigil.payload)
        one = Due(vigil, due_of(vigil, now), Sender(vigil.producer_id, producer), draft)
        if one.deed == "pass on":
            one = _with_the_next(connection, one, notify_actor)
        found.append(one)
    return found


def _with_the_next(connection: Connection, one: Due, notify_actor: bool) -> Due:
    """Who comes next in the list: is there still, has not been told yet, and did not do it."""
    vigil, actor = one.vigil, one.draft.actor
    told = {member.user_id for member in vigil.told}
    ids = [user_id for user_id, _ in vigil.people[vigil.step :]]
    query = select(User.id, User.name).where(User.id.in_(ids), User.disabled_at.is_(None))
    there = {row.id: row.name for row in connection.execute(query)}
    for step, user_id in enumerate(ids, vigil.step + 1):
        name = there.get(user_id)
        own = actor is not None and actor.user == name and not notify_actor
        if name is not None and user_id not in told and not own:
            return replace(one, following=Recipient(user_id, name), step=step)
    return one


def forget(connection: Connection, finished_before: int) -> int:
    return forget_some(connection, Row, Row.finished_at < finished_before, Row.finished_at.is_not(None))
