"""SYNC.md's table of registers, written down a second time and as plainly as possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from handbell_shared.records import Action, ActionKind, Answer, Choice, Notification
from tests.shared.model.mistakes import Mistake

Mistakes = frozenset[Mistake]
FORGOTTEN = "forgotten"
REMOVED_AT_MOST = 2

FLAGS: dict[ActionKind, tuple[str, str, bool]] = {
    "read": ("gen", "read", True),
    "unread": ("gen", "read", False),
    "seen": ("sgen", "seen", True),
    "unseen": ("sgen", "seen", False),
    "archive": ("agen", "archived", True),
    "unarchive": ("agen", "archived", False),
}
_WITHOUT_GENERATION = {
    "read": Mistake.READ_WITHOUT_GENERATION,
    "seen": Mistake.SEEN_WITHOUT_GENERATION,
    "archived": Mistake.ARCHIVE_WITHOUT_GENERATION,
}


def generation_of(kind: ActionKind, record: Notification) -> int:
    if kind == "answer":
        return record.gen
    return int(getattr(record, FLAGS[kind][0])) if kind in FLAGS else 0


def join(record: Notification, action: Action, generation: int, mistakes: Mistakes) -> Notification:
    if record.deleted:
        revived = action.kind == "unarchive" and Mistake.UNARCHIVE_REVIVES in mistakes
        return replace(record, deleted="") if revived else record
    if action.kind in FLAGS:
        return _flag(record, action.kind, generation, mistakes)
    last = (action.at, action.id)
    if action.kind == "snooze":
        if last <= (record.snooze_at, record.snooze_op) and Mistake.SNOOZE_BY_ARRIVAL not in mistakes:
            return record
        return replace(record, snooze_at=action.at, snooze_op=action.id, snoozed_until=action.until)
    if action.kind in ("pin", "unpin"):
        if last <= (record.pin_at, record.pin_op) and Mistake.PIN_BY_ARRIVAL not in mistakes:
            return record
        return replace(record, pin_at=action.at, pin_op=action.id, pinned=action.kind == "pin")
    if action.kind == "delete":
        return replace(record, deleted="user")
    if action.kind == "choose":
        return record
    assert action.answer is not None
    open_still = record.answer is None or Mistake.LAST_ANSWER_WINS in mistakes
    if not open_still or generation < record.gen:
        return record
    return replace(record, answer=Answer(action.answer.action, action.id, action.at))


def chosen(held: Choice | None, action: Action, mistakes: Mistakes) -> Choice:
    """The register after this action."""
    assert action.choice is not None
    new = Choice(action.choice.name, action.choice.value, action.at, action.id)
    if held is None or Mistake.CHOICE_BY_ARRIVAL in mistakes:
        return new
    return new if (new.at, new.op) > (held.at, held.op) else held


def known_of(choices: Mapping[str, Choice], name: str, mistakes: Mistakes) -> Choice | None:
    """The register; where it may have been forgotten, a removal as of when that happened."""
    mark = choices.get(FORGOTTEN)
    if name in choices or mark is None or not name.startswith("rule:"):
        return choices.get(name)
    return None if Mistake.THE_FORGOTTEN_COMES_BACK in mistakes else Choice(name, None, mark.at, "~")


def removed(choices: Iterable[Choice]) -> list[Choice]:
    """What rules have left behind, in the order in which they were removed."""
    gone = [choice for choice in choices if choice.value is None and choice.name.startswith("rule:")]
    return sorted(gone, key=lambda choice: (choice.ver, choice.name))


def choice_fingerprint(choice: Choice, mistakes: Mistakes) -> int:
    if Mistake.DIGEST_WITHOUT_CHOICES in mistakes:
        return 0
    return hash((choice.name, choice.ver, choice.at, choice.op)) & (2**64 - 1)


def as_new(record: Notification, keep: bool) -> Notification:
    step = 0 if keep else 1
    return replace(
        record,
        gen=record.gen + step,
        read=False,
        sgen=record.sgen + step,
        seen=False,
        agen=record.agen + step,
        archived=False,
        snoozed_until=0,
    )


def _flag(record: Notification, kind: ActionKind, generation: int, mistakes: Mistakes) -> Notification:
    counter, flag, on = FLAGS[kind]
    if _WITHOUT_GENERATION[flag] in mistakes:
        return replace(record, **{flag: on})
    step = 0 if on or Mistake.UNREAD_KEEPS_THE_GENERATION in mistakes else 1
    now = (getattr(record, counter), getattr(record, flag))
    best = max(now, (generation + step, on))
    return record if best == now else replace(record, **{counter: best[0], flag: best[1]})


def counts(record: Notification, now: int) -> bool:
    return not (record.deleted or record.read or record.archived or record.snoozed_until > now)


def fingerprint(r: Notification, mistakes: Mistakes) -> int:
    """Any 64-bit hash will do for a model; the real one is a text that other languages can hash too."""
    if r.deleted:
        return 0
    told = 0 if Mistake.DIGEST_WITHOUT_TIMES in mistakes else r.updated_at
    flags = (r.gen, r.read, r.sgen, r.seen, r.agen, r.archived, r.snooze_at, r.snooze_op, r.snoozed_until)
    return hash((r.id, r.ver, r.cver, told, flags, r.pin_at, r.pin_op, r.pinned, r.answer and r.answer.op)) & (
        2**64 - 1
    )
