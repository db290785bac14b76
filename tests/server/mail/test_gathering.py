"""What is due becomes an e-mail once, whichever and however many processes look, and however late."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text, update

from handbell_server.actions import mail_news, mailboxes, mails
from handbell_server.actions.inbox import Act
from handbell_server.actions.mails import Claimed, Result
from handbell_server.models import Mail, Mailbox, MailItem
from handbell_server.reads import tracing
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.preferences import name_of_rule
from handbell_shared.records import Action, Chosen, Scope
from tests.support.engine_room import EngineRoom, engine_room_beside

DAY = 86_400_000
EVERYTHING = name_of_rule(Scope())


@pytest.fixture
def room(room: EngineRoom) -> EngineRoom:
    """ana and bo have addresses, and ana wants everything at once."""
    for name in ("ana", "bo"):
        room.errand(partial(mailboxes.set_confirmed, name=name, address=f"{name}@home.example"))
    choose(room, room.ana, EVERYTHING, {"email": "now"})
    return room


def choose(room: EngineRoom, user: int, name: str, value: Any) -> None:
    room.change(Act(user, (Action(id=new_id(), kind="choose", ids=(), at=now_ms(), choice=Chosen(name, value)),)))


def gather(room: EngineRoom) -> int:
    return int(room.errand(mail_news.gather))


def outbox(room: EngineRoom) -> list[tuple[int, str]]:
    with room.engine.connect() as connection:
        return [(row.user_id, row.kind) for row in connection.execute(select(Mail).order_by(Mail.id))]


def items_of(room: EngineRoom) -> list[Any]:
    with room.engine.connect() as connection:
        return list(connection.execute(select(MailItem).order_by(MailItem.notification_id)))


def make_due(room: EngineRoom) -> None:
    room.errand(lambda c: c.execute(update(MailItem).values(due_at=1)))


def claim(room: EngineRoom) -> Claimed:
    one = room.errand(lambda c: mails.turn(c, "one", [], more=True))
    assert isinstance(one, Claimed)
    return one


def titles(room: EngineRoom, one: Claimed) -> list[str]:
    with room.engine.connect() as connection:
        news = mail_news.news_of(connection, one)
        return [] if news is None else [record.title for record in news.records]


def test_a_notification_and_its_place_in_the_mail_are_one_commit_and_nobody_else_pays(room: EngineRoom) -> None:
    before = now_ms()
    room.change(room.tell(room.ana, "For ana"))
    room.change(room.tell(room.bo, "For bo"))
    room.change(room.tell(room.ana, "Fire", priority="urgent"))
    found = items_of(room)
    assert [row.user_id for row in found] == [room.ana, room.ana]
    assert found[0].due_at >= before + 30_000 > found[1].due_at

    room.errand(lambda c: mailboxes.give_up(c, room.ana, "ana"))
    assert items_of(room) == []
    room.change(room.tell(room.ana, "Nowhere to go"))
    assert items_of(room) == []


def test_two_processes_make_one_e_mail_of_what_is_due(room: EngineRoom) -> None:
    for number in range(3):
        room.change(room.tell(room.ana, f"News {number}"))
    assert gather(room) == 0, "not before its time"
    make_due(room)
    with engine_room_beside(room) as other:
        assert gather(room) + gather(other) == 1
    assert outbox(room) == [(room.ana, "at_once")]
    one = claim(room)
    assert titles(room, one) == ["News 2", "News 1", "News 0"]

    newest = items_of(room)[-1].notification_id
    room.change(room.act(room.ana, "seen", newest))
    assert titles(room, one) == ["News 1", "News 0"], "what it tells is what is still news when it is sent"
    choose(room, room.ana, EVERYTHING, {"email": "never"})
    assert titles(room, one) == []


def test_an_incident_that_comes_back_is_mailed_again_and_its_end_is_not(room: EngineRoom) -> None:
    room.change(room.tell(room.ana, "Disk full", key="disk"))
    make_due(room)
    gather(room)
    room.change(room.tell(room.ana, "Disk fine", key="disk", resolved=True))
    assert [row.mail_id is None for row in items_of(room)] == [False]
    room.change(room.tell(room.ana, "Disk full again", key="disk"))
    assert sum(row.mail_id is None for row in items_of(room)) == 1


def test_a_digest_is_planned_by_the_choice_and_comes_once_after_any_downtime(room: EngineRoom) -> None:
    def box() -> Any:
        with room.engine.connect() as connection:
            return connection.execute(select(Mailbox).where(Mailbox.user_id == room.bo)).one()

    assert box().digest_at is None
    room.change(room.tell(room.bo, "Before"))
    choose(room, room.bo, "digest", {"every": "hourly"})
    assert now_ms() < box().digest_at <= now_ms() + DAY // 24
    since = box().digested_to
    assert gather(room) == 0
    room.errand(lambda c: c.execute(text("UPDATE notifications SET created_at = 1")))
    room.change(room.tell(room.bo, "After"))

    room.errand(
        lambda c: c.execute(update(Mailbox).values(digest_at=now_ms() - 3 * DAY).where(Mailbox.user_id == room.bo))
    )
    with engine_room_beside(room) as other:
        assert gather(room) + gather(other) == 1
        assert gather(room) + gather(other) == 0
    assert outbox(room) == [(room.bo, "digest")]
    assert box().digest_at > now_ms() and box().digested_to > since
    assert titles(room, claim(room)) == ["After"]

    first = box().digest_at
    choose(room, room.bo, "zone", "Asia/Kathmandu")
    assert abs(box().digest_at - first) == 15 * 60_000 or abs(box().digest_at - first) == 45 * 60_000
    choose(room, room.bo, "digest", {"every": "daily", "at": "08:00"})
    assert box().digest_at % DAY == (8 * 60 - 345) * 60_000
    room.errand(lambda c: mailboxes.set_confirmed(c, "bo", "new@home.example"))
    assert box().digest_at % DAY == (8 * 60 - 345) * 60_000, "the new address gets it too"
    choose(room, room.bo, "digest", None)
    assert box().digest_at is None


def test_a_restored_backup_mails_nothing_that_may_have_been_mailed_since(room: EngineRoom) -> None:
    choose(room, room.bo, "digest", {"every": "daily"})
    for name in ("waits", "is gathered"):
        room.change(room.tell(room.ana, f"This {name}"))
        if name == "waits":
            make_due(room)
            gather(room)
    room.change(room.tell(room.bo, "Told by a digest since"))

    room.errand(mails.after_restore)

    assert room.errand(lambda c: mails.turn(c, "one", [], more=True)) is None
    assert [row.mail_id is None for row in items_of(room)] == [False]
    room.errand(lambda c: c.execute(update(Mailbox).values(digest_at=1).where(Mailbox.user_id == room.bo)))
    gather(room)
    assert outbox(room) == [(room.ana, "at_once")]


def mail_steps(room: EngineRoom, an_id: str) -> list[tuple[str, str | None]]:
    with room.engine.connect() as connection:
        trace = tracing.for_person(connection, room.bo, an_id)
        theirs = tracing.for_producer(connection, room.sender.id, an_id)
    assert trace is not None and theirs is not None
    assert not any("mailed" in line.step for line in theirs.steps), "that is the person's own"
    return [(line.step, line.why) for line in trace.steps if "mailed" in line.step]


def test_the_trace_tells_of_the_latest_digest_that_named_it_and_of_none_that_did_not(room: EngineRoom) -> None:
    choose(room, room.bo, "digest", {"every": "hourly"})
    told, other = (room.change(room.tell(room.bo, title)).outcomes[0].id for title in ("Told", "Not told"))

    def digest(state: mails.State, at: int) -> None:
        room.errand(lambda c: mails.put(c, room.bo, "digest", "bo@home.example", {"since": 0, "until": now_ms()}))
        one = claim(room)
        assert room.errand(lambda c: mails.to_the_brink(c, "one", one.id, [told]))
        room.errand(lambda c: mails.turn(c, "one", [Result(one.id, state)], more=False))
        over = update(Mail).where(Mail.id == one.id, Mail.finished_at.is_not(None))
        room.errand(lambda c: c.execute(over.values(finished_at=at)))

    digest("waiting", 0)
    assert mail_steps(room, told) == [], "nothing has come of it yet"
    digest("failed", 1)
    assert mail_steps(room, told) == [("not_mailed", "failed")]
    digest("unknown", 2)
    assert mail_steps(room, told) == [("not_mailed", "unknown")]
    digest("sent", 3)
    assert mail_steps(room, told) == [("mailed", "digest")]
    digest("dropped", 4)
    assert mail_steps(room, told) == [("mailed", "digest")], "in that one there was nothing left to say"
    assert mail_steps(room, other) == []

    room.errand(lambda c: c.execute(update(Mail).values(finished_at=1)))
    room.errand(mails.tidy)
    assert mail_steps(room, told) == [], "forgotten with the e-mails"


def test_nobody_gets_an_empty_digest(room: EngineRoom) -> None:
    choose(room, room.bo, "digest", {"every": "daily"})
    room.errand(lambda c: c.execute(update(Mailbox).values(digest_at=1).where(Mailbox.user_id == room.bo)))
    assert gather(room) == 1
    assert outbox(room) == []


def test_what_nobody_gathers_is_forgotten(room: EngineRoom) -> None:
    room.change(room.tell(room.ana))
    make_due(room)
    room.errand(mails.tidy)
    assert items_of(room) == []
