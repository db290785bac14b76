"""The device of the model: SYNC.md's applier a second time, as plainly as possible, with a place for each mistake.

It speaks `Replica`'s interface, so the same machine drives either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from handbell_shared.records import (
    Ack,
    Action,
    Choice,
    DeltaPage,
    Hello,
    Notification,
    Position,
    Push,
    SnapshotPage,
    Tip,
)
from handbell_shared.replica import Applied, AskDelta, AskSnapshot, Request, SendActions
from tests.shared.model.mistakes import Mistake
from tests.shared.model.registers import (
    FORGOTTEN,
    Mistakes,
    choice_fingerprint,
    chosen,
    counts,
    fingerprint,
    join,
    known_of,
    removed,
)

HELD = 4
PATIENCE = 0.25
NOTHING = Applied()


@dataclass
class Disk:
    """What survives a kill."""

    position: Position = field(default_factory=Position)
    records: dict[str, Notification] = field(default_factory=dict)
    outbox: dict[str, tuple[Action, int | None]] = field(default_factory=dict)
    chosen: dict[str, Choice] = field(default_factory=dict)


@dataclass
class Staging:
    position: Position
    chosen: dict[str, Choice]
    records: dict[str, Notification] = field(default_factory=dict)
    after: str = ""


class Device:
    def __init__(self, disk: Disk, mistakes: Mistakes) -> None:
        self.disk = disk
        self.mistakes = mistakes
        self.mode = "offline"
        self.resyncs = 0
        self._held: list[Push] = []
        self._gap_since: float | None = None
        self._staging: Staging | None = None
        self._doubted = False
        self._unwritten: tuple[Notification, ...] = ()
        if Mistake.OUTBOX_IN_MEMORY in mistakes:
            disk.outbox = {}

    @property
    def live(self) -> bool:
        return self.mode == "live"

    # ---- what arrives

    def on_hello(self, hello: Hello) -> None:
        self.on_disconnect()
        self.mode = "delta" if self.disk.position.epoch else "snapshot"

    def on_disconnect(self) -> None:
        self.mode, self._held, self._gap_since, self._staging = "offline", [], None, None
        self._doubted = False

    def on_tip(self, tip: Tip) -> None:
        if self.live and (tip.epoch, tip.rev) != (self.disk.position.epoch, self.disk.position.rev):
            self.mode = "delta"

    def on_push(self, push: Push, now: float) -> Applied:
        if self.mode == "offline":
            return NOTHING
        if not self.live:
            self._held = [*self._held, push][-HELD:]
            return NOTHING
        if push.epoch != self.disk.position.epoch and Mistake.NO_EPOCH_CHECK not in self.mistakes:
            self.mode = "delta"
            return NOTHING
        if push.rev <= self.disk.position.rev:
            return NOTHING
        if push.prev > self.disk.position.rev and Mistake.NO_GAP_CHECK not in self.mistakes:
            self._gap_since = now if self._gap_since is None else self._gap_since
            if len(self._held) == HELD:
                self.mode = "delta"
            self._held = [*self._held, push][-HELD:]
            return NOTHING
        applied = self._apply(push.changes, Position(push.epoch, push.rev), push.choices)
        self._compare(push.digest)
        self._settle()
        return both(applied, self._replay(now))

    # ---- what it wants, and the answers

    def wanted(self, now: float) -> Request | None:
        if self._unwritten:
            self._apply(self._unwritten, self.disk.position)
            self._unwritten = ()
        if self.mode == "offline":
            return None
        unsaid = tuple(action for action, rev in self.disk.outbox.values() if rev is None)
        if unsaid:
            return SendActions(unsaid)
        if self.live and self._gap_since is not None and now - self._gap_since >= PATIENCE:
            self.mode = "delta"
        if self.mode == "delta":
            return AskDelta(self.disk.position)
        if self.mode == "snapshot":
            return AskSnapshot(self._staging.after if self._staging else "")
        return None

    def take_delta(self, page: DeltaPage, now: float) -> Applied:
        if page.snapshot is not None:
            self.mode, self._staging = "snapshot", None
            return NOTHING
        to = Position(page.epoch, *page.cursor)
        if Mistake.CURSOR_BEFORE_DATA in self.mistakes and page.more:
            self.disk.position, self._unwritten = to, page.changes
            return NOTHING
        applied = self._apply(page.changes, to, page.choices)
        if page.more:
            if Mistake.ACTION_LEAVES_IN_MID_DELTA in self.mistakes:
                self._let_go(to.rev)
            return applied
        self.mode, self._gap_since = "live", None
        self._compare(page.digest)
        if self.live:
            self._say_again(beyond=to.rev)
            self._settle()
        return both(applied, self._replay(now))

    def take_snapshot(self, page: SnapshotPage) -> Applied:
        if self._staging is None:
            self._staging = Staging(Position(page.epoch, page.rev), {one.name: one for one in page.choices})
        staging = self._staging
        if staging.position.epoch != page.epoch:
            self._staging = None
            return NOTHING
        if Mistake.SNAPSHOT_POSITION_OF_THE_LAST_PAGE in self.mistakes:
            staging.position = Position(page.epoch, page.rev)
        staging.records.update((record.id, record) for record in page.changes)
        if page.more:
            staging.after = page.changes[-1].id
            return NOTHING
        merged = Mistake.SNAPSHOT_MERGED in self.mistakes
        self.disk.records = {**self.disk.records, **staging.records} if merged else staging.records
        self.disk.position = staging.position
        if Mistake.SNAPSHOT_KEEPS_CHOICES not in self.mistakes:
            self.disk.chosen = staging.chosen
        if Mistake.ACKS_OUTLIVE_A_SNAPSHOT not in self.mistakes:
            self._say_again(beyond=-1)
        self._staging, self.mode = None, "delta"
        news = Mistake.SNAPSHOT_IS_NEWS in self.mistakes
        return Applied(news=self._news(staging.records) if news else (), replaced_all=True)

    def take_acks(self, acks: Iterable[Ack]) -> None:
        for ack in acks:
            if ack.id in self.disk.outbox:
                self.disk.outbox[ack.id] = (self.disk.outbox[ack.id][0], ack.rev)
        self._settle()

    # ---- the person

    def chooses(self, name: str) -> Any:
        """What holds for this device: what it has said of it, and what it has heard."""
        held = known_of(self.disk.chosen, name, self.mistakes)
        for action, _ in self.disk.outbox.values():
            if action.choice is not None and action.choice.name == name:
                held = chosen(held, action, self.mistakes)
        return None if held is None else held.value

    def act(self, action: Action) -> None:
        if action.kind == "choose" and Mistake.CHOICE_ONLY_IN_MEMORY in self.mistakes:
            return
        self.disk.outbox[action.id] = (action, None)

    def view(self, an_id: str) -> Notification | None:
        record = self.disk.records.get(an_id)
        if record is not None:
            for action, _ in self.disk.outbox.values():
                for target in action.ids:
                    if target.id == an_id:
                        record = join(record, action, target.generation, self.mistakes)
        return record

    def badge(self, now: int) -> int:
        return sum(counts(view, now) for view in map(self.view, self.disk.records) if view is not None)

    # ---- applying

    def _apply(self, changes: Iterable[Notification], to: Position, choices: Iterable[Choice] = ()) -> Applied:
        for choice in choices:
            held = self.disk.chosen.get(choice.name)
            if held is None or held.ver < choice.ver:
                self.disk.chosen[choice.name] = choice
        mark = self.disk.chosen.get(FORGOTTEN)
        if mark is not None and Mistake.DEVICE_REMEMBERS_THE_FORGOTTEN not in self.mistakes:
            for choice in removed(self.disk.chosen.values()):
                if choice.ver <= mark.value:
                    del self.disk.chosen[choice.name]
        fresh = []
        changed = []
        for record in changes:
            old = self.disk.records.get(record.id)
            if old is not None and old.ver >= record.ver:
                continue
            changed.append(record.id)
            if record.deleted:
                self.disk.records.pop(record.id, None)
                continue
            self.disk.records[record.id] = record
            if old is None or old.cver < record.cver or Mistake.EVERY_CHANGE_IS_NEWS in self.mistakes:
                fresh.append(record.id)
        self.disk.position = to
        return Applied(tuple(changed), self._news(fresh))

    def _news(self, ids: Iterable[str]) -> tuple[Notification, ...]:
        views = (self.view(an_id) for an_id in ids)
        return tuple(view for view in views if view is not None and counts(view, 0))

    def _replay(self, now: float) -> Applied:
        if not self.live:
            return NOTHING
        held, self._held = sorted(self._held, key=lambda push: push.rev), []
        self._gap_since = None
        total = NOTHING
        for push in held:
            total = both(total, self.on_push(push, now))
        return total

    def _compare(self, digest: str | None) -> None:
        """A digest that still differs after a snapshot is the server's own fault: a second one would not help."""
        mine = 0
        for record in self.disk.records.values():
            mine ^= fingerprint(record, self.mistakes)
        for choice in self.disk.chosen.values():
            mine ^= choice_fingerprint(choice, self.mistakes)
        if digest is None or Mistake.NO_DIGEST_CHECK in self.mistakes:
            return
        if f"{mine:016x}" == digest:
            self._doubted = False
        elif not self._doubted or Mistake.REPAIR_WITHOUT_END in self.mistakes:
            self._doubted = True
            self.resyncs += 1
            self.mode, self._staging = "snapshot", None

    def _settle(self) -> None:
        if Mistake.ACTION_LEAVES_WHEN_ACKNOWLEDGED in self.mistakes:
            self._let_go(2**62)
        elif self.live:
            self._let_go(self.disk.position.rev)

    def _let_go(self, rev: int) -> None:
        outbox = self.disk.outbox
        self.disk.outbox = {an_id: (a, acked) for an_id, (a, acked) in outbox.items() if acked is None or acked > rev}

    def _say_again(self, beyond: int) -> None:
        for action, rev in list(self.disk.outbox.values()):
            if rev is not None and rev > beyond and Mistake.ACKS_OUTLIVE_A_SNAPSHOT not in self.mistakes:
                self.disk.outbox[action.id] = (action, None)


def both(one: Applied, two: Applied) -> Applied:
    return Applied(one.changed + two.changed, one.news + two.news, one.replaced_all or two.replaced_all)
