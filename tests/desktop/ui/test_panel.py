"""The panel by the bell: what it shows, when it goes away, what clicks in it mean everywhere."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.panel import LIMIT, Panel
from handbell_desktop.ui.snooze_menu import moments
from handbell_desktop.ui.theme import ThemeSource
from handbell_shared.link_state import Offline, SignedOut
from handbell_shared.records import Actor, Button
from tests.desktop.ui.conftest import MakeDesk
from tests.support.desks import MadeDesk, bell

Show = Callable[[MadeDesk], Panel]
NOWHERE = QRect()
LINK = "https://ci.example/1"


@pytest.fixture
def show(qtbot: QtBot, themes: ThemeSource) -> Show:
    kept: list[Panel] = []

    def make(made: MadeDesk) -> Panel:
        panel = Panel(made.desk, themes, now=made.turns.now)
        qtbot.addWidget(panel)
        kept.append(panel)
        panel.popup(NOWHERE)
        qtbot.waitExposed(panel)
        return panel

    return make


def after(made: MadeDesk) -> None:
    made.settle()
    made.turns.advance(0.1)


def rows(panel: Panel) -> list[Row]:
    found = (panel.model.row(number) for number in range(panel.model.rowCount()))
    return [row for row in found if row is not None]


def titles(panel: Panel) -> list[str]:
    return [panel._words.title(row) for row in rows(panel)]


def click(panel: Panel, qtbot: QtBot, number: int, spot: str = "") -> None:
    """On a row, or on one of its buttons and icons."""
    index = panel.model.index(number, 0)
    row = panel.model.row(number)
    assert row is not None
    parts = panel.view._parts(row, index)
    places = {one.name or one.kind: one.rect.center() for one in parts.spots} | {"": parts.title.center()}
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=places[spot])


def test_it_opens_with_what_is_unread_and_counts_every_tab(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"), bell("Old", read=True), bell("Put away", archived=True))
    panel = show(made)

    assert titles(panel) == ["Lunch"]
    assert [panel.tabs.tabText(n).split() for n in range(3)] == [["Unread", "1"], ["All", "2"], ["Archived", "1"]]

    panel.tabs.choose("all")
    assert set(titles(panel)) == {"Lunch", "Old"}


def test_what_arrives_while_it_is_open_is_there_at_once(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)

    made.link("ana").brings(bell("News"))
    after(made)

    assert titles(panel) == ["News", "Lunch"]


def test_while_it_is_hidden_it_reads_nothing(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)
    panel.close()

    made.link("ana").brings(bell("News"))
    after(made)
    assert titles(panel) == ["Lunch"]

    panel._left_at = 0
    panel.popup(NOWHERE)
    assert titles(panel) == ["News", "Lunch"]


def test_a_click_marks_it_read_opens_the_link_and_closes_the_panel(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Build failed", link=LINK))
    panel = show(made)

    click(panel, qtbot, 0)
    after(made)

    assert made.opened == [LINK]
    assert made.titles("unread") == []
    assert not panel.isVisible()


def test_a_link_that_is_refused_is_shown_and_copied_never_opened(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Look", link="javascript:alert(1)"))
    panel = show(made)

    click(panel, qtbot, 0)
    assert made.opened == []
    assert panel.isVisible()
    assert panel.sheets.refused.link.toPlainText() == "javascript:alert(1)"

    qtbot.mouseClick(panel.sheets.refused.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "javascript:alert(1)"
    assert not panel.sheets.refused.isVisible()


def test_one_without_a_link_is_read_here_and_a_long_one_in_the_window(
    desk_of: MakeDesk, show: Show, qtbot: QtBot
) -> None:
    made = desk_of(bell("Short", body="Done.", created_at=2), bell("Long", body="word " * 90, created_at=1))
    panel = show(made)
    panel.tabs.choose("all")

    click(panel, qtbot, 0)
    assert panel.isVisible()

    with qtbot.waitSignal(panel.window_wanted) as wanted:
        click(panel, qtbot, 1)
    assert wanted.args[0].record.title == "Long"
    assert not panel.isVisible()
    after(made)
    assert made.titles("unread") == []


def test_icons_in_a_row_act_on_it(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*(bell(f"Build {n}", created_at=n + 1) for n in range(4)))
    panel = show(made)

    click(panel, qtbot, 0, "archive")
    after(made)
    click(panel, qtbot, 0, "delete")
    after(made)
    click(panel, qtbot, 0, "read")
    after(made)

    assert made.titles("archived") == ["Build 3"]
    assert made.titles("all") == ["Build 1", "Build 0"]
    assert made.titles("unread") == ["Build 0"]


def test_snoozing_asks_until_when(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Pay the bill"))
    panel = show(made)

    click(panel, qtbot, 0, "snooze")
    menu = panel.triage._menu
    assert menu is not None
    assert panel.isVisible()
    menu.actions()[0].trigger()
    menu.hide()
    after(made)

    assert made.titles("unread") == []
    assert made.entries("Pay the bill")[0].record.snoozed_until == made.turns.now() + 3_600_000 - 100


def test_the_moments_offered_for_snoozing_are_times_people_mean() -> None:
    def said(*when: int) -> list[str]:
        now = datetime(*when, tzinfo=ZoneInfo("UTC"))  # type: ignore[arg-type, misc]
        return [moment.when for moment in moments(now)]

    assert said(2026, 11, 20, 9, 0) == ["hour", "evening", "tomorrow", "week"]
    assert said(2026, 11, 20, 17, 30) == ["hour", "tomorrow", "week"]
    sunday = moments(datetime(2026, 11, 22, 12).astimezone())
    assert datetime.fromtimestamp(sunday[-1].at / 1000, UTC).astimezone().strftime("%a %H:%M") == "Mon 09:00"


# ---- groups


def likes(*names: str) -> list[object]:
    return [
        bell(
            f"{name} liked your post",
            created_at=n + 1,
            type="like",
            actor=Actor(name),
            group="post",
            link=f"{LINK}/{n}",
        )
        for n, name in enumerate(names)
    ]


def test_similar_ones_are_one_row_that_opens_and_acts_for_all(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*likes("Cy", "Bo", "Ana"))
    panel = show(made)
    assert titles(panel) == ["Ana and 2 others liked your post"]

    click(panel, qtbot, 0, "expand")
    assert titles(panel)[1:] == ["Ana liked your post", "Bo liked your post", "Cy liked your post"]

    click(panel, qtbot, 0, "archive")
    after(made)
    assert made.titles("archived") == ["Ana liked your post", "Bo liked your post", "Cy liked your post"]


def test_a_group_that_leads_to_different_places_opens_in_the_list(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*likes("Bo", "Ana"))
    panel = show(made)

    click(panel, qtbot, 0)

    assert made.opened == []
    assert panel.model.rowCount() == 3


# ---- answers

ASK = (Button("yes", "Approve"), Button("more", "Ask…", kind="reply"), Button("diff", "Diff", kind="link", link=LINK))


def test_a_button_in_the_row_answers(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Deploy?", actions=ASK))
    panel = show(made)

    click(panel, qtbot, 0, "yes")
    after(made)

    [answer] = [action for action in made.link("ana").acted if action.kind == "answer"]
    assert answer.answer is not None
    assert answer.answer.action == "yes"
    assert panel.isVisible()


def test_a_reply_is_typed_below_the_list(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Deploy?", actions=ASK))
    panel = show(made)

    click(panel, qtbot, 0, "more")
    qtbot.keyClicks(panel.reply_bar.field, "e j u")
    qtbot.keyClick(panel.reply_bar.field, Qt.Key.Key_Return)
    after(made)

    [answer] = [action.answer for action in made.link("ana").acted if action.answer is not None]
    assert (answer.action, answer.text) == ("more", "e j u")
    assert not panel.reply_bar.isVisible()


def test_a_button_that_is_a_link_opens_it(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Deploy?", actions=ASK))
    panel = show(made)

    click(panel, qtbot, 0, "diff")

    assert made.opened == [LINK]
    assert not panel.isVisible()


# ---- how the world is


def test_offline_it_says_so_keeps_the_list_and_tries_again_on_demand(
    desk_of: MakeDesk, show: Show, qtbot: QtBot
) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)
    assert not panel.notice.isVisible()

    made.link("ana").says(Offline(5.0, "the server is away"))
    after(made)
    assert "Offline" in panel.notice._text.text()
    assert titles(panel) == ["Lunch"]

    qtbot.mouseClick(panel.notice.button, Qt.MouseButton.LeftButton)
    after(made)
    assert made.link("ana").woken == 1

    made.link("ana").online()
    after(made)
    assert not panel.notice.isVisible()


def test_a_fault_of_this_device_is_told_in_its_own_words(desk_of: MakeDesk, show: Show) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)
    [session] = made.desk.sessions
    session.failure = "The disk is full."

    made.desk.stood(session)
    after(made)

    assert panel.notice._text.text() == "The disk is full."


def test_signed_out_it_asks_to_sign_in_again(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)
    made.link("ana").says(SignedOut("revoked"))
    after(made)

    with qtbot.waitSignal(panel.sign_in_wanted) as wanted:
        qtbot.mouseClick(panel.notice.button, Qt.MouseButton.LeftButton)

    assert wanted.args == ["ana"]


def test_a_pause_is_said_and_ended_here(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(bell("Lunch"))
    panel = show(made)
    made.desk.pause(made.turns.now() + 3_600_000)
    after(made)
    assert "Paused until" in panel.notice._text.text()

    qtbot.mouseClick(panel.notice.button, Qt.MouseButton.LeftButton)
    after(made)

    assert not panel.notice.isVisible()


def test_every_empty_tab_says_something_of_its_own(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    panel = show(desk_of())
    said = []
    for tab in ("unread", "all", "archived"):
        panel.tabs.choose(tab)
        said.append(panel.empty.title)
    panel.header.search()
    qtbot.keyClicks(panel.header.field, "nowhere")
    qtbot.waitUntil(lambda: panel.empty.title == "Nothing found")

    assert len(set(said)) == 3


def test_without_an_account_it_offers_to_sign_in(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    panel = show(desk_of(accounts={}))

    with qtbot.waitSignal(panel.sign_in_wanted):
        qtbot.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)


def test_with_two_accounts_each_row_says_whose_it_is(desk_of: MakeDesk, show: Show) -> None:
    panel = show(desk_of(accounts={"ana": [bell("Lunch")], "bo": [bell("Tea")]}))

    assert {panel._account(row.entry.account) for row in rows(panel)} == {"ana@bell.example", "bo@bell.example"}


# ---- coming and going


def test_searching_in_the_panel_finds_while_typing(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    panel = show(desk_of(bell("Lunch"), bell("Disk full")))

    panel.header.search()
    qtbot.keyClicks(panel.header.field, "lun")

    qtbot.waitUntil(lambda: titles(panel) == ["Lunch"])


def test_it_goes_away_when_the_person_turns_elsewhere_but_not_for_its_own_menu(
    desk_of: MakeDesk, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(desk_of(bell("Lunch")))
    monkeypatch.setattr(panel, "isActiveWindow", lambda: False)

    click(panel, qtbot, 0, "snooze")
    QApplication.sendEvent(panel, QEvent(QEvent.Type.ActivationChange))
    assert panel.isVisible()

    assert panel.triage._menu is not None
    panel.triage._menu.hide()
    QApplication.sendEvent(panel, QEvent(QEvent.Type.ActivationChange))
    assert not panel.isVisible()

    panel.popup(NOWHERE)  # by the very click on the bell that took the focus away
    assert not panel.isVisible()


def test_where_the_desktop_places_windows_the_panel_has_one_size_so_that_it_is_not_tiled(
    desk_of: MakeDesk, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "wayland")
    panel = show(desk_of(bell("Lunch")))
    assert panel.minimumSize() == panel.maximumSize() == panel.size()

    small = panel.size()
    larger = QFont(panel.font())
    larger.setPointSizeF(2 * larger.pointSizeF())
    panel.setFont(larger)
    panel.close()
    panel.popup(NOWHERE)
    assert panel.minimumSize() == panel.maximumSize() == panel.size()
    assert panel.width() > small.width()


def test_what_was_on_the_screen_for_a_moment_is_seen(desk_of: MakeDesk, show: Show, qtbot: QtBot) -> None:
    made = desk_of(*(bell(f"Build {n}", created_at=n + 1) for n in range(40)))
    panel = show(made)
    panel.watch.moment.start(20)

    def told() -> bool:
        after(made)
        return bool(made.link("ana").acted)

    qtbot.waitUntil(told)

    [action] = made.link("ana").acted
    assert action.kind == "seen"
    assert 3 <= len(action.ids) <= 12
    assert made.desk.badge == 40
    assert panel.isVisible()


def test_no_text_of_a_producer_is_taken_for_markup(desk_of: MakeDesk, show: Show) -> None:
    panel = show(desk_of(bell("<b>Lunch</b>", body="<img src=x>", source="<i>")))

    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in panel.findChildren(QLabel) if label.text())


def test_the_way_to_all_says_how_many_when_the_panel_shows_only_the_first(
    desk_of: MakeDesk, show: Show, qtbot: QtBot
) -> None:
    made = desk_of(*(bell(f"Build {number}") for number in range(LIMIT + 5)))
    panel = show(made)
    assert panel.model.rowCount() == LIMIT
    assert str(LIMIT + 5) in panel.footer.all_button.text()

    made.desk.archive(made.desk.page(panel.query, limit=5))
    after(made)

    assert panel.footer.all_button.text() == "View all"
