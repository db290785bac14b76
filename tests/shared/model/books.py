"""What the test remembers beside the system, and the invariants of SYNC.md that it checks with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from handbell_shared.records import Ack, Action, Notification
from tests.shared.model.registers import FLAGS, counts, known_of
from tests.shared.model.world import USERS, Seat, World

_NAMED = {"gen": "read", "sgen": "seen", "agen": "archived"}


class Books:
    def __init__(self, world: World, counts_as: Callable[[Notification, int], bool] = counts) -> None:
        self._world = world
        self._counts = counts_as
        self.accepted: dict[int, set[str]] = {user: set() for user in USERS}
        self._checked: dict[int | str, Any] = {}
        self._owner: dict[str, int] = {}
        self._once: dict[tuple[int, int, str], str] = {}
        self._said: dict[str, Action] = {}
        self._named: dict[tuple[str, str], set[int]] = {}  # the generations of a flag of a record
        self._statuses: dict[tuple[int, str], str] = {}
        self._answers: dict[tuple[int, str, int], str] = {}
        self._last: dict[tuple[str, str], tuple[int, str]] = {}  # register and record: its newest accepted writer

    # ---- what happened

    def produced(self, user: int, once: str | None, an_id: str) -> None:
        world = self._world
        assert self._owner.setdefault(an_id, user) == user, "I9 one record of two people"
        if an_id in world.server.records(user):  # a replay may name one that is gone and trimmed since
            self.accepted[user].add(an_id)
        if once is not None:
            assert self._once.setdefault((world.lineage, user, once), an_id) == an_id, "I8 a second record for one key"

    def said(self, seat: Seat, action: Action) -> None:
        self._said[action.id] = action
        for target in action.ids:
            if action.kind in FLAGS and FLAGS[action.kind][2]:
                self._named.setdefault((FLAGS[action.kind][1], target.id), set()).add(target.generation)
            view = seat.client.view(target.id)
            assert view is not None and _shows(view, action), f"I6 {action.kind} did not show at once"
        if action.choice is not None and self._newest(seat, action):
            assert seat.client.chooses(action.choice.name) == action.choice.value, "I6 a choice did not hold at once"

    def _newest(self, seat: Seat, action: Action) -> bool:
        """Whether nothing is known here that was chosen later."""
        assert action.choice is not None
        held = known_of(seat.disk.chosen, action.choice.name, frozenset())
        others = [one for one, _ in seat.disk.outbox.values() if one.choice and one.choice.name == action.choice.name]
        known = [(one.at, one.id) for one in others] + ([] if held is None else [(held.at, held.op)])
        return max(known, default=(action.at, action.id)) <= (action.at, action.id)

    def acknowledged(self, seat: Seat, acks: Iterable[Ack]) -> None:
        world = self._world
        for ack in acks:
            assert ack.status != "bad", "I6 a good action was called bad"
            status = self._statuses.get((world.lineage, ack.id))
            if status is not None:
                assert status == ack.status, f"I6 {ack.id} was {status} and is {ack.status}"
                continue
            self._statuses[world.lineage, ack.id] = ack.status
            action = self._said[ack.id]
            register = {"snooze": "snooze", "pin": "pin", "unpin": "pin"}.get(action.kind)
            if action.choice is not None:
                chosen = ("choice", f"{seat.user} {action.choice.name}")
                last = (min(action.at, world.now), action.id)
                self._last[chosen] = max(last, self._last.get(chosen, last))
            if register and ack.status == "ok":
                for target in action.ids:
                    last = (min(action.at, world.now), action.id)
                    self._last[register, target.id] = max(last, self._last.get((register, target.id), last))

    def trimmed(self, user: int) -> None:
        self.accepted[user] &= set(self._world.server.records(user))

    def backup(self) -> Any:
        return {user: set(ids) for user, ids in self.accepted.items()}

    def restored(self, backup: Any) -> None:
        self.accepted = {user: set(ids) for user, ids in backup.items()}

    # ---- what must hold after every step

    def check(self) -> None:
        """Most steps touch one device only: what stands as it stood was checked then."""
        world = self._world
        for user in USERS:
            if self._moved(user, (world.server.standing(user), len(world.server.records(user)), world.lineage)):
                self._check_inbox(user)
        for seat in world.seats:
            stand, disk = world.server.standing(seat.user), seat.disk
            standing = (stand.rev, len(world.server.records(seat.user)), world.lineage, seat.lineage)
            holding = (disk.position, len(disk.records), list(disk.outbox.values()), seat.client.live)
            if self._moved(seat.name, (standing, holding, seat.client.resyncs, seat.toasts.total())):
                self._check_seat(seat)

    def _moved(self, whose: int | str, standing: Any) -> bool:
        moved: bool = self._checked.get(whose) != standing
        self._checked[whose] = standing
        return moved

    def _check_inbox(self, user: int) -> None:
        server, world = self._world.server, self._world
        records, stand = server.records(user), server.standing(user)
        assert self.accepted[user] <= set(records), "I7 an accepted notification is lost"
        if user not in world.rotten:
            assert stand.digest == server.digest_of(records.values(), server.choices(user).values()), (
                "I14 the digest is not that of the records"
            )
        assert stand.unread == sum(self._counts(record, 0) for record in records.values()), "I10 the server's count"
        for record in records.values():
            assert record.ver <= stand.rev, "I3 a record from the future"
            for counter, flag in _NAMED.items():
                if record.live and getattr(record, flag):
                    self._check_named(flag, record.id, getattr(record, counter))
            answer = record.answer.op if record.answer else ""
            key = (world.lineage, record.id, record.cver)
            if record.live and (answer or key in self._answers):
                assert self._answers.setdefault(key, answer) == answer, "I6 another answer took over"

    def _check_named(self, flag: str, an_id: str, generation: int) -> None:
        """Nothing is read that nobody has read; a restored server may be told of a generation it has lost."""
        named = self._named.get((flag, an_id), set())
        exact = generation in named
        assert exact or (self._world.lineage and max(named, default=-1) > generation), f"I6 nobody made {an_id} {flag}"

    def _check_seat(self, seat: Seat) -> None:
        world = self._world
        assert all(self._owner.get(an_id) == seat.user for an_id in seat.disk.records), "I9 somebody else's record"
        assert all(times == 1 for times in seat.toasts.values()), "I11 a second toast for one content"
        if world.lineage == 0 and seat.user not in world.rotten:
            assert seat.resyncs + seat.client.resyncs == 0, "I17 the digest had to repair something"
        if seat.lineage != world.lineage:
            return
        self._check_visible(seat)
        position = seat.disk.position
        if not seat.client.live or position.epoch != world.server.epoch:
            return
        records = world.server.records(seat.user)
        assert position.rev <= world.server.standing(seat.user).rev, "I3 the cursor is ahead of the server"
        for record in records.values():
            if record.ver <= position.rev:
                held = seat.disk.records.get(record.id)
                assert held == (record if record.live else None), f"I2 the cursor has passed {record.id}"

    def _check_visible(self, seat: Seat) -> None:
        for an_id in seat.disk.records:
            view = seat.client.view(an_id)
            assert view is not None
            now = ((view.gen, view.read), (view.sgen, view.seen), (view.agen, view.archived), (view.cver,))
            old = seat.seen.get(an_id, now)
            assert old != "gone" or view.deleted, "I4 the deleted came back"
            if view.deleted:
                seat.seen[an_id] = "gone"
                continue
            assert all(a >= b for a, b in zip(now, old, strict=True)), f"I5 {an_id} went from {old} to {now}"
            seat.seen[an_id] = now
        for an_id in seat.seen.keys() - seat.disk.records.keys():
            seat.seen[an_id] = "gone"

    # ---- what must hold when all is quiet

    def check_quiet(self) -> None:
        world = self._world
        for seat in world.seats:
            stand, records = world.server.standing(seat.user), world.server.records(seat.user)
            live = {an_id: record for an_id, record in records.items() if record.live}
            assert dict(seat.disk.records) == live, f"I1 {seat.name} differs"
            position = seat.disk.position
            assert (position.epoch, position.rev, position.after) == (stand.epoch, stand.rev, None), "I1 the cursor"
            assert not seat.disk.outbox, "I6 an action is stuck in the outbox"
            assert dict(seat.disk.chosen) == dict(world.server.choices(seat.user)), f"I1 {seat.name} chose otherwise"
            assert seat.client.badge(world.now) == sum(self._counts(r, world.now) for r in live.values()), "I10 badge"
            self._check_last_writers(live)
            self._check_fresh(seat)

    def _check_last_writers(self, live: dict[str, Notification]) -> None:
        if self._world.lineage:
            return  # what a restored server has forgotten is not in its registers
        for (register, an_id), last in self._last.items():
            if register == "choice":
                user, _, name = an_id.partition(" ")
                choice = known_of(self._world.server.choices(int(user)), name, frozenset())
                forgotten = choice is not None and choice.op == "~" and choice.at >= last[0]
                newest = choice is not None and (choice.at, choice.op) == last
                assert newest or forgotten, f"I15 the newest choice of {name} is not there"
            record = live.get(an_id)
            if record is not None:
                held = (record.snooze_at, record.snooze_op)
                held = held if register == "snooze" else (record.pin_at, record.pin_op)
                assert held == last, f"I15 the newest {register} of {an_id} is not there"

    def _check_fresh(self, seat: Seat) -> None:
        world = self._world
        fresh = world.seat(seat.user, "fresh")
        world.connect(fresh, 0)
        steps = 0
        while world.step(fresh):
            steps += 1
        assert steps <= 4 + len(seat.disk.records), "I16 one snapshot is bounded"
        assert fresh.disk.records == seat.disk.records, "I12 following the feed = a fresh snapshot"
        assert fresh.disk.chosen == seat.disk.chosen, "I12 following the feed = a fresh snapshot, in what was chosen"
        assert not fresh.toasts, "I11 a toast out of a snapshot"
        world.disconnect(fresh)


def _shows(view: Notification, action: Action) -> bool:
    if action.kind in FLAGS:
        return bool(getattr(view, FLAGS[action.kind][1])) is FLAGS[action.kind][2]
    return bool(view.deleted) if action.kind == "delete" else True
