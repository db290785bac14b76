"""What several turns of the loop bring becomes one transaction, and nothing of it waits for long, or is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from handbell_server.engine.feed import Command
from handbell_server.engine.writer import Gate, Writer
from tests.support.engine_room import WITHIN, Answer, EngineRoom

NOTIFICATIONS = "SELECT count(*) FROM notifications"


class Loop:
    """A writer, and the loop before it, whose turns the test takes one by one."""

    def __init__(self, room: EngineRoom, gate: Gate) -> None:
        self._room = room
        self._calls: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.writer = Writer(
            room.engine,
            on_loop=lambda fn, *args: fn(*args),
            soon=lambda fn, *args: self._calls.append((fn, args)),
            tell=lambda _told: None,
            queue_limit=1_000,
            gate=gate,
        )

    @property
    def rests(self) -> bool:
        """Nobody has anything left to look at."""
        return not self._calls

    def turn(self) -> None:
        assert not self.rests, "the writer does not look again"
        calls, self._calls = self._calls, []
        for fn, args in calls:
            fn(*args)

    def turns(self) -> int:
        """Until it rests; how many that were."""
        taken = 0
        while not self.rests:
            self.turn()
            taken += 1
        return taken

    def ask(self, command: Command | None = None) -> Answer:
        answer = Answer()
        self.writer.submit(command or self._room.tell(self._room.ana), answer)
        return answer

    def errand(self, run: Callable[[Connection], Any]) -> Answer:
        answer = Answer()
        self.writer.errand(run, answer)
        return answer


class Gateway:
    """A gate that tells when somebody stands before it."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self.reached.set()
        assert self.open.wait(WITHIN)

    def __exit__(self, *_error: object) -> None:
        pass


@contextmanager
def looping(room: EngineRoom, gate: Gate | None = None) -> Iterator[Loop]:
    loop = Loop(room, gate or nullcontext())
    try:
        yield loop
    finally:
        loop.writer.close()


def counted(connection: Connection) -> int:
    return int(connection.execute(text(NOTIFICATIONS)).scalar_one())


def test_what_comes_in_successive_turns_of_the_loop_shares_a_transaction(room: EngineRoom) -> None:
    with looping(room) as loop:
        answers = [loop.ask()]
        loop.turn()
        answers += [loop.ask(), loop.ask()]
        loop.turn()
        answers.append(loop.ask())
        loop.turns()
        assert {answer.wait().outcomes[0].revision for answer in answers} == {1}
        assert (loop.writer.groups, loop.writer.commands) == (1, 4)


def test_a_quiet_loop_hands_over_after_one_more_turn(room: EngineRoom) -> None:
    with looping(room) as loop:
        for _ in range(3):
            answer = loop.ask()
            assert loop.turns() == 2
            assert answer.wait().outcomes[0].id


def test_a_loop_that_always_brings_more_does_not_keep_the_first_waiting(room: EngineRoom) -> None:
    with looping(room) as loop:
        first, taken = loop.ask(), 0
        while not loop.rests:
            loop.turn()
            taken += 1
            assert taken <= 4, "it is handed over, whatever comes"
            if not loop.rests:
                loop.ask()
        assert first.wait().outcomes[0].id


def test_errands_keep_their_place_among_what_is_handed_over_with_them(room: EngineRoom) -> None:
    with looping(room) as loop:
        before, told = loop.errand(counted), [loop.ask(), loop.ask()]
        between, last = loop.errand(counted), loop.ask()
        after = loop.errand(counted)
        loop.turns()
        assert [before.wait(), between.wait(), after.wait()] == [0, 2, 3]
        assert all(answer.wait().outcomes[0].id for answer in [*told, last])
        assert loop.writer.groups == 2


def test_what_is_brought_is_not_lost_when_the_writer_is_closed(room: EngineRoom) -> None:
    with looping(room) as loop:
        answers = [loop.ask()]
        loop.turn()
        answers += [loop.ask(), loop.ask()]
        errand = loop.errand(counted)
        loop.writer.close()
        assert len({answer.wait().outcomes[0].id for answer in answers}) == 3
        assert errand.wait() == 3
        loop.turns()  # somebody still wanted to look again, and finds nothing
    assert room.number(NOTIFICATIONS) == 3


@pytest.mark.parametrize("what", ["command", "errand"])
def test_the_writer_waits_at_the_gate_and_goes_on(room: EngineRoom, what: str) -> None:
    gate = Gateway()
    with looping(room, gate) as loop:
        answer = loop.ask() if what == "command" else loop.errand(counted)
        loop.turns()
        assert gate.reached.wait(WITHIN)
        assert loop.writer.backlog == 1 and room.number(NOTIFICATIONS) == 0
        also = loop.ask()  # as long as there is room, everybody is let in
        loop.turns()
        gate.open.set()
        assert answer.wait() is not None and also.wait().outcomes[0].id
    assert loop.writer.backlog == 0
