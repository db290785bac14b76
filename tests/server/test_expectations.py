"""Expected signs of life on a real database: who is told, once, and what a sign, a failure, a pause or an absence changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from handbell_server.actions import dispatches, expectations, people, topics
from handbell_server.actions.dispatches import Reach
from handbell_server.actions.drafts import Draft
from handbell_server.actions.expectations import ExpectationShown, Wanted
from handbell_server.errors import Invalid, NotFound
from handbell_server.reads import reading
from handbell_server.rules.expecting import AWAY_MS
from handbell_shared.clock import now_ms
from handbell_shared.records import Notification
from tests.server.http.stage import new_database
from tests.support.engine_room import EngineRoom, engine_room, engine_room_beside

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Watch:
    """One producer's expectations, and a clock that the test moves."""

    def __init__(self, room: EngineRoom) -> None:
        self.room = room
        self.now = now_ms()
        self.producer = room.sender.id

    def define(self, name: str = "backup", **more: Any) -> ExpectationShown:
        wanted: dict[str, Any] = {"every": 86_400, "grace": 3_600, "what": "ping", "to": "ana", "paused": False}
        wanted |= {"draft": Draft(title="")} | more
        shown = self.errand(partial(expectations.define, producer_id=self.producer, name=name, wanted=Wanted(**wanted)))
        assert isinstance(shown, ExpectationShown)
        return shown

    def errand(self, run: Callable[..., Any]) -> Any:
        return self.room.errand(run)

    def move(self, move: Callable[..., list[str]], name: str = "backup", **more: Any) -> list[str]:
        dispatched = self.errand(partial(move, producer_id=self.producer, name=name, **more))
        assert isinstance(dispatched, list)
        return dispatched

    def ping(self) -> list[str]:
        return self.move(expectations.ping)

    def miss(self) -> list[str]:
        return self.move(expectations.miss)

    def round(self) -> None:
        """What a server does: keep listening, look, tell."""
        self.errand(expectations.attend)
        for _producer, name in self.due():
            self.carry(self.move(expectations.miss, name))

    def due(self) -> list[tuple[int, str]]:
        with reading.view(self.room.engine) as connection:
            return expectations.due(connection, self.now)

    def later(self, ms: int) -> None:
        """Time goes by while Handbell listens."""
        self.now += ms
        self.room.errand(lambda c: c.execute(text("UPDATE installation SET attended_at = :t"), {"t": self.now}))

    def carry(self, dispatched: Sequence[str]) -> None:
        for an_id in dispatched:
            while True:
                with reading.view(self.room.engine) as connection:
                    leg = dispatches.next_leg(connection, an_id)
                if leg is None:
                    break
                self.room.change(Reach(leg))

    def shown(self, name: str = "backup") -> ExpectationShown:
        with reading.view(self.room.engine) as connection:
            return expectations.one_of(connection, self.producer, name)

    def inbox(self, user: int | None = None) -> list[Notification]:
        with reading.view(self.room.engine) as connection:
            return list(reading.snapshot(connection, user or self.room.ana, "", 500).changes)

    def titles(self, user: int | None = None) -> list[str]:
        return [record.title for record in self.inbox(user)]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    """One for all of the page: a database for each test would take most of the time."""
    url = new_database(request.param, request) or f"sqlite:///{tmp_path_factory.mktemp('expectations') / 'handbell.db'}"
    with engine_room(url) as room:
        yield room


@pytest.fixture
def watch(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> Watch:
    for table in ("expectations", "dispatches", "notifications", "subscriptions"):
        room.errand(partial(Connection.execute, statement=text(f"DELETE FROM {table}")))
    watch = Watch(room)
    monkeypatch.setattr(expectations, "now_ms", lambda: watch.now)
    return watch


def test_a_sign_that_does_not_come_is_told_once_and_its_return_closes_the_same_row(
    watch: Watch, room: EngineRoom
) -> None:
    room.errand(partial(people.set_language, user_id=room.bo, language="de"))
    assert watch.define(to=["ana", "bo"], draft=Draft(title="", priority="high", type="error")).state == "new"
    watch.later(DAY + HOUR - 1)
    watch.round()
    assert (watch.shown().state, watch.titles()) == ("late", [])

    watch.later(1)
    watch.round()
    watch.round()
    assert watch.shown().state == "down"
    [missing] = watch.inbox()
    assert (missing.title, missing.source) == ("No sign of life from backup for 25 hours", "ci")
    assert (missing.key, missing.priority, missing.type) == ("expectation:backup", "high", "error")
    assert watch.titles(room.bo) == ["Kein Lebenszeichen von backup seit 25 Stunden"]

    watch.later(3 * HOUR)
    watch.carry(watch.ping())
    assert watch.ping() == [], "a second sign says nothing new"
    [back] = watch.inbox()
    assert (back.id, back.resolved, back.title) == (missing.id, True, "backup is back, after 3 hours")
    assert (watch.shown().state, watch.shown().last_seen) == ("up", watch.now)

    watch.later(2 * DAY)
    watch.round()
    assert watch.titles() == ["backup is back, after 3 hours", "No sign of life from backup for 2 days"]


def test_a_sign_that_comes_between_the_look_and_the_move_is_in_time(watch: Watch) -> None:
    watch.define()
    watch.later(DAY + HOUR)
    assert watch.due() == [(watch.producer, "backup")]
    watch.ping()
    assert watch.miss() == []
    assert watch.shown().state == "up"


def test_of_two_processes_that_find_it_missing_one_tells(watch: Watch, room: EngineRoom) -> None:
    with engine_room_beside(room) as beside, ThreadPoolExecutor(2) as pool:
        miss = partial(expectations.miss, producer_id=watch.producer, name="backup")
        for _ in range(5):
            watch.define()
            watch.later(2 * DAY)
            told = [pool.submit(one.errand, miss) for one in (room, beside)]
            assert sorted(len(one.result(30)) for one in told) == [0, 1]
            watch.ping()


def test_who_has_not_heard_of_an_incident_does_not_hear_that_it_is_over(watch: Watch) -> None:
    watch.define()
    watch.later(2 * DAY)
    missing = watch.miss()
    back = watch.ping()
    watch.carry([*missing, *back])
    assert watch.inbox() == []


def test_an_old_return_never_closes_a_new_incident(watch: Watch) -> None:
    watch.define()
    watch.later(2 * DAY)
    watch.carry(watch.miss())
    back = watch.ping()  # and whoever should carry it is killed
    watch.later(2 * DAY)
    watch.carry(watch.miss())
    watch.carry(back)
    [row] = watch.inbox()
    assert (row.resolved, row.count) == (False, 2)


def test_a_return_reaches_those_who_were_told_and_nobody_else(watch: Watch, room: EngineRoom) -> None:
    cleo = room.errand(lambda c: people.add_user(c, "cleo", password_hash=None))
    for user in (room.ana, cleo):
        room.errand(partial(topics.subscribe, user_id=user, topic="ops"))
    watch.define(to={"topic": "ops"})
    for key in (None, None, "expectation:backup"):
        room.change(room.tell(room.ana, key=key))
    room.change(room.act(room.ana, "delete", watch.inbox(room.ana)[-1].id))
    watch.later(2 * DAY)
    watch.carry(watch.miss())
    room.change(room.act(cleo, "delete", watch.inbox(cleo)[0].id))
    room.errand(lambda c: topics.unsubscribe(c, room.ana, "ops"))
    room.errand(lambda c: topics.subscribe(c, room.bo, "ops"))
    watch.define(to="bo")  # changed meanwhile

    watch.later(HOUR)
    watch.carry(watch.ping())

    [back] = [row for row in watch.inbox(room.ana) if row.resolved]
    assert (back.title, back.cver) == ("backup is back, after 60 minutes", 2), "told once of it"
    assert watch.inbox(room.bo) == watch.inbox(cleo) == []


def test_who_deletes_the_row_while_its_end_is_on_its_way_hears_nothing_more(watch: Watch, room: EngineRoom) -> None:
    watch.define()
    watch.later(2 * DAY)
    watch.carry(watch.miss())
    [back] = watch.ping()
    with reading.view(room.engine) as connection:
        leg = dispatches.next_leg(connection, back)
    assert leg is not None and len(leg.users) == 1
    room.change(room.act(room.ana, "delete", watch.inbox()[0].id))
    room.change(Reach(leg))
    assert watch.inbox() == []


def test_a_failure_is_told_at_once_and_once_with_what_it_reports(watch: Watch) -> None:
    watch.define(draft=Draft(title="Where is the backup?", body="See the wiki"))
    watch.later(MINUTE)
    watch.carry(watch.move(expectations.fail, report="exit status 3"))
    assert watch.move(expectations.fail, report="exit status 4") == []
    [row] = watch.inbox()
    assert (row.title, row.body) == ("backup reports a failure", "exit status 3")
    assert (watch.shown().state, watch.shown().last_seen, watch.shown().due_at) == ("down", watch.now, None)
    watch.later(HOUR)
    watch.carry(watch.ping())
    assert watch.titles() == ["backup is back, after 60 minutes"]


def test_who_cannot_be_told_any_more_holds_up_nobody(watch: Watch, room: EngineRoom) -> None:
    room.errand(lambda c: people.add_user(c, "dora", password_hash=None))
    watch.define(to=["dora", "bo"])
    room.errand(lambda c: people.remove_user(c, "dora"))
    watch.later(2 * DAY)
    watch.round()
    assert len(watch.inbox(room.bo)) == 1


def test_promising_the_same_again_changes_nothing_and_a_new_period_begins_now(watch: Watch) -> None:
    first = watch.define()
    watch.later(20 * HOUR)
    assert watch.define().due_at == first.due_at
    assert watch.define(draft=Draft(title="Where is it?")).due_at == first.due_at
    assert watch.define(every=3_600, grace=60).due_at == watch.now + HOUR + MINUTE, "and not in the past"


def test_a_pause_lasts_until_it_is_ended_and_ends_no_incident(watch: Watch) -> None:
    watch.define(paused=True)
    watch.later(9 * DAY)
    watch.round()
    assert watch.move(expectations.fail, report="") == []
    watch.ping()
    assert (watch.shown().state, watch.shown().last_seen, watch.inbox()) == ("paused", watch.now, [])

    assert watch.define().due_at == watch.now + DAY + HOUR
    watch.later(2 * DAY)
    watch.round()
    watch.define(paused=True)
    assert (watch.shown().state, watch.define().state) == ("paused", "down")
    watch.define(paused=True)
    watch.carry(watch.ping())
    assert [row.resolved for row in watch.inbox()] == [True]
    assert (watch.shown().state, watch.shown().due_at) == ("paused", None)


def test_of_a_disabled_producer_nothing_is_expected(watch: Watch, room: EngineRoom) -> None:
    watch.define()
    room.errand(lambda c: c.execute(text("UPDATE producers SET disabled_at = 1")))
    watch.later(9 * DAY)
    watch.round()
    assert (watch.inbox(), watch.due()) == ([], [])
    room.errand(lambda c: c.execute(text("UPDATE producers SET disabled_at = NULL")))
    watch.later(DAY)
    watch.round()
    assert watch.shown().state == "new", "it has a whole period to be heard of again"


def test_after_an_absence_nobody_is_accused_of_what_nobody_could_hear(watch: Watch) -> None:
    watch.define("night")
    watch.define("month", every=30 * 86_400)
    watch.later(DAY - MINUTE)
    watch.now += 9 * HOUR  # nobody is there, and then a worker alone, which hears nobody
    assert watch.due() == []

    watch.errand(expectations.attend)

    assert watch.due() == []
    assert watch.shown("night").due_at == watch.now + DAY + HOUR
    assert watch.shown("month").due_at == watch.now + 29 * DAY + MINUTE - 9 * HOUR + HOUR
    watch.later(DAY + HOUR)
    watch.round()
    assert watch.titles() == ["No sign of life from night for 2 days"]


def test_a_restart_is_no_absence(watch: Watch) -> None:
    watch.define()
    watch.later(DAY + HOUR - 1)
    watch.now += AWAY_MS
    watch.round()
    assert watch.shown().state == "down"


def test_where_nothing_is_expected_nobody_writes_that_they_listen(watch: Watch) -> None:
    def unattended() -> bool:
        with reading.view(watch.room.engine) as connection:
            return expectations.is_unattended(connection, watch.now)

    assert not unattended()
    watch.define()
    assert not unattended()
    watch.now += 10_000
    assert unattended()
    watch.errand(expectations.attend)
    assert not unattended()


def test_anything_that_is_sent_counts_where_that_was_said(watch: Watch) -> None:
    for name, what in (("a", "anything"), ("b", "anything"), ("c", "ping")):
        watch.define(name, what=what)
    watch.later(2 * DAY)
    watch.round()
    watch.carry(watch.errand(partial(expectations.anything, producer_id=watch.producer)))
    assert [watch.shown(name).state for name in "abc"] == ["up", "up", "down"]
    assert sorted(row.resolved for row in watch.inbox()) == [False, True, True]
    assert watch.errand(partial(expectations.anything, producer_id=watch.producer + 1)) == []


def test_a_removed_expectation_is_silent_also_where_it_was_about_to_speak(watch: Watch) -> None:
    watch.define()
    watch.later(2 * DAY)
    missing = watch.miss()
    watch.errand(partial(expectations.remove, producer_id=watch.producer, name="backup"))
    watch.carry(missing)
    assert watch.inbox() == []
    with pytest.raises(NotFound):
        watch.ping()


def test_a_producer_expects_only_so_many(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations, "OF_A_PRODUCER", 2)
    watch.define("a")
    watch.define("b")
    with pytest.raises(Invalid):
        watch.define("c")
    watch.define("a", every=60)
