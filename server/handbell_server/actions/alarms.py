"""Alarms inside the transaction that tells somebody: one begins with the first who is told, and goes on with the others.

The same incident told anew (its life-cycle key) while it rings goes on with the alarm that it has: neither clock nor list
begins again, or who is told every minute would never be passed on. Told anew in another way, or resolved, it ends.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from handbell_server.actions.drafts import Draft, Sender
from handbell_server.engine.feed import Work
from handbell_server.engine.inbox import Inbox
from handbell_server.errors import RateLimited
from handbell_server.rules.alarming import Member, Vigil, marked, next_moment
from handbell_shared.records import Notification

RINGING_AT_MOST = 1_000  # of one producer at the same time

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Draft, bool]).decode


def payload_of(draft: Draft, notify_actor: bool) -> str:
    """What will be told to the next person, and to everybody when it is resolved."""
    return _encode((draft, notify_actor)).decode()


def draft_in(payload: str) -> tuple[Draft, bool]:
    return _decode(payload)


def check_room(work: Work, inboxes: Iterable[Inbox], sender: Sender, draft: Draft) -> None:
    """Refuse what would begin one alarm too many. An incident that rings already goes on, however many there are."""
    if draft.alarm is None or _has_room(work, sender):
        return
    if any(_ringing(work, inbox, sender, draft) is None for inbox in inboxes):
        raise RateLimited(f"At most {RINGING_AT_MOST:,} may ring at the same time.", retry_after=60)


def within_bounds(work: Work, sender: Sender, draft: Draft) -> Draft:
    """The draft as it can be told now: it was accepted long ago, and where too many ring, it is told once."""
    if draft.alarm is None or draft.alarm.id in work.vigils or _has_room(work, sender):
        return draft
    return replace(draft, alarm=None)


def _has_room(work: Work, sender: Sender) -> bool:
    return work.ringing.get(sender.id, 0) < RINGING_AT_MOST


def _ringing(work: Work, inbox: Inbox, sender: Sender, draft: Draft) -> Vigil | None:
    """The alarm that the incident of the draft has in this inbox, if it rings still."""
    work.heed()
    known = inbox.with_key(sender.id, draft.key) if draft.key is not None else None
    vigil = work.vigils.get(known.alarm.id) if known is not None and known.alarm is not None else None
    return vigil if vigil is not None and vigil.state == "ringing" else None


def carried_on(work: Work, inbox: Inbox, sender: Sender, draft: Draft, notify_actor: bool) -> Draft:
    """The draft with the alarm that its incident has in this inbox already, if it rings still."""
    vigil = _ringing(work, inbox, sender, draft)
    if vigil is None or (draft.alarm is None and not draft.resolved):
        return draft
    told = draft if draft.resolved else replace(draft, alarm=vigil.terms)
    work.watch(replace(vigil, payload=payload_of(told, notify_actor)))
    return told


def reached(work: Work, inbox: Inbox, record: Notification, sender: Sender, draft: Draft, notify_actor: bool) -> None:
    """Somebody was told what rings: the first of them begins it. Perhaps it is over already."""
    terms = draft.alarm
    if terms is None:
        return
    vigil = work.vigils.get(terms.id)
    if vigil is None:
        vigil = Vigil(
            id=terms.id,
            producer_id=sender.id,
            repeat=terms.repeat,
            expire=terms.expire,
            people=terms.people,
            payload=payload_of(draft, notify_actor),
            started_at=work.now,
            next_at=next_moment(work.now, terms.repeat, terms.expire, work.now),
        )
        work.begin(vigil)
        work.ringing[sender.id] = work.ringing.get(sender.id, 0) + 1
    member = next((one for one in vigil.told if one.user_id == inbox.user_id), None)
    if member is None or member.notification != record.id:
        member = Member(vigil.step if vigil.state == "ringing" else 0, inbox.user_id, record.id)
        work.watch(replace(vigil, told=(*vigil.told, member)))
    seen = marked(record, vigil, member)
    if seen is not record:
        inbox.put(seen)
