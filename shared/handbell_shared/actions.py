"""The registers of a notification and their joins.

Every action is a join in a semilattice: applying actions in any order, any number of times, ends in the same record. So
a lost answer, a retry, two devices acting at once and an outbox that was off for a week need no rules of their own.

| register            | action                                  | merge                          |
|---------------------|-----------------------------------------|--------------------------------|
| (gen, read)         | read → (g, 1), unread → (g+1, 0)        | lexicographic maximum          |
| (sgen, seen)        | seen → (g, 1), unseen → (g+1, 0)        | lexicographic maximum          |
| (agen, archived)    | archive → (g, 1), unarchive → (g+1, 0)  | lexicographic maximum          |
| snooze              | (at, action id, until)                  | maximum: last writer wins      |
| pin                 | (at, action id, pinned)                 | maximum: last writer wins      |
| deleted             | a latch                                 | delete wins over all           |
| answer              | —                                       | the server's first; see below  |
| choices             | choose → (at, action id, value) by name | maximum: last writer wins      |

`answer` is the one that is no join by itself: which answer came first is decided by the server under the inbox's lock,
and that decision then travels as state.
"""

from __future__ import annotations

from msgspec.structs import replace

from handbell_shared.records import Action, ActionKind, Answer, Notification

_GENERATION_OF: dict[ActionKind, str] = {
    "read": "gen",
    "unread": "gen",
    "answer": "gen",
    "seen": "sgen",
    "unseen": "sgen",
    "archive": "agen",
    "unarchive": "agen",
}


def generation_for(kind: ActionKind, record: Notification) -> int:
    """The generation an action of this kind must name, as the person sees the record now."""
    register = _GENERATION_OF.get(kind)
    return 0 if register is None else int(getattr(record, register))


def join(record: Notification, action: Action, generation: int) -> Notification:
    """The record with the action's effect; the very same object when it changes nothing."""
    if record.deleted:
        return record
    match action.kind:
        case "read" | "unread":
            return _join_read(record, action, generation)
        case "seen" | "unseen":
            sgen, seen = _latest((record.sgen, record.seen), action.kind == "seen", generation)
            return record if (sgen, seen) == (record.sgen, record.seen) else replace(record, sgen=sgen, seen=seen)
        case "archive" | "unarchive":
            agen, archived = _latest((record.agen, record.archived), action.kind == "archive", generation)
            if (agen, archived) == (record.agen, record.archived):
                return record
            return replace(record, agen=agen, archived=archived)
        case "snooze":
            if (action.at, action.id) <= (record.snooze_at, record.snooze_op):
                return record
            return replace(record, snooze_at=action.at, snooze_op=action.id, snoozed_until=action.until)
        case "pin" | "unpin":
            if (action.at, action.id) <= (record.pin_at, record.pin_op):
                return record
            return replace(record, pin_at=action.at, pin_op=action.id, pinned=action.kind == "pin")
        case "delete":
            return replace(record, deleted="user")
        case "answer":
            return _join_answer(record, action, generation)
        case "choose":
            return record  # about no record: a register of the whole inbox, see `preferences.py`


def waits(record: Notification, now: int) -> bool:
    """Whether the person still has to deal with it, as far as anybody knows."""
    return not (record.read or record.deleted or record.archived or record.snoozed_until > now)


def counts(record: Notification, now: int) -> bool:
    """Whether the record belongs to the number on the bell."""
    return waits(record, now) and (record.muted is None or "badge" not in record.muted)  # `may`, without the call


def _latest(register: tuple[int, bool], on: bool, generation: int) -> tuple[int, bool]:
    return max(register, (generation, True) if on else (generation + 1, False))


def _join_read(record: Notification, action: Action, generation: int) -> Notification:
    gen, read = _latest((record.gen, record.read), action.kind == "read", generation)
    read_at = action.at if read else None
    if (gen, read) == (record.gen, record.read):
        earlier = read and action.kind == "read" and generation == gen and action.at < (record.read_at or 0)
        if not earlier:
            return record
    return replace(record, gen=gen, read=read, read_at=read_at)


def _join_answer(record: Notification, action: Action, generation: int) -> Notification:
    """An answer is to what the person saw: "approve" said to the last incident must not approve this one."""
    if record.answer is not None or action.answer is None or generation < record.gen:
        return record
    given = action.answer
    return replace(record, answer=Answer(given.action, action.id, action.at, given.text))
