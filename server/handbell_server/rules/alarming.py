"""Alarms: what is urgent rings until somebody says that they have it. The rules, as pure functions.

    told ──► ringing ──every `repeat`──► rings again, for whose turn it is
                │  `expire` without anybody          the next of the list is told, and rings from now on
                │  nobody left                       expired
                ├──► acknowledged    somebody who was told reads, answers, archives or deletes it
                └──► resolved, recalled, over        its producer says so, or it expires

One person's turn is `step`: 0 is whom it was sent to, 1 the first of the list. `next_at` is the moment at which something
has to be done; when it is over, that is to let everybody know who was told, and then there is none any more.

What was missed while no server ran is not made up for: it rings once, and the next time is where it would have been. But
time counts on, so who had their turn has had it; the next person's begins when they are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from handbell_shared.records import Alarm, Notification

Deed = Literal["wait", "ring", "pass on", "settle"]
End = Literal["acknowledged", "resolved", "recalled", "over"]


class Terms(Struct, frozen=True, gc=False):
    """How a producer wants it to ring, in seconds, and who is next; `id` is that of the alarm."""

    id: str
    repeat: int
    expire: int
    people: tuple[tuple[int, str], ...] = ()

    @property
    def marker(self) -> Alarm:
        return Alarm(self.id, self.repeat)


class Member(Struct, frozen=True, array_like=True, gc=False):
    """Somebody who was told, at which step, and by which notification."""

    step: int
    user_id: int
    notification: str


class Vigil(Struct, frozen=True, kw_only=True, gc=False):
    """An alarm as loaded. `user_id` and `by` are who acknowledged it."""

    id: str
    producer_id: int
    state: Literal["ringing", "expired"] | End = "ringing"
    repeat: int
    expire: int
    people: tuple[tuple[int, str], ...] = ()
    payload: str
    step: int = 0
    rings: int = 1
    told: tuple[Member, ...] = ()
    started_at: int
    next_at: int | None
    user_id: int | None = None
    by: str = ""
    ended_at: int | None = None

    @property
    def terms(self) -> Terms:
        return Terms(self.id, self.repeat, self.expire, self.people)

    @property
    def whose_turn(self) -> tuple[Member, ...]:
        return tuple(member for member in self.told if member.step == self.step)


def due_of(vigil: Vigil, now: int) -> Deed:
    """What the alarm is to do at this moment."""
    if vigil.next_at is None or now < vigil.next_at:
        return "wait"
    if vigil.state != "ringing":
        return "settle"
    return "pass on" if now >= vigil.started_at + vigil.expire * 1000 else "ring"


def next_moment(started_at: int, repeat: int, expire: int, now: int) -> int:
    """When it rings again after now; or when its time is up, if that is earlier."""
    every = repeat * 1000
    return min(started_at + expire * 1000, started_at + every * ((now - started_at) // every + 1))


def rung(vigil: Vigil, now: int) -> Vigil:
    return replace(vigil, rings=vigil.rings + 1, next_at=next_moment(vigil.started_at, vigil.repeat, vigil.expire, now))


def turn_of(vigil: Vigil, step: int, member: Member, now: int) -> Vigil:
    """Passed on to the next person, who was told just now."""
    moved = replace(vigil, step=step, told=(*vigil.told, member), started_at=now)
    return rung(moved, now)


def ended(vigil: Vigil, end: End, now: int, user_id: int | None = None) -> Vigil:
    """No more ringing from now on; everybody who was told is still to hear so."""
    return replace(vigil, state=end, user_id=user_id, ended_at=now, next_at=now)


def alarms_of(records: Iterable[Notification]) -> Iterator[str]:
    """Those that what is done to these records may end."""
    return (record.alarm.id for record in records if record.alarm is not None and record.alarm.on)


def end_made_by(last: Notification, record: Notification) -> End | None:
    """How the step from one state of somebody's notification to the next ends the alarm that it belongs to."""
    alarm = last.alarm
    if alarm is None or not alarm.on:
        return None
    if record.deleted:
        gone: dict[str, End] = {"user": "acknowledged", "recalled": "recalled"}
        return gone.get(record.deleted, "over")
    if record.alarm is None or record.alarm.id != alarm.id:
        return "over"  # told anew, and not to ring like that
    if record.resolved:
        return "resolved" if not last.resolved else None
    if record.answer is not None and last.answer is None:
        return "over" if record.answer.elsewhere else "acknowledged"
    if (record.read and not last.read) or (record.archived and not last.archived):
        return "acknowledged"
    return None


def ended_by(
    vigils: Mapping[str, Vigil], last: Notification, record: Notification, user_id: int, now: int
) -> Vigil | None:
    """The alarm that this step in a person's inbox has ended; None when it is no step of that kind, or comes too late."""
    end = end_made_by(last, record)
    vigil = vigils.get(last.alarm.id) if end is not None and last.alarm is not None else None
    if end is None or vigil is None or vigil.state != "ringing":
        return None
    return ended(vigil, end, now, user_id if end == "acknowledged" else None)


def marked(record: Notification, vigil: Vigil, member: Member) -> Notification:
    """The record as its person should see the alarm; the very same object when they see it so."""
    if record.alarm is None or record.alarm.id != vigil.id or not record.live:
        return record
    if vigil.state == "recalled":
        return replace(record, deleted="recalled")
    alarm = _marker(vigil, member)
    return record if alarm == record.alarm else replace(record, alarm=alarm)


def _marker(vigil: Vigil, member: Member) -> Alarm:
    match vigil.state:
        case "ringing" if member.step == vigil.step:
            return vigil.terms.marker
        case "ringing":
            return Alarm(vigil.id, vigil.repeat, "passed", vigil.people[vigil.step - 1][1])
        case "acknowledged":
            # Who removed their own copy, or has left since, is nobody to name.
            return Alarm(vigil.id, vigil.repeat, "acknowledged", "" if member.user_id == vigil.user_id else vigil.by)
        case "expired":
            return Alarm(vigil.id, vigil.repeat, "expired")
        case _:
            return Alarm(vigil.id, vigil.repeat, "over")
