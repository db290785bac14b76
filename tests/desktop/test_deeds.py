"""What a person does to notifications, one by one and all at once, and what is told and taken back of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handbell_desktop.deeds import Opened
from handbell_desktop.kept.settings import Settings
from handbell_desktop.kept.shown import Query
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Button
from tests.desktop.conftest import Makes
from tests.support.desks import bell


def test_opening_marks_it_read_everywhere_and_opens_its_link(make: Makes) -> None:
    made = make({"ana": [bell("a", link="https://ci.example/7")]})

    assert made.desk.open(made.entries("a")[0]) == Opened("https://ci.example/7")
    made.settle()

    assert made.opened == ["https://ci.example/7"]
    assert [action.kind for action in made.link("ana").acted] == ["read"]
    assert made.desk.undo is not None
    made.desk.open(made.entries("a")[0])
    assert len(made.opened) == 2


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "https://a@b.example/", "mailto:ana@example.com"]
)
def test_a_link_that_may_not_be_opened_is_shown_instead(make: Makes, link: str) -> None:
    made = make({"ana": [bell("a", link=link, actions=(Button("go", "Go", "link", link),))]})
    (entry,) = made.entries("a")

    for opened in (made.desk.open(entry), made.desk.answer(entry, "go")):
        assert opened.link == link
        assert opened.refused
    assert made.opened == []
    assert made.desk.badge == 0


def test_mail_is_written_where_the_person_allows_it(make: Makes) -> None:
    made = make({"ana": [bell("a", link="mailto:ana@example.com")]}, settings=Settings(open_mailto=True))

    assert made.desk.open(made.entries("a")[0]).refused is None
    assert made.opened == ["mailto:ana@example.com"]


def test_an_opener_that_fails_is_said(make: Makes, caplog: pytest.LogCaptureFixture) -> None:
    made = make({"ana": [bell("a", link="https://ci.example/")]})
    made.desk._opener = lambda link, token: False
    assert made.desk.open(made.entries("a")[0]).refused
    made.desk._opener = lambda link, token: 1 // 0
    assert made.desk.open(made.entries("a")[0]).refused


def test_an_answer_names_the_button_and_marks_it_read(make: Makes) -> None:
    buttons = (
        Button("yes", "Yes"),
        Button("say", "Reply", "reply"),
        Button("see", "See", "link", "https://x.example/"),
    )
    made = make({"ana": [bell("a", actions=buttons), bell("b", actions=buttons), bell("c", actions=buttons)]})

    made.desk.answer(made.entries("a")[0], "yes")
    made.desk.answer(made.entries("b")[0], "say", "on my way")
    made.desk.answer(made.entries("c")[0], "see")
    made.desk.answer(made.entries("c")[0], "made up")
    made.desk.answer(made.entries("a")[0], "say", "too late")
    made.settle()

    answers = [action.answer for action in made.link("ana").acted if action.answer is not None]
    assert [(answer.action, answer.text) for answer in answers] == [("yes", None), ("say", "on my way")]
    assert made.opened == ["https://x.example/"]
    assert made.desk.badge == 0


def test_what_was_told_anew_since_is_not_marked_read_by_a_late_click(make: Makes) -> None:
    made = make()
    made.link("ana").online()
    (seen,) = made.entries("a")
    made.link("ana").brings(replace(seen.record, ver=2, cver=2, gen=1, title="a, worse"))
    made.turns.run()

    made.desk.read([seen])
    made.settle()

    assert made.desk.badge == 1


def test_what_was_on_the_screen_is_said_once(make: Makes) -> None:
    made = make({"ana": [bell("a"), bell("b", seen=True)]})

    made.desk.seen(made.entries("a", "b"))
    made.settle()
    made.desk.seen(made.entries("a", "b"))
    made.settle()

    assert [(action.kind, len(action.ids)) for action in made.link("ana").acted] == [("seen", 1)]
    assert made.desk.undo is None


# All at once.


def test_mark_all_read_names_what_the_search_finds_and_can_be_taken_back(make: Makes) -> None:
    records = [bell("disk" if number % 2 else "lunch") for number in range(1_201)]
    made = make({"ana": records, "ben": [bell("disk"), bell("disk", read=True), bell("disk", archived=True)]})

    made.desk.mark_all_read(Query(text="disk"))
    made.turns.until(lambda: made.desk.undo is not None and made.desk.undo.count == 601, "all of them")
    made.settle()

    assert made.desk.badge == 601
    assert {len(action.ids) for action in made.link("ana").acted} == {500, 100}
    made.desk.take_back()
    made.settle()
    assert made.desk.badge == 1_202


def test_mark_all_read_taken_back_on_the_way_stops(make: Makes) -> None:
    made = make({"ana": [bell() for _ in range(1_201)]})

    made.desk.mark_all_read(Query())
    made.desk.take_back()
    made.settle()

    assert made.desk.badge == 1_201
    assert [action.kind for action in made.link("ana").acted] == ["read", "unread"]


def test_a_long_act_is_taken_back_in_steps(make: Makes) -> None:
    made = make({"ana": [bell(str(number)) for number in range(2 * TARGETS_PER_ACTION + 1)]})
    made.desk.mark_all_read(Query(tab="unread"))
    made.turns.until(lambda: made.desk.undo and made.desk.undo.count == 2 * TARGETS_PER_ACTION + 1, "all of them")
    made.settle()
    assert made.desk.badge == 0

    made.desk.take_back()

    assert made.desk.badge == TARGETS_PER_ACTION  # one step; thousands at once would stop the bell for seconds
    made.turns.until(lambda: made.desk.badge == 2 * TARGETS_PER_ACTION + 1, "the rest")
    assert made.desk.undo is None


def test_mark_all_read_where_nothing_is_unread_offers_nothing(make: Makes) -> None:
    made = make({"ana": [bell("a", read=True)]})
    made.desk.read(made.desk.page(Query()))
    made.desk.mark_all_read(Query())
    made.settle()

    assert made.desk.undo is None
    made.desk.take_back()
