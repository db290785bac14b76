"""The list: its two models on a real store, and a view that stays calm while they change."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from handbell_desktop.kept.shown import Query
from handbell_desktop.ui.list import history
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.geometry import Metrics, lay_out
from handbell_desktop.ui.list.history import HistoryModel
from handbell_desktop.ui.list.model import ACCESSIBLE, ListModel, RowsModel
from handbell_desktop.ui.list.rows import Row, arrange
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.words import Words
from handbell_shared.clock import now_ms
from handbell_shared.records import Alarm, Answer, Button, Notification, Question
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell

MINUTE = 60_000
ASK = (Button("yes", "Approve"), Button("no", "Decline"))


def silent(row: Row) -> str:
    return ""


def many(count: int, now: int, **members: object) -> list[Notification]:
    return [bell(f"Build {n}", created_at=now - (n + 1) * MINUTE, **members) for n in range(count)]


def titles(model: ListModel) -> list[str]:
    rows = (model.row(number) for number in range(model.rowCount()))
    return [row.entry.record.title for row in rows if row is not None]


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


# ---- models


def test_the_panels_model_keeps_what_stays(desk_of: MakeDesk, qtmodeltester: ModelTester) -> None:
    made = desk_of(bell("Lunch", created_at=1), bell("Disk full", created_at=2))
    model = RowsModel(silent)
    model.show(arrange(made.desk.page(Query())))
    qtmodeltester.check(model)
    lunch = QPersistentModelIndex(model.index(1, 0))

    made.link("ana").brings(bell("News"))
    after(made)
    model.show(arrange(made.desk.page(Query())))

    assert titles(model) == ["News", "Disk full", "Lunch"]
    assert lunch.row() == 2


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 10)
    monkeypatch.setattr(history, "KEPT", 12)
    monkeypatch.setattr(history, "FEW", 4)


def followed(made: MadeDesk, query: Query | None = None) -> HistoryModel:
    model = HistoryModel(made.desk, silent)
    model.ask(query or Query())
    made.desk.listen(lambda change: model.take(change.entries) if change.entries != frozenset() else None)
    return model


@pytest.mark.usefixtures("small_pages")
def test_history_is_read_page_by_page_to_its_end(desk_of: MakeDesk, qtmodeltester: ModelTester) -> None:
    made = desk_of(*many(25, 10**12))
    model = followed(made)
    assert model.rowCount() == 10

    qtmodeltester.check(model)
    while model.canFetchMore(QModelIndex()):
        model.fetchMore(QModelIndex())

    assert titles(model) == [f"Build {n}" for n in range(25)]


@pytest.mark.usefixtures("small_pages")
def test_history_follows_what_comes_changes_and_goes(desk_of: MakeDesk) -> None:
    made = desk_of(*many(15, 10**12))
    model = followed(made, Query(tab="unread"))
    model.fetchMore(QModelIndex())

    made.link("ana").brings(bell("News", created_at=10**12))
    made.desk.read(made.entries("Build 3"))
    made.desk.pin(made.entries("Build 12"))
    after(made)

    assert (
        titles(model)
        == made.titles("unread")
        == ["Build 12", "News", *(f"Build {n}" for n in (0, 1, 2, *range(4, 12), 13, 14))]
    )


@pytest.mark.usefixtures("small_pages")
def test_a_burst_and_many_changes_far_down_end_where_a_fresh_look_does(desk_of: MakeDesk, qtbot: QtBot) -> None:
    made = desk_of(*many(60, 10**12))
    model = followed(made, Query(tab="unread"))
    while model.canFetchMore(QModelIndex()):
        model.fetchMore(QModelIndex())

    made.link("ana").brings(*many(8, 2 * 10**12))
    made.desk.read(made.entries(*(f"Build {n}" for n in range(20, 50, 3))))
    after(made)
    qtbot.waitUntil(lambda: not model.walking)

    assert titles(model) == made.titles("unread")


@pytest.mark.usefixtures("small_pages")
def test_what_is_beyond_the_loaded_pages_is_left_for_later(desk_of: MakeDesk) -> None:
    made = desk_of(*many(30, 10**12))
    model = followed(made)

    made.link("ana").brings(bell("Late", created_at=10**12 - 29 * MINUTE - 1))
    after(made)

    assert model.rowCount() == 10
    assert "Late" not in titles(model)


# ---- the view

Show = Callable[[MadeDesk], RowsView]


@pytest.fixture
def show(qtbot: QtBot, themes: ThemeSource) -> Show:
    """A view of a desk's first page, which follows it."""
    kept: list[QWidget] = []

    def make(made: MadeDesk) -> RowsView:
        words, host = Words(), QWidget()
        qtbot.addWidget(host)
        kept.append(host)
        now = made.turns.now
        model = RowsModel(lambda row: words.spoken(row, now()), host)
        view = RowsView(model, RowDelegate(themes, words, now, lambda account: ""), words, now, host)
        words.setParent(host)
        host.resize(400, 300)
        view.resize(400, 300)
        model.show(arrange(made.desk.page(Query())))
        made.desk.listen(lambda change: model.show(arrange(made.desk.page(Query()))))
        host.show()
        qtbot.waitExposed(host)
        return view

    return make


def place(view: RowsView, title: str) -> QRect:
    model = view.model()
    for number in range(model.rowCount()):
        index = model.index(number, 0)
        if index.data() == title:
            return view.visualRect(index)
    raise AssertionError(title)


def point_at(view: RowsView, qtbot: QtBot, title: str) -> None:
    qtbot.mouseMove(view.viewport(), place(view, title).center())


def test_new_ones_at_the_top_do_not_move_what_is_being_read(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*many(40, 10**12))
    view = show(made)
    view.verticalScrollBar().setValue(333)
    before = place(view, "Build 8")
    told: list[int] = []
    view.waiting.connect(told.append)

    made.link("ana").brings(bell("News"), bell("More news"))
    after(made)

    assert place(view, "Build 8") == before
    assert told[-1] == 2


def test_at_the_top_new_ones_are_seen_at_once(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(*many(40, 10**12))
    view = show(made)

    made.link("ana").brings(bell("News"))
    after(made)

    assert place(view, "News").top() == 0


def test_the_row_under_the_mouse_stays_there(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*many(40, 10**12))
    view = show(made)
    point_at(view, qtbot, "Build 2")
    before = place(view, "Build 2")

    made.link("ana").brings(bell("News"))
    after(made)

    assert place(view, "Build 2") == before


def test_a_pile_is_worked_through_without_moving_the_mouse(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*many(40, 10**12))
    view = show(made)
    view.pressed_spot.connect(lambda row, spot: made.desk.archive(row.entries))
    point_at(view, qtbot, "Build 2")
    row = view._rows.row(2)
    assert row is not None
    archive = next(spot for spot in view._parts(row, view._rows.index(2, 0)).deeds if spot.name == "archive")

    for _ in range(2):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=archive.rect.center())
        after(made)

    assert made.titles("archived") == ["Build 2", "Build 3"]


def test_the_keyboards_row_and_the_selection_follow_a_row_that_moves(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(*many(5, 10**12))
    view = show(made)
    view.go(3)
    view.selectionModel().select(view._rows.index(4, 0), QItemSelectionModel.SelectionFlag.Select)

    made.desk.pin(made.entries("Build 3", "Build 4"))
    after(made)

    current = view.current()
    assert current is not None
    assert current.entry.record.title == "Build 3"
    assert [row.entry.record.title for row in view.chosen().rows] == ["Build 4"]


def test_a_press_that_is_let_go_elsewhere_does_nothing(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*many(3, 10**12))
    view = show(made)
    opened: list[Row] = []
    view.opened.connect(opened.append)

    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, "Build 0").center())
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, "Build 1").center())
    assert opened == []

    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, "Build 1").center())
    assert [row.entry.record.title for row in opened] == ["Build 1"]


def test_a_screen_reader_hears_a_whole_sentence(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of()
    at = made.turns.now() - 5 * MINUTE
    made.link("ana").brings(
        bell("Build failed", body="Step **3**", source="CI", priority="high", created_at=at, actions=ASK)
    )
    after(made)
    view = show(made)

    spoken = view.model().index(0, 0).data(ACCESSIBLE)

    assert spoken.startswith("Unread. Build failed. Step 3. CI, 5 minute")
    assert spoken.endswith("High priority. Can be answered: Approve, Decline.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer("yes", "o", 1), "You answered: Approve."),
        (Answer("yes", "o", 1, by="Ben"), "Answered by Ben: Approve."),
        (Answer("no", "o", 1, deadline=True), "Nobody answered in time, so: Decline."),
        (Answer("", "o", 1, deadline=True), "Nobody answered in time."),
    ],
)
def test_a_row_says_who_answered(desk_of: MakeDesk, show: Show, answer: Answer, says: str) -> None:
    made = desk_of()
    made.link("ana").brings(bell("Deploy?", actions=ASK, answer=answer))
    after(made)

    assert show(made).model().index(0, 0).data(ACCESSIBLE).endswith(says)


@pytest.mark.parametrize(
    ("alarm", "says"),
    [
        (Alarm("r", 60), "Urgent. Rings until acknowledged."),
        (Alarm("r", 60, "passed", "Ben"), "Urgent. Passed on to Ben."),
        (Alarm("r", 60, "acknowledged", "Ben"), "Urgent. Acknowledged by Ben."),
        (Alarm("r", 60, "acknowledged"), "Urgent."),
        (Alarm("r", 60, "expired"), "Urgent. Nobody acknowledged it."),
        (Alarm("r", 60, "over"), "Urgent."),
    ],
)
def test_a_row_says_how_it_stands_with_an_alarm(desk_of: MakeDesk, show: Show, alarm: Alarm, says: str) -> None:
    made = desk_of()
    made.link("ana").brings(bell("The shop is down", priority="urgent", alarm=alarm))
    after(made)

    assert show(made).model().index(0, 0).data(ACCESSIBLE).endswith(says)


def test_a_row_says_until_when_it_is_to_be_answered(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of()
    until = made.turns.now() + 400 * 86_400_000
    made.link("ana").brings(bell("Deploy?", actions=ASK, question=Question("q", until)))
    after(made)

    spoken = show(made).model().index(0, 0).data(ACCESSIBLE)
    assert "Can be answered: Approve, Decline. To be answered until " in spoken


def test_the_list_sleeps_until_the_first_time_on_it_changes(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Lunch", created_at=1), bell("Tea", created_at=now_ms() - 90 * MINUTE))
    view = show(made)
    qtbot.waitUntil(lambda: view._clock.isActive())
    assert view._clock.interval() > 29 * MINUTE

    made.link("ana").brings(bell("News", created_at=made.turns.now() - 90_000))
    after(made)
    qtbot.waitUntil(lambda: view._clock.isActive() and view._clock.interval() <= 30_000)


# ---- geometry


def row_of(**members: object) -> Row:
    from handbell_desktop.kept.shown import Entry

    return Row(entry=Entry("ana", 1, bell("Title", created_at=1, **members)))


@pytest.mark.parametrize("way", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_everything_in_a_row_is_within_it_and_nothing_overlaps(themes: ThemeSource, way: Qt.LayoutDirection) -> None:
    metrics = Metrics(themes.theme)
    long = Button("r", "A label that is much too long for any button there is", kind="reply")
    row = row_of(body="word " * 60, actions=(*ASK, long))
    rect = QRect(0, 500, 400, metrics.height(row, 400))

    parts = lay_out(row, rect, metrics, 60, way)

    boxes = [parts.tile, parts.title, parts.edge, parts.body, parts.meta, *(spot.rect for spot in parts.buttons)]
    assert all(rect.contains(box) for box in (*boxes, parts.pill))
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    assert (parts.tile.center().x() < 200) == (way == Qt.LayoutDirection.LeftToRight)


def test_however_long_its_buttons_are_a_row_has_room_to_name_the_host(themes: ThemeSource) -> None:
    metrics = Metrics(themes.theme)
    long = tuple(Button(name, "A label that is much too long for any button there is") for name in "abc")
    row = row_of(body="word " * 60, actions=long)

    parts = lay_out(row, QRect(0, 0, 400, metrics.height(row, 400)), metrics, 60, Qt.LayoutDirection.LeftToRight)

    assert parts.meta.width() == parts.body.width()


def test_a_row_is_as_high_as_what_it_says(themes: ThemeSource) -> None:
    metrics = Metrics(themes.theme)

    short, longer = row_of(), row_of(body="word " * 60)

    assert metrics.height(short, 400) < metrics.height(longer, 400)
    assert Metrics(themes.theme, compact=True).height(longer, 400) == Metrics(themes.theme, compact=True).row_height


def test_what_was_answered_has_no_buttons_any_more(themes: ThemeSource) -> None:
    metrics = Metrics(themes.theme)
    rect = QRect(0, 0, 400, 100)

    asked = lay_out(row_of(actions=ASK), rect, metrics, 60, Qt.LayoutDirection.LeftToRight)
    answered = lay_out(
        row_of(actions=ASK, answer=Answer("yes", "o", 1)), rect, metrics, 60, Qt.LayoutDirection.LeftToRight
    )

    assert [spot.name for spot in asked.buttons] == ["yes", "no"]
    assert answered.buttons == ()
