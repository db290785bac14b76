"""Qt's loop as the owner's thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.turns import QtTurns


@pytest.fixture
def turns(qtbot: QtBot) -> Iterator[QtTurns]:
    turns = QtTurns()
    yield turns
    turns.end()


def test_cancelling_a_timer_that_has_rung_is_harmless(qtbot: QtBot, turns: QtTurns) -> None:
    rung: list[str] = []
    first = turns.later(0.0, lambda: rung.append("first"))
    turns.later(0.02, lambda: rung.append("second"))  # by then Qt's half of the first is deleted
    qtbot.waitUntil(lambda: len(rung) == 2)

    first.cancel()


def test_what_is_cancelled_does_not_ring(qtbot: QtBot, turns: QtTurns) -> None:
    rung: list[str] = []
    turns.later(0.0, lambda: rung.append("cancelled")).cancel()
    turns.later(0.01, lambda: rung.append("other"))

    qtbot.waitUntil(lambda: bool(rung))

    assert rung == ["other"]


def test_what_a_worker_brings_after_the_end_is_not_heard(qtbot: QtBot, turns: QtTurns) -> None:
    heard: list[object] = []
    turns.work(lambda: "late", heard.append)
    turns.end()
    qtbot.wait(20)

    assert heard == []
