"""What the sweep owes to who was signed out, or vanished, while it could not look. Real database, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handbell_server import sweep
from handbell_server.actions import people
from handbell_server.auth import SignedIn
from handbell_server.delivery import Delivery, Member
from handbell_server.errors import Unavailable
from handbell_server.reads import presence, reading
from handbell_server.runtime import Runtime
from handbell_server.services import Directory, Services
from handbell_server.socket.edge import Edge
from handbell_server.socket.events import Sockets
from handbell_server.sweep import Sweep
from handbell_shared.clock import now_ms
from tests.support.engine_room import EngineRoom


class Deaf:
    """A socket that takes everything."""

    def offer(self, packet: bytes) -> bool:
        return bool(packet)


@dataclass
class Watch:
    """A sweep over the engine room's database, which is away when the test says so."""

    room: EngineRoom
    runtime: Runtime
    away: bool = False
    forgotten: int = 0
    closed: list[tuple[str, str]] = field(default_factory=list)
    looks: list[Callable[..., Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.runtime, since=lambda *_: None, prepare=lambda packet: packet)
        self.directory = Directory()
        services = SimpleNamespace(
            delivery=self.delivery,
            directory=self.directory,
            auth=SimpleNamespace(forget=self._forget),
            read=self.read,
            errand=self.room.errand,
        )
        self.services = cast(Services, services)
        self.sweep = Sweep(self.services, lambda sid, reason: self.closed.append((sid, reason)))

    def read(self, look: Callable[..., Any], *asked: Any) -> Any:
        if self.away:
            raise Unavailable("The database does not answer.")
        self.looks.append(look)
        with reading.view(self.room.engine) as connection:
            return look(connection, *asked)

    def enter(self, name: str) -> str:
        """A device of this person with an open socket; both have one name."""
        person = self.room.errand(lambda c: people.find_user(c, name))
        device: str = self.room.errand(lambda c: people.add_device(c, person, "laptop", "test", f"hash of {name}"))
        self.delivery.standing(self.delivery.join(person.id, Member(device, Deaf(), device, None)), 0)
        return device

    def used(self, device: str, now: int) -> None:
        """As the process writes it that holds this device; its next word is due within 90 seconds."""
        self.room.errand(lambda c: sweep.set_online(c, [device], now + sweep.ONLINE_MS))
        self.room.errand(lambda c: presence.write(c, [(device, True)], now))
        self.sweep.once()

    @property
    def in_use(self) -> str | None:
        return self.delivery.rooms[self.room.ana].in_use

    def _forget(self) -> None:
        self.forgotten += 1


@pytest.fixture
def watch(room: EngineRoom) -> Iterator[Watch]:
    runtime = Runtime()
    yield Watch(room, runtime)
    runtime.close()


def test_who_was_signed_out_while_the_database_was_away_for_minutes_is_closed_when_it_is_back(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, other = watch.enter("ana"), watch.enter("bo")
    watch.sweep.once()
    watch.room.errand(lambda c: people.revoke_device(c, watch.room.ana, device, "ana"))
    watch.away = True
    for minutes in (1, 2, 3):
        later = now_ms() + minutes * 60_000
        monkeypatch.setattr(sweep, "now_ms", lambda later=later: later)
        with pytest.raises(Unavailable):
            watch.sweep.once()
    watch.away = False
    watch.sweep.once()
    assert watch.closed == [(device, "revoked")]
    assert other != device


def test_who_was_disabled_elsewhere_is_closed_although_no_device_of_theirs_is_named(watch: Watch) -> None:
    ana = watch.room.ana
    watch.delivery.standing(watch.delivery.join(ana, Member("jwt", Deaf(), None, now_ms() + 600_000)), 0)
    watch.sweep.once()
    watch.room.errand(lambda c: people.set_disabled(c, "ana", True))
    watch.sweep.once()
    assert watch.closed == [("jwt", "revoked")]


def test_a_change_to_people_is_heard_once_and_makes_all_names_be_looked_up_anew(watch: Watch) -> None:
    watch.sweep.once()
    watch.sweep.once()
    assert watch.forgotten == 1, "what was there when it began is heard once"
    watch.read(watch.directory.learn, ["ana"])
    watch.room.errand(lambda c: people.remove_user(c, "ana"))
    watch.sweep.once()
    watch.sweep.once()
    assert watch.forgotten == 2
    assert watch.directory.known("ana") is None


def test_a_device_whose_server_was_killed_is_not_in_use_for_ever_though_nobody_could_look_meanwhile(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, now = watch.enter("ana"), now_ms()
    watch.used(device, now)
    assert watch.in_use == device
    watch.away = True
    monkeypatch.setattr(sweep, "now_ms", lambda: now + 300_000)
    with pytest.raises(Unavailable):
        watch.sweep.once()
    watch.away = False
    watch.sweep.once()
    assert watch.in_use is None


def test_a_device_in_use_is_asked_about_when_its_time_is_over_and_not_every_second(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, now = watch.enter("ana"), now_ms()
    watch.used(device, now)
    looks = []
    for second in (60, 61, 62, 91, 92):
        if second == 91:  # meanwhile it was renewed, by whom it is connected to
            watch.room.errand(lambda c: sweep.set_online(c, [device], now + 150_000))
        monkeypatch.setattr(sweep, "now_ms", lambda second=second: now + second * 1000)
        del watch.looks[:]
        watch.sweep.once()
        looks.append(watch.looks.count(presence.in_use))
    assert looks == [0, 0, 0, 1, 0]
    assert watch.in_use == device


def leaves(sockets: Sockets) -> None:
    sockets.disconnect("elsewhere")
    sockets.write_down()


@pytest.mark.parametrize("goes", [leaves, Sockets.all_offline], ids=["its socket", "its process"])
def test_a_device_that_went_is_not_in_use_a_second_later(watch: Watch, goes: Callable[[Sockets], None]) -> None:
    device, then = watch.enter("ana"), now_ms() - 60_000
    watch.used(device, then)
    watch.delivery.leave(watch.room.ana, device)
    watch.delivery.standing(watch.delivery.join(watch.room.ana, Member("jwt", Deaf(), None, None)), 0)
    elsewhere = Sockets(watch.services, cast(Edge, SimpleNamespace(outlet=lambda _: Deaf())))
    elsewhere._enter("elsewhere", SignedIn(watch.room.ana, "ana", False, device))
    watch.sweep.once()
    assert watch.in_use == device

    goes(elsewhere)
    watch.sweep.once()

    assert watch.in_use is None
