"""Producers and devices at work while something breaks, and the verdict afterwards.

    producers ──POST, every retry under the same key──► servers ──► devices, which read, archive, snooze and delete
        └── ledger: offered, accepted                    (they break)        └── what rang, what was deleted

A `Storm` never looks inside the product. It knows what was promised (the ledger), what people deleted (its own list),
what rang (each device) and asks, when all is quiet again, whether it fits: nothing lost, nothing twice, nothing of
somebody else's, and every device shows what a fresh start of its user shows.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from handbell_shared.backoff import Backoff
from handbell_shared.records import ActionKind, Notification
from tests.faults.producer import LATER, Evidence, Producer
from tests.support.devices import Device, Picture, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.ledger import Ledger, Seen, View
from tests.support.rest import NoAnswerError, Rest
from tests.support.waiting import TimedOutError, until

PASSWORD = "correct-horse-battery"
TOPIC = "deploys"
SCOPES = ("send:user", "send:topic", "recall", "receipts")
# A storm signs in faster than people do, from one address, and is not here to test the limits.
ROOMY = {
    "HANDBELL_SIGN_IN_RATE": "1000",
    "HANDBELL_SIGN_IN_BURST": "1000",
    "HANDBELL_USER_RATE": "10000",
    "HANDBELL_USER_BURST": "10000",
    "HANDBELL_SOCKETS_PER_ADDRESS": "1000",
    "HANDBELL_RETAIN_COUNT": "1000000",
}
_DEEDS: Sequence[ActionKind] = ("read", "read", "unread", "archive", "unarchive", "snooze", "pin", "seen", "delete")


class Storm:
    """`with Storm(servers, folder) as storm:` break things; then `storm.verdict()`.

    All servers share one database; users and keys are made through the first. `doors` are the addresses that producers
    and devices use when they are not to use the servers' own: a proxy's. `backoff` makes the pauses of the devices,
    `later` are the answers after which a producer asks again.
    """

    def __init__(
        self,
        servers: Sequence[HandbellServer],
        folder: Path,
        *,
        users: Sequence[str] = ("ana", "bo", "cy"),
        devices_each: int = 2,
        producers: int = 4,
        pause: float = 0.05,
        seed: int = 1,
        doors: Sequence[str] = (),
        backoff: Callable[[], Backoff] | None = None,
        later: Sequence[int] = LATER,
    ) -> None:
        self.servers = servers
        self.users = users
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.evidence = Evidence(self.ledger)
        self.devices: list[Device] = []
        self.deleted: dict[str, dict[str, Notification]] = defaultdict(dict)
        self.acted = 0
        self._chance = random.Random(seed)
        self._backoff = backoff
        self._doors = list(doors) or [server.url for server in servers]
        self._tokens: dict[str, str] = {}
        self._over = threading.Event()
        key = self._settle_in(devices_each)
        self.producers = [
            Producer(number, self._doors, key, users, TOPIC, self.evidence, pause=pause, seed=seed, later=later)
            for number in range(producers)
        ]
        self._threads = [threading.Thread(target=one.work, args=(self._over,), daemon=True) for one in self.producers]
        self._threads.append(threading.Thread(target=self._people, daemon=True))

    def _settle_in(self, devices_each: int) -> str:
        first = self.servers[0]
        for user in self.users:
            first.add_user(user, PASSWORD)
        key = first.add_producer("storm", SCOPES)
        for user in self.users:
            with Rest(first.url) as door, door.sign_in(user, PASSWORD, "the judge") as judge:
                assert judge.token is not None
                self._tokens[user] = judge.token
                assert judge.put(f"/v1/topics/{TOPIC}/subscription").status < 300
                for number in range(devices_each):
                    name = f"device {number + 1}"
                    signed_in = door.sign_in(user, PASSWORD, name)
                    signed_in.close()
                    assert signed_in.token is not None
                    backoff = self._backoff() if self._backoff else None
                    self.devices.append(Device(self._door(number), user, signed_in.token, name, backoff=backoff))
        return key

    def _door(self, number: int) -> str:
        return self._doors[number % len(self._doors)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for producer in self.producers:
            producer.give_up.set()
        for thread in self._threads:
            thread.join(60)
        for device in self.devices:
            device.close()
        self.ledger.close()

    def until_accepted(self, count: int, timeout: float = 90) -> None:
        """Let it blow until so many more offers were accepted: breaking an idle server proves nothing."""
        goal = self.evidence.accepted + count
        until(lambda: self.evidence.accepted >= goal, timeout, f"{count} more offers to be accepted\n{self.where()}")

    # ---- people

    def _people(self) -> None:
        while not self._over.wait(self._chance.uniform(0.005, 0.05)):
            device = self._chance.choice(self.devices)
            records = device.records()
            if not records:
                continue
            record = self._chance.choice(records)
            deed = self._chance.choice(_DEEDS)
            # A record with a life-cycle key would come back under a new id, and its count is what is checked.
            if deed == "delete" and record.key is not None:
                continue
            if deed == "delete":
                self.deleted[device.user][record.id] = record
            device.act(deed, record)
            self.acted += 1

    # ---- the verdict

    def verdict(self, timeout: float = 150, *, resyncs: bool = False) -> str:
        """Wait until all is quiet, hold everything against everything, and say how much that was.

        `resyncs`: whether devices may have had to repair themselves, which only a restored backup excuses.
        """
        self._over.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
            assert not thread.is_alive(), f"a producer got no yes within {timeout} s\n{self.where()}"
        assert not self.evidence.surprises, self._accusation("answers nobody may give", self.evidence.surprises)
        pictures = {user: self._quiet_picture(user, deadline) for user in self.users}
        self._resolve_topics(pictures)
        wrong = self._against_the_ledger(pictures) + self._against_each_other()
        wrong += [line for device in self.devices for line in device.rang_twice()]
        if not resyncs:
            wrong += [f"{d.name} had to repair itself {d.resyncs} times" for d in self.devices if d.resyncs]
        assert not wrong, self._accusation("the verdict", wrong)
        return (
            f"{self.evidence.accepted} accepted, {self.evidence.retries} retries, {self.acted} actions, "
            f"{sum(len(p.records) for p in pictures.values())} records on {len(self.devices)} devices: all agree"
        )

    def _quiet_picture(self, user: str, deadline: float) -> Picture:
        """The fresh start that all devices of the user have come to agree with."""
        mine = [device for device in self.devices if device.user == user]
        latest: list[str] = ["nothing could be asked"]

        def look() -> Picture | None:
            try:
                fresh = self._ask_fresh(user)
            except (AssertionError, NoAnswerError) as error:  # still changing, or still away
                latest[0] = str(error)
                return None
            latest[:] = [f"{d.name}: {said}" for d in mine if (said := d.picture().difference(fresh))]
            latest.extend(f"{d.name} has {d.outbox} actions in its outbox" for d in mine if d.outbox)
            if not self._topics_arrived(user, fresh):
                latest.append("a fan-out has not arrived")
            return None if latest else fresh

        try:
            found = until(look, max(1.0, deadline - time.monotonic()), "quiet")
        except TimedOutError:
            raise AssertionError(
                self._accusation(f"{user}'s devices never agreed with a fresh start", latest)
            ) from None
        assert found is not None
        return found

    def _ask_fresh(self, user: str) -> Picture:
        alive = next(server for server in self.servers if server.process.alive)
        with Rest(alive.url, self._tokens[user]) as judge:
            return fresh_start(judge)

    def _topics_arrived(self, user: str, fresh: Picture) -> bool:
        there = {record.body for record in fresh.records} | {r.body for r in self.deleted[user].values()}
        return self.evidence.topic_bodies <= there

    def _resolve_topics(self, pictures: Mapping[str, Picture]) -> None:
        """A fan-out is accepted as one; what it became for each is only known now."""
        for user, picture in pictures.items():
            shown = {r.body: r.id for r in (*self.deleted[user].values(), *picture.records)}
            for key, body in self.evidence.topics:
                self.ledger.offer(f"{key} for {user}", user, body)
                self.ledger.accept(f"{key} for {user}", shown[body])

    def _against_the_ledger(self, pictures: Mapping[str, Picture]) -> list[str]:
        views, wrong = [], []
        for user, picture in pictures.items():
            gone = self.deleted[user]
            back = [r.id for r in picture.records if r.id in gone]
            wrong += [f"{user} deleted {an_id}, and it is there" for an_id in back]
            seen = [Seen(r.id, r.body) for r in (*picture.records, *gone.values()) if r.id not in back]
            views.append(View(f"{user}'s inbox", user, tuple(seen)))
            wrong += self._counts(picture)
        verdict = self.ledger.check(views)
        return wrong if verdict.clean else [*wrong, str(verdict)]

    def _counts(self, picture: Picture) -> list[str]:
        """Each occurrence of an incident counts once, however often its producer had to ask."""
        told = Counter(entry.id for entry in self.ledger.entries())
        return [
            f"{r.id} ({r.key}) counts {r.count} occurrences, {told[r.id]} were accepted"
            for r in picture.records
            if r.key is not None and r.count != told[r.id]
        ]

    def _against_each_other(self) -> list[str]:
        wrong = []
        for user in self.users:
            first, *others = [device for device in self.devices if device.user == user]
            picture = first.picture()
            wrong += [f"{d.name} ≠ {first.name}: {said}" for d in others if (said := d.picture().difference(picture))]
        return wrong

    # ---- for whoever reads the failure

    def where(self) -> str:
        logs = [str(server.process.err) for server in self.servers if server.started]
        return f"evidence: the ledger {self.ledger.path}; the servers' logs {', '.join(logs)}"

    def _accusation(self, what: str, lines: Sequence[object]) -> str:
        text = "\n  ".join(str(line)[:600] for line in lines[:12])
        return f"{what}:\n  {text}\n{self.where()}"


def ask(url: str, path: str) -> Any:
    """The body of a GET, or None when nobody answers."""
    with suppress(NoAnswerError), Rest(url) as rest:
        return rest.get(path).body
    return None
