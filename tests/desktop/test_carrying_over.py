"""What an older version kept, as the choices of today."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_desktop.kept.carrying_over import former_choices
from handbell_shared.preferences import FOR_EVER, why_not

NOW = 1_000


@pytest.mark.parametrize(
    ("settings", "pause", "choices"),
    [
        ({}, None, {}),
        ({"quiet_hours": {}, "urgent_breaks_through": True}, NOW, {}),
        ({"quiet_hours": {"start": "10 p.m."}, "urgent_breaks_through": "no"}, -1, {}),
        (
            {"quiet_hours": {"start": "21:00"}},
            None,
            {"quiet_hours": {"enabled": False, "days": tuple(range(7)), "start": "21:00", "end": "07:00"}},
        ),
        ({"urgent_breaks_through": False}, NOW + 1, {"urgent": {"breaks_through": "none"}, "pause": NOW + 1}),
        ({}, 2**53, {"pause": FOR_EVER}),
    ],
)
def test_what_is_carried_over(settings: dict[str, Any], pause: int | None, choices: dict[str, Any]) -> None:
    found = former_choices(settings, pause, NOW)

    assert found == choices
    assert [why_not(name, value) for name, value in found.items()] == [None] * len(found)
