"""The outbox of the webhooks on a real database: what is put in, who takes it out, and what becomes of what fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, text, update

from handbell_server.actions import producers, webhook_deliveries, webhooks
from handbell_server.actions.inbox import Act
from handbell_server.actions.webhook_deliveries import AT_ONCE, PAUSES_MS, Claimed, Made, Tally
from handbell_server.channels.calling import Outcome
from handbell_server.errors import Invalid, NotFound
from handbell_server.jobs import due
from handbell_server.models import Webhook, WebhookDelivery
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, AnswerGiven, Button, Target
from tests.support.engine_room import EngineRoom, engine_room_beside

DAY = 86_400_000
OK = Outcome(status=204)
BROKEN = Outcome(status=500)


def register(room: EngineRoom, *events: str, producer: int | None = None) -> str:
    an_id = new_id()
    of = room.sender.id if producer is None else producer
    room.errand(
        lambda c: webhooks.register(c, of, an_id, "https://hooks.example/", events or webhooks.EVENTS, "sealed")
    )
    return an_id


def tell(room: EngineRoom, **more: Any) -> str:
    return str(
        room.change(room.tell(room.ana, actions=(Button("yes", "Yes"), Button("no", "No")), **more)).outcomes[0].id
    )


def answer(room: EngineRoom, an_id: str, button: str = "yes", said: str | None = None) -> None:
    given = AnswerGiven(button, said)
    room.change(Act(room.ana, (Action(id=new_id(), kind="answer", ids=(Target(an_id),), at=now_ms(), answer=given),)))


def outbox(room: EngineRoom, webhook: str | None = None) -> list[Any]:
    query = select(WebhookDelivery).order_by(WebhookDelivery.id)
    if webhook is not None:
        query = query.where(WebhookDelivery.webhook_id == webhook)
    with room.engine.connect() as connection:
        return list(connection.execute(query))


def shown(room: EngineRoom, webhook: str) -> webhooks.WebhookShown:
    with room.engine.connect() as connection:
        return webhooks.one_of(connection, room.sender.id, webhook)


def turn(room: EngineRoom, holder: str = "one", made: list[Made] | None = None, space: int = 32) -> list[Claimed]:
    found: tuple[Tally, list[Claimed]] = room.errand(lambda c: webhook_deliveries.turn(c, holder, made or [], space))
    return found[1]


def make(room: EngineRoom, claimed: Claimed, outcome: Outcome, holder: str = "one") -> Tally:
    made = [Made(claimed.webhook_id, claimed.id, claimed.attempts, outcome)]
    found: tuple[Tally, list[Claimed]] = room.errand(lambda c: webhook_deliveries.turn(c, holder, made, 0))
    return found[0]


def make_due(room: EngineRoom) -> None:
    room.errand(lambda c: c.execute(update(WebhookDelivery).values(due_at=0)))


def set_webhook(room: EngineRoom, webhook: str, **values: Any) -> None:
    room.errand(lambda c: c.execute(update(Webhook).where(Webhook.id == webhook).values(values)))


def fill(room: EngineRoom, webhook: str, count: int, *, died_at: int | None = None) -> None:
    rows = [
        {
            "webhook_id": webhook, "id": new_id(), "event": "notification.read", "notification_id": new_id(),
            "user_name": "ana", "facts": "{}", "created_at": 1, "due_at": 1, "died_at": died_at,
        }
        for _ in range(count)
    ]  # fmt: skip
    room.errand(lambda c: c.execute(WebhookDelivery.__table__.insert(), rows))  # type: ignore[attr-defined]


# ---- what is put in


def test_an_answer_is_in_the_outbox_as_soon_as_it_is_in_the_inbox(room: EngineRoom) -> None:
    webhook = register(room)
    an_id = tell(room, key="deploy-7")
    answer(room, an_id, "yes", 'go "on" \u2603')

    (row,) = outbox(room)

    assert (row.webhook_id, row.event, row.notification_id, row.user_name) == (
        webhook, "notification.answered", an_id, "ana",
    )  # fmt: skip
    facts = json.loads(row.facts)
    assert abs(facts.pop("at") - now_ms()) < 60_000
    assert facts == {"action": "yes", "text": 'go "on" \u2603', "key": "deploy-7"}


def test_reading_is_told_once_and_again_only_when_it_was_unread_between(room: EngineRoom) -> None:
    register(room)
    an_id = tell(room)
    room.change(room.act(room.ana, "read", an_id))
    room.change(room.act(room.ana, "read", an_id))
    assert [row.event for row in outbox(room)] == ["notification.read"]

    room.change(room.act(room.ana, "unread", an_id, 0))
    room.change(room.act(room.ana, "read", an_id, 1))
    assert [row.event for row in outbox(room)] == ["notification.read"] * 2


def test_what_expires_is_told_and_what_is_deleted_or_seen_is_not(room: EngineRoom) -> None:
    register(room)
    expiring = tell(room, expires_at=now_ms() - 1)
    for command in due.removals([(room.ana, expiring)], "expired"):
        room.change(command)
    deleted = tell(room)
    room.change(room.act(room.ana, "seen", deleted))
    room.change(room.act(room.ana, "delete", deleted))

    assert [(row.event, row.notification_id) for row in outbox(room)] == [("notification.expired", expiring)]


def test_an_answer_that_is_overtaken_in_the_same_group_has_been_given(room: EngineRoom) -> None:
    register(room, "notification.answered")
    an_id = tell(room, key="disk")
    given = Action(id=new_id(), kind="answer", ids=(Target(an_id),), at=now_ms(), answer=AnswerGiven("no"))
    both = [room.ask(Act(room.ana, (given,))), room.ask(room.tell(room.ana, key="disk"))]
    for one in both:
        one.wait()

    (row,) = outbox(room)
    assert json.loads(row.facts)["action"] == "no"


def test_only_what_was_asked_for_is_kept_and_only_for_the_producer_who_told_it(room: EngineRoom) -> None:
    other = room.errand(lambda c: producers.add_producer(c, "other", [], key_id="o", secret_hash="0" * 64))
    register(room, producer=other)
    answers = register(room, "notification.answered")
    everything = register(room)
    off = register(room)
    room.errand(lambda c: webhooks.change(c, room.sender.id, off, url=None, events=None, enabled=False))
    an_id = tell(room)
    room.change(room.act(room.ana, "read", an_id))
    answer(room, an_id)

    assert sorted((row.webhook_id, row.event) for row in outbox(room)) == sorted(
        [
            (answers, "notification.answered"),
            (everything, "notification.answered"),
            (everything, "notification.read"),
        ]
    )
    answered = [row.id for row in outbox(room) if row.event == "notification.answered"]
    assert len(set(answered)) == 1, "one event has one id, wherever it is told"


def test_nothing_is_kept_when_nobody_wants_to_hear(room: EngineRoom) -> None:
    answer(room, tell(room))

    assert outbox(room) == []


# ---- who takes it out


def test_a_delivery_is_claimed_by_one_process_and_gone_when_it_has_arrived(room: EngineRoom) -> None:
    register(room)
    answer(room, tell(room))
    with engine_room_beside(room) as other:
        (claimed,) = turn(room, "one")
        assert turn(other, "two") == []
        assert (make(room, claimed, OK).delivered, outbox(room)) == (1, [])


def test_two_processes_that_claim_all_the_time_never_share_an_attempt_nor_exceed_the_bound(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, 3 * AT_ONCE)
    with engine_room_beside(room) as other:
        mine, theirs = turn(room, "one"), turn(other, "two")
        assert len(mine) + len(theirs) == AT_ONCE
        seen = [one.id for one in (*mine, *theirs)]
        for one in mine:
            make(room, one, OK)
        seen += [one.id for one in turn(other, "two")]

    assert len(seen) == len(set(seen)) == 2 * AT_ONCE


def test_a_webhook_that_fails_gets_one_attempt_at_a_time_and_holds_up_no_other(room: EngineRoom) -> None:
    failing, well = register(room), register(room)
    set_webhook(room, failing, failing_since=now_ms())
    fill(room, failing, 10)
    fill(room, well, 10)

    claimed = [one.webhook_id for one in turn(room)]

    assert (claimed.count(failing), claimed.count(well)) == (1, AT_ONCE)


def test_what_a_killed_process_had_claimed_is_taken_over_when_the_claim_runs_out(room: EngineRoom) -> None:
    register(room)
    answer(room, tell(room))
    (killed,) = turn(room, "killed")
    assert turn(room, "one") == []
    room.errand(lambda c: c.execute(update(WebhookDelivery).values(claimed_until=now_ms() - 1)))

    (taken,) = turn(room, "one")

    assert taken.id == killed.id
    make(room, killed, BROKEN, "killed")
    assert [row.attempts for row in outbox(room)] == [0], "it was only frozen, and has nothing to say any more"
    make(room, taken, OK)
    assert outbox(room) == []


def test_a_process_that_ends_gives_back_what_it_had(room: EngineRoom) -> None:
    register(room)
    answer(room, tell(room))
    (claimed,) = turn(room, "one")
    make(room, claimed, Outcome(broken_off=True))
    assert len(turn(room, "two")) == 1
    room.errand(lambda c: webhook_deliveries.release(c, "two"))
    assert len(turn(room, "three")) == 1
    room.errand(lambda c: webhook_deliveries.release(c, None))
    assert [row.attempts for row in outbox(room)] == [0]
    assert len(turn(room, "four")) == 1


def test_nothing_is_sent_for_a_producer_who_was_disabled(room: EngineRoom) -> None:
    register(room)
    answer(room, tell(room))
    room.errand(lambda c: c.execute(text("UPDATE producers SET disabled_at = 1")))

    assert turn(room) == []


# ---- what becomes of what fails


def test_a_failure_is_tried_again_later_and_later_for_about_a_day_and_then_given_up(room: EngineRoom) -> None:
    webhook = register(room)
    answer(room, tell(room))
    pauses = []
    for attempt in range(len(PAUSES_MS)):
        (claimed,) = turn(room)
        assert claimed.attempts == attempt
        make(room, claimed, BROKEN)
        (row,) = outbox(room)
        pauses.append(row.due_at - now_ms())
        assert turn(room) == [], "not yet"
        make_due(room)
    (claimed,) = turn(room)
    tally = make(room, claimed, Outcome(error="The receiver took too long."))

    for pause, meant in zip(pauses, PAUSES_MS, strict=True):
        assert 0.8 * meant - 5_000 <= pause <= 1.2 * meant + 1
    assert 20 * 3_600_000 < sum(PAUSES_MS) < 28 * 3_600_000
    assert (tally.failed, tally.dead) == (1, 1)
    (failure,) = room.errand(lambda c: webhooks.failures(c, room.sender.id, webhook, 10))
    assert (failure.attempts, failure.status, failure.error) == (8, None, "The receiver took too long.")
    assert turn(room) == []


def test_the_receiver_may_ask_for_a_longer_pause_but_not_for_a_shorter_one(room: EngineRoom) -> None:
    register(room)
    answer(room, tell(room))
    for wanted, least in ((3_600.0, 3_590_000), (1.0, 200_000)):
        (claimed,) = turn(room)
        make(room, claimed, Outcome(status=503, retry_after_s=wanted))
        (row,) = outbox(room)
        assert row.due_at - now_ms() > least
        make_due(room)


def test_a_receiver_that_is_gone_is_called_no_more_and_what_waits_can_be_retried(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, AT_ONCE + 3)
    claimed = turn(room)
    assert make(room, claimed[0], Outcome(status=410)).dead == AT_ONCE + 3
    make(room, claimed[1], OK)

    now = shown(room, webhook)
    assert (now.enabled, now.disabled_for, now.waiting, now.failures) == (False, "gone", 0, AT_ONCE + 2)
    assert turn(room) == []
    with pytest.raises(Invalid):
        room.errand(lambda c: webhooks.retry(c, room.sender.id, webhook, None))

    room.errand(lambda c: webhooks.change(c, room.sender.id, webhook, url=None, events=None, enabled=True))
    assert room.errand(lambda c: webhooks.retry(c, room.sender.id, webhook, None)) == AT_ONCE + 2
    now = shown(room, webhook)
    assert (now.enabled, now.disabled_for, now.waiting, now.failures) == (True, None, AT_ONCE + 2, 0)


def test_a_webhook_that_fails_for_days_is_switched_off_and_one_success_forgives_everything(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, 3)
    set_webhook(room, webhook, failing_since=now_ms() - 4 * DAY)
    (claimed,) = turn(room)
    make(room, claimed, BROKEN)
    assert shown(room, webhook).enabled
    (claimed,) = turn(room)
    make(room, claimed, OK)
    assert shown(room, webhook).failing_since is None

    set_webhook(room, webhook, failing_since=now_ms() - 6 * DAY)
    (claimed,) = turn(room)
    make(room, claimed, BROKEN)
    now = shown(room, webhook)
    assert (now.enabled, now.disabled_for, now.waiting, now.failures) == (False, "failing", 0, 2)


def test_switched_off_by_its_producer_a_webhook_keeps_nothing_waiting(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, 2)
    room.errand(lambda c: webhooks.change(c, room.sender.id, webhook, url=None, events=None, enabled=False))
    answer(room, tell(room))

    now = shown(room, webhook)
    assert (now.disabled_for, now.waiting, now.failures) == (None, 0, 2)


def test_failures_are_kept_for_a_month_and_the_latest_thousand(room: EngineRoom, monkeypatch: Any) -> None:
    monkeypatch.setattr(webhook_deliveries, "DEAD_AT_MOST", 5)
    webhook = register(room)
    fill(room, webhook, 2, died_at=now_ms() - 31 * DAY)
    fill(room, webhook, 9, died_at=now_ms())
    fill(room, webhook, 3)
    latest = [row.id for row in outbox(room) if row.died_at and row.died_at > now_ms() - DAY][-5:]

    room.errand(webhook_deliveries.tidy)

    assert [row.id for row in outbox(room) if row.died_at] == latest
    assert shown(room, webhook).waiting == 3


def test_an_outbox_that_only_grows_is_closed(room: EngineRoom, monkeypatch: Any) -> None:
    monkeypatch.setattr(webhook_deliveries, "WAITING_AT_MOST", 5)
    full, well = register(room), register(room)
    fill(room, full, 6)
    fill(room, well, 5)

    assert room.errand(webhook_deliveries.tidy) == 6
    assert (shown(room, full).disabled_for, shown(room, well).enabled) == ("backlog", True)


def test_a_replaced_secret_signs_for_a_day_and_is_then_forgotten(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, 2)
    room.errand(lambda c: webhooks.rotate(c, room.sender.id, webhook, "sealed anew"))
    set_webhook(room, webhook, failing_since=1)  # one at a time
    assert [one.secrets for one in turn(room)] == [("sealed anew", "sealed")]
    room.errand(lambda c: webhook_deliveries.release(c, None))
    set_webhook(room, webhook, old_until=now_ms() - 1)
    assert [one.secrets for one in turn(room)] == [("sealed anew",)]
    room.errand(webhook_deliveries.tidy)
    assert room.number("SELECT count(*) FROM webhooks WHERE old_secret IS NULL") == 1


def test_nobody_reaches_the_webhook_of_another(room: EngineRoom) -> None:
    webhook = register(room)
    stranger = room.sender.id + 1
    fill(room, webhook, 1, died_at=now_ms())
    (failure,) = [row.id for row in outbox(room)]
    for attempt in (
        lambda c: webhooks.one_of(c, stranger, webhook),
        lambda c: webhooks.change(c, stranger, webhook, url="https://evil.example/", events=None, enabled=None),
        lambda c: webhooks.change(c, stranger, webhook, url=None, events=None, enabled=None),
        lambda c: webhooks.rotate(c, stranger, webhook, "x"),
        lambda c: webhooks.target_of(c, stranger, webhook),
        lambda c: webhooks.failures(c, stranger, webhook, 10),
        lambda c: webhooks.retry(c, stranger, webhook, failure),
        lambda c: webhooks.remove(c, stranger, webhook),
    ):
        with pytest.raises(NotFound):
            room.errand(attempt)
    assert shown(room, webhook).url == "https://hooks.example/"


def test_with_a_webhook_goes_what_waits_for_it(room: EngineRoom) -> None:
    webhook = register(room)
    fill(room, webhook, 5)
    claimed = turn(room)
    room.errand(lambda c: webhooks.remove(c, room.sender.id, webhook))

    assert outbox(room) == []
    assert make(room, claimed[0], BROKEN).failed == 1, "what was under way ends without an error"


def test_a_producer_has_only_so_many_webhooks(room: EngineRoom) -> None:
    for _ in range(webhooks.OF_A_PRODUCER):
        register(room)
    with pytest.raises(Invalid):
        register(room)
