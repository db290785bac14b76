"""The window: the whole history with search, filters and a pane to read in; and it comes back as it was left."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.filters import since
from handbell_desktop.ui.list import history
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from handbell_shared.link_state import Offline
from handbell_shared.records import Button
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell

Show = Callable[[MadeDesk], Window]
DAY = 86_400_000


@pytest.fixture
def show(qtbot: QtBot, themes: ThemeSource) -> Show:
    kept: list[Window] = []

    def make(made: MadeDesk) -> Window:
        window = Window(made.desk, themes, now=made.turns.now)
        qtbot.addWidget(window)
        kept.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    return make


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


def titles(window: Window) -> list[str]:
    rows = (window.model.row(number) for number in range(window.model.rowCount()))
    return [row.entry.record.title for row in rows if row is not None]


def click(window: Window, qtbot: QtBot, number: int) -> None:
    row = window.model.row(number)
    assert row is not None
    title = window.view._parts(row, window.model.index(number, 0)).title
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=title.center())


def choose(window: Window, box: str, data: str) -> None:
    combo = getattr(window.filters, box)
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def test_search_finds_in_the_whole_history_without_a_network(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Disk full", body="on web-3"), bell("Lunch"), bell("Old disk", archived=True))
    made.link("ana").says(Offline(5.0, "away"))
    window = show(made)

    qtbot.keyClicks(window.search, "disk")
    qtbot.waitUntil(lambda: titles(window) == ["Disk full"])
    window.tabs.choose("archived")

    assert titles(window) == ["Old disk"]
    qtbot.waitUntil(lambda: window.count.text().startswith("1 "))


def test_filters_agree_and_can_be_cleared(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    now = datetime.now(UTC).timestamp() * 1000
    made = desk_of(
        bell("Deploy", type="warning", source="ci", priority="high"),
        bell("Old deploy", type="warning", source="ci", priority="high", created_at=round(now - 12 * DAY)),
        bell("Lunch", type="message", source="chat"),
    )
    window = show(made)

    choose(window, "type", "warning")
    assert titles(window) == ["Deploy", "Old deploy"]
    choose(window, "range", "week")
    assert titles(window) == ["Deploy"]
    choose(window, "source", "chat")
    assert titles(window) == []
    assert window.empty.title == "Nothing found"

    qtbot.mouseClick(window.empty.button, Qt.MouseButton.LeftButton)
    assert len(titles(window)) == 3


def test_today_begins_at_midnight() -> None:
    noon = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

    assert since("today", noon) == datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000
    assert since("week", noon) == datetime(2026, 11, 13, 12, 30, tzinfo=UTC).timestamp() * 1000
    assert since(None, noon) is None


def test_a_click_shows_all_of_it_beside_the_list_and_marks_it_read(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    body = "First line\n\n* [log](https://evil.example/x)\n" + "word " * 100
    made = desk_of(bell("Build failed", body=body, link="https://ci.example/1"))
    window = show(made)

    click(window, qtbot, 0)
    after(made)

    assert window.reading.title.text() == "Build failed"
    assert "• log (https://evil.example/x)" in window.reading.body.toPlainText()
    assert window.reading.host.text() == "ci.example"
    assert made.opened == []
    assert made.titles("unread") == []

    qtbot.mouseClick(window.reading.open_button, Qt.MouseButton.LeftButton)
    assert made.opened == ["https://ci.example/1"]


def test_a_double_click_opens(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Build failed", link="https://ci.example/1"))
    window = show(made)

    qtbot.mouseDClick(
        window.view.viewport(), Qt.MouseButton.LeftButton, pos=window.view.visualRect(window.model.index(0, 0)).center()
    )

    assert made.opened == ["https://ci.example/1"]


def test_a_link_that_is_refused_can_only_be_copied(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    window = show(desk_of(bell("Look", link="file:///etc/passwd")))

    window.view.go(0)
    assert not window.reading.open_button.isVisible()
    assert window.reading.link.text() == "file:///etc/passwd"

    qtbot.mouseClick(window.reading.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "file:///etc/passwd"


def test_answers_are_given_in_the_reading_pane(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Deploy?", actions=(Button("yes", "R&D: yes"), Button("why", "Why?", kind="reply"))))
    window = show(made)
    window.view.go(0)
    answers = window.reading._answers

    item = answers.itemAt(1)
    assert item is not None
    qtbot.mouseClick(item.widget(), Qt.MouseButton.LeftButton)
    assert window.reply_bar.isVisible()
    qtbot.keyClicks(window.reply_bar.field, "Not yet")
    qtbot.keyClick(window.reply_bar.field, Qt.Key.Key_Return)
    after(made)

    [answer] = [action.answer for action in made.link("ana").acted if action.answer is not None]
    assert (answer.action, answer.text) == ("why", "Not yet")
    assert "Not yet" in window.reading.states.text()


def test_the_pane_follows_what_happens_to_what_it_shows(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Disk full", created_at=2), bell("Lunch", created_at=1))
    window = show(made)
    window.view.go(0)

    made.desk.pin(made.entries("Disk full"))
    after(made)
    assert "Pinned" in window.reading.states.text()

    made.desk.delete(made.entries("Disk full"))
    after(made)
    assert window.reading.title.text() == "Lunch"


def test_one_that_the_panel_hands_over_is_found_however_deep(
    desk_of: MakeDesk, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 10)
    made = desk_of(*(bell(f"Build {n}", created_at=n + 1) for n in range(45)))
    window = show(made)
    window.search.setText("nothing of the kind")

    window.show_entry(made.entries("Build 3")[0])

    assert window.reading.title.text() == "Build 3"


def test_scrolling_to_the_end_reads_on(
    desk_of: MakeDesk, show: Show, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(history, "PAGE", 20)
    window = show(desk_of(*(bell(f"Build {n}", created_at=n + 1) for n in range(70))))
    bar = window.view.verticalScrollBar()

    def scrolled_to_the_end() -> bool:
        bar.setValue(bar.maximum())
        return window.model.rowCount() == 70

    qtbot.waitUntil(scrolled_to_the_end)


def test_it_comes_back_as_large_as_it_was_left(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"))
    window = show(made)
    window.resize(760, 540)
    window.splitter.setSizes([300, 400])
    sizes = window.splitter.sizes()
    window.close()

    again = show(made)

    assert again.size() == QSize(760, 540)
    assert again.splitter.sizes() == sizes


def test_a_place_that_makes_no_sense_is_ignored(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of()
    made.desk.remember(type(made.desk.state)(windows={"inbox": "é nonsense"}))

    assert show(made).isVisible()


def test_while_it_is_hidden_nothing_is_read_and_later_all_is_there(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"))
    window = show(made)
    window.close()

    made.link("ana").brings(bell("News"))
    after(made)
    assert titles(window) == ["Lunch"]

    window.show()
    assert titles(window) == ["News", "Lunch"]


def test_at_twice_the_font_it_is_still_within_the_screen(twice_the_font: None, desk_of: MakeDesk, show: Show) -> None:
    window = show(desk_of(bell("Lunch")))

    assert window.height() < window.screen().availableSize().height()


def test_in_a_narrow_window_the_tabs_are_above_the_filters_and_whole(desk_of: MakeDesk, show: Show) -> None:
    window = show(desk_of(bell("Lunch")))
    window.resize(1200, 600)
    assert window.tabs.geometry().bottom() > window.filters.geometry().top()

    window.resize(window.tabs.sizeHint().width() + window.filters.sizeHint().width() - 40, 600)
    QCoreApplication.processEvents()

    assert window.tabs.geometry().bottom() <= window.filters.geometry().top()
    assert window.tabs.width() >= window.tabs.sizeHint().width()


def test_everything_is_selected_beyond_what_is_loaded_and_acted_upon(
    desk_of: MakeDesk, show: Show, qtbot: QtBot
) -> None:
    made = desk_of(*(bell(f"Build {number}") for number in range(2 * history.PAGE + 50)))
    window = show(made)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.view.setFocus()
    qtbot.keyClick(window.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.model.canFetchMore(window.view.rootIndex()))
    assert len(window.view.chosen().many) == 2 * history.PAGE + 50

    qtbot.keyClick(window.view, Qt.Key.Key_E)
    for _ in range(3):
        after(made)

    assert made.titles("all") == []
    assert not window.view.selectionModel().hasSelection()
    made.desk.take_back()
    for _ in range(3):
        after(made)
    qtbot.waitUntil(lambda: window.model.rowCount() > 0)
    assert len(made.titles("all")) == 200
