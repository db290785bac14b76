"""More than one action may name: walked in steps, held back in the store, taken back and said like anything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_desktop.kept.shown import Query
from handbell_desktop.long_deeds import Name
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import ActionKind
from tests.support.desks import MadeDesk, bell, make_desk, reopen_desk

MANY = 2 * TARGETS_PER_ACTION + 200
HOUR = 3_600_000


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeDesk]:
    made = make_desk(tmp_path, {"ana": [bell(f"{number}") for number in range(MANY)], "ben": [bell("ben's")]})
    for link in ("ana", "ben"):
        made.link(link).online()
    yield made
    made.close()


def names(made: MadeDesk) -> list[Name]:
    return [(one.account, one.record.id) for one in made.desk.page(Query(tab="all"), limit=2 * MANY)]


def until_it_is_over(made: MadeDesk) -> None:
    for _ in range(MANY // TARGETS_PER_ACTION + 2):
        made.settle()


def number(made: MadeDesk, query: Query) -> int:
    return made.desk.count(query)


def test_many_are_archived_in_actions_that_the_protocol_allows(made: MadeDesk) -> None:
    made.desk.do_all("archive", names(made))
    until_it_is_over(made)

    said = [action for user in ("ana", "ben") for action in made.link(user).acted]
    assert number(made, Query(tab="archived")) == MANY + 1
    assert max(len(action.ids) for action in said) <= TARGETS_PER_ACTION
    assert sum(len(action.ids) for action in said) == MANY + 1
    assert made.desk.undo is not None
    assert made.desk.undo.count == MANY + 1


@pytest.mark.parametrize("kind", ["archive", "delete", "snooze"])
def test_the_first_of_many_are_gone_at_once_and_no_more_than_a_step_is_read(made: MadeDesk, kind: ActionKind) -> None:
    made.desk.do_all(kind, names(made), made.turns.now() + HOUR)

    left = number(made, Query(tab="unread"))

    assert left == MANY + 1 - TARGETS_PER_ACTION


@pytest.mark.parametrize("kind", ["archive", "delete", "snooze"])
def test_many_are_taken_back_as_one(made: MadeDesk, kind: ActionKind) -> None:
    made.desk.do_all(kind, names(made), made.turns.now() + HOUR)
    until_it_is_over(made)
    assert made.desk.badge == 0

    made.desk.take_back()
    until_it_is_over(made)

    assert made.desk.badge == number(made, Query(tab="all")) == MANY + 1
    made.turns.advance(30)
    made.settle()
    assert made.desk.badge == MANY + 1


def test_taking_back_ends_the_walk(made: MadeDesk) -> None:
    made.desk.do_all("delete", names(made))
    made.desk.take_back()
    until_it_is_over(made)

    assert number(made, Query(tab="all")) == MANY + 1
    assert [action for user in ("ana", "ben") for action in made.link(user).acted] == []


def test_many_deletions_are_said_when_they_can_be_taken_back_no_longer(made: MadeDesk) -> None:
    made.desk.do_all("delete", names(made))
    until_it_is_over(made)
    assert number(made, Query(tab="all")) == 0
    assert made.link("ana").acted == []
    assert list(made.link("ana").replica.store.unsaid(10)) == []

    made.turns.advance(10.1)
    made.settle()

    said = made.link("ana").acted
    assert {action.kind for action in said} == {"delete"}
    assert sum(len(action.ids) for action in said) == MANY
    assert number(made, Query(tab="all")) == 0
    assert len(made.link("ana").replica.store.unsaid(10)) == len(said)


def test_who_is_killed_meanwhile_has_deleted_nothing(made: MadeDesk, tmp_path: Path) -> None:
    made.desk.do_all("delete", names(made))
    until_it_is_over(made)
    for session in made.desk.sessions:  # the program is gone: nobody says what was held back
        session.close()
        session.join(60)

    again = reopen_desk(tmp_path, made.chosen)

    assert number(again, Query(tab="all")) == MANY + 1
    again.turns.advance(30)
    again.settle()
    assert again.link("ana").acted == []
    again.close()


def test_quitting_says_what_was_held_back(made: MadeDesk, tmp_path: Path) -> None:
    made.desk.do_all("delete", names(made))
    until_it_is_over(made)
    made.desk.close()

    again = reopen_desk(tmp_path, made.chosen)

    assert number(again, Query(tab="all")) == 0
    assert sum(len(one.ids) for one in again.link("ana").replica.store.unsaid(10)) == MANY
    again.close()


def test_a_disk_that_is_full_ends_the_walk(
    made: MadeDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(action: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(made.link("ana"), "act", full)
    made.desk.do_all("archive", names(made))
    until_it_is_over(made)

    assert len(caplog.records) == 1
    assert "No space left" in made.desk.trouble
    assert number(made, Query(tab="all")) >= MANY
    caplog.clear()


def test_numbers_counted_by_a_worker_are_those_counted_at_once(made: MadeDesk) -> None:
    made.desk.delete(made.desk.page(Query(), limit=3))
    queries = [Query(tab="unread"), Query(tab="all"), Query(tab="archived"), Query(text="1"), Query(text="…")]
    found: list[list[int] | None] = []

    made.desk.count_all(queries, found.append)

    assert found == [[made.desk.count(query) for query in queries]]
    assert found[0] is not None
    assert found[0][1] == MANY + 1 - 3


def test_a_store_that_is_gone_meanwhile_is_not_counted(made: MadeDesk) -> None:
    found: list[list[int] | None] = []
    made.turns.hold_work = True
    made.desk.count_all([Query(tab="all")], found.append)
    made.desk.remove_account("ben", sign_out=False)
    shutil.rmtree(made.desk.sessions[0].folder)

    made.turns.work_off()

    assert found == [None]
