"""For operators: health, numbers, rate limits, and what happens when there is more to write than can be written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from handbell_server.actions import people
from tests.server.http.stage import PASSWORD, Person, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until

PEOPLE = 500


def test_health_and_readiness_ask_for_nobody(stage: Stage) -> None:
    anyone = stage.rest()

    assert anyone.get("/healthz").body["status"] == "ok"
    ready = anyone.get("/readyz")
    assert (ready.status, ready.body) == (200, {"ready": True, "database": "ok", "hints": "none"})


def number(stage: Stage, line: str) -> float:
    text = stage.rest().get("/metrics").body.decode()
    return sum(float(one.rsplit(" ", 1)[1]) for one in text.splitlines() if one.startswith(line))


def test_metrics_count_what_happens(stage: Stage, ci: Rest, ana: Person) -> None:
    asked = 'handbell_requests_total{method="POST",route="/v1/notifications",status="201"}'
    before = [
        number(stage, line)
        for line in (asked, "handbell_notifications_accepted_total", "handbell_requests_replayed_total")
    ]

    ci.notify(ana.name, "x", idempotency="one")
    ci.notify(ana.name, "x", idempotency="one")

    after = [
        number(stage, line)
        for line in (asked, "handbell_notifications_accepted_total", "handbell_requests_replayed_total")
    ]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1, 1]


def test_metrics_name_routes_and_never_people(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "x"))
    ci.get(f"/v1/notifications/{sent['id']}")

    answer = stage.rest().get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b'route="/v1/notifications/{id}"' in answer.body
    assert sent["id"].encode() not in answer.body
    assert ana.name.encode() not in answer.body


# ---- a server with small limits


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Five at once, then one in a hundred seconds."""
    small = {f"HANDBELL_{who}_RATE": "0.01" for who in ("PRODUCER", "USER", "SIGN_IN")}
    small |= {f"HANDBELL_{who}_BURST": "5" for who in ("PRODUCER", "USER", "SIGN_IN")}
    small |= {"HANDBELL_METRICS_TOKEN": "metrics-token-of-this-test"}
    with Stage(tmp_path_factory.mktemp("strict"), **small) as stage:
        yield stage


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Stage]:
    """A queue of six."""
    with Stage(tmp_path, HANDBELL_QUEUE_LIMIT="6") as stage:
        yield stage


def test_a_producer_hears_what_is_left_and_then_when_to_come_back(strict: Stage) -> None:
    producer, person = strict.producer(), strict.person()

    answers = [producer.notify(person.name, "x") for _ in range(6)]

    assert [answer.status for answer in answers] == [201] * 5 + [429]
    assert [f";r={left};" in answers[4 - left].headers["ratelimit"] for left in range(5)] == [True] * 5
    assert answers[0].headers["ratelimit-policy"] == '"producer";q=5;w=500'
    refused = answers[5]
    assert refused.code == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 100
    assert len(person.inbox()) == 5
    assert strict.producer().notify(person.name, "x").status == 201


def test_a_batch_costs_what_it_holds(strict: Stage) -> None:
    producer, person = strict.producer(), strict.person()
    items = [{"to": person.name, "title": "x"}] * 4

    first, second = (producer.post("/v1/notifications/batch", {"notifications": items}) for _ in range(2))

    assert (first.status, second.status) == (200, 429)
    assert len(person.inbox()) == 4


def test_a_person_is_limited_too_and_the_neighbour_is_not(strict: Stage) -> None:
    busy, calm = strict.person(), strict.person()

    answers = [busy.rest.get("/v1/stats") for _ in range(6)]

    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) >= 1
    assert calm.rest.get("/v1/stats").status == 200


def test_guessing_passwords_is_slow_before_anything_is_hashed(strict: Stage) -> None:
    person = strict.person()
    guess = {"user": person.name, "password": "wrong", "device": {"name": "x"}}

    answers = [strict.rest().post("/v1/sessions", guess) for _ in range(6)]
    right = strict.rest().post("/v1/sessions", guess | {"password": PASSWORD})

    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert (right.status, right.code) == (429, "rate_limited")
    assert int(right.headers["retry-after"]) >= 1


def test_metrics_may_be_for_who_has_the_token(strict: Stage) -> None:
    assert strict.rest().get("/metrics").status == 401
    assert strict.rest("wrong").get("/metrics").status == 401
    assert strict.rest("metrics-token-of-this-test").get("/metrics").status == 200


def test_a_full_queue_says_when_to_come_back_and_loses_nothing(narrow: Stage) -> None:
    people = [narrow.person() for _ in range(4)]
    names = [person.name for person in people]
    producers = [narrow.producer() for _ in range(2)]
    probe = narrow.rest()
    for producer in producers:  # so that neither key nor names have to be looked up while the database is held
        created(producer.notify(names, "before"))

    def waiting() -> bool:
        lines = probe.get("/metrics").body.decode().splitlines()
        return any(line.startswith("handbell_writer_backlog ") and float(line.split()[1]) >= 4 for line in lines)

    with ThreadPoolExecutor(1) as pool:
        with narrow.engine.execution_options(immediate=True).connect() as holder:
            holder.execute(text("SELECT 1"))  # nobody else can write as long as this is open
            first = pool.submit(producers[0].notify, names, "first")
            until(waiting, 5, "the first to wait for the database")
            refused = producers[1].notify(names, "second")
            holder.rollback()
        kept = first.result(60)

    assert (refused.status, refused.code) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert kept.status == 201
    assert people[0].titles() == ["first", "before", "before"]
    assert producers[1].notify(names, "second").status == 201


def test_who_sends_to_everyone_without_rest_is_held_back_and_what_was_accepted_is_told_once(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_FAN_OUT_LIMIT="1") as stage:
        with stage.engine.execution_options(immediate=True).begin() as connection:
            for one in range(PEOPLE):
                people.add_user(connection, f"person-{one}", password_hash="")
        eager, calm = stage.producer(), stage.producer()

        told: list[str] = []
        before = created(eager.notify({"everyone": True}, "first of all", idempotency="one"))
        for _ in range(10):
            titles = [f"{len(told)}-{place}" for place in range(20)]
            items = [{"to": {"everyone": True}, "title": title} for title in titles]
            batch = eager.post("/v1/notifications/batch", {"notifications": items})
            assert (batch.status, batch.body["accepted"]) == (200, 20)
            told += titles
            one_more = eager.notify({"everyone": True}, str(len(told)))
            if one_more.status != 201:
                break
            told.append(str(len(told)))
        created(calm.notify({"everyone": True}, "calm"))
        again = eager.notify({"everyone": True}, "first of all", idempotency="one")

        assert (one_more.status, one_more.code, one_more.headers["retry-after"]) == (503, "overloaded", "1")
        assert (again.status, again.body) == (201, before)
        until(lambda: number(stage, "handbell_fan_outs ") == 0, 60, "all that was accepted to be carried to its end")
        assert number(stage, "handbell_fan_out_people ") == 0
        assert heard(stage) == dict.fromkeys(["first of all", *told, "calm"], PEOPLE)
        created(eager.notify({"everyone": True}, "later"))


def heard(stage: Stage) -> dict[str, int]:
    """How many were told each thing."""
    with stage.engine.connect() as connection:
        rows = connection.execute(text("SELECT title, count(*) AS people FROM notifications GROUP BY title"))
        return {row.title: row.people for row in rows}
