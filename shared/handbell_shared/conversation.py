"""What is said on one connection: between the replica, which knows what it wants, and the server, which may not answer.

One call is under way at a time, and nothing waits for it: its answer comes back through the same queue as everything
else, so a push that arrives meanwhile is applied at once and a lost connection is noticed at once. A call that is not
answered in time, or answered with an error, is asked again after a pause; the second time in a row the connection is
given up (`GivenUp`), for a new one may lead to a healthier process. Only an answer that says "not now" (the database is
away, too much at once) is waited out on this connection: the server is there, and every device coming anew would not
help it.

Guards, because a peer can be wrong: an answer that brings the replica no further counts as none, and snapshot after
snapshot (a server whose log begins above what its own snapshots reach) is spaced out more and more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct, to_builtins

from handbell_shared.activity import Activity
from handbell_shared.backoff import Backoff
from handbell_shared.marks import Marks
from handbell_shared.protocol import (
    ACT,
    ACTIVE,
    CAN_PRESENCE,
    CAN_RECEIPTS,
    DELTA,
    HELLO,
    MARKS_PER_CALL,
    POSITION,
    PRESENCE,
    PUSH,
    RECEIPTS,
    SNAPSHOT,
    TIP,
)
from handbell_shared.records import Ack, DeltaPage, Hello, Position, Presence, Push, SnapshotPage, Tip
from handbell_shared.replica import Applied, AskDelta, AskSnapshot, Mode, Replica, Request, SendActions

HELLO_WITHIN: Final = 30.0  # from the first packet; the library gives a handshake 10 s and CONNECT 10 s
ANSWER_WITHIN: Final = 10.0
FAILURES_IN_A_ROW: Final = 2
PASSING: Final = frozenset({"unavailable", "overloaded", "rate_limited", "disk_full"})
POSITION_EVERY: Final = 1.0
MARKS_EVERY: Final = 5.0

log = logging.getLogger(__name__)


class Caller(Protocol):
    """The half of a connection that speaks."""

    def call(self, number: int, event: str, data: object) -> None: ...
    def tell(self, event: str, data: object) -> None: ...


class GivenUp(Exception):
    """This connection is of no use any more; the message says why."""


class Acks(Struct, frozen=True):
    acks: tuple[Ack, ...]


class Call(Struct, frozen=True):
    number: int
    request: Request
    until: float


class Conversation:
    """For one thread. `guard` is held while the replica works, and never while anybody waits."""

    def __init__(
        self,
        caller: Caller,
        replica: Replica,
        guard: AbstractContextManager[object],
        on_applied: Callable[[Applied], None],
        now: float,
        marks: Marks,
        activity: Activity,
    ) -> None:
        self.caught_up = False
        self._caller = caller
        self._replica = replica
        self._guard = guard
        self._on_applied = on_applied
        self._hello_until = now + HELLO_WITHIN
        self._open = False
        self._hello = False
        self._call: Call | None = None
        self._calls = 0
        self._failures = 0
        self._pauses = Backoff()
        self._not_before = now
        self._snapshots = Backoff(first=2.0)
        self._snapshot_not_before = now
        self._told: Position | None = None
        self._tell_not_before = now
        self._marks = marks
        self._activity = activity
        self._takes_activity = False
        self._said_used: tuple[int, bool] | None = None
        self._device = ""
        self._takes_marks = False
        self._mark_not_before = now

    # ---- what arrives

    def opened(self) -> None:
        """Before this the library would drop what is said, although hello may have come already."""
        self._open = True

    def heard(self, event: str, data: Any, now: float) -> None:
        try:
            if event == HELLO:
                self._greeted(msgspec.convert(data, Hello))
            elif event == PUSH:
                self._apply(lambda: self._replica.on_push(msgspec.convert(data, Push), now))
            elif event == PRESENCE:
                self._activity.heard(msgspec.convert(data, Presence).in_use, self._device)
            elif event == TIP:
                with self._guard:
                    self._replica.on_tip(msgspec.convert(data, Tip))
        except msgspec.ValidationError as error:
            # Only a hint is lost by that; the next delta tells the same, and is not forgiven.
            log.warning("The server sent a %s that cannot be read: %s", event, error)

    def answered(self, number: int, data: Any, now: float) -> None:
        if self._call is None or self._call.number != number:
            return  # too late: it has been asked again
        request, self._call = self._call.request, None
        try:
            error = data.get("error") if isinstance(data, dict) else None
            if error is not None:
                if isinstance(error, dict) and error.get("code") in PASSING:
                    self._wait(f"the server answered {error}", now)
                    return
                raise ValueError(f"the server answered {error}")
            self._take(request, data, now)
        except (ValueError, msgspec.ValidationError) as wrong:
            self._failed(str(wrong), now)
        else:
            self._failures = 0
            self._pauses = Backoff()

    def doubt(self) -> None:
        """The machine has slept or changed networks: ask something now, and believe the first silence."""
        if self.caught_up:
            with self._guard:
                self._replica.on_tip(Tip(epoch="", rev=-1))  # a tip that agrees with no position
            self._failures = FAILURES_IN_A_ROW - 1
        self._not_before = 0.0

    # ---- what time does

    def tick(self, now: float) -> None:
        """Say what is to be said now. Raises `GivenUp`."""
        if not (self._open and self._hello):
            if now >= self._hello_until:
                raise GivenUp("the server did not say hello")
            return
        if self._call is not None and now >= self._call.until:
            self._call = None
            self._failed("the server did not answer", now)
        if self._call is None and now >= self._not_before:
            self._ask(now)
        self._tell_position(now)
        self._tell_marks(now)
        self._tell_activity()

    def next_tick(self, now: float) -> float | None:
        """When `tick` has something to do although nothing arrives; None when never."""
        if not (self._open and self._hello):
            return self._hello_until
        times = []
        if self._call is not None:
            times.append(self._call.until)
        elif self._not_before > now:
            times.append(self._not_before)
        else:
            with self._guard:
                patience = self._replica.patience_ends()
                waits_for_snapshot = self._replica.mode is Mode.SNAPSHOT
            if patience is not None:
                times.append(patience)
            if waits_for_snapshot:
                times.append(self._snapshot_not_before)
        if self._position_to_tell() is not None:
            times.append(self._tell_not_before)
        if self._marks_to_tell():
            times.append(self._mark_not_before)
        return min(times, default=None)

    # ---- calls

    def _ask(self, now: float) -> None:
        with self._guard:
            request = self._replica.wanted(now)
        match request:
            case None:
                return
            case AskDelta(position, limit):
                asked: dict[str, object] = {"epoch": position.epoch, "rev": position.rev, "limit": limit}
                if position.after is not None:
                    asked["after"] = position.after
                self._send(request, DELTA, asked, now)
            case AskSnapshot(after, limit):
                if not after:
                    if now < self._snapshot_not_before:
                        return
                    self._snapshot_not_before = now + self._snapshots.next_delay()
                self._send(request, SNAPSHOT, {"after": after, "limit": limit} if after else {"limit": limit}, now)
            case SendActions(actions):
                self._send(request, ACT, {"actions": to_builtins(actions)}, now)

    def _send(self, request: Request, event: str, data: object, now: float) -> None:
        self._calls += 1
        self._call = Call(self._calls, request, now + ANSWER_WITHIN)
        self._caller.call(self._calls, event, data)

    def _take(self, request: Request, data: Any, now: float) -> None:
        match request:
            case AskDelta(position):
                page = msgspec.convert(data, DeltaPage)
                _check_delta(page, position)
                self._apply(lambda: self._replica.take_delta(page, now))
            case AskSnapshot(after):
                whole = msgspec.convert(data, SnapshotPage)
                if whole.more and (not whole.changes or whole.changes[-1].id <= after):
                    raise ValueError("a page of the snapshot leads nowhere")
                self._apply(lambda: self._replica.take_snapshot(whole))
            case SendActions(actions):
                acks = msgspec.convert(data, Acks).acks
                if not {ack.id for ack in acks} & {action.id for action in actions}:
                    raise ValueError("the answer acknowledges nothing of what was sent")
                bad = {ack.id for ack in acks if ack.status == "bad"}
                undone = [target.id for action in actions if action.id in bad for target in action.ids]
                chosen = any(action.id in bad and action.kind == "choose" for action in actions)
                self._apply(lambda: self._acknowledged(acks, undone, chosen))

    def _acknowledged(self, acks: tuple[Ack, ...], undone: list[str], chosen: bool) -> Applied:
        """An action that the server will not have is taken back, so the person sees those records change."""
        self._replica.take_acks(acks)
        return Applied(changed=tuple(undone), chosen=chosen)

    def _failed(self, reason: str, now: float) -> None:
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            raise GivenUp(reason)
        self._wait(reason, now)

    def _wait(self, reason: str, now: float) -> None:
        log.info("A call failed and is made again: %s", reason)
        self._not_before = now + self._pauses.next_delay()

    # ---- the replica

    def _greeted(self, hello: Hello) -> None:
        with self._guard:
            self._replica.on_hello(hello)
        self._takes_marks = CAN_RECEIPTS in hello.caps
        self._takes_activity = CAN_PRESENCE in hello.caps
        self._device = hello.device
        self._activity.heard(hello.in_use, hello.device)
        self._hello = True

    def _apply(self, step: Callable[[], Applied]) -> None:
        with self._guard:
            applied = step()
            self.caught_up = self.caught_up or self._replica.mode is Mode.LIVE
        if applied.changed or applied.news or applied.replaced_all or applied.chosen:
            self._on_applied(applied)

    def _tell_position(self, now: float) -> None:
        position = self._position_to_tell()
        if position is not None and now >= self._tell_not_before:
            self._caller.tell(POSITION, {"epoch": position.epoch, "rev": position.rev})
            self._told, self._tell_not_before = position, now + POSITION_EVERY

    def _tell_marks(self, now: float) -> None:
        if self._marks_to_tell() and now >= self._mark_not_before:
            self._caller.tell(RECEIPTS, {"receipts": to_builtins(self._marks.take(MARKS_PER_CALL))})
            self._mark_not_before = now + MARKS_EVERY

    def _tell_activity(self) -> None:
        used = self._activity.used
        if self._takes_activity and used is not None and used != self._said_used:
            self._caller.tell(ACTIVE, {"active": used[1]})
            self._said_used = used

    def _marks_to_tell(self) -> bool:
        """An older server would answer that it knows no such call: it is not told."""
        return self._takes_marks and self.caught_up and len(self._marks) > 0

    def _position_to_tell(self) -> Position | None:
        """The receipt says "everything up to here", which only a replica that follows the feed can say."""
        with self._guard:
            position, live = self._replica.store.position, self._replica.mode is Mode.LIVE
        return position if live and position.after is None and position != self._told else None


def _check_delta(page: DeltaPage, asked: Position) -> None:
    if page.snapshot is not None:
        return
    if page.epoch != asked.epoch:
        raise ValueError("the answer is of another epoch")
    if page.cursor[0] < asked.rev or (page.more and page.cursor == (asked.rev, asked.after)):
        raise ValueError("a page of the delta leads nowhere")
