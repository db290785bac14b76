"""Alarms on a real database: rung, passed on, acknowledged, given up; by several processes, and after an outage."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from handbell_server.actions import escalating, people, producers, webhooks
from handbell_server.actions.drafts import Words
from handbell_server.actions.escalating import Pursue
from handbell_server.actions.inbox import Act
from handbell_server.actions.produce import Later, ProduceAll
from handbell_server.actions.recall import Remove
from handbell_server.models import AlarmRow, WebhookDelivery
from handbell_server.reads.listing import receipt
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Actor, Alarm, Target
from tests.server.alarms.house import House, carry
from tests.support.engine_room import engine_room_beside


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


def test_what_is_over_since_long_is_forgotten(house: House) -> None:
    over, ringing = house.alarm("ana"), house.alarm("bo")
    house.does("ana", "read")
    house.rounds()
    assert house.room.errand(lambda c: escalating.forget(c, now_ms() + 1)) == 1
    with house.room.engine.connect() as connection:
        found = receipt(connection, house.room.sender.id, over)
        assert found is not None and found.alarm is None
    assert house.stands(ringing).state == "ringing"
