"""The model's rules, played with the server's real commands and delivery and the device's real applier."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from handbell_server.actions import inbox
from handbell_shared.preferences import choice_of, held_of, later
from handbell_shared.replica import Mode, Replica
from tests.conftest import Effort
from tests.contract.memory_server import PlayedServer
from tests.contract.mortal_store import Killed, MortalStore
from tests.contract.real_node import RealNode
from tests.shared.model.machine import SyncMachine
from tests.shared.model.registers import REMOVED_AT_MOST
from tests.shared.model.steps import seats, some
from tests.shared.model.world import Parts


class PlayedReplica(Replica):
    @property
    def live(self) -> bool:
        return self.mode is Mode.LIVE

    def chooses(self, name: str) -> Any:
        held = held_of(self.store.choices(), name)
        for action in self.store.pending_choices():
            pending = choice_of(action)
            held = later(held, pending) if pending is not None and pending.name == name else held
        return None if held is None else held.value


class RealMachine(SyncMachine):
    parts = Parts(server=PlayedServer, node=RealNode, disk=MortalStore, client=PlayedReplica)

    @rule(i=seats, writes=some)
    def die_while_applying(self, i: int, writes: int) -> None:
        """Kill the device at one of its next writes, in the middle of whatever it does there."""
        seat, world = self.world.seats[i], self.world
        store = seat.disk
        assert isinstance(store, MortalStore)
        store.writes_left = writes % 4
        try:
            if seat.inflight:
                world.deliver(seat)
            else:
                world.step(seat)
        except Killed:
            store.writes_left = None
            world.crash(seat)
        store.writes_left = None


def test_server_and_device_keep_the_promises_of_the_protocol(effort: Effort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "REMOVED_AT_MOST", REMOVED_AT_MOST)  # or nothing would ever be forgotten
    run_state_machine_as_test(
        RealMachine,
        settings=settings(
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            max_examples=effort.of(700, long=30_000),
            stateful_step_count=effort.of(50, long=80),
        ),
    )
