"""The server of the model: what is durable there, and how a group of commands becomes one revision per inbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from handbell_shared.records import Ack, Action, Button, Choice, DeltaPage, Notification, Position, Push, SnapshotPage
from tests.shared.model.mistakes import Mistake
from tests.shared.model.registers import (
    FORGOTTEN,
    REMOVED_AT_MOST,
    Mistakes,
    as_new,
    choice_fingerprint,
    chosen,
    counts,
    fingerprint,
    join,
    known_of,
    removed,
)

BUTTONS = (Button("yes", "Yes"), Button("no", "No"))


@dataclass(frozen=True)
class Produce:
    user: int
    once: str | None
    key: str | None
    resolved: bool


@dataclass(frozen=True)
class Act:
    user: int
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Remove:
    user: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Wake:
    user: int
    ids: tuple[str, ...]


Command = Produce | Act | Remove | Wake


@dataclass(frozen=True)
class Hint:
    user_id: int
    push: Push


@dataclass
class Inbox:
    rev: int = 0
    floor: int = 0
    digest: int = 0
    unread: int = 0
    records: dict[str, Notification] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    before: dict[str, Notification | None] = field(default_factory=dict)  # of the group that runs now
    chosen: dict[str, Choice | None] = field(default_factory=dict)  # the choices of this group, as they were

    def put(self, record: Notification) -> None:
        self.before.setdefault(record.id, self.records.get(record.id))
        self.records[record.id] = record

    @property
    def stamp(self) -> int:
        return self.rev + bool(self.before or self.chosen)

    def choose(self, choice: Choice) -> None:
        self.chosen.setdefault(choice.name, self.choices.get(choice.name))
        self.choices[choice.name] = choice

    def chosen_after(self, rev: int) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices.values() if choice.ver > rev)

    def copy(self) -> Inbox:
        known = dict(self.records), dict(self.keys), dict(self.choices)
        return Inbox(self.rev, self.floor, self.digest, self.unread, *known)


class Server:
    def __init__(self, users: Iterable[int], mistakes: Mistakes) -> None:
        self.mistakes = mistakes
        self.epoch = "epoch 0"
        self.inboxes = {user: Inbox() for user in users}
        self.once: dict[tuple[int, str], str] = {}
        self.applied: dict[tuple[int, str], Ack] = {}
        self._made = 0

    # ---- commands, by the names the machine knows

    def produce(self, user: int, once: str | None, key: str | None, resolved: bool) -> Command:
        return Produce(user, once, key, resolved)

    def act(self, user: int, actions: Sequence[Action]) -> Command:
        return Act(user, tuple(actions))

    def remove(self, user: int, ids: Sequence[str]) -> Command:
        return Remove(user, tuple(ids))

    def wake(self, user: int, ids: Sequence[str]) -> Command:
        return Wake(user, tuple(ids))

    def run(self, commands: Sequence[Any], now: int) -> tuple[list[Any], list[Hint]]:
        results = [self._carry_out(command, self.inboxes[command.user], now) for command in commands]
        hints = [self._close(user, inbox) for user, inbox in self.inboxes.items() if inbox.before or inbox.chosen]
        return results, hints

    def _carry_out(self, command: Command, inbox: Inbox, now: int) -> Any:
        match command:
            case Produce():
                return self._produce(command, inbox, now)
            case Act():
                return tuple(self._act(command, inbox, action, now) for action in command.actions)
            case Remove(ids=ids):
                for record in [inbox.records[an_id] for an_id in ids if an_id in inbox.records]:
                    if record.live:
                        inbox.put(replace(record, deleted="expired"))
            case Wake(ids=ids):
                for record in [inbox.records[an_id] for an_id in ids if an_id in inbox.records]:
                    if record.live and 0 < record.snoozed_until <= now:
                        woken = as_new(record, keep=Mistake.WAKE_KEEPS_THE_GENERATION in self.mistakes)
                        inbox.put(replace(woken, cver=record.cver + 1))
        return None

    def _produce(self, command: Produce, inbox: Inbox, now: int) -> str:
        if command.once is not None and Mistake.NO_IDEMPOTENCY not in self.mistakes:
            known = self.once.get((command.user, command.once))
            if known is not None:
                return known
        record = self._told(command, inbox, now)
        inbox.put(record)
        if command.key is not None:
            inbox.keys[command.key] = record.id
        if command.once is not None:
            self.once[command.user, command.once] = record.id
        return record.id

    def _told(self, command: Produce, inbox: Inbox, now: int) -> Notification:
        known = inbox.records.get(inbox.keys.get(command.key or "", ""))
        if known is not None and known.deleted:
            known = replace(known, deleted="") if Mistake.UPDATE_REVIVES in self.mistakes else None
        if known is not None and (command.resolved or not known.resolved):
            told = replace(known, cver=known.cver + 1, resolved=command.resolved, updated_at=now)
            if command.resolved:
                return told
            return as_new(replace(told, answer=None), keep=Mistake.UPDATE_KEEPS_THE_GENERATION in self.mistakes)
        self._made += 1
        return Notification(
            id=f"{self._made:04}", key=command.key, resolved=command.resolved, actions=BUTTONS, created_at=now
        )

    def _act(self, command: Act, inbox: Inbox, action: Action, now: int) -> Ack:
        known = self.applied.get((command.user, action.id))
        if known is not None and Mistake.NO_MEMORY_OF_ACTIONS not in self.mistakes:
            return known
        before = inbox.stamp
        action = replace(action, at=min(action.at, now))
        if action.kind == "choose":
            return self._choose(command, inbox, action, before)
        targets = {target.id: target.generation for target in action.ids}
        if len(targets) > 1 and Mistake.READ_ALL_BY_THE_SERVER in self.mistakes:
            targets = {record.id: record.gen for record in inbox.records.values()}
        found = late = False
        for an_id, generation in targets.items():
            record = inbox.records.get(an_id)
            if record is None:
                continue
            changed = join(record, action, generation, self.mistakes)
            found |= record.live
            late |= record.live and changed is record and action.kind == "answer"
            if changed is not record:
                inbox.put(changed)
        wrong = Mistake.ACK_NAMES_THE_REVISION_BEFORE in self.mistakes
        ack = Ack(action.id, before if wrong else inbox.stamp, "late" if late else "ok" if found else "gone")
        self.applied[command.user, action.id] = ack
        return ack

    def _choose(self, command: Act, inbox: Inbox, action: Action, before: int) -> Ack:
        assert action.choice is not None
        held = known_of(inbox.choices, action.choice.name, self.mistakes)
        now_held = chosen(held, action, self.mistakes)
        if now_held is not held:
            inbox.choose(now_held)
            self._forget(inbox, action)
        wrong = Mistake.ACK_NAMES_THE_REVISION_BEFORE in self.mistakes
        ack = Ack(action.id, before if wrong else inbox.stamp, "ok")
        self.applied[command.user, action.id] = ack
        return ack

    def _forget(self, inbox: Inbox, action: Action) -> None:
        """Of what rules have left behind only the latest is kept; of the rest, until when."""
        known = removed(inbox.choices.values())
        told = [choice for choice in known if choice.name not in inbox.chosen]
        if len(known) <= REMOVED_AT_MOST or not told:
            return
        upto = told[min(len(known) - REMOVED_AT_MOST // 2, len(told)) - 1].ver
        old = [choice for choice in told if choice.ver <= upto]
        past = [inbox.choices[FORGOTTEN].at] if FORGOTTEN in inbox.choices else []
        for choice in old:
            inbox.chosen[choice.name] = inbox.choices.pop(choice.name)
        if Mistake.FORGET_WITHOUT_FLOOR not in self.mistakes:
            inbox.floor = max(inbox.floor, upto)
        inbox.choose(Choice(FORGOTTEN, upto, max([choice.at for choice in old] + past), action.id))

    def _close(self, user: int, inbox: Inbox) -> Hint:
        unnumbered = Mistake.CHOICE_IS_NO_CHANGE in self.mistakes and not inbox.before
        previous, inbox.rev = inbox.rev, inbox.rev + (not unnumbered)
        told = []
        for an_id, old in inbox.before.items():
            new = replace(inbox.records[an_id], ver=inbox.rev, crev=inbox.records[an_id].crev if old else inbox.rev)
            inbox.records[an_id] = new
            inbox.digest ^= (fingerprint(old, self.mistakes) if old else 0) ^ self._added(new)
            inbox.unread += self._unread(new) - (self._unread(old) if old else 0)
            told.append(shown(new))
        for name, former in inbox.chosen.items():
            inbox.digest ^= choice_fingerprint(former, self.mistakes) if former else 0
            if name in inbox.choices:  # or it is forgotten
                choice = inbox.choices[name] = replace(inbox.choices[name], ver=inbox.rev)
                inbox.digest ^= choice_fingerprint(choice, self.mistakes)
        now_chosen = tuple(inbox.choices[name] for name in inbox.chosen if name in inbox.choices)
        inbox.before, inbox.chosen = {}, {}
        if Mistake.GROUP_TELLS_ITS_LAST_CHANGE_ONLY in self.mistakes:
            told = told[-1:]
        push = Push(self.epoch, previous, inbox.rev, f"{inbox.digest:016x}", inbox.unread, tuple(told), now_chosen)
        return Hint(user, push)

    def _added(self, record: Notification) -> int:
        if Mistake.DIGEST_KEEPS_THE_DELETED in self.mistakes:
            record = replace(record, deleted="")
        return fingerprint(record, self.mistakes)

    def _unread(self, record: Notification) -> bool:
        if Mistake.UNREAD_KEEPS_THE_ARCHIVED in self.mistakes:
            record = replace(record, archived=False)
        return counts(record, 0)

    # ---- reading

    def choices(self, user: int) -> dict[str, Choice]:
        return self.inboxes[user].choices

    def digest_of(self, records: Iterable[Notification], choices: Iterable[Choice]) -> str:
        total = 0
        for choice in choices:
            total ^= choice_fingerprint(choice, self.mistakes)
        for record in records:
            total ^= fingerprint(record, self.mistakes)
        return f"{total:016x}"

    def standing(self, user: int) -> Push:
        """Where the inbox stands, as a push without changes."""
        inbox = self.inboxes[user]
        return Push(self.epoch, inbox.rev, inbox.rev, f"{inbox.digest:016x}", inbox.unread, ())

    def records(self, user: int) -> dict[str, Notification]:
        return self.inboxes[user].records

    def floor(self, user: int) -> int:
        return self.inboxes[user].floor

    def delta(self, user: int, at: Position, limit: int) -> DeltaPage:
        inbox = self.inboxes[user]
        if at.epoch != self.epoch and Mistake.NO_EPOCH_CHECK not in self.mistakes:
            return DeltaPage(snapshot="epoch")
        if at.rev < inbox.floor:
            return DeltaPage(snapshot="too_old")
        if at.rev > inbox.rev and Mistake.AHEAD_IS_FINE not in self.mistakes:
            return DeltaPage(snapshot="ahead")
        by_id = Mistake.PAGES_WITHOUT_ID not in self.mistakes
        after = (at.rev, at.after if by_id and at.after is not None else "~")
        rows = sorted((r.ver, r.id) for r in inbox.records.values() if (r.ver, r.id) > after)
        page = [inbox.records[an_id] for _, an_id in rows[:limit]]
        if Mistake.DELTA_WITHOUT_TOMBSTONES in self.mistakes:
            page = [record for record in page if record.live]
        more = len(rows) > limit
        last = rows[limit - 1] if more else (inbox.rev, None)
        told = inbox.chosen_after(at.rev)
        late = more and Mistake.CHOICES_COME_WITH_THE_LAST_PAGE in self.mistakes
        if late or Mistake.DELTA_WITHOUT_CHOICES in self.mistakes:
            told = ()
        return DeltaPage(
            epoch=self.epoch,
            changes=tuple(shown(record) for record in page),
            cursor=last if by_id or not more else (last[0], None),
            more=more,
            digest=None if more else f"{inbox.digest:016x}",
            unread=inbox.unread,
            choices=told,
        )

    def snapshot(self, user: int, after: str, limit: int) -> SnapshotPage:
        inbox = self.inboxes[user]
        rows = sorted(r.id for r in inbox.records.values() if r.live and r.id > after)
        page = tuple(inbox.records[an_id] for an_id in rows[:limit])
        told = () if after or Mistake.SNAPSHOT_WITHOUT_CHOICES in self.mistakes else inbox.chosen_after(0)
        return SnapshotPage(self.epoch, inbox.rev, page, len(rows) > limit, told)

    # ---- time and disaster

    def trim(self, user: int) -> None:
        inbox = self.inboxes[user]
        dead = [record for record in inbox.records.values() if not record.live]
        if dead and Mistake.TRIM_WITHOUT_FLOOR not in self.mistakes:
            inbox.floor = max(inbox.floor, *(record.ver for record in dead))
        for record in dead:
            del inbox.records[record.id]

    def rot(self, user: int) -> None:
        """A digest that is wrong for good: a bug, or a hand in the database."""
        self.inboxes[user].digest ^= 1

    def backup(self) -> Any:
        copies = {user: inbox.copy() for user, inbox in self.inboxes.items()}
        return copies, dict(self.once), dict(self.applied), self.epoch

    def restore(self, backup: Any, epoch: str | None) -> None:
        inboxes, once, applied, old_epoch = backup
        self.inboxes = {user: inbox.copy() for user, inbox in inboxes.items()}
        self.once, self.applied = dict(once), dict(applied)
        self.epoch = epoch or old_epoch


def shown(record: Notification) -> Notification:
    """As it travels: of a deleted record nothing but that it is gone."""
    return record if record.live else Notification(id=record.id, ver=record.ver, deleted=record.deleted)
