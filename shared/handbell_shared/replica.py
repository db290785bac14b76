"""The device's half of the sync protocol: one applier, and no input or output of its own.

A `Replica` is told what arrived (`hello`, `push`, `tip`, answers) and says what it wants next (`wanted`). Whoever owns
the connection carries requests out one at a time and hands back the answers; so the same object runs behind a socket,
behind plain REST polling, and in a test that kills it between any two steps.

    OFFLINE ── hello ──► DELTA ──── last page, digest agrees ───► LIVE ── push ──► LIVE
                          ▲ │                                      │ gap, other epoch, tip ahead
                          │ └─ "snapshot: why" ──► SNAPSHOT        │
                          │                           │ last page  │
                          └───────────────────────────┴────────────┘      digest differs ──► SNAPSHOT

Three rules carry the weight. Records and cursor move in one local transaction, so a kill leaves the device behind and
never ahead. An action leaves the outbox only at a complete point whose revision covers its acknowledgement: in the
middle of a paged delta the cursor may have passed the revision while the record itself moved to a later one. And what
the person sees is always the outbox folded over the cache, so an action shows at once and never flickers back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct, to_builtins

from handbell_shared.actions import counts, join, waits
from handbell_shared.clock import now_ms
from handbell_shared.device_store import DeviceStore
from handbell_shared.digest import choice_fingerprint, fingerprint, to_hex
from handbell_shared.preferences import (
    FORGOTTEN,
    Preferences,
    choice_of,
    held_of,
    later,
    preferences_of,
    to_forget,
)
from handbell_shared.protocol import ACT_BYTES, ACTIONS_PER_CALL, GAP_PATIENCE, HELD_PUSHES, PAGE_LIMIT
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


class Mode(Enum):
    OFFLINE = "offline"
    DELTA = "delta"
    SNAPSHOT = "snapshot"
    LIVE = "live"


class AskDelta(Struct, frozen=True):
    position: Position
    limit: int = PAGE_LIMIT


class AskSnapshot(Struct, frozen=True):
    after: str
    limit: int = PAGE_LIMIT


class SendActions(Struct, frozen=True):
    actions: tuple[Action, ...]


Request = AskDelta | AskSnapshot | SendActions


class Applied(Struct, frozen=True):
    """What one step changed. `news` are content versions this device sees for the first time, outside a snapshot."""

    changed: tuple[str, ...] = ()
    news: tuple[Notification, ...] = ()
    replaced_all: bool = False
    chosen: bool = False
    """Whether the person's choices may be others now."""


_NOTHING = Applied()


class Replica:
    """What one device knows of one inbox, and the actions it still has to say."""

    def __init__(self, store: DeviceStore) -> None:
        self.store = store
        self.mode = Mode.OFFLINE
        self.resyncs = 0
        self._held: list[Push] = []
        self._gap_since: float | None = None
        self._staging_after: str | None = None
        self._doubted = False  # the digest differed on this connection, and has not agreed since

    # ---- what arrives

    def on_hello(self, hello: Hello) -> None:
        """A connection stands: catch up from the cursor, or from nothing."""
        self._forget_connection()
        self.mode = Mode.DELTA if self.store.position.epoch else Mode.SNAPSHOT

    def on_disconnect(self) -> None:
        self._forget_connection()
        self.mode = Mode.OFFLINE

    def on_tip(self, tip: Tip) -> None:
        """Where the server stands. The last push before a silence can be lost, and only this shows it."""
        if self.mode is Mode.LIVE and (tip.epoch, tip.rev) != (
            self.store.position.epoch,
            self.store.position.rev,
        ):
            self.mode = Mode.DELTA

    def on_push(self, push: Push, now: float) -> Applied:
        if self.mode is Mode.OFFLINE:
            return _NOTHING
        if self.mode is not Mode.LIVE:
            self._hold(push)
            return _NOTHING
        at = self.store.position
        if push.epoch != at.epoch:
            self.mode = Mode.DELTA
            return _NOTHING
        if push.rev <= at.rev:
            return _NOTHING
        if push.prev > at.rev:
            self._gap_since = now if self._gap_since is None else self._gap_since
            if not self._hold(push):
                self.mode = Mode.DELTA
            return _NOTHING
        applied = self._apply(push.changes, Position(push.epoch, push.rev), push.choices)
        self._compare(push.digest)
        self._settle()
        return _both(applied, self._replay_held(now)) if self._held else applied

    # ---- what it wants, and the answers

    def wanted(self, now: float) -> Request | None:
        """The next call to make, or None when there is nothing to ask or to say."""
        if self.mode is Mode.OFFLINE:
            return None
        unsaid = self.store.unsaid(ACTIONS_PER_CALL)
        if unsaid:
            return SendActions(_in_one_message(unsaid))
        if self._gap_since is not None and self.mode is Mode.LIVE and now - self._gap_since >= GAP_PATIENCE:
            self.mode = Mode.DELTA
        if self.mode is Mode.DELTA:
            return AskDelta(self.store.position)
        if self.mode is Mode.SNAPSHOT:
            return AskSnapshot(self._staging_after or "")
        return None

    def patience_ends(self) -> float | None:
        """When `wanted` will have something to ask because a gap was not filled; None while there is no gap."""
        return None if self._gap_since is None or self.mode is not Mode.LIVE else self._gap_since + GAP_PATIENCE

    def take_delta(self, page: DeltaPage, now: float) -> Applied:
        if self.mode is not Mode.DELTA:
            return _NOTHING
        if page.snapshot is not None:
            self.mode, self._staging_after = Mode.SNAPSHOT, None
            return _NOTHING
        applied = self._apply(page.changes, Position(page.epoch, *page.cursor), page.choices)
        if page.more:
            return applied
        self.mode, self._gap_since = Mode.LIVE, None
        self._compare(page.digest)
        if self.mode is Mode.LIVE:
            # Acknowledged beyond the server's own revision: a backup was restored, and it has forgotten.
            self.store.unacknowledge(beyond=page.cursor[0])
            self._settle()
        return _both(applied, self._replay_held(now))

    def take_snapshot(self, page: SnapshotPage) -> Applied:
        """Collect pages aside; the set people see is swapped whole, with the revision of the *first* page."""
        if self.mode is not Mode.SNAPSHOT:
            return _NOTHING
        store = self.store
        with store.step():
            if self._staging_after is None:
                store.stage_begin(Position(page.epoch, page.rev), page.choices)
            elif store.staged_position.epoch != page.epoch:
                self._staging_after = None
                return _NOTHING
            store.stage(page.changes)
            if page.more:
                self._staging_after = page.changes[-1].id
                return _NOTHING
            store.stage_swap()
            store.unacknowledge(beyond=-1)
        self._staging_after = None
        self.mode = Mode.DELTA
        return Applied(replaced_all=True, chosen=True)

    def take_acks(self, acks: Iterable[Ack]) -> None:
        with self.store.step():
            for ack in acks:
                if ack.status == "bad":
                    self.store.forget(ack.id)
                else:
                    self.store.acknowledge(ack.id, ack.rev)
        self._settle()

    # ---- the person

    def act(self, action: Action) -> None:
        """Durable first: the action survives a kill from here on and is sent when there is a connection."""
        with self.store.step():
            self.store.enqueue(action)

    def view(self, an_id: str) -> Notification | None:
        """The record as the person sees it: what this device still has to say, folded over what it knows."""
        record = self.store.record(an_id)
        if record is None:
            return None
        for action in self.store.pending_for(an_id):
            for target in action.ids:
                if target.id == an_id:
                    record = join(record, action, target.generation)
        return record

    def badge(self, now: int) -> int:
        """The number on the bell."""
        return sum(counts(self.view(r.id) or r, now) for r in self.store.live())

    def preferences(self) -> Preferences:
        """What the person chose, with what this device still has to say of it."""
        chosen = dict(self.store.choices())
        for action in self.store.pending_choices():
            pending = choice_of(action)
            if pending is not None:
                chosen[pending.name] = later(held_of(chosen, pending.name), pending)
        return preferences_of(chosen.values())

    # ---- applying

    def _apply(self, changes: Iterable[Notification], to: Position, choices: Iterable[Choice] = ()) -> Applied:
        store = self.store
        changed: list[str] = []
        fresh: list[str] = []
        with store.step():
            digest = store.digest
            for record in changes:
                old = store.record(record.id)
                if old is not None and old.ver >= record.ver:
                    continue
                digest ^= (fingerprint(old) if old else 0) ^ fingerprint(record)
                store.put(record)
                changed.append(record.id)
                if record.live and (old is None or old.cver < record.cver):
                    fresh.append(record.id)
            chosen, mark = False, None
            for choice in choices:
                before = store.choices().get(choice.name)
                if before is None or before.ver < choice.ver:
                    digest ^= (choice_fingerprint(before) if before else 0) ^ choice_fingerprint(choice)
                    store.choose(choice)
                    chosen = True
                    if choice.name == FORGOTTEN:
                        mark = choice
            if mark is not None:
                for choice in to_forget(list(store.choices().values()), mark):
                    digest ^= choice_fingerprint(choice)
                    store.unchoose(choice.name)
            store.move(to, digest)
        views = (self.view(an_id) for an_id in fresh)
        news = tuple(v for v in views if v is not None and waits(v, now_ms()))
        return Applied(tuple(changed), news, chosen=chosen)

    def _replay_held(self, now: float) -> Applied:
        held, self._held = sorted(self._held, key=lambda push: push.rev), []
        self._gap_since = None
        total = _NOTHING
        for push in held:
            total = _both(total, self.on_push(push, now))
        return total

    def _hold(self, push: Push) -> bool:
        """Keep a push for later; the oldest goes when there are too many, and a delta heals what it would have told."""
        self._held.append(push)
        if len(self._held) <= HELD_PUSHES:
            return True
        del self._held[0]
        return False

    def _compare(self, digest: str | None) -> None:
        """Repair a difference by a snapshot, once: if it is still there behind a fresh snapshot, then it is the
        server's own number that is wrong, and asking for the same rows for ever would help nobody."""
        if digest is None:
            return
        if to_hex(self.store.digest) == digest:
            self._doubted = False
        elif not self._doubted:
            self._doubted = True
            self.resyncs += 1
            self.mode, self._staging_after = Mode.SNAPSHOT, None

    def _settle(self) -> None:
        if self.mode is Mode.LIVE:
            self.store.settle(self.store.position.rev)

    def _forget_connection(self) -> None:
        self._held.clear()
        self._gap_since = None
        self._staging_after = None
        self._doubted = False


def _in_one_message(actions: Sequence[Action]) -> tuple[Action, ...]:
    """As many of the first as one message carries. Never none: the largest single action is a legal message."""
    room = ACT_BYTES
    for number, action in enumerate(actions):
        # Measured as clients write it: JSON in ASCII, where a letter may take six bytes.
        room -= len(json.dumps(to_builtins(action), separators=(",", ":"))) + 1
        if room < 0 and number > 0:
            return tuple(actions[:number])
    return tuple(actions)


def _both(one: Applied, two: Applied) -> Applied:
    if two is _NOTHING:
        return one
    return Applied(
        one.changed + two.changed,
        one.news + two.news,
        one.replaced_all or two.replaced_all,
        one.chosen or two.chosen,
    )
