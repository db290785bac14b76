"""From the policy's orders to toasts, and from what a person does to a toast to the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from handbell_desktop.deeds import Opened
from handbell_desktop.kept.settings import Settings, Sounds
from handbell_desktop.kept.shown import Query
from handbell_desktop.machine.toasts.base import Clicked, Closed, Pressed, Replied, Toast, ToastButton
from handbell_desktop.phrases import Phrases
from handbell_shared.link_state import Connecting, Offline
from handbell_shared.phrasing import Phrasing, phrasing
from handbell_shared.records import Actor, Alarm, Answer, Button, Mark, Notification, Question
from tests.support.desks import MadeDesk, bell, make_desk

Makes = Callable[..., MadeDesk]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Makes]:
    made: list[MadeDesk] = []

    def make(records: Mapping[str, list[Notification]] | None = None, **settings: Any) -> MadeDesk:
        one = make_desk(tmp_path, records or {"ana": []}, settings=Settings(**settings))
        for session in one.desk.sessions:
            one.link(session.account.id).online()
        one.settle()
        one.turns.advance(10)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def arrive(made: MadeDesk, *records: Notification, user: str = "ana") -> None:
    made.link(user).brings(*records)
    made.turns.run()


def only(made: MadeDesk) -> Toast:
    (toast,) = made.toaster.up.values()
    return toast


# What is on a toast.


def test_a_toast_shows_what_the_record_says(make: Makes) -> None:
    made = make()
    record = bell(
        "Build failed",
        body="3 of 812 tests",
        link="https://ci.example/7",
        actions=(Button("again", "Run again"), Button("log", "Log", "link", "https://ci.example/log")),
        priority="high",
    )
    arrive(made, record)

    assert only(made) == Toast(
        key=f"ana/{record.id}",
        title="Build failed",
        body="3 of 812 tests",
        buttons=(
            ToastButton("own:again", "Run again"),
            ToastButton("own:log", "Log"),
            ToastButton("open", "Open"),
            ToastButton("read", "Mark read"),
        ),
        sound="message-new-instant",
    )


def test_a_reply_is_a_field_and_no_button(make: Makes) -> None:
    made = make()
    arrive(made, bell("Coming?", actions=(Button("say", "Reply", "reply"), Button("no", "No"))))

    assert only(made).reply == ToastButton("own:say", "Reply")
    assert [button.id for button in only(made).buttons] == ["own:no", "read"]


def test_what_was_answered_asks_no_more(make: Makes) -> None:
    made = make()
    arrive(made, bell("Coming?", actions=(Button("no", "No"),), answer=Answer("no", "op", 1)))

    assert [button.id for button in only(made).buttons] == ["read"]


def test_long_texts_are_cut_and_none_is_called_by_what_it_is(make: Makes) -> None:
    made = make()
    arrive(made, bell("t" * 500, body="word " * 500))
    arrive(made, bell("", body=""))

    long, empty = made.toaster.shown
    assert len(long.title) == 100 and long.title.endswith("…")
    assert len(long.body) <= 200 and long.body.endswith("…")
    assert (empty.title, empty.body) == ("Notification", "")


def test_bodies_are_hidden_where_the_person_wants_it(make: Makes) -> None:
    made = make(toast_bodies=False)
    arrive(made, *(bell(f"title {number}", body="a secret") for number in range(5)))

    assert [toast.body for toast in made.toaster.shown] == ["", "", "", ""]


def test_with_several_accounts_a_toast_says_whose_it_is(make: Makes) -> None:
    made = make({"ana": [], "ben": []})
    arrive(made, bell("a", body="text"), user="ben")

    assert only(made).body == "text\nben@bell.example"


@pytest.mark.parametrize(
    ("priority", "urgency", "stays", "sound"),
    [
        ("low", "low", False, None),
        ("normal", "normal", False, "bell"),
        ("high", "normal", False, "message-new-instant"),
        ("urgent", "critical", True, "alarm-clock-elapsed"),
    ],
)
def test_a_priority_is_seen_and_heard(make: Makes, priority: str, urgency: str, stays: bool, sound: str | None) -> None:
    made = make(sounds=Sounds(normal="bell"))
    arrive(made, bell(priority=priority))

    assert (only(made).urgency, only(made).stays, only(made).sound) == (urgency, stays, sound)


def test_sound_and_staying_are_the_persons_choice(make: Makes) -> None:
    made = make(sound=False, urgent_stays=False)
    arrive(made, bell(priority="urgent"))

    assert (only(made).sound, only(made).stays) == (None, False)


def test_a_resolution_says_so_in_place_and_quietly(make: Makes) -> None:
    made = make()
    record = bell("Disk full", priority="urgent", key="disk")
    arrive(made, record)
    made.turns.advance(60)
    arrive(made, replace(record, ver=2, cver=2, title="Disk fine", resolved=True))

    assert only(made).key == f"ana/{record.id}"
    assert (only(made).title, only(made).urgency, only(made).stays, only(made).sound) == (
        "Disk fine",
        "low",
        False,
        None,
    )


# Summaries.


def test_a_thousand_in_a_burst_are_three_toasts_and_one_summary_once_a_second(make: Makes) -> None:
    made = make()
    for number in range(0, 1_000, 5):
        arrive(made, *(bell(f"{number + i}") for i in range(5)))
        made.turns.advance(0.02)
    made.turns.advance(2)

    singles = [toast for toast in made.toaster.shown if toast.key != "summary"]
    summaries = [toast for toast in made.toaster.shown if toast.key == "summary"]
    assert [toast.title for toast in singles] == ["0", "1", "2"]
    assert 2 <= len(summaries) <= 6
    assert summaries[-1].title == "997 more notifications"
    assert summaries[-1].body == "999\n998\n997\nand 994 others"
    assert [button.id for button in summaries[-1].buttons] == ["show"]


def test_a_title_with_lines_of_its_own_is_one_line_of_a_summary(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(str(number)) for number in range(3)), bell("Lunch\nand 99 others"), bell("last"))
    made.turns.advance(2)

    assert made.toaster.up["summary"].body == "last\nLunch and 99 others"


def test_one_incident_told_a_hundred_times_is_shown_once_a_second(make: Makes) -> None:
    made = make()
    record = bell("Flapping", key="disk")
    for number in range(100):
        arrive(made, replace(record, ver=number + 1, cver=number + 1, count=number + 1, title=f"Flapping {number}"))
        made.turns.advance(0.03)
    made.turns.advance(2)

    assert len(made.toaster.shown) <= 5
    assert only(made).title == "Flapping 99"
    assert {toast.sound for toast in made.toaster.shown[1:]} <= {None}


def test_after_an_absence_one_summary_tells_and_is_heard_once_by_the_loudest(make: Makes) -> None:
    made = make()
    link = made.link("ana")
    link.says(Offline(1.0, "away"))
    made.turns.run()
    made.turns.advance(120)
    link.says(Connecting())
    arrive(made, bell("one"), bell("two", priority="high"), bell("three"))
    arrive(made, bell("fire", priority="urgent"))
    assert made.toaster.shown == []
    link.online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["fire", "3 notifications while you were away"]
    assert made.toaster.up["summary"].body == "three\ntwo\none"
    assert made.toaster.up["summary"].sound == "message-new-instant"


def test_what_was_read_elsewhere_while_catching_up_is_not_told(make: Makes) -> None:
    made = make()
    link = made.link("ana")
    link.says(Offline(1.0, "away"))
    link.says(Connecting())
    one, two = bell("one"), bell("two")
    link.brings(one, two)
    link.brings(replace(one, ver=2, read=True), news=False)
    link.online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["two"]


def test_the_first_news_after_the_start_are_one_summary(tmp_path: Path) -> None:
    made = make_desk(tmp_path, {"ana": []})
    arrive(made, bell("one"), bell("two"))
    made.link("ana").online()
    made.turns.run()

    assert [toast.title for toast in made.toaster.shown] == ["2 notifications while you were away"]
    made.close()


# Groups.


def liked(*names: str, link: str | None = "https://blog.example/7") -> list[Notification]:
    return [bell(f"{name} liked your post", actor=Actor(name), type="like", link=link) for name in names]


def test_those_who_did_the_same_in_a_burst_are_one_toast_that_reads_as_their_group_does(make: Makes) -> None:
    made = make(sounds=Sounds(normal="bell"))
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    for record in (cy, bo, ana):
        arrive(made, record)
    made.turns.advance(2)

    assert [toast.title for toast in made.toaster.shown] == [
        "Cy liked your post",
        "Ana and 2 others liked your post",
    ]
    assert {toast.key for toast in made.toaster.shown} == {f"ana/{cy.id}"}
    assert [toast.sound is None for toast in made.toaster.shown] == [False, True]
    assert [button.id for button in only(made).buttons] == ["open", "read", "mute"]


def test_what_a_producer_groups_is_one_toast_with_its_newest(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(f"Step {at} failed", body=f"line {at}", group="build 7") for at in range(30)))
    made.turns.advance(2)

    assert len(made.toaster.shown) == 2
    assert (only(made).title, only(made).body) == ("Step 29 failed (and 29 more)", "line 29")


def test_one_more_of_a_group_after_the_burst_is_heard_in_place(make: Makes) -> None:
    made = make(sounds=Sounds(normal="bell"))
    cy, bo = liked("Cy", "Bo")
    arrive(made, cy)
    made.turns.advance(6)
    arrive(made, bo)

    assert (only(made).key, only(made).title) == (f"ana/{cy.id}", "Bo and Cy liked your post")
    assert only(made).sound == "bell"


def test_a_toast_of_a_group_says_less_when_one_of_it_is_dealt_with_and_goes_with_the_last(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo, ana)
    made.turns.advance(2)

    made.link("ana").brings(replace(cy, ver=2, read=True), news=False)
    made.turns.advance(2)
    assert (only(made).title, only(made).sound) == ("Ana and Bo liked your post", None)

    made.link("ana").brings(replace(ana, ver=3, deleted="recalled"), news=False)
    made.turns.advance(2)
    assert only(made).title == "Bo liked your post"

    made.desk.read(made.entries("Bo liked your post"))
    made.turns.advance(2)
    assert made.toaster.up == {}


def test_a_click_on_a_group_opens_its_newest_and_reads_all_that_did_the_same_to_it(make: Makes) -> None:
    made = make()
    arrive(made, *liked("Cy", "Bo", "Ana"))
    made.turns.advance(2)
    made.toaster.does(Clicked(only(made).key))
    made.settle()

    assert made.opened == ["https://blog.example/7"]
    assert made.desk.badge == 0
    assert made.asked_to_show == []


def test_a_click_on_a_group_leaves_unread_what_is_elsewhere(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(f"{at}", group="g", link=f"https://ci.example/{at}") for at in range(3)))
    made.turns.advance(2)
    made.toaster.does(Clicked(only(made).key))
    made.settle()

    assert made.opened == ["https://ci.example/2"]
    assert made.titles("unread") == ["1", "0"]


def test_marking_a_group_read_on_its_toast_is_about_those_it_said_something_of(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo)
    made.turns.advance(2)
    arrive(made, ana)
    arrive(made, *liked("Dee"))  # for a moment the toast is still without her
    assert only(made).title == "Ana and 2 others liked your post"

    made.toaster.does(Pressed(only(made).key, "read"))
    made.settle()

    assert made.titles("unread") == ["Dee liked your post"]


def test_senders_hear_of_each_that_a_toast_stands_for(make: Makes) -> None:
    made = make()
    cy, bo, ana = liked("Cy", "Bo", "Ana")
    arrive(made, cy, bo, ana)
    made.turns.advance(2)
    made.toaster.does(Closed(only(made).key, by_person=True))

    assert {mark.id for mark in marked(made) if mark.shown} == {cy.id, bo.id, ana.id}
    assert {mark.id for mark in marked(made) if mark.dismissed} == {cy.id, bo.id, ana.id}


def test_a_toast_of_a_group_speaks_the_persons_language(tmp_path: Path) -> None:
    class Polish(Phrases):
        def counting(self) -> Phrasing:
            return phrasing("pl")

    made = make_desk(tmp_path, {"ana": []}, phrases=Polish())
    made.link("ana").online()
    made.turns.advance(10)
    arrive(made, *liked("Cy", "Bo", "Ana"))
    made.turns.advance(2)

    assert only(made).title == "Ana i 2 inne osoby liked your post"
    made.close()


# Taking down.


@pytest.mark.parametrize(
    "marks",
    [{"read": True}, {"archived": True}, {"snoozed_until": 2**52}, {"deleted": "user"}],
    ids=["read", "archived", "snoozed", "deleted"],
)
def test_what_is_dealt_with_elsewhere_is_taken_down_here(make: Makes, marks: dict[str, Any]) -> None:
    made = make()
    record, other = bell("a"), bell("b")
    arrive(made, record, other)
    made.link("ana").brings(replace(record, ver=2, **marks), news=False)
    made.turns.advance(0.1)

    assert list(made.toaster.up) == [f"ana/{other.id}"]


@pytest.mark.parametrize("verb", ["read", "archive", "delete"])
def test_what_is_dealt_with_in_the_panel_is_taken_down(make: Makes, verb: str) -> None:
    made = make()
    arrive(made, bell("a"))

    getattr(made.desk, verb)(made.entries("a"))
    made.turns.advance(0.1)

    assert made.toaster.up == {}


def test_the_summary_goes_with_the_last_it_stands_for(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(title) for title in "abcde"))
    made.desk.read(made.entries("d"))
    made.turns.advance(0.1)
    assert "summary" in made.toaster.up

    made.desk.mark_all_read(Query())
    made.turns.advance(0.1)

    assert made.toaster.up == {}


def test_an_account_takes_its_toasts_along(make: Makes) -> None:
    made = make({"ana": [], "ben": []})
    arrive(made, bell("a"))
    arrive(made, bell("b"), user="ben")

    made.desk.remove_account("ben", sign_out=False)

    assert [toast.title for toast in made.toaster.up.values()] == ["a"]


# What a person does to a toast.


def test_a_click_marks_it_read_everywhere_and_opens_its_link(make: Makes) -> None:
    made = make()
    arrive(made, bell("a", link="https://ci.example/7"))
    made.toaster.does(Clicked(only(made).key))
    made.settle()
    made.turns.advance(0.1)

    assert made.opened == ["https://ci.example/7"]
    assert made.desk.badge == 0
    assert made.toaster.up == {}
    assert made.asked_to_show == []


def test_a_click_on_what_has_no_link_shows_it(make: Makes) -> None:
    made = make()
    arrive(made, bell("a"))
    made.toaster.does(Clicked(only(made).key))

    ((entry, opened),) = made.asked_to_show
    assert entry is not None and entry.record.title == "a"
    assert opened == Opened()


def test_a_link_that_may_not_be_opened_is_shown(make: Makes) -> None:
    made = make()
    arrive(made, bell("a", link="file:///etc/passwd"))
    made.toaster.does(Pressed(only(made).key, "open"))

    ((_, opened),) = made.asked_to_show
    assert opened.link == "file:///etc/passwd" and opened.refused
    assert made.opened == []


def test_buttons_and_replies_come_back_as_what_they_are(make: Makes) -> None:
    made = make()
    buttons = (Button("yes", "Yes"), Button("say", "Reply", "reply"))
    arrive(made, *(bell(title, actions=buttons) for title in "abc"))
    keys = {toast.title: toast.key for toast in made.toaster.shown}

    made.toaster.does(Pressed(keys["a"], "own:yes"))
    made.toaster.does(Replied(keys["b"], "own:say", "on my way"))
    made.toaster.does(Pressed(keys["c"], "read"))
    made.settle()

    acted = [(action.kind, action.answer) for action in made.link("ana").acted]
    assert [kind for kind, _ in acted] == ["answer", "read", "answer", "read", "read"]
    assert [(answer.action, answer.text) for _, answer in acted if answer] == [("yes", None), ("say", "on my way")]
    assert made.desk.badge == 0


def test_a_click_on_the_summary_shows_the_inbox(make: Makes) -> None:
    made = make()
    arrive(made, *(bell(title) for title in "abcde"))
    made.toaster.does(Pressed("summary", "show"))

    assert made.asked_to_show == [(None, Opened())]


def test_a_toast_of_what_is_gone_does_nothing(make: Makes) -> None:
    made = make()
    for key in ("ana/gone", "nobody/gone", "nonsense"):
        made.toaster.does(Clicked(key))
        made.toaster.does(Closed(key))
    made.toaster.does(Closed("summary"))

    assert made.asked_to_show == []


def test_the_persons_own_doing_does_not_ring(make: Makes) -> None:
    made = make()
    arrive(made, bell("a", actor=Actor("Ana", user="ana")))

    assert made.toaster.shown == []


# What senders hear of it.


def marked(made: MadeDesk, user: str = "ana") -> list[Mark]:
    made.settle()
    return made.link(user).marked


def test_a_sender_hears_once_that_it_was_shown_and_clicked(make: Makes) -> None:
    made = make()
    record = bell("Deploy?", link="https://ci.example/7")
    arrive(made, record)
    made.toaster.does(Clicked(f"ana/{record.id}"))
    made.desk.open(made.entries("Deploy?")[0])

    assert [(mark.id, bool(mark.shown), bool(mark.clicked)) for mark in marked(made)] == [
        (record.id, True, False),
        (record.id, False, True),
    ]


def test_a_sender_hears_why_it_was_not_shown(make: Makes) -> None:
    made = make()
    made.link("ana").chooses("pause", made.turns.now() + 3_600_000)
    made.turns.run()
    record = bell("hush")
    arrive(made, record)

    (mark,) = marked(made)
    assert (mark.id, mark.held_for, mark.shown) == (record.id, "quiet", None) and mark.held is not None


def test_waving_away_is_told_and_running_out_of_time_is_not(make: Makes) -> None:
    made = make()
    one, two = bell("one"), bell("two")
    arrive(made, one, two)
    made.toaster.does(Closed(f"ana/{one.id}"))
    made.toaster.does(Closed(f"ana/{two.id}", by_person=True))

    assert [mark.id for mark in marked(made) if mark.dismissed] == [two.id]


def test_nothing_is_told_where_the_person_does_not_want_it(make: Makes) -> None:
    made = make(receipts=False)
    record = bell("Deploy?")
    arrive(made, record)
    made.toaster.does(Clicked(f"ana/{record.id}"))

    assert marked(made) == []


# Questions that others answer too.


def question(**more: Any) -> Notification:
    return bell("Deploy?", actions=(Button("yes", "Approve"),), **more)


def test_a_toast_goes_when_somebody_else_has_answered(make: Makes) -> None:
    made = make()
    record = question()
    arrive(made, record)
    made.link("ana").brings(replace(record, ver=2, answer=Answer("yes", "op", 1, by="ben")), news=False)
    made.turns.advance(0.1)

    assert made.toaster.up == {}
    assert made.desk.badge == 1, "it is still unread"


def test_what_comes_with_somebody_elses_answer_does_not_ring(make: Makes) -> None:
    made = make()
    arrive(made, question(answer=Answer("yes", "op", 1, by="ben")), question(answer=Answer("", "q", 1, deadline=True)))

    assert made.toaster.shown == []


def test_after_its_deadline_a_question_has_no_buttons_and_takes_no_answer(make: Makes) -> None:
    made = make()
    arrive(made, question(question=Question("q", until=1)))
    assert [button.id for button in only(made).buttons] == ["read"]

    made.desk.answer(made.entries("Deploy?")[0], "yes")
    made.settle()

    assert [action.kind for action in made.link("ana").acted] == ["read"]


# What rings until somebody has it.


def test_what_rings_until_acknowledged_is_heard_again_and_goes_when_somebody_else_has_it(make: Makes) -> None:
    made = make()
    record = bell("The shop is down", priority="urgent", alarm=Alarm("a", 30))
    arrive(made, record)
    made.turns.advance(30)
    again = replace(record, ver=2, cver=2, updated_at=1)
    arrive(made, again)
    first, second = made.toaster.shown
    assert first.sound is not None and second.sound == first.sound
    assert len(made.toaster.up) == 1, "it is replaced in place"

    acknowledged = Alarm("a", 30, "acknowledged", "ben")
    made.link("ana").brings(replace(again, ver=3, alarm=acknowledged), news=False)
    made.turns.advance(0.1)

    assert made.toaster.up == {}
    assert made.desk.badge == 1, "it is still unread"
