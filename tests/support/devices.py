"""Devices as people own them: the product's own replica behind the product's own link, and a memory of what rang.

A `Device` knows nothing of the server's inside. What it shows can be held against other devices and against a fresh
start of the same user (`fresh_start`), which is what the promise "all devices show the same" means.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import msgspec

from handbell_shared.actions import counts, generation_for
from handbell_shared.backoff import Backoff
from handbell_shared.clock import now_ms
from handbell_shared.device_store import MemoryStore
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.ids import new_id
from handbell_shared.link import Link
from handbell_shared.link_state import LinkState, Offline, Online
from handbell_shared.records import Action, ActionKind, DeltaPage, Notification, SnapshotPage, Target
from handbell_shared.replica import Applied, Replica
from tests.support.rest import Rest

PAGE = 500
_FOREVER = 4_102_441_200_000  # the year 2100, for snoozes that must not end during a test


@dataclass(frozen=True)
class Picture:
    """Everything that one device, or a fresh start, shows."""

    epoch: str
    rev: int
    digest: str
    badge: int
    records: tuple[Notification, ...]

    def difference(self, other: Picture) -> str:
        """A sentence, empty when both show the same."""
        if self == other:
            return ""
        said = [
            f"{name} {mine!r} ≠ {theirs!r}"
            for name in ("epoch", "rev", "digest", "badge")
            if (mine := getattr(self, name)) != (theirs := getattr(other, name))
        ]
        here, there = ({r.id: r for r in picture.records} for picture in (self, other))
        said += [f"{an_id} is only here" for an_id in sorted(here.keys() - there.keys())[:5]]
        said += [f"{an_id} is only there" for an_id in sorted(there.keys() - here.keys())[:5]]
        differ = [an_id for an_id in sorted(here.keys() & there.keys()) if here[an_id] != there[an_id]]
        said += [f"{here[an_id]} ≠ {there[an_id]}" for an_id in differ[:2]]
        return "; ".join(said)


@dataclass(frozen=True)
class Absence:
    """From losing a connection to being up to date again, in seconds by the device's own clock."""

    total: float
    pause: float
    """How long it waited before it knocked: what the server asked for, and its own jitter."""
    attempts: int

    @property
    def connecting(self) -> float:
        """All that was not waiting: network, handshake, catching up, and a machine that had no time."""
        return self.total - self.pause


class Device:
    """One device of one user, connected as long as anything lets it."""

    def __init__(
        self,
        url: str,
        user: str,
        token: str,
        name: str = "device",
        *,
        backoff: Backoff | None = None,
        store: MemoryStore | None = None,
        ca_file: str | None = None,
    ) -> None:
        """A person waits; a test tells the same story with shorter pauses, unless it is about the pauses. `store` is what
        the device knew before."""
        self.user = user
        self.name = f"{user}'s {name}"
        self.token = token
        self.rang: Counter[tuple[str, int]] = Counter()
        """How often each content version was news here."""
        self.heard: dict[str, float] = {}
        """When each notification was first news here (monotonic), by its body."""
        self.online = threading.Event()
        self.absences: list[Absence] = []
        self._left: float | None = None
        self._pauses: list[float] = []
        self._born = time.monotonic()
        self.first_online: float | None = None
        """How long the very first connection took, in seconds."""
        self.states: list[LinkState] = []
        self.store = store or MemoryStore()
        self.replica = Replica(self.store)
        self.link = Link(
            url,
            token,
            self.replica,
            on_state=self._on_state,
            on_applied=self._on_applied,
            backoff=backoff or Backoff(first=0.05, longest=0.4),
            ca_file=ca_file,
        )
        self.link.start()

    def act(self, kind: ActionKind, record: Notification) -> Action:
        until = _FOREVER if kind == "snooze" else 0
        target = Target(record.id, generation_for(kind, record))
        action = Action(id=new_id(), kind=kind, ids=(target,), at=now_ms(), until=until)
        self.link.act(action)
        return action

    def picture(self) -> Picture:
        with self.link.reading() as replica:
            at, store = replica.store.position, replica.store
            records = tuple(sorted(store.live(), key=lambda record: record.id))
            return Picture(at.epoch, at.rev, to_hex(store.digest), replica.badge(now_ms()), records)

    def records(self) -> list[Notification]:
        """What the person sees: with what this device has still to say."""
        with self.link.reading() as replica:
            seen = [replica.view(record.id) or record for record in replica.store.live()]
        return [record for record in seen if record.live]

    def sees(self, body: str) -> Notification | None:
        return next((record for record in self.records() if record.body == body), None)

    @property
    def outbox(self) -> int:
        with self.link.reading():
            return len(self.store.outbox)

    @property
    def resyncs(self) -> int:
        return self.replica.resyncs

    def rang_twice(self) -> list[str]:
        again = [(an_id, version, n) for (an_id, version), n in self.rang.items() if n > 1]
        return [f"{self.name} rang {n} times for version {version} of {an_id}" for an_id, version, n in again]

    def close(self) -> None:
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on_state(self, state: LinkState) -> None:
        self.states.append(state)
        now = time.monotonic()
        if self.online.is_set() and not isinstance(state, Online):
            self._left, self._pauses = now, []
        if isinstance(state, Offline):
            self._pauses.append(state.retry_in)
        if isinstance(state, Online) and self._left is not None:
            self.absences.append(Absence(now - self._left, sum(self._pauses), len(self._pauses)))
            self._left = None
        elif isinstance(state, Online) and self.first_online is None:
            self.first_online = now - self._born
        (self.online.set if isinstance(state, Online) else self.online.clear)()

    def _on_applied(self, applied: Applied) -> None:
        now = time.monotonic()
        for record in applied.news:
            self.rang[record.id, record.cver] += 1
            self.heard.setdefault(record.body, now)


def fresh_start(rest: Rest) -> Picture:
    """What a device sees that starts from nothing now; `rest` carries a token of the user."""
    after, epoch, rev, records = "", "", 0, list[Notification]()
    while True:
        answer = rest.get(f"/v1/sync/snapshot?limit={PAGE}&after={after}")
        assert answer.status == 200, answer
        page = msgspec.convert(answer.body, SnapshotPage)
        if not after:
            epoch, rev = page.epoch, page.rev
        records += page.changes
        if not page.more:
            break
        after = page.changes[-1].id
    answer = rest.get(f"/v1/sync/delta?epoch={epoch}&rev={rev}&limit={PAGE}")
    assert answer.status == 200, answer
    delta = msgspec.convert(answer.body, DeltaPage)
    assert not delta.changes and not delta.snapshot, "the inbox still changes: ask when it is quiet"
    recomputed = to_hex(digest_of(records))
    assert delta.digest == recomputed, f"the server keeps digest {delta.digest}, its records make {recomputed}"
    badge = sum(counts(record, now_ms()) for record in records)
    assert delta.unread == badge, f"the server counts {delta.unread} unread, its records make {badge}"
    return Picture(epoch, rev, recomputed, badge, tuple(sorted(records, key=lambda record: record.id)))
