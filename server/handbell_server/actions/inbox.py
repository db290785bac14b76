"""What a person does to their notifications: read, archive, snooze, pin, delete, answer — and undo."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from msgspec.structs import replace

from handbell_server.actions import answers
from handbell_server.actions.drafts import as_new
from handbell_server.engine.feed import Applied, Needs, OnRecords, Work
from handbell_server.engine.inbox import Inbox
from handbell_server.errors import Invalid, NotFound
from handbell_server.limits import InputLimits
from handbell_shared.actions import join
from handbell_shared.ids import is_id, new_id
from handbell_shared.preferences import (
    CHOICES_AT_MOST,
    FORGOTTEN,
    REMOVED_AT_MOST,
    choice_of,
    held_of,
    is_removed,
    is_rule,
    later,
    why_not,
)
from handbell_shared.records import Ack, AckStatus, Action, Choice, Notification

LIMITS = InputLimits()
GENERATIONS_AT_MOST = 1 << 40  # nobody gets there honestly, and there is room above it for every counter
FAR_FUTURE = 253_402_300_799_000  # the last moment of the year 9999
# A register cannot be from later than now, except by what clocks of several servers differ, or one of them was wrong.
AHEAD_AT_MOST = 60_000


class Act:
    """Carry out a person's actions, in any order, any number of times."""

    __slots__ = ("actions", "decided", "user_id")
    one_by_one = True  # each is refused by itself where there is no room for it

    def __init__(self, user_id: int, actions: Sequence[Action]) -> None:
        self.user_id = user_id
        self.actions = actions
        self.decided: tuple[str, ...] = ()
        """Questions that were decided by this, for others too: their answers are still to be brought to them."""

    @property
    def weight(self) -> int:
        return sum(len(action.ids) + 1 for action in self.actions)

    def needs(self, needs: Needs) -> None:
        needs.inboxes.add(self.user_id)
        for action in self.actions:
            if why_bad(action) is not None:
                continue
            needs.applied.add((self.user_id, action.id))
            named = {(self.user_id, target.id) for target in action.ids}
            needs.records |= named
            if action.kind == "answer":
                needs.answering |= named
            elif _is_about_rules(action):
                needs.choosing.add(self.user_id)

    def run(self, work: Work) -> tuple[Ack, ...]:
        inbox = work.inboxes.get(self.user_id)
        if inbox is None:
            raise NotFound("This inbox is gone.")
        settled = work.moved_inquiries.keys()
        before = set(settled)
        rules = inbox.preferences.rules
        acks = tuple(self._acknowledge(work, inbox, action) for action in self.actions)
        # Once, however many rules: thousands of records are judged in the turn of everybody.
        if inbox.chosen and inbox.preferences.rules != rules:
            _judge_again(inbox)
        if inbox.chosen:
            _forget_removed(inbox, new_id(), work.now)
        self.decided = tuple(settled - before)
        return acks

    def _acknowledge(self, work: Work, inbox: Inbox, action: Action) -> Ack:
        if why_bad(action) is not None:
            return Ack(action.id, 0, "bad")
        known = work.applied.get((self.user_id, action.id))
        if known is not None:
            return Ack(action.id, known.rev, known.status)  # type: ignore[arg-type]  # we wrote it
        action = replace(action, at=min(action.at, work.now))
        if action.kind == "choose":
            status = _choose(inbox, action, work.now, bounded=self.one_by_one)
        else:
            status = _carry_out(work, inbox, action)
        ack = Ack(action.id, inbox.stamp, status)
        if status != "bad":
            work.remember_action(self.user_id, action.id, Applied(ack.rev, status))
        return ack


class ChooseAll(Act):
    """Several choices of one request: all of them, or none where they would be too many."""

    __slots__ = ()
    one_by_one = False

    def run(self, work: Work) -> tuple[Ack, ...]:
        inbox = work.inboxes.get(self.user_id)
        if inbox is not None:
            said = {one.name: one.value for one in (action.choice for action in self.actions) if one is not None}
            rules = _rules_in(inbox) - said.keys()
            rules |= {name for name, value in said.items() if value is not None and is_rule(name)}
            if len(rules) > CHOICES_AT_MOST:
                raise Invalid(f"There is room for {CHOICES_AT_MOST} rules.", field="rules")
        return super().run(work)


def why_bad(action: Action) -> str | None:
    """Why an action can never be carried out, or None."""
    if not 0 < len(action.id) <= 36 or not action.id.isascii() or not action.id.isprintable():
        return "An action's id is a UUID."
    if len(action.ids) > LIMITS.ids_per_action:
        return f"An action names at most {LIMITS.ids_per_action} notifications."
    if not 0 <= action.at <= FAR_FUTURE or not 0 <= action.until <= FAR_FUTURE:
        return "A time is out of bounds."
    if not all(is_id(target.id) and 0 <= target.generation <= GENERATIONS_AT_MOST for target in action.ids):
        return "A target is a notification's id and a generation."
    if action.kind == "snooze" and not action.until:
        return "A snooze needs `until`."
    if action.kind == "choose":
        chosen = action.choice
        return "A choice needs `choice`." if chosen is None else why_not(chosen.name, chosen.value)
    given = action.answer
    if given is not None and (len(given.text or "") > LIMITS.text_chars or "\x00" in (given.text or "")):
        return f"An answer has at most {LIMITS.text_chars} characters."
    return None


def _carry_out(work: Work, inbox: Inbox, action: Action) -> AckStatus:
    if action.kind == "answer" and not _names_a_button(inbox, action):
        return "bad"
    found = late = False
    for target in action.ids:
        record = inbox.records.get(target.id)
        if record is None or record.deleted:
            continue
        found = True
        timely = _in_time(record, work.now)
        changed = join(timely, action, target.generation)
        if action.kind == "answer":
            changed, late = _answer(work, inbox, timely, changed, late)
        if changed is not timely:
            inbox.put(_as_it_waits_again(inbox, record, changed))
    if not found:
        return "gone"
    return "late" if late else "ok"


def _in_time(record: Notification, now: int) -> Notification:
    """The record as later snoozes and pins find it: what a clock said that was wrong is before whatever is said now."""
    latest = now + AHEAD_AT_MOST
    if record.snooze_at > latest:
        record = replace(record, snooze_at=0, snooze_op="")
    return record if record.pin_at <= latest else replace(record, pin_at=0, pin_op="")


def _as_it_waits_again(inbox: Inbox, record: Notification, changed: Notification) -> Notification:
    """What was read or archived meanwhile was not judged when rules changed; unread again, it is counted by those of now."""
    rested, rests = record.read or record.archived, changed.read or changed.archived
    return inbox.judged(changed) if rested and not rests else changed


def _choose(inbox: Inbox, action: Action, now: int, *, bounded: bool) -> AckStatus:
    """The last writer wins."""
    choice = choice_of(action)
    assert choice is not None
    held = held_of(inbox.choices, choice.name)
    if held is not None and held.at > now + AHEAD_AT_MOST:
        held = None  # said by a clock that was wrong: whatever is said now comes after it
    if later(held, choice) is not choice:
        return "ok"
    # Of the others there is one each, so there is room for them always.
    if bounded and is_rule(choice.name) and choice.value is not None:
        rules = _rules_in(inbox)
        if choice.name not in rules and len(rules) >= CHOICES_AT_MOST:
            return "bad"
    inbox.choose(choice)
    return "ok"


def _rules_in(inbox: Inbox) -> set[str]:
    return {one.name for one in inbox.choices.values() if one.value is not None and is_rule(one.name)}


def _forget_removed(inbox: Inbox, op: str, now: int) -> None:
    """Of rules that were removed, only the latest are remembered; what was removed just now is told first."""
    removed = [one for one in inbox.choices.values() if is_removed(one)]
    told = sorted((one for one in removed if one.name not in inbox.chosen), key=attrgetter("ver"))
    if len(removed) <= REMOVED_AT_MOST or not told:
        return
    upto = told[min(len(removed) - REMOVED_AT_MOST // 2, len(told)) - 1].ver
    known = inbox.choices.get(FORGOTTEN)
    times = [one.at for one in told if one.ver <= upto] + ([] if known is None else [known.at])
    inbox.forget(Choice(FORGOTTEN, upto, min(max(times), now), op))


def _judge_again(inbox: Inbox) -> None:
    """The rules have become others; they hold for what waits in the inbox, too."""
    for record in list(inbox.records.values()):
        judged = inbox.judged(record)
        if judged is not record and record.live:
            inbox.put(judged)


def _is_about_rules(action: Action) -> bool:
    return action.kind == "choose" and action.choice is not None and is_rule(action.choice.name)


def _answer(
    work: Work, inbox: Inbox, record: Notification, changed: Notification, late: bool
) -> tuple[Notification, bool]:
    """The record with this answer, or with the one that came before it."""
    if changed is not record and answers.may_answer(work, record):
        answers.answered(work, inbox, changed)
        return changed, late
    return answers.with_answer(work, record), True


def _names_a_button(inbox: Inbox, action: Action) -> bool:
    """Whether the answer is one of those the producer offered."""
    if action.answer is None:
        return False
    records = [inbox.records[target.id] for target in action.ids if target.id in inbox.records]
    return all(any(button.id == action.answer.action for button in record.actions) for record in records if record.live)


class Wake(OnRecords):
    """A snooze is over: the notification comes back as new, and rings again."""

    __slots__ = ()

    def run(self, work: Work) -> int:
        inbox = work.inboxes.get(self.user_id)
        due = [] if inbox is None else [r for r in map(inbox.records.get, self.ids) if r and _is_due(r, work.now)]
        for record in due:
            assert inbox is not None
            # Who archived it meanwhile wants it neither back nor ringing.
            if record.archived:
                inbox.put(replace(record, snoozed_until=0))
            else:
                inbox.put(replace(as_new(record), cver=record.cver + 1))
        return len(due)


def _is_due(record: Notification, now: int) -> bool:
    return record.live and 0 < record.snoozed_until <= now
