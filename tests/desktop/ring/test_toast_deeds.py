"""From what a person does to a toast to the desk, and what senders hear of it."""

from __future__ import annotations

from handbell_desktop.deeds import Opened
from handbell_desktop.machine.toasts.base import Clicked, Closed, Pressed, Replied
from handbell_shared.records import Actor, Button
from tests.desktop.ring.scene import Makes, arrive, marked, only
from tests.support.desks import bell

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
