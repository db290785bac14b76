"""Between a `Notification` and its row. Column order is decided here, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from handbell_server.engine.inbox import Happening, Origin
from handbell_server.rules.alarming import Member, Vigil
from handbell_shared.ids import new_id
from handbell_shared.records import Actor, Alarm, Answer, Button, Choice, Notification, Question, Scope


class _Extra(Struct, frozen=True, omit_defaults=True, gc=False):
    """The rare content of a notification."""

    data: dict[str, Any] | None = None
    actor: Actor | None = None
    image: str | None = None
    group: str | None = None
    count: int = 1
    resolved: bool = False
    actions: tuple[Button, ...] = ()
    silent: bool = False
    answer: Answer | None = None
    category: str | None = None
    icon: str | None = None
    colour: str | None = None
    question: Question | None = None
    critical: bool = False
    muted: dict[str, Scope] | None = None
    alarm: Alarm | None = None


_encode = msgspec.json.Encoder().encode
_decode_extra = msgspec.json.Decoder(_Extra).decode
_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_choices = msgspec.json.Decoder(tuple[Choice, ...]).decode
_decode_members = msgspec.json.Decoder(tuple[Member, ...]).decode
_decode_people = msgspec.json.Decoder(tuple[tuple[int, str], ...]).decode
_PLAIN = _Extra()

RECORD_COLUMNS = (
    "id, ver, crev, cver, source, type, title, body, link, priority, key, extra, created_at, updated_at, expires_at, "
    "gen, read, read_at, sgen, seen, agen, archived, snooze_at, snooze_op, snoozed_until, pin_at, pin_op, pinned, deleted, nrev"
)
INSERT_COLUMNS = (
    "id", "user_id", "producer_id", "dispatch_id", "ver", "crev", "source", "type", "title", "body", "link",
    "priority", "key", "extra", "created_at", "expires_at",
)  # fmt: skip
UPDATE_COLUMNS = (
    "ver", "cver", "type", "title", "body", "link", "priority", "key", "extra", "updated_at", "expires_at",
    "gen", "read", "read_at", "sgen", "seen", "agen", "archived", "snooze_at", "snooze_op", "snoozed_until",
    "pin_at", "pin_op", "pinned", "deleted", "deleted_at", "nrev",
)  # fmt: skip

VIGIL_COLUMNS = "id, producer_id, state, repeat_s, expire_s, people, payload, step, rings, told, started_at, next_at, user_id, ended_at"
VIGIL_MOVES = (
    "state",
    "payload",
    "step",
    "rings",
    "told",
    "started_at",
    "next_at",
    "user_id",
    "ended_at",
    "finished_at",
)

REVISED_COLUMNS = (*INSERT_COLUMNS, *(column for column in UPDATE_COLUMNS if column not in INSERT_COLUMNS))


def _extra(r: Notification) -> str | None:
    if not (
        (r.data or r.actor or r.image or r.group or r.actions or r.silent or r.resolved or r.answer or r.count != 1)
        or r.category
        or r.icon
        or r.colour
        or r.question
        or r.critical
        or r.muted
        or r.alarm
    ):
        return None
    extra = _Extra(
        r.data, r.actor, r.image, r.group, r.count, r.resolved, r.actions, r.silent, r.answer, r.category, r.icon, r.colour, r.question,
        r.critical, r.muted, r.alarm,
    )  # fmt: skip
    return _encode(extra).decode()


def choices_of(document: str) -> tuple[Choice, ...]:
    return _decode_choices(document)


def choices_text(choices: Iterable[Choice]) -> str:
    return _encode(list(choices)).decode()


def question_in(extra: str | None) -> tuple[tuple[Button, ...], Answer | None]:
    """The actions and the answer of a record, for those who want no more of it."""
    more = _PLAIN if extra is None else _decode_extra(extra)
    return more.actions, more.answer


def alarm_in(extra: str | None) -> Alarm | None:
    return None if extra is None else _decode_extra(extra).alarm


def vigil_of(row: Any) -> Vigil:
    """A row of VIGIL_COLUMNS, and the name of who acknowledged it."""
    (
        an_id, producer_id, state, repeat, expire, people, payload, step, rings, told, started_at, next_at, user_id, ended_at,
        by,
    ) = row  # fmt: skip
    return Vigil(
        id=an_id, producer_id=producer_id, state=state, repeat=repeat, expire=expire, people=_decode_people(people),
        payload=payload, step=step, rings=rings, told=_decode_members(told), started_at=started_at, next_at=next_at,
        user_id=user_id, by=by or "", ended_at=ended_at,
    )  # fmt: skip


def vigil_row(v: Vigil, now: int) -> dict[str, Any]:
    return {
        "state": v.state, "payload": v.payload, "step": v.step, "rings": v.rings, "told": _encode(v.told).decode(),
        "started_at": v.started_at, "next_at": v.next_at, "user_id": v.user_id, "ended_at": v.ended_at,
        "finished_at": now if v.next_at is None else None,
    }  # fmt: skip


def new_vigil_row(v: Vigil, now: int) -> dict[str, Any]:
    return vigil_row(v, now) | {
        "id": v.id, "producer_id": v.producer_id, "repeat_s": v.repeat, "expire_s": v.expire,
        "people": _encode(v.people).decode(), "created_at": now,
    }  # fmt: skip


def answer_of(text: str) -> Answer:
    return _decode_answer(text)


def answer_text(answer: Answer) -> str:
    return _encode(answer).decode()


def insert_row(r: Notification, user_id: int, origin: Origin) -> tuple[Any, ...]:
    return (
        r.id, user_id, origin.producer_id, origin.dispatch_id, r.ver, r.crev, r.source, r.type, r.title, r.body,
        r.link, r.priority, r.key, _extra(r), r.created_at, r.expires_at,
    )  # fmt: skip


def revised_row(r: Notification, user_id: int, origin: Origin, now: int) -> tuple[Any, ...]:
    """A new record that changed again in its own group: it has no row to update yet, and registers to keep."""
    values = dict(zip(UPDATE_COLUMNS, update_row(r, now), strict=True))
    values |= zip(INSERT_COLUMNS, insert_row(r, user_id, origin), strict=True)
    return tuple(values[column] for column in REVISED_COLUMNS)


def update_row(r: Notification, now: int) -> tuple[Any, ...]:
    return (
        r.ver, r.cver, r.type, r.title, r.body, r.link, r.priority, r.key, _extra(r), r.updated_at, r.expires_at,
        r.gen, int(r.read), r.read_at, r.sgen, int(r.seen), r.agen, int(r.archived), r.snooze_at, r.snooze_op,
        r.snoozed_until, r.pin_at, r.pin_op, int(r.pinned), r.deleted, now if r.deleted else None, r.nrev,
    )  # fmt: skip


def record_of(row: Any) -> Notification:
    """A row of RECORD_COLUMNS as a record."""
    (
        an_id, ver, crev, cver, source, kind, title, body, link, priority, key, extra, created_at, updated_at,
        expires_at, gen, read, read_at, sgen, seen, agen, archived, snooze_at, snooze_op, snoozed_until, pin_at,
        pin_op, pinned, deleted, nrev,
    ) = row  # fmt: skip
    more = _PLAIN if extra is None else _decode_extra(extra)
    return Notification(
        id=an_id, ver=ver, crev=crev, cver=cver, source=source, type=kind, title=title, body=body, link=link,
        priority=priority, data=more.data, actor=more.actor, image=more.image, group=more.group, key=key,
        count=more.count, resolved=more.resolved, actions=more.actions, question=more.question, silent=more.silent,
        category=more.category, icon=more.icon, colour=more.colour, critical=more.critical, muted=more.muted,
        alarm=more.alarm, created_at=created_at,
        updated_at=updated_at, expires_at=expires_at, gen=gen, read=bool(read), read_at=read_at, agen=agen,
        archived=bool(archived), sgen=sgen, seen=bool(seen), snooze_at=snooze_at, snooze_op=snooze_op,
        snoozed_until=snoozed_until, pin_at=pin_at, pin_op=pin_op, pinned=bool(pinned), answer=more.answer,
        deleted=deleted, nrev=nrev,
    )  # fmt: skip


def happenings_json(happenings: list[Happening], now: int) -> str:
    """What happened in one group, for the statement that finds who wants to hear of it."""
    return _encode(
        [
            {
                "id": new_id(), "event": one.event, "user_id": one.user_id, "notification": one.record.id,
                "facts": _encode(_facts(one, now)).decode(), "at": now,
            }
            for one in happenings
        ]
    ).decode()  # fmt: skip


def _facts(one: Happening, now: int) -> dict[str, Any]:
    """What an event says beside the notification and the person."""
    record, facts = one.record, dict[str, Any]()
    if one.event == "notification.answered" and record.answer is not None:
        facts = {"action": record.answer.action, "text": record.answer.text, "at": record.answer.at}
        facts |= {"deadline": True} if record.answer.deadline else {}
    elif one.event == "notification.read":
        facts = {"at": record.read_at}
    else:
        facts = {"at": now}
    return facts if record.key is None else facts | {"key": record.key}
