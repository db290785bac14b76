"""What stands in the bell's menu, read from the data that it is made of; and that Qt shows just that."""

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from handbell_desktop.condition import Condition
from handbell_desktop.ui.menu import (
    AccountLine,
    Choice,
    Intent,
    Item,
    Items,
    MenuState,
    fill,
    menu_items,
    pause_until,
)
from handbell_shared.preferences import FOR_EVER

BERLIN = ZoneInfo("Europe/Berlin")
ANA = AccountLine(id="a1", name="ana · bell.example.org", condition=Condition.ONLINE)


def labels(items: Items) -> list[str]:
    return [item.label for item in items if item is not None]


def choices(items: Items) -> dict[Intent, Item]:
    found: dict[Intent, Item] = {}
    for item in items:
        if item is None:
            continue
        found |= choices(item.items)
        if item.choice is not None:
            found[item.choice.intent] = item
    return found


def ms(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=BERLIN).timestamp() * 1000)


def test_a_quiet_day_has_a_short_menu() -> None:
    items = menu_items(MenuState(unread=3, accounts=(ANA,)))

    assert labels(items) == [
        "Open inbox",
        "Mark all read",
        "Pause",
        "Settings…",
        "Keyboard and help",
        "About Handbell",
        "Quit",
    ]


def test_there_is_nothing_to_mark_when_nothing_is_unread() -> None:
    assert not choices(menu_items(MenuState(accounts=(ANA,))))[Intent.MARK_ALL_READ].enabled
    assert choices(menu_items(MenuState(unread=1, accounts=(ANA,))))[Intent.MARK_ALL_READ].enabled


def test_a_pause_can_only_be_ended_once_it_began() -> None:
    running = choices(menu_items(MenuState(accounts=(ANA,))))
    paused = choices(menu_items(MenuState(paused=True, accounts=(ANA,))))

    lengths = {Intent.PAUSE_HALF_HOUR, Intent.PAUSE_HOUR, Intent.PAUSE_TOMORROW, Intent.PAUSE_OPEN_END}
    assert lengths <= running.keys() and Intent.RESUME not in running
    assert Intent.RESUME in paused and not lengths & paused.keys()


def test_where_only_some_are_paused_the_menu_ends_theirs_or_pauses_all() -> None:
    found = menu_items(MenuState(partly=("ana · work",), accounts=(ANA,)))

    assert "End the pause of ana · work" in labels(found)
    assert {Intent.RESUME, Intent.PAUSE_OPEN_END} <= choices(found).keys()


def test_a_pause_says_that_it_holds_everywhere() -> None:
    (pause,) = (item for item in menu_items(MenuState(accounts=(ANA,))) if item is not None and item.items)

    assert labels(pause.items)[-1] == "On all your devices"


def test_several_accounts_say_how_they_stand() -> None:
    other = AccountLine(id="a2", name="ana · work", condition=Condition.OFFLINE)

    lines = labels(menu_items(MenuState(accounts=(ANA, other))))

    assert "ana · bell.example.org: online" in lines
    assert "ana · work: offline" in lines


def test_a_single_account_is_only_mentioned_in_trouble() -> None:
    offline = AccountLine(id="a1", name="ana", condition=Condition.OFFLINE)

    assert "ana: offline" in labels(menu_items(MenuState(accounts=(offline,))))


def test_who_was_signed_out_can_sign_in_again_right_there() -> None:
    out = AccountLine(id="a2", name="ana · work", condition=Condition.SIGNED_OUT)

    item = choices(menu_items(MenuState(accounts=(ANA, out))))[Intent.SIGN_IN]

    assert item.choice == Choice(Intent.SIGN_IN, "a2")
    assert item.label == "ana · work: sign in again…"


def test_the_first_thing_to_do_without_an_account_is_to_sign_in() -> None:
    assert choices(menu_items(MenuState()))[Intent.SIGN_IN].choice == Choice(Intent.SIGN_IN)


def test_pauses_end_when_they_say() -> None:
    now = datetime(2026, 11, 20, 15, 10, tzinfo=BERLIN)

    assert pause_until(Intent.PAUSE_HALF_HOUR, now) == ms(2026, 11, 20, 15, 40)
    assert pause_until(Intent.PAUSE_HOUR, now) == ms(2026, 11, 20, 16, 10)
    assert pause_until(Intent.PAUSE_TOMORROW, now) == ms(2026, 11, 21, 8)
    assert pause_until(Intent.PAUSE_OPEN_END, now) == FOR_EVER


def test_tomorrow_s_morning_is_at_eight_when_the_clocks_change_in_the_night() -> None:
    evening = datetime(2026, 10, 24, 22, tzinfo=BERLIN)  # the night is an hour longer

    assert pause_until(Intent.PAUSE_TOMORROW, evening) == ms(2026, 10, 25, 8)


def test_the_menu_shows_what_the_data_says_and_tells_what_was_chosen(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    chosen: list[Choice] = []
    signed_out = AccountLine(id="a1", name="Ana & Bo", condition=Condition.SIGNED_OUT)

    fill(menu, menu_items(MenuState(unread=1, accounts=(signed_out,))), chosen.append)
    actions = {action.text(): action for action in menu.actions()}
    pause = actions["Pause"].menu()
    assert isinstance(pause, QMenu)
    pause.actions()[1].trigger()
    actions["Ana && Bo: sign in again…"].trigger()  # an ampersand of a name is no mnemonic
    actions["Quit"].trigger()

    assert chosen == [Choice(Intent.PAUSE_HOUR), Choice(Intent.SIGN_IN, "a1"), Choice(Intent.QUIT)]


def test_a_new_menu_takes_the_place_of_the_old_one(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    fill(menu, menu_items(MenuState(accounts=(ANA,))), lambda choice: None)

    fill(menu, menu_items(MenuState(paused=True, accounts=(ANA,))), lambda choice: None)

    texts = [action.text() for action in menu.actions()]
    assert "End the pause" in texts and "Pause" not in texts
    qtbot.waitUntil(lambda: not menu.findChildren(QMenu))
