"""The protocol survives chance, and chance is good enough to find every mistake we could think of."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Effort
from tests.shared.model.device import Device, Disk
from tests.shared.model.machine import SyncMachine
from tests.shared.model.mistakes import SEEDED, Mistake, name_of
from tests.shared.model.node import ModelNode
from tests.shared.model.registers import Mistakes
from tests.shared.model.server import Server
from tests.shared.model.world import Parts

_CHANCE = settings(
    database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], print_blob=False
)


def machine_with(mistakes: Mistakes) -> type[SyncMachine]:
    class Modelled(SyncMachine):
        parts = Parts(
            server=partial(Server, mistakes=mistakes),
            node=partial(ModelNode, mistakes=mistakes),
            disk=Disk,
            client=partial(Device, mistakes=mistakes),
            joins_last=Mistake.ROOM_JOINED_LAST in mistakes,
        )

    return Modelled


def test_the_protocol_keeps_its_promises(effort: Effort) -> None:
    # Shrinking makes a counterexample readable, and is worth its minutes only where none is expected.
    readable = settings(_CHANCE, phases=[Phase.generate, Phase.shrink], print_blob=True)
    examples = effort.of(500, long=30_000)
    run_state_machine_as_test(
        machine_with(frozenset()),
        settings=settings(readable, max_examples=examples, stateful_step_count=effort.of(50, long=80)),
    )


@pytest.mark.parametrize("mistakes", SEEDED, ids=name_of)
def test_a_seeded_mistake_is_found(mistakes: Mistakes) -> None:
    # Chance is repeatable here in every run: whether a mistake is found must not depend on the day.
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(
            machine_with(mistakes),
            settings=settings(
                _CHANCE, derandomize=True, max_examples=3_000, stateful_step_count=60, report_multiple_bugs=False
            ),
        )
