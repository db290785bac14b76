"""Whether the person is at this computer: said when it turns, and anew when they come back."""

from __future__ import annotations

from handbell_desktop.machine.idle.base import Then
from handbell_desktop.ring.usage import LOOK_EVERY, Usage
from tests.support.turns import ManualTurns


class Hands:
    """Somebody who touches the computer, or does not."""

    def __init__(self) -> None:
        self.idle: int | None = 0
        self.closed = 0

    def ask(self, then: Then) -> None:
        then(self.idle)

    def close(self) -> None:
        self.closed += 1


class Story:
    def __init__(self) -> None:
        self.turns, self.hands, self.said = ManualTurns(), Hands(), list[bool]()
        self.usage = Usage(self.turns, lambda: self.hands, self.said.append)

    def after(self, idle: int | None) -> list[bool]:
        """What is said when the next look finds this."""
        self.hands.idle = idle
        before = len(self.said)
        self.turns.advance(LOOK_EVERY)
        return self.said[before:]


def test_it_is_said_when_it_turns_and_not_in_between() -> None:
    story = Story()
    story.usage.want(True)

    assert story.said == [True]
    assert story.after(5_000) == []
    assert story.after(119_000) == []
    assert story.after(121_000) == [False]
    assert story.after(400_000) == []
    assert story.after(100) == [True]


def test_it_is_said_anew_when_somebody_comes_back_to_it() -> None:
    story = Story()
    story.usage.want(True)

    assert story.after(20_000) == [] and story.after(500) == []
    assert story.after(45_000) == [] and story.after(500) == [True]


def test_what_is_not_known_is_not_claimed() -> None:
    story = Story()
    story.hands.idle = None
    story.usage.want(True)

    assert story.said == [] and story.after(None) == [] and story.after(0) == [True]


def test_nobody_looks_until_somebody_wants_it_and_when_nobody_does_any_more() -> None:
    story = Story()
    assert story.after(0) == []

    story.usage.want(True)
    story.usage.want(True)
    assert story.said == [True] and story.after(500_000) == [False] and story.after(0) == [True]
    story.usage.want(False)

    assert story.hands.closed == 1 and story.after(500_000) == []
    assert story.said == [True, False, True]
