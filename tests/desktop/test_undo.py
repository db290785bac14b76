"""Ten seconds to take anything back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_desktop.kept.shown import Query
from handbell_desktop.undo import NOT_SNOOZED
from handbell_shared.records import Notification
from tests.support.desks import MadeDesk, bell, make_desk, reopen_desk
from tests.support.turns import ManualTurns

HOUR = 3_600_000


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeDesk]:
    made = make_desk(
        tmp_path,
        {
            "ana": [
                bell("new"),
                bell("read", read=True),
                bell("archived", archived=True, read=True),
                bell("pinned", pinned=True),
                bell("asleep", snoozed_until=ManualTurns().now() + HOUR),
            ],
            "ben": [bell("ben's")],
        },
    )
    yield made
    made.close()


def everything(made: MadeDesk) -> dict[str, Notification]:
    tabs = [made.desk.page(Query(tab="all")), made.desk.page(Query(tab="archived"))]
    return {entry.record.title: entry.record for page in tabs for entry in page}


def marks(record: Notification, now: int) -> tuple[bool, bool, bool, int]:
    asleep = record.snoozed_until if record.snoozed_until > now else 0
    return record.read, record.archived, record.pinned, asleep


VERBS = [
    ("read", "new", {"read": True}),
    ("unread", "read", {"read": False}),
    ("archive", "new", {"archived": True}),
    ("unarchive", "archived", {"archived": False}),
    ("pin", "new", {"pinned": True}),
    ("unpin", "pinned", {"pinned": False}),
]


@pytest.mark.parametrize("settled", [False, True], ids=["at once", "when it is on disk"])
@pytest.mark.parametrize(("verb", "title", "effect"), VERBS, ids=[verb for verb, _, _ in VERBS])
def test_every_act_shows_and_can_be_taken_back(
    made: MadeDesk, verb: str, title: str, effect: dict[str, bool], settled: bool
) -> None:
    before = marks(everything(made)[title], made.turns.now())
    badge = made.desk.badge

    getattr(made.desk, verb)(made.entries(title))
    if settled:
        made.settle()
        after = everything(made)[title]
        assert {name: getattr(after, name) for name in effect} == effect
    assert made.desk.undo is not None
    assert (made.desk.undo.sentence_key, made.desk.undo.count) == (verb, 1)

    made.desk.take_back()
    made.settle()
    assert marks(everything(made)[title], made.turns.now()) == before
    assert made.desk.badge == badge
    assert made.desk.undo is None


@pytest.mark.parametrize("title", ["new", "asleep"])
def test_a_snooze_taken_back_is_what_it_was_before(made: MadeDesk, title: str) -> None:
    before = marks(everything(made)[title], made.turns.now())
    badge = made.desk.badge

    made.desk.snooze(made.entries(title), made.turns.now() + 9 * HOUR)
    made.settle()
    assert everything(made)[title].snoozed_until == made.turns.now() + 9 * HOUR
    assert made.desk.undo is not None and made.desk.undo.count == 1
    made.desk.take_back()
    made.settle()

    assert marks(everything(made)[title], made.turns.now()) == before
    assert made.desk.badge == badge


def test_a_snooze_of_what_was_awake_is_said_when_the_offer_ends(made: MadeDesk) -> None:
    until = made.turns.now() + HOUR
    made.desk.snooze(made.entries("new", "asleep"), until)
    made.settle()

    assert "new" not in made.titles("unread")
    assert [len(action.ids) for action in made.link("ana").acted] == [1]  # of what was asleep already
    made.turns.advance(10)
    made.settle()
    assert [(action.kind, action.until) for action in made.link("ana").acted] == [("snooze", until)] * 2


def test_what_sleeps_can_be_woken_and_what_is_awake_needs_no_waking(made: MadeDesk) -> None:
    until = made.entries("asleep")[0].record.snoozed_until
    made.desk.snooze(made.entries("asleep", "new"), NOT_SNOOZED)
    made.settle()

    assert "asleep" in made.titles("unread")
    assert made.desk.undo is not None and made.desk.undo.count == 1
    made.desk.take_back()
    made.settle()
    assert everything(made)["asleep"].snoozed_until == until


def test_two_snoozes_are_taken_back_one_by_one(made: MadeDesk) -> None:
    for hours in (1, 2):
        made.desk.snooze(made.entries("new"), made.turns.now() + hours * HOUR)
    made.settle()
    assert everything(made)["new"].snoozed_until == made.turns.now() + 2 * HOUR

    made.desk.take_back()
    assert everything(made)["new"].snoozed_until == made.turns.now() + HOUR
    made.desk.take_back()
    assert "new" in made.titles("unread")
    made.turns.advance(60)
    made.settle()
    assert made.link("ana").acted == []


def test_an_act_on_many_of_several_accounts_is_one_act(made: MadeDesk) -> None:
    made.desk.archive(made.entries("new", "read", "ben's", "archived"))

    assert made.desk.undo is not None and made.desk.undo.count == 3  # one was archived already
    made.desk.take_back()
    made.settle()
    assert {title for title, record in everything(made).items() if record.archived} == {"archived"}


def test_what_changes_nothing_is_not_said_and_not_offered(made: MadeDesk) -> None:
    made.desk.read(made.entries("read"))
    made.desk.pin(made.entries("pinned"))
    made.settle()

    assert made.desk.undo is None
    assert made.link("ana").acted == []


def test_the_last_act_is_taken_back_first(made: MadeDesk) -> None:
    made.desk.read(made.entries("new"))
    made.desk.archive(made.entries("new"))

    made.desk.take_back()
    made.settle()
    assert (everything(made)["new"].read, everything(made)["new"].archived) == (True, False)
    made.desk.take_back()
    made.settle()
    assert everything(made)["new"].read is False
    made.desk.take_back()  # nothing is left, and that is no error


def test_the_offer_ends_after_ten_seconds(made: MadeDesk) -> None:
    made.desk.read(made.entries("new"))
    made.turns.advance(4)
    made.desk.archive(made.entries("read"))

    made.turns.advance(6)
    assert made.desk.undo is not None and made.desk.undo.sentence_key == "archive"
    made.turns.advance(4)
    assert made.desk.undo is None
    made.desk.take_back()
    made.settle()
    assert everything(made)["new"].read is True


def test_a_clock_that_is_set_back_does_not_hold_a_deletion_back(tmp_path: Path) -> None:
    turns, set_back = ManualTurns(), [0]
    made = make_desk(tmp_path, {"ana": [bell("new")]}, turns=turns, now=lambda: turns.now() - set_back[0])
    made.desk.delete(made.entries("new"))

    set_back[0] = 3_600_000
    turns.advance(20)
    made.settle()

    assert made.desk.undo is None
    assert [action.kind for action in made.link("ana").acted] == ["delete"]
    made.close()


def test_a_deletion_hides_at_once_and_is_said_when_the_offer_ends(made: MadeDesk) -> None:
    made.desk.delete(made.entries("new", "ben's"))
    made.settle()

    assert "new" not in made.titles() and "ben's" not in made.titles("unread")
    assert made.desk.badge == 1
    assert made.desk.count(Query(tab="unread")) == 1
    assert made.link("ana").acted == []
    made.turns.advance(10)
    made.settle()
    assert [action.kind for action in made.link("ana").acted] == ["delete"]
    assert [action.kind for action in made.link("ben").acted] == ["delete"]
    assert "new" not in made.titles()


def test_a_deletion_taken_back_never_was(made: MadeDesk) -> None:
    made.desk.delete(made.entries("new", "archived"))
    made.desk.take_back()
    made.turns.advance(60)
    made.settle()

    assert {"new", "archived"} <= everything(made).keys()
    assert made.desk.badge == 3
    assert made.link("ana").acted == []


def test_a_deletion_is_said_when_the_program_ends(made: MadeDesk, tmp_path: Path) -> None:
    made.desk.delete(made.entries("new"))
    made.close()

    again = reopen_desk(tmp_path, made.chosen)
    assert "new" not in again.titles()
    again.close()


def test_what_is_deleted_here_does_not_toast(made: MadeDesk) -> None:
    made.link("ana").online()
    (entry,) = made.entries("new")
    made.desk.delete([entry])

    made.link("ana").brings(bell("new", id=entry.record.id, ver=2, cver=2))
    made.turns.advance(1)

    assert made.toaster.shown == []


def test_an_answer_cannot_be_taken_back(tmp_path: Path) -> None:
    from handbell_shared.records import Button

    made = make_desk(tmp_path, {"ana": [bell("deploy?", actions=(Button("yes", "Yes"),))]})
    made.desk.answer(made.entries("deploy?")[0], "yes")
    made.settle()

    assert made.desk.undo is None
    assert [action.kind for action in made.link("ana").acted] == ["answer", "read"]
    made.close()
