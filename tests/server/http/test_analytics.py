"""Statistics over REST: whose they are, of which days, and what is wrong with a question that cannot be answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handbell_server.models import Cohort
from handbell_server.reads.uncounted import FACTS
from tests.server.http.stage import Person, Stage, created
from tests.server.http.test_operating import number
from tests.support.counting import count_all
from tests.support.rest import Rest
from tests.support.waiting import until, until_it_is_one_day

NOTHING = dict.fromkeys(FACTS, 0)
NO_RATES = {"delivery_rate": None, "click_rate": None, "dismissal_rate": None}


def today() -> date:
    return datetime.now(UTC).date()


def asked(rest: Rest, query: str = "") -> dict[str, Any]:
    answer = rest.get(f"/v1/analytics{query}")
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


@pytest.fixture(autouse=True)
def one_day() -> None:
    """Days are counted, and the server says which day it is."""
    until_it_is_one_day()


def test_a_producer_sees_what_became_of_its_own_and_nobody_elses(stage: Stage, ana: Person) -> None:
    name = f"ours-of-{ana.name}"
    ours, theirs = stage.producer(name=name), stage.producer()
    for title, kind in (("one", "error"), ("two", "error"), ("three", "deploy")):
        sent = created(ours.notify(ana.name, title, type=kind))
        if title != "three":
            ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "shown": 1}]})
        if title == "one":
            ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "clicked": 2}]})
            ana.does("read", sent)
    created(theirs.notify(ana.name, "theirs", type="error"))
    count_all(stage.engine)

    seen = asked(ours, "?by=type,source")

    both = {"sent": 2, "delivered": 2, "shown": 2, "read": 1, "clicked": 1}
    rates = {"delivery_rate": 1.0, "click_rate": 0.5, "dismissal_rate": 0.0}
    assert seen["rows"] == [
        {"type": "deploy", "source": name} | NOTHING | {"sent": 1} | NO_RATES | {"delivery_rate": 0.0},
        {"type": "error", "source": name} | NOTHING | both | rates,
    ]
    assert seen["total"] == NOTHING | both | {"sent": 3} | rates | {"delivery_rate": 0.6667}
    assert (seen["by"], seen["to"], seen["complete"]) == (["type", "source"], today().isoformat(), True)
    assert seen["from"] == (today() - timedelta(29)).isoformat()
    assert asked(ours, "?by=type&type=deploy")["total"]["sent"] == 1
    assert asked(theirs)["total"]["sent"] == 1
    assert asked(theirs, f"?by=source&source={name}")["rows"] == []
    assert asked(stage.producer())["total"] == NOTHING | NO_RATES


def test_who_does_not_tell_senders_what_they_read_is_not_counted_for_them(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    quiet = ana.rest.call("PATCH", "/v1/preferences", {"tell_senders": {"seen": True, "read": False}})
    assert quiet.status == 200, quiet
    for person in (ana, ben):
        sent = created(ci.notify(person.name, "Hello"))
        person.does("read", sent)
        assert person.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "clicked": 1_000}]}).status == 204
    count_all(stage.engine)
    total = asked(ci)["total"]
    assert (total["sent"], total["read"], total["clicked"], total["shown"], total["delivered"]) == (2, 1, 1, 2, 2)


def test_an_administrator_sees_everybodys_and_may_ask_for_one_source(stage: Stage, ana: Person) -> None:
    names = [f"{word}-{ana.name}" for word in ("first", "second")]
    for name in names:
        created(stage.producer(name=name).notify(ana.name, "Hello"))
    count_all(stage.engine)
    admin = stage.person("boss", admin=True).rest

    assert {row["source"] for row in asked(admin, "?by=source")["rows"]} >= set(names)
    assert asked(admin, f"?source={names[0]}")["total"]["sent"] == 1
    assert [row["day"] for row in asked(admin, f"?source={names[0]}")["rows"]] == [today().isoformat()]


def test_a_range_of_days_has_both_its_ends(stage: Stage, ci: Rest, ana: Person) -> None:
    for kind in ("a", "b", "c"):
        created(ci.notify(ana.name, kind, type=f"{kind}-{ana.name}"))
    count_all(stage.engine)
    with stage.engine.execution_options(immediate=True).begin() as connection:
        for back, kind in ((1, "b"), (2, "c")):
            query = update(Cohort).where(Cohort.type == f"{kind}-{ana.name}")
            connection.execute(query.values(day=Cohort.day - back))

    def sent(first: int, last: int) -> list[int]:
        query = f"?from={today() - timedelta(first)}&to={today() - timedelta(last)}"
        return [row["sent"] for row in asked(ci, query)["rows"]]

    assert [sent(2, 0), sent(2, 2), sent(1, 0), sent(9, 3), sent(399, 0)] == [[1, 1, 1], [1], [1, 1], [], [1, 1, 1]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-1-1", "from"),
        ("from=2026-02-30", "from"),
        ("to=tomorrow", "to"),
        ("from=2026-02-02&to=2026-02-01", "from"),
        ("from=2025-01-01&to=2026-02-05", "from"),
        ("by=hour", "by"),
        ("by=day,day", "by"),
        ("by=", "by"),
        ("type=", "type"),
        ("type=%00", "type"),
        ("source=%00", "source"),
        ("zone=UTC", "zone"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_field(ci: Rest, query: str, field: str) -> None:
    answer = ci.get(f"/v1/analytics?{query}")
    assert (answer.status, answer.body["field"]) == (422, field), answer


def test_the_first_days_there_are_can_be_asked_for(ci: Rest) -> None:
    assert asked(ci, "?to=0001-01-02")["from"] == "0001-01-01"


def test_a_running_server_counts_by_itself_and_its_metrics_say_what(sqlite_stage: Stage) -> None:
    stage, ci, ana = sqlite_stage, sqlite_stage.producer(), sqlite_stage.person()
    outcomes = 'handbell_outcomes_total{what="clicked"}'
    lines = (
        'handbell_notifications_accepted_total{type="error"}', 'handbell_notifications_accepted_total{type="other"}',
        'handbell_receipts_total{moment="clicked"}', 'handbell_actions_total{kind="read"}',
    )  # fmt: skip
    before, clicked = [number(stage, line) for line in lines], number(stage, outcomes)

    sent = created(ci.notify(ana.name, "one", type="error"))
    batch = [{"to": ana.name, "title": "x", "type": kind} for kind in ("a word", "error", "another")]
    items = [*batch, {"to": "nobody at all", "title": "x"}]
    for _ in range(2):  # a retry is counted no second time
        once = {"Idempotency-Key": "counted once"}
        assert ci.post("/v1/notifications/batch", {"notifications": items}, headers=once).status == 200
    ana.rest.post("/v1/receipts", {"receipts": [{"id": sent["id"], "shown": 1, "clicked": 1}]})
    ana.does("read", sent)

    assert [number(stage, line) - was for line, was in zip(lines, before, strict=True)] == [2, 2, 1, 1]
    everything = dict.fromkeys(("delivered", "shown", "read", "clicked"), 1) | {"sent": 4}

    def counted() -> dict[str, int]:
        total = asked(ci)["total"]
        return {name: total[name] for name in FACTS if total[name]}

    # By and by, and what became of the first may be counted before the last was sent.
    until(lambda: counted() == everything, 20, f"the server to count {everything}")
    until(lambda: number(stage, outcomes) == clicked + 1, 10, "and to say so")
