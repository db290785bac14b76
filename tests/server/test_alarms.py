"""Alarms on a real database: rung, passed on, acknowledged, given up; by several processes, and after an outage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from handbell_server.actions import alarms, dispatches, escalating, people, producers, webhooks
from handbell_server.actions.dispatches import Reach
from handbell_server.actions.drafts import Draft, Words
from handbell_server.actions.escalating import Due, Pursue
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Later, Produce, ProduceAll, Recipient
from handbell_server.actions.recall import Remove
from handbell_server.errors import RateLimited
from handbell_server.models import AlarmRow, Producer, WebhookDelivery
from handbell_server.reads import reading
from handbell_server.reads.listing import receipt
from handbell_server.rules.alarming import Terms
from handbell_server.watching import AlarmShown
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Actor, Alarm, Notification, Target
from tests.server.http.stage import new_database
from tests.support.engine_room import Answer, EngineRoom, engine_room, engine_room_beside
from tests.support.waiting import until


class House:
    """ana, bo, cy and dee; what a producer says to them, and time that passes at once."""

    def __init__(self, room: EngineRoom) -> None:
        self.room = room
        more = [room.errand(partial(people.add_user, name=name, password_hash=None)) for name in ("cy", "dee")]
        self.ids = dict(zip(("ana", "bo", "cy", "dee"), (room.ana, room.bo, *more), strict=True))

    def leave(self) -> None:
        """Nothing is left for the next test: a database for each would be most of the time."""
        for table in ("alarms", "notifications", "dispatches", "questions", "webhooks"):
            self._run(f"DELETE FROM {table}")
        self._run("DELETE FROM users WHERE name IN ('cy', 'dee')")
        self._run("UPDATE users SET disabled_at = NULL")
        self._run("UPDATE inboxes SET digest = 0, unread = 0, floor = rev")
        self.room.told.clear()

    def _run(self, statement: str) -> None:
        self.room.errand(lambda c: c.execute(text(statement)))

    def alarm(self, *to: str, then: tuple[str, ...] = (), title: str = "The shop is down", **more: Any) -> str:
        """Ring for these, then for those; the id of the first notification."""
        return str(self.room.change(self.command(*to, then=then, title=title, **more)).outcomes[0].id)

    def command(self, *to: str, then: tuple[str, ...] = (), title: str = "The shop is down", **more: Any) -> Produce:
        listed = tuple((self.ids[name], name) for name in then)
        given: dict[str, Any] = {"priority": "urgent", "alarm": Terms(new_id(), 60, 300, listed)} | more
        return Produce(
            self.room.sender, Draft(title=title, **given), [Recipient(self.ids[n], n) for n in to or ("ana",)]
        )

    def passes(self, seconds: int) -> None:
        """So much later: everything that is written down was that much longer ago."""
        moved = ", ".join(f"{name} = {name} - {seconds * 1000}" for name in ("next_at", "started_at"))
        self.room.errand(lambda c: c.execute(text(f"UPDATE alarms SET {moved}")))

    def found(self) -> list[Due]:
        with self.room.engine.connect() as connection:
            return escalating.due(connection, now_ms())

    def rounds(self) -> list[str]:
        """What the rounds of the jobs would do now."""
        done = []
        while found := [self.room.change(Pursue(one)) for one in self.found()]:
            done += found
        return done

    def shown(self, name: str) -> Notification:
        (record,) = self.inbox(name)
        return record

    def inbox(self, name: str) -> tuple[Notification, ...]:
        with reading.view(self.room.engine) as connection:
            return reading.snapshot(connection, self.ids[name], "", 500).changes

    def sees(self, name: str) -> tuple[str, str]:
        alarm = self.shown(name).alarm
        assert alarm is not None
        return alarm.state, alarm.who

    def does(self, name: str, kind: Any, **more: Any) -> None:
        record = self.shown(name)
        action = Action(id=new_id(), kind=kind, ids=(Target(record.id, record.gen),), at=now_ms(), **more)
        self.room.change(Act(self.ids[name], (action,)))

    def stands(self, an_id: str) -> AlarmShown:
        with self.room.engine.connect() as connection:
            found = receipt(connection, self.room.sender.id, an_id)
        assert found is not None and found.alarm is not None
        return found.alarm


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def one_room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    embedded = f"sqlite:///{tmp_path_factory.mktemp('alarms') / 'handbell.db'}"
    with engine_room(new_database(request.param, request) or embedded) as room:
        yield room


@pytest.fixture
def house(one_room: EngineRoom) -> Iterator[House]:
    house = House(one_room)
    yield house
    house.leave()


def test_it_rings_again_in_place_for_who_has_not_read_it_and_counts_nothing(house: House) -> None:
    an_id = house.alarm()
    assert house.rounds() == []

    house.passes(60)
    assert house.rounds() == ["rung"]
    assert house.rounds() == []

    record = house.shown("ana")
    assert (record.id, record.cver, record.count, record.gen, record.read) == (an_id, 2, 1, 0, False)
    assert record.updated_at is not None
    assert record.alarm == Alarm(record.alarm.id if record.alarm else "", 60)
    (told,) = house.room.pushes(house.ids["ana"])[-1].changes
    assert (told.cver, house.room.pushes(house.ids["ana"])[-1].unread) == (2, 1)
    stands = house.stands(an_id)
    assert (stands.state, stands.rings, stands.people) == ("ringing", 2, ("ana",))
    assert stands.next_at is not None and 55_000 < stands.next_at - now_ms() <= 60_000


@pytest.mark.parametrize("kind", ["read", "archive", "delete"])
def test_whoever_acknowledges_it_stops_it_at_once_for_all_and_they_see_who_has_it(house: House, kind: str) -> None:
    an_id = house.alarm("ana", "bo", then=("cy",))
    before = house.shown("ana")

    house.does("bo", kind)

    assert house.stands(an_id).state == "acknowledged", "in the transaction in which bo does it"
    assert house.rounds() == ["settled"]
    assert house.sees("ana") == ("acknowledged", "bo")
    after = house.shown("ana")
    assert (after.cver, after.gen, after.read) == (before.cver, before.gen, before.read), "worth showing, not a ring"
    house.passes(10_000)
    assert house.rounds() == []
    assert house.inbox("cy") == ()
    stands = house.stands(an_id)
    assert (stands.acknowledged_by, stands.rings, stands.next_at) == ("bo", 1, None)
    assert stands.acknowledged_at is not None and abs(stands.acknowledged_at - now_ms()) < 60_000


def test_seeing_it_or_putting_it_off_is_not_having_it(house: House) -> None:
    an_id = house.alarm()
    house.does("ana", "seen")
    house.does("ana", "snooze", until=now_ms() + 3_600_000)

    house.passes(60)
    assert house.rounds() == ["rung"]

    assert house.stands(an_id).state == "ringing"
    record = house.shown("ana")
    assert (record.cver, record.seen) == (1, True), "it does not ring while it is put off"


def test_nobody_has_it_so_the_next_is_told_in_their_language_and_then_it_is_given_up(house: House) -> None:
    hook = new_id()
    room = house.room
    room.errand(lambda c: webhooks.register(c, room.sender.id, hook, "https://h.example/", webhooks.EVENTS, "sealed"))
    room.errand(lambda c: people.set_language(c, house.ids["cy"], "de"))
    german = {"de": Words("Der Laden steht")}
    an_id = house.alarm("ana", "bo", then=("cy", "dee"), translations=german)

    house.passes(300)
    assert house.rounds() == ["escalated"]
    told = house.shown("cy")
    assert (told.title, told.priority, told.cver) == ("Der Laden steht", "urgent", 1)
    assert [house.sees(name) for name in ("ana", "bo", "cy")] == [("passed", "cy"), ("passed", "cy"), ("ringing", "")]
    house.passes(60)
    assert house.rounds() == ["rung"]
    assert [house.shown(name).cver for name in ("ana", "bo", "cy")] == [1, 1, 2], "it rings for whose turn it is"
    house.passes(240)
    assert house.rounds() == ["escalated"]
    assert house.shown("dee").title == "The shop is down"
    assert house.stands(an_id).people == ("dee",)
    house.passes(300)
    assert house.rounds() == ["expired"]

    assert {house.sees(name) for name in house.ids} == {("expired", "")}
    stands = house.stands(an_id)
    assert (stands.state, stands.rings, len(stands.told), stands.acknowledged_by) == ("expired", 4, 4, None)
    house.does("ana", "read")
    assert house.stands(an_id).state == "expired", "too late"
    with room.engine.connect() as connection:
        rows = connection.execute(select(WebhookDelivery.event, WebhookDelivery.user_name).order_by(WebhookDelivery.id))
        assert [tuple(row) for row in rows] == [
            ("notification.escalated", "cy"),
            ("notification.escalated", "dee"),
            ("notification.unacknowledged", "dee"),
            ("notification.read", "ana"),
        ]


def test_who_had_their_turn_can_still_have_it_and_the_producer_hears_who(house: House) -> None:
    room = house.room
    events = ["notification.acknowledged"]
    room.errand(lambda c: webhooks.register(c, room.sender.id, new_id(), "https://h.example/", events, "sealed"))
    an_id = house.alarm(then=("bo",), key="shop")
    house.passes(300)
    assert house.rounds() == ["escalated"]

    house.does("ana", "read")

    assert house.rounds() == ["settled"]
    assert (house.sees("bo"), house.stands(an_id).acknowledged_by) == (("acknowledged", "ana"), "ana")
    with room.engine.connect() as connection:
        (row,) = connection.execute(select(WebhookDelivery)).all()
    assert (row.event, row.user_name, row.notification_id) == ("notification.acknowledged", "ana", an_id)
    assert json.loads(row.facts)["key"] == "shop"


def test_what_was_missed_while_nobody_served_rings_once_and_the_next_person_has_their_whole_time(house: House) -> None:
    an_id = house.alarm(then=("bo", "cy"))
    house.passes(200)
    assert house.rounds() == ["rung"], "and not three times"
    assert house.stands(an_id).rings == 2

    house.passes(100_000)
    assert house.rounds() == ["escalated"], "and not through the whole list"

    assert house.inbox("cy") == ()
    stands = house.stands(an_id)
    assert stands.people == ("bo",)
    assert stands.next_at is not None and stands.next_at > now_ms() + 50_000


def test_it_is_passed_over_who_is_gone_locked_out_or_did_it_themself(house: House) -> None:
    house.room.errand(lambda c: people.set_disabled(c, "bo", True))
    house.alarm(then=("bo", "cy", "dee"), actor=Actor("Cy", "cy"))
    house.passes(300)
    found = house.found()
    house.room.errand(lambda c: people.remove_user(c, "dee"))
    assert [house.room.change(Pursue(one)) for one in found] == [""], "dee left in between"
    assert house.rounds() == ["expired"]
    assert (house.inbox("bo"), house.inbox("cy")) == ((), ())


def test_two_processes_that_found_the_same_do_it_once(house: House) -> None:
    house.alarm(then=("bo",))
    with engine_room_beside(house.room) as other:
        for seconds, deed in ((60, "rung"), (300, "escalated"), (300, "expired")):
            house.passes(seconds)
            mine, theirs = house.found(), house.found()
            asked = [room.ask(Pursue(found[0])) for room, found in ((house.room, mine), (other, theirs))]
            assert sorted(answer.wait() for answer in asked) == ["", deed]
    assert len(house.inbox("bo")) == 1
    assert house.shown("ana").cver == 2


@pytest.mark.parametrize("seconds", [60, 300])
def test_nothing_rings_after_it_was_acknowledged_not_even_in_the_same_transaction(house: House, seconds: int) -> None:
    an_id = house.alarm(then=("bo",))
    house.passes(seconds)
    found = house.found()
    read = Action(id=new_id(), kind="read", ids=(Target(an_id),), at=now_ms())
    both = [house.room.ask(Act(house.ids["ana"], (read,))), house.room.ask(Pursue(found[0]))]
    assert both[0].wait()[0].status == "ok"
    assert both[1].wait() == ""
    assert (house.shown("ana").cver, house.inbox("bo"), house.stands(an_id).rings) == (1, (), 1)


def test_told_anew_while_it_rings_it_goes_on_and_the_next_person_hears_the_latest(house: House) -> None:
    an_id = house.alarm(then=("bo",), key="shop")
    house.passes(200)
    assert house.rounds() == ["rung"]
    again = house.alarm(key="shop", title="Still down")
    house.passes(100)

    assert house.rounds() == ["escalated"], "its clock has not begun anew"

    assert again == an_id
    assert (house.shown("bo").title, house.shown("bo").key) == ("Still down", "shop")
    with house.room.engine.connect() as connection:
        assert len(connection.execute(select(AlarmRow.id)).all()) == 1


def test_it_rings_for_a_new_occurrence_after_somebody_had_the_last(house: House) -> None:
    first = house.alarm(key="shop")
    house.does("ana", "read")
    house.rounds()
    assert house.alarm(key="shop") == first

    house.passes(60)

    assert house.rounds() == ["rung"]
    assert house.stands(first).state == "ringing"


def test_told_anew_in_another_way_it_rings_no_more(house: House) -> None:
    an_id = house.alarm(then=("bo",), key="shop")
    house.passes(300)
    house.rounds()
    house.room.change(house.command(key="shop", alarm=None, priority="low"))
    assert house.rounds() == ["settled"]
    assert house.shown("ana").alarm is None
    assert house.sees("bo") == ("over", "")
    with house.room.engine.connect() as connection:
        assert connection.execute(select(AlarmRow.state)).scalar_one() == "over"
    assert an_id == house.shown("ana").id


def test_resolved_it_ends_for_all_who_were_told_and_says_so_to_each(house: House) -> None:
    house.alarm(then=("bo", "cy"), key="shop")
    house.passes(300)
    house.rounds()
    house.room.change(house.command(key="shop", title="Up again", resolved=True, alarm=None))
    assert house.rounds() == ["settled"]

    for name in ("ana", "bo"):
        record = house.shown(name)
        assert (record.title, record.resolved, record.read, house.sees(name)) == ("Up again", True, False, ("over", ""))
    house.passes(10_000)
    assert house.rounds() == []


def test_taken_back_from_one_it_is_taken_back_from_all(house: House) -> None:
    an_id = house.alarm("ana", then=("bo",))
    house.passes(300)
    house.rounds()
    house.room.change(Remove(house.ids["bo"], [house.shown("bo").id], "recalled"))
    assert house.rounds() == ["settled"]
    assert (house.inbox("ana"), house.inbox("bo")) == ((), ())
    assert house.stands(an_id).state == "over"


def test_what_has_expired_rings_nobody(house: House) -> None:
    house.alarm(then=("bo",), expires_at=now_ms() - 1)
    house.passes(300)
    assert house.rounds() == ["settled", "settled"]
    assert (house.inbox("bo"), house.sees("ana")) == ((), ("over", ""))


def test_an_alarm_for_later_begins_when_it_is_delivered(house: House) -> None:
    command = house.command("ana", "bo", then=("cy",))
    command.later = [
        (one, Later(f"user:{one.user_id}", now_ms() - 1 if one.name == "ana" else now_ms() + 10**6, 1))
        for one in command.recipients
    ]
    command.recipients = ()
    first, second = (one.id for one in house.room.change(command).outcomes)
    carry(house.room, first)
    house.passes(200)
    house.rounds()
    house.does("ana", "read")
    assert house.rounds() == ["settled"]

    carry(house.room, second)

    assert house.sees("bo") == ("acknowledged", "ana"), "and rings nobody"
    assert [one.user for one in house.stands(first).told] == ["ana", "bo"]


def carry(room: EngineRoom, dispatch_id: str) -> None:
    with room.engine.connect() as connection:
        leg = dispatches.next_leg(connection, dispatch_id)
    assert leg is not None
    room.change(Reach(leg))


def test_in_a_batch_each_has_an_alarm_of_its_own(house: House) -> None:
    items = [house.command("ana"), house.command("bo"), house.command("cy", alarm=None)]
    house.room.change(ProduceAll(house.room.sender.id, items, None))
    house.passes(60)
    assert house.rounds() == ["rung", "rung"]
    assert [house.shown(name).cver for name in ("ana", "bo", "cy")] == [2, 2, 1]


def test_somebody_elses_alarm_is_nobodys_business(house: House) -> None:
    an_id = house.alarm()
    other = house.room.errand(lambda c: producers.add_producer(c, "other", [], key_id="o", secret_hash="0" * 64))
    with house.room.engine.connect() as connection:
        assert receipt(connection, other, an_id) is None


def test_of_two_processes_one_begins_the_last_that_may_ring(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)
    engine = house.room.engine
    with engine_room_beside(house.room) as other, engine.execution_options(immediate=True).connect() as first:
        with first.begin():  # so that both are there before either can look
            first.execute(select(Producer.id).with_for_update()).all()
            asked = [house.room.ask(house.command("ana")), other.ask(house.command("bo"))]
            if engine.dialect.name == "postgresql":
                waiting = text(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                until(lambda: first.execute(waiting).scalar_one() >= 1, 10, "one of them to wait for the producer")
        results = [outcome(one) for one in asked]

    assert sorted(results) == ["429", "told"]
    assert len(house.inbox("ana") + house.inbox("bo")) == 1


def outcome(answer: Answer) -> str:
    try:
        answer.wait()
    except RateLimited as problem:
        return str(problem.status)
    return "told"


def test_an_incident_that_rings_goes_on_however_many_there_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)
    house.alarm(key="shop")

    house.alarm(key="shop", title="It is still down")
    with pytest.raises(RateLimited):
        house.alarm("ana", "bo", key="shop")

    assert house.shown("ana").title == "It is still down", "what is refused has changed nothing"
    assert house.inbox("bo") == ()
    results, _ = house.room.change(
        ProduceAll(house.room.sender.id, [house.command("bo"), house.command("cy", alarm=None)], None)
    )
    assert [isinstance(one, RateLimited) for one in results] == [True, False]


def test_what_was_scheduled_and_finds_too_many_is_told_and_rings_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = house.command("bo")
    command.later, command.recipients = (
        [(one, Later(f"user:{one.user_id}", now_ms() - 1, 1)) for one in command.recipients],
        (),
    )
    (scheduled,) = (one.id for one in house.room.change(command).outcomes)
    house.alarm("ana")
    monkeypatch.setattr(alarms, "RINGING_AT_MOST", 1)

    carry(house.room, scheduled)

    assert (house.shown("bo").priority, house.shown("bo").alarm) == ("urgent", None)
    assert house.room.number("SELECT count(*) FROM alarms") == 1


def test_what_is_over_since_long_is_forgotten(house: House) -> None:
    over, ringing = house.alarm("ana"), house.alarm("bo")
    house.does("ana", "read")
    house.rounds()
    assert house.room.errand(lambda c: escalating.forget(c, now_ms() + 1)) == 1
    with house.room.engine.connect() as connection:
        found = receipt(connection, house.room.sender.id, over)
        assert found is not None and found.alarm is None
    assert house.stands(ringing).state == "ringing"
