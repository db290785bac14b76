"""The numbers beside a list: the last question wins, and one that failed is asked again with the next change."""

from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Query
from handbell_desktop.ui.counting import Counting

Answer = Callable[[list[int] | None], None]


class Slow:
    """A desk whose worker answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[Sequence[Query], Answer]] = []

    def count_all(self, queries: Sequence[Query], done: Answer) -> None:
        self.asked.append((queries, done))


def counting_of(desk: Slow, texts: list[str], owner: QObject) -> tuple[Counting, list[object]]:
    counting = Counting(cast("Desk", desk), lambda: [Query(text=texts[-1])], owner)
    shown: list[object] = []
    counting.counted.connect(shown.append)
    return counting, shown


def test_an_answer_to_what_is_asked_no_more_is_not_shown(qtbot: QtBot) -> None:
    desk, texts, owner = Slow(), ["b"], QObject()
    counting, shown = counting_of(desk, texts, owner)
    counting.now()
    texts.append("be")
    counting.now()
    counting.now()
    assert len(desk.asked) == 1, "one at a time"

    desk.asked[0][1]([100])
    assert shown == []
    desk.asked[1][1]([7])

    assert shown == [[7]]
    assert [query.text for queries, _ in desk.asked for query in queries] == ["b", "be"]


def test_a_question_that_failed_leaves_the_numbers_and_the_next_is_asked(qtbot: QtBot) -> None:
    desk, owner = Slow(), QObject()
    counting, shown = counting_of(desk, ["b"], owner)
    counting.now()
    desk.asked[0][1](None)
    assert shown == []

    counting.soon()
    qtbot.waitUntil(lambda: len(desk.asked) == 2)
    desk.asked[1][1]([3])

    assert shown == [[3]]
