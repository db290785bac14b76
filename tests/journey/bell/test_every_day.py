"""What a person sees of the whole product on an ordinary day."""

from __future__ import annotations

from handbell_desktop.account.signing_in import device_name
from tests.journey.bell.conftest import Machines, Person
from tests.support.bell import Bell
from tests.support.waiting import until

BURST = 1_000
NORMAL, CRITICAL = 1, 2


def test_what_a_producer_says_becomes_a_number_and_a_toast_and_the_urgent_one_stays(laptop: Bell, ana: Person) -> None:
    ana.told("Build failed", body="<b>main</b> is red", link="https://ci.example/1017")
    ana.told("The data centre burns", priority="urgent")

    urgent = laptop.desktop.toast("The data centre burns")
    toast = laptop.desktop.toast("Build failed")
    laptop.shows("2 unread")
    assert toast.body == "&lt;b&gt;main&lt;/b&gt; is red"  # to a daemon that reads markup
    assert [label for key, label in toast.actions.items() if key != "default"] == ["Open", "Mark read", "Mute ci"]
    assert [label for key, label in urgent.actions.items() if key != "default"] == ["Mark read", "Mute ci"]
    assert (toast.hints["urgency"], toast.timeout) == (NORMAL, -1)
    assert (urgent.hints["urgency"], urgent.timeout) == (CRITICAL, 0)


def test_a_click_on_a_toast_opens_its_link_and_a_button_only_reads_it(laptop: Bell, ana: Person) -> None:
    ana.told("Build failed", link="https://ci.example/1017?a=b#log")
    ana.told("Lunch", link="https://lunch.example/")

    laptop.desktop.click(laptop.desktop.toast("Build failed"))
    laptop.shows("1 unread")
    laptop.desktop.press(laptop.desktop.toast("Lunch"), "Mark read")

    laptop.shows("nothing unread")
    until(lambda: ana.unread() == 0, 10, "the server to know of both")
    until(lambda: laptop.opened == ["https://ci.example/1017?a=b#log"], 10, "the browser to be started")


def test_a_button_and_a_reply_on_toasts_are_answers_for_everybody(laptop: Bell, ana: Person) -> None:
    ana.told("Deploy v2?", actions=[{"id": "yes", "label": "Approve"}, {"id": "no", "label": "Refuse"}])
    ana.told("Lunch?", actions=[{"id": "say", "label": "Say", "kind": "reply"}])

    laptop.desktop.press(laptop.desktop.toast("Deploy v2?"), "Approve")
    laptop.desktop.reply(laptop.desktop.toast("Lunch?"), "Gladly ❤")

    def answers() -> list[tuple[str, str | None]]:
        found = [one.get("answer", {}) for one in ana.inbox().values()]
        return sorted((answer.get("action", ""), answer.get("text")) for answer in found)

    until(lambda: answers() == [("say", "Gladly ❤"), ("yes", None)], 10, "both answers to be at the server")
    laptop.shows("nothing unread")


def test_what_is_read_on_one_device_is_gone_from_the_other(laptop: Bell, machine: Machines, ana: Person) -> None:
    tower = machine("tower")
    tower.start()
    tower.shows("nothing unread")
    ana.told_many(["Lunch", "Dinner"])
    for bell in (laptop, tower):
        bell.desktop.toast("Dinner")
        bell.shows("2 unread")

    laptop.desktop.press(laptop.desktop.toast("Lunch"), "Mark read")

    tower.shows("1 unread")
    until(lambda: tower.titles == ["Dinner"], 10, "the toast to go from the other screen")
    laptop.panel.choose("Mark all read")
    tower.shows("nothing unread")
    until(lambda: tower.titles == [], 10, "the other toast to go as well")


def test_of_a_thousand_at_once_none_is_missing_and_the_screen_stays_free(laptop: Bell, ana: Person) -> None:
    for first in range(0, BURST, 250):
        ana.told_many([f"Build {number}" for number in range(first, first + 250)])

    laptop.shows(f"{BURST} unread")
    summary = laptop.desktop.toast(f"{BURST - 3} more notifications")
    assert summary.body.splitlines() == ["Build 999", "Build 998", "Build 997", f"and {BURST - 6} others"]
    assert len(laptop.titles) == 4
    assert laptop.titles[:3] == ["Build 0", "Build 1", "Build 2"]

    laptop.panel.choose("Mark all read")

    laptop.shows("nothing unread")
    until(lambda: ana.unread() == 0, 20, "the server to know of all")
    until(lambda: laptop.titles == [], 10, "every toast to go")


def test_what_need_not_be_heard_makes_no_toast(laptop: Bell, ana: Person) -> None:
    ana.told("Backup done", silent=True)
    ana.told("You merged #7", actor={"name": "Ana", "user": ana.name}, notify_actor=True)
    skipped = ana.producer.notify(ana.name, "You merged #8", actor={"name": "Ana", "user": ana.name})
    assert skipped.body == {"user": ana.name, "skipped": "own_action"}
    ana.told("Lunch")

    laptop.desktop.toast("Lunch")
    laptop.shows("3 unread")
    assert laptop.rang == ["Lunch"]


def test_a_pause_keeps_toasts_back_and_ends_with_one_summary(laptop: Bell, ana: Person) -> None:
    laptop.panel.choose("For 1 hour")
    laptop.shows("nothing unread, paused")
    ana.told_many(["Lunch", "Dinner"])
    ana.told("The data centre burns", priority="urgent")
    laptop.desktop.toast("The data centre burns")  # that breaks through
    laptop.shows("3 unread, paused")
    assert laptop.rang == ["The data centre burns"]
    reached, held = f"Reached {device_name()}", f"Held back on {device_name()}: it was quiet"
    until(lambda: ana.why("Lunch") == [reached, held], 10, "“Why?” to say that it was quiet")
    shown = f"Shown on {device_name()}"
    until(lambda: ana.why("The data centre burns") == [reached, shown], 10, "“Why?” to say that it was shown")

    laptop.panel.choose("End the pause")

    summary = laptop.desktop.toast("2 notifications while it was quiet")
    assert summary.body.splitlines() == ["Dinner", "Lunch"]
    laptop.shows("3 unread")


def test_what_was_told_again_and_taken_back_changes_on_the_screen(laptop: Bell, ana: Person) -> None:
    first = ana.told("Build failed", key="build")
    shown = laptop.desktop.toast("Build failed")
    ana.told("Build failed again", key="build")
    assert laptop.desktop.toast("Build failed again").id == shown.id
    laptop.shows("1 unread")

    assert ana.producer.delete(f"/v1/notifications/{first}").status == 200

    laptop.shows("nothing unread")
    until(lambda: laptop.titles == [], 10, "the toast to go")


def test_a_notification_daemon_that_restarts_shows_what_comes_afterwards(laptop: Bell, ana: Person) -> None:
    ana.told("Lunch")
    laptop.desktop.toast("Lunch")

    laptop.desktop.restart()
    laptop.shows("1 unread")
    ana.told("Dinner")

    laptop.desktop.toast("Dinner")
    laptop.shows("2 unread")
    assert laptop.rang == ["Lunch", "Dinner"]


def test_those_who_did_the_same_are_one_toast_and_one_click(laptop: Bell, ana: Person) -> None:
    likes = {"type": "like", "link": "https://blog.example/7"}
    ana.told("Cy liked your post", actor={"name": "Cy"}, **likes)
    shown = laptop.desktop.toast("Cy liked your post")
    ana.told("Bo liked your post", actor={"name": "Bo"}, **likes)
    ana.told("Dee liked your post", actor={"name": "Dee"}, **likes)
    together = laptop.desktop.toast("Dee and 2 others liked your post")
    assert (together.id, laptop.titles) == (shown.id, ["Dee and 2 others liked your post"])

    laptop.desktop.click(together)

    laptop.shows("nothing unread")
    until(lambda: laptop.opened == ["https://blog.example/7"], 10, "the link to open")
    until(lambda: ana.unread() == 0, 10, "the server to hear of it")
