"""What became of notifications, counted behind the feed: what counts as what, what is forgotten, and who counts."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from handbell_server.actions import counting, installation, people
from handbell_server.actions.inbox import Act
from handbell_server.config import Config
from handbell_server.errors import Invalid
from handbell_server.jobs import due
from handbell_server.jobs.counting import FINDERS, Counting
from handbell_server.metrics import Metrics
from handbell_server.models import Cohort, NotificationRow
from handbell_server.reads import reading, uncounted
from handbell_server.reads.analytics import Found, Wanted, statistics
from handbell_server.reads.uncounted import FACTS, Portion
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, AnswerGiven, Button, Target
from tests.support.counting import count_all, device, does, found, holds, run, says, take, tell
from tests.support.engine_room import EngineRoom, engine_room_beside

Row = NotificationRow
DAY = 86_400_000
BUTTONS = (Button("yes", "Yes"), Button("no", "No"))


def totals(room: EngineRoom, **more: Any) -> dict[str, int]:
    """The facts that are not 0, over all days."""
    total = shown(room, **more).total
    return {fact: getattr(total, fact) for fact in FACTS if getattr(total, fact)}


def shown(room: EngineRoom, producer: int | None = None, **more: Any) -> Found:
    wanted = Wanted(producer, date(2000, 1, 1), date(2200, 1, 1), more.pop("by", ("day",)), **more)
    with room.engine.connect() as connection:
        return statistics(connection, wanted)


def counted(room: EngineRoom) -> dict[str, int]:
    count_all(room.engine)
    return totals(room)


# ---- what counts as what


def test_each_thing_that_becomes_of_a_notification_is_counted_and_once(room: EngineRoom) -> None:
    laptop, phone = device(room), device(room)
    one, _ = tell(room, actions=BUTTONS), tell(room)
    assert counted(room) == {"sent": 2}
    holds(room, laptop)
    holds(room, phone)
    assert counted(room) == {"sent": 2, "delivered": 2}
    for each in (laptop, phone):
        says(room, each, one, shown=1)
    assert counted(room) == {"sent": 2, "delivered": 2, "shown": 1}
    says(room, phone, one, shown=5, clicked=2)
    says(room, laptop, one, dismissed=2)
    assert counted(room) == {"sent": 2, "delivered": 2, "shown": 1, "clicked": 1, "dismissed": 1}
    does(room, "answer", one, answer=AnswerGiven("yes"))
    does(room, "read", one)
    everything = {"sent": 2, "delivered": 2, "shown": 1, "read": 1, "clicked": 1, "dismissed": 1, "answered": 1}
    assert counted(room) == everything
    assert count_all(room.engine) == 0, "and then there is nothing to look at"
    assert counted(room) == everything


def test_what_a_person_did_shows_that_it_was_delivered_also_without_a_device_of_ours(room: EngineRoom) -> None:
    does(room, "read", tell(room))
    assert counted(room) == {"sent": 1, "delivered": 1, "read": 1}


def test_what_once_was_stays_counted(room: EngineRoom) -> None:
    """Unread again, told anew as another type, answered anew: it is one notification, of the type it first had."""
    an_id = tell(room, key="disk", type="error", actions=BUTTONS)
    does(room, "read", an_id)
    does(room, "answer", an_id, answer=AnswerGiven("yes"))
    count_all(room.engine)
    does(room, "unread", an_id)
    assert tell(room, key="disk", type="warning", actions=BUTTONS) == an_id
    does(room, "read", an_id)
    assert counted(room) == {"sent": 1, "delivered": 1, "read": 1, "answered": 1}
    assert [row.type for row in shown(room, by=("type",)).rows] == ["error"]


def test_expiry_is_counted_and_what_went_before_a_device_had_it_was_not_delivered(room: EngineRoom) -> None:
    laptop = device(room)
    early = tell(room, expires_at=now_ms() - 1)
    holds(room, laptop)
    count_all(room.engine)
    late = tell(room, expires_at=now_ms() - 1)
    room.change(due.removals([(room.ana, early), (room.ana, late)], "expired")[0])
    holds(room, laptop)  # of the second it has heard only that it is gone
    assert counted(room) == {"sent": 2, "delivered": 1, "expired": 2}


def test_what_others_answered_or_nobody_did_is_no_answer_of_this_person(room: EngineRoom) -> None:
    answers = [
        {"action": "yes", "op": new_id(), "at": 1} | more for more in ({"by": "bo"}, {"deadline": True}, {"action": ""})
    ]
    for answer in answers:
        an_id = tell(room, data={"answer": '"answer":'})
        run(room, update(Row).where(Row.id == an_id).values(extra=json.dumps({"answer": answer})))
    tell(room, data={"answer": '"answer":'})
    assert counted(room) == {"sent": 4}


def test_a_device_of_another_history_holds_nothing(room: EngineRoom) -> None:
    laptop = device(room)
    tell(room)
    holds(room, laptop)
    room.errand(lambda c: installation.begin_new_epoch(c, "test", "restored"))
    assert counted(room) == {"sent": 1}
    holds(room, laptop)
    assert counted(room) == {"sent": 1, "delivered": 1}


def test_late_facts_go_to_the_day_on_which_it_was_sent(room: EngineRoom) -> None:
    an_id, then = tell(room), now_ms() - 40 * DAY
    run(room, update(Row).where(Row.id == an_id).values(created_at=then))
    count_all(room.engine)
    tell(room)
    does(room, "read", an_id)
    count_all(room.engine)
    assert [(row.sent, row.read) for row in shown(room).rows] == [(1, 1), (1, 0)]
    first, last = (row.day for row in shown(room).rows)
    assert first is not None and last is not None and first < last


# ---- what is forgotten


def test_retention_takes_the_notification_and_never_its_numbers(room: EngineRoom) -> None:
    laptop = device(room)
    for _ in range(3):
        an_id = tell(room)
        says(room, laptop, an_id, clicked=1)
        does(room, "read", an_id)
        does(room, "delete", an_id)
    before = counted(room)
    run(room, update(Row).values(deleted_at=1))
    assert room.errand(lambda c: due.trim(c, Config())) == 3
    room.errand(lambda c: people.remove_user(c, "bo"))
    assert counted(room) == before == {"sent": 3, "delivered": 3, "shown": 3, "read": 3, "clicked": 3}
    assert room.number("SELECT count(*) FROM counted") == 0


def test_numbers_of_years_ago_are_forgotten(room: EngineRoom) -> None:
    tell(room)
    count_all(room.engine)
    run(room, update(Cohort).values(day=Cohort.day - counting.KEPT_DAYS))
    assert room.errand(lambda c: counting.forget(c, now_ms())) == 0
    assert room.errand(lambda c: counting.forget(c, now_ms() + DAY)) == 1


def test_a_number_that_another_notification_got_meanwhile_counts_nothing_of_it(room: EngineRoom) -> None:
    does(room, "read", tell(room))
    stale = found(room.engine, uncounted.news)
    assert stale is not None
    other = replace(stale.sightings[0], id=new_id())
    assert take(room, Portion([other])) == Counter()


def test_what_was_found_earlier_and_is_taken_later_leads_nobody_back(room: EngineRoom) -> None:
    tell(room)
    stale = found(room.engine, uncounted.news)
    tell(room)
    assert counted(room) == {"sent": 2}
    assert take(room, stale) == Counter()
    assert found(room.engine, uncounted.news) is None


# ---- bounds


def test_a_word_of_its_own_for_each_notification_makes_no_row_for_each(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "TYPES_A_DAY", 3)
    for number in range(4):
        tell(room, type=f"build-{number}")
    count_all(room.engine)
    first = tell(room, type="build-0")
    for number in range(4, 8):
        does(room, "read", tell(room, type=f"build-{number}"))
    does(room, "read", first)
    count_all(room.engine)
    kept = {row.type: (row.sent, row.read) for row in shown(room, by=("type",)).rows}
    assert kept == {"build-0": (2, 1), "build-1": (1, 0), "build-2": (1, 0), "": (5, 4)}


def test_an_answer_has_so_many_rows_and_no_more(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handbell_server.reads.analytics.ROWS_AT_MOST", 2)
    for kind in ("error", "info", "like"):
        tell(room, type=kind)
    count_all(room.engine)
    with pytest.raises(Invalid) as refused:
        shown(room, by=("type",))
    assert refused.value.field == "by"
    assert shown(room, by=("type",), type="info").total.sent == 1
    assert shown(room, by=("day",)).total.sent == 3


def test_a_large_group_in_one_revision_is_counted_whole(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncounted, "_ROWS", 2)
    ids = [tell(room) for _ in range(5)]
    one = Action(id=new_id(), kind="read", ids=tuple(Target(an_id, 0) for an_id in ids), at=now_ms())
    room.change(Act(room.ana, (one,)))
    assert counted(room) == {"sent": 5, "delivered": 5, "read": 5}


# ---- any order, any kill, any number of processes


def test_two_processes_that_count_the_same_at_once_count_it_once(room: EngineRoom) -> None:
    laptop = device(room)
    for _ in range(30):
        an_id = tell(room)
        says(room, laptop, an_id, clicked=1)
        does(room, "read", an_id)
    holds(room, laptop)
    with engine_room_beside(room) as beside, ThreadPoolExecutor(4) as both:
        for find in FINDERS:
            portions = [found(one.engine, find) for one in (room, beside, room, beside)]
            for done in [
                both.submit(take, one, portion)
                for one, portion in zip((room, beside, beside, room), portions, strict=True)
            ]:
                done.result()
    assert totals(room) == {"sent": 30, "delivered": 30, "shown": 30, "read": 30, "clicked": 30}
    assert count_all(room.engine) == 0


# ---- the rounds


def job(room: EngineRoom, slept: list[float]) -> Counting:
    url = room.engine.url.render_as_string(hide_password=False)

    def read(look: Any, *more: Any) -> Any:
        with reading.view(room.engine) as connection:
            return look(connection, *more)

    services: Any = SimpleNamespace(
        config=Config(database_url=url), read=read, errand=room.errand, metrics=Metrics(),
        runtime=SimpleNamespace(sleep=slept.append),
    )  # fmt: skip
    return Counting(services)


def test_a_backlog_is_worked_off_in_portions_with_room_for_others_between(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uncounted, "_ROWS", 4)
    for number in range(10):
        tell(room, room.bo if number % 3 else room.ana)
    assert not shown(room).complete
    slept: list[float] = []
    rounds = job(room, slept)
    rounds.round()
    assert len(slept) >= 3 and min(slept) >= 0.01
    assert (shown(room).complete, totals(room)) == (True, {"sent": 10})
    assert rounds._services.metrics.outcomes == {"sent": 10}
    tell(room)
    rounds.round()
    assert (shown(room).complete, totals(room)) == (True, {"sent": 11})


def test_who_was_removed_while_they_were_counted_stops_nobody(room: EngineRoom) -> None:
    tell(room)
    tell(room, room.bo)
    portion = found(room.engine, uncounted.news)
    room.errand(lambda c: people.remove_user(c, "bo"))
    assert take(room, portion) == {"sent": 1}
    assert room.number("SELECT count(*) FROM counting_progress") == 1
    assert count_all(room.engine) == 0


def test_one_process_counts_until_it_is_gone(room: EngineRoom) -> None:
    one, two = job(room, []), job(room, [])
    assert one._duty.is_ours()
    if one._services.config.embedded:
        return  # the lock of the data folder says that there is nobody else
    assert not two._duty.is_ours()
    one.stop()
    two._duty._ask_again = 0
    assert two._duty.is_ours()
