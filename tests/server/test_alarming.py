"""What an alarm is to do at a moment, and what ends it: the rules alone, as tables."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from handbell_server.rules.alarming import (
    Member,
    Vigil,
    due_of,
    end_made_by,
    ended,
    marked,
    next_moment,
    rung,
    turn_of,
)
from handbell_shared.records import Alarm, Answer, Notification

S = 1_000
START = 1_000_000


def vigil(**more: Any) -> Vigil:
    known: dict[str, Any] = {
        "id": "a", "producer_id": 1, "repeat": 60, "expire": 300, "people": ((2, "ben"), (3, "cy")), "payload": "",
        "told": (Member(0, 1, "n"),), "started_at": START, "next_at": START + 60 * S,
    }  # fmt: skip
    return Vigil(**known | more)


def note(**more: Any) -> Notification:
    known: dict[str, Any] = {"id": "n", "alarm": Alarm("a", 60), "priority": "urgent"}
    return Notification(**known | more)


@pytest.mark.parametrize(
    ("state", "next_at", "seconds", "deed"),
    [
        ("ringing", 60, 0, "wait"),
        ("ringing", 60, 59.999, "wait"),
        ("ringing", 60, 60, "ring"),
        ("ringing", 60, 299.999, "ring"),  # long missed
        ("ringing", 60, 300, "pass on"),
        ("ringing", 60, 86_400, "pass on"),
        ("ringing", 300, 299.999, "wait"),
        ("ringing", 300, 300, "pass on"),
        ("acknowledged", 17, 17, "settle"),
        ("acknowledged", 17, 400, "settle"),
        ("resolved", 17, 16.9, "wait"),
        ("acknowledged", None, 400, "wait"),
        ("expired", None, 400, "wait"),
    ],
)
def test_what_an_alarm_is_to_do(state: Any, next_at: int | None, seconds: float, deed: str) -> None:
    one = vigil(state=state, next_at=None if next_at is None else START + next_at * S)
    assert due_of(one, START + int(seconds * S)) == deed


@pytest.mark.parametrize(
    ("seconds", "next_in"),
    [
        (0, 60),
        (59.9, 60),
        (60, 120),
        (60.5, 120),  # half a second late, and not later and later
        (119.9, 120),
        (200, 240),  # what was missed is not made up for
        (240, 300),
        (290, 300),  # then its time is up
        (1_000, 300),
        (-500, -480),  # the clock was set back
    ],
)
def test_when_it_rings_again(seconds: float, next_in: int) -> None:
    assert next_moment(START, 60, 300, START + int(seconds * S)) == START + next_in * S


@pytest.mark.parametrize(
    ("repeat", "expire", "rings", "passes_on_after"),
    [(60, 300, 5, 300), (30, 100, 4, 100), (60, 60, 1, 60), (10_800, 86_400, 8, 86_400)],
)
def test_how_often_one_person_is_rung_when_nothing_is_missed(
    repeat: int, expire: int, rings: int, passes_on_after: int
) -> None:
    one = vigil(repeat=repeat, expire=expire, next_at=next_moment(START, repeat, expire, START))
    while due_of(one, one.next_at or 0) == "ring":
        one = rung(one, one.next_at or 0)
    assert (one.rings, one.next_at) == (rings, START + passes_on_after * S)


def test_the_next_persons_time_begins_when_they_are_told_however_late_that_is() -> None:
    late = START + 5_000 * S
    one = turn_of(vigil(), 1, Member(1, 2, "m"), late)
    assert (one.step, one.started_at, one.next_at, one.rings) == (1, late, late + 60 * S, 2)
    assert one.whose_turn == (Member(1, 2, "m"),)
    assert due_of(one, late + 59 * S) == "wait"


READ = note(read=True)


@pytest.mark.parametrize(
    ("last", "now", "end"),
    [
        (note(), note(), None),
        (note(), note(cver=2), None),
        (note(), note(seen=True), None),
        (note(), note(snoozed_until=9), None),
        (note(), note(pinned=True), None),
        (note(), READ, "acknowledged"),
        (note(), note(archived=True), "acknowledged"),
        (note(), note(deleted="user"), "acknowledged"),
        (note(), note(answer=Answer("yes", "o", 1)), "acknowledged"),
        (note(), note(answer=Answer("yes", "o", 1, by="ben")), "over"),
        (note(), note(answer=Answer("no", "o", 1, deadline=True)), "over"),
        (note(), note(resolved=True), "resolved"),
        (note(), note(deleted="recalled"), "recalled"),
        (note(), note(deleted="expired"), "over"),
        (note(), note(deleted="retention"), "over"),
        (note(), note(alarm=None), "over"),
        (note(), note(alarm=Alarm("b", 60)), "over"),
        (note(alarm=Alarm("a", 60, "passed", "ben")), READ, "acknowledged"),
        (READ, READ, None),
        (READ, note(gen=1), None),
        (note(alarm=None), note(alarm=None, read=True), None),
        (note(alarm=Alarm("a", 60, "expired")), READ, None),
        (note(alarm=Alarm("a", 60, "acknowledged", "ben")), READ, None),
        (note(resolved=True), note(resolved=True, cver=2), None),
    ],
)
def test_what_ends_it(last: Notification, now: Notification, end: str | None) -> None:
    assert end_made_by(last, now) == end


def test_what_each_person_sees_of_it() -> None:
    ana, ben = Member(0, 1, "n"), Member(1, 2, "m")
    passed = turn_of(vigil(), 1, ben, START + 300 * S)
    acknowledged = replace(ended(passed, "acknowledged", START, 2), by="ben")

    def seen(one: Vigil, member: Member) -> tuple[str, str]:
        record = marked(note(id=member.notification), one, member)
        assert record.alarm is not None
        return record.alarm.state, record.alarm.who

    assert [seen(passed, ana), seen(passed, ben)] == [("passed", "ben"), ("ringing", "")]
    assert [seen(acknowledged, ana), seen(acknowledged, ben)] == [("acknowledged", "ben"), ("acknowledged", "")]
    assert seen(replace(passed, state="expired"), ana) == ("expired", "")
    assert seen(ended(passed, "resolved", START), ana) == ("over", "")
    assert marked(note(), ended(passed, "recalled", START), ana).deleted == "recalled"


def test_what_is_not_of_this_alarm_any_more_is_left_alone() -> None:
    over = ended(vigil(), "recalled", START)
    for record in (note(alarm=None), note(alarm=Alarm("b", 60)), note(deleted="user")):
        assert marked(record, over, Member(0, 1, "n")) is record
