"""Questions: whose answer counts, until when, and how the producer learns it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from handbell_server.models import QuestionRow
from handbell_server.reads.answering import WAITING_OF_ONE
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage, comes_now, created
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

DAY = 86_400_000
BUTTONS = [
    {"id": "yes", "label": "Approve"},
    {"id": "no", "label": "Decline"},
    {"id": "why", "label": "…", "kind": "reply"},
]


def ask(producer: Rest, *people: Person, **more: Any) -> dict[str, Any]:
    to = [person.name for person in people]
    return created(producer.post("/v1/notifications", {"to": to, "title": "Deploy?", "actions": BUTTONS, **more}))


def answer_to(producer: Rest, an_id: str, wait: int = 0) -> Answer:
    return producer.get(f"/v1/notifications/{an_id}/answer?wait={wait}")


def bell(person: Person) -> dict[str, Any]:
    (found,) = person.inbox(state="all")
    return found


def says(person: Person, action: str, **more: str) -> str:
    ack = person.does("answer", bell(person), answer={"action": action, **more})
    return str(ack["status"])


def is_due(stage: Stage, an_id: str | None = None) -> None:
    """The deadline comes now, without anybody waiting for it."""
    with stage.engine.execution_options(immediate=True).begin() as connection:
        change = update(QuestionRow).where(QuestionRow.state == "open", QuestionRow.due_at.is_not(None))
        if an_id is not None:
            change = change.where(QuestionRow.id == an_id)
        connection.execute(change.values(due_at=now_ms() - 1))


def test_the_first_answer_of_anybody_closes_the_question_for_all(ci: Rest, ana: Person, ben: Person) -> None:
    sent = ask(ci, ana, ben, answers="first")
    ben.does("read", bell(ben))
    before = bell(ana)

    assert says(ben, "yes", text="go") == "ok"

    until(lambda: "answer" in bell(ana), 10, "ana to see it")
    shown = bell(ana)
    assert (shown["answer"]["action"], shown["answer"]["by"]) == ("yes", ben.name)
    assert "text" not in shown["answer"], "what ben wrote is for the producer"
    assert "by" not in bell(ben)["answer"]
    # It is a change like any other: it neither rings nor counts as unread again.
    assert shown["ver"] > before["ver"]
    assert [shown.get(name) for name in ("cver", "gen", "read")] == [
        before.get(name) for name in ("cver", "gen", "read")
    ]
    assert says(ana, "no") == "late"
    said = answer_to(ci, sent["id"])
    assert (said.status, said.body["user"], said.body["action"], said.body["text"]) == (200, ben.name, "yes", "go")
    assert all(answer_to(ci, one["id"]).body["user"] == ben.name for one in sent["notifications"])


def test_of_two_answers_at_once_one_wins_and_both_see_which(ci: Rest, ana: Person, ben: Person) -> None:
    for _ in range(5):
        sent = ask(ci, ana, ben, answers="first")
        ids = {one["user"]: one["id"] for one in sent["notifications"]}

        def say(person: Person, action: str, ids: dict[str, str] = ids) -> str:
            targets = [[ids[person.name], 0]]
            one = {"id": new_id(), "kind": "answer", "ids": targets, "at": now_ms(), "answer": {"action": action}}
            return str(person.rest.post("/v1/actions", {"actions": [one]}).body["acks"][0]["status"])

        with ThreadPoolExecutor(2) as pool:
            statuses = list(pool.map(say, (ana, ben), ("yes", "no")))

        assert sorted(statuses) == ["late", "ok"]
        winner = "yes" if statuses[0] == "ok" else "no"
        until(partial(_all_answered, ids, ana, ben), 10, "both to see it")
        assert {_by_id(person, ids[person.name])["answer"]["action"] for person in (ana, ben)} == {winner}
        assert answer_to(ci, sent["id"]).body["action"] == winner


def _all_answered(ids: dict[str, str], *people: Person) -> bool:
    return all("answer" in _by_id(person, ids[person.name]) for person in people)


def _by_id(person: Person, an_id: str) -> dict[str, Any]:
    return next(one for one in person.inbox(state="all") if one["id"] == an_id)


def test_without_that_everybody_answers_for_themself(ci: Rest, ana: Person, ben: Person) -> None:
    sent = ask(ci, ana, ben)
    assert "id" not in sent

    assert [says(ana, "yes"), says(ben, "no")] == ["ok", "ok"]

    said = {one["user"]: answer_to(ci, one["id"]).body["action"] for one in sent["notifications"]}
    assert said == {ana.name: "yes", ben.name: "no"}


def test_subscribers_answer_together_also_who_is_reached_after_the_answer(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    topic = f"deploys-{new_id()}"
    for person in (ana, ben):
        assert person.rest.put(f"/v1/topics/{topic}/subscription").status == 204
    sent = ci.post(
        "/v1/notifications", {"to": {"topic": topic}, "title": "Deploy?", "actions": BUTTONS, "answers": "first"}
    )
    an_id = sent.body["id"]
    until(lambda: ana.inbox() and ben.inbox(), 10, "both to be told")

    assert says(ana, "no") == "ok"

    until(lambda: "answer" in bell(ben), 10, "ben to see it")
    assert bell(ben)["answer"]["by"] == ana.name
    assert answer_to(ci, an_id).body["user"] == ana.name
    assert ci.get(f"/v1/notifications/{an_id}").body["answer"]["action"] == "no"


def test_a_scheduled_notification_arrives_with_the_answer_in_it(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    sent = ask(ci, ana, ben, answers="first", deliver_at=now_ms() + 60_000)
    comes_now(stage, sent["notifications"][0]["id"])
    until(lambda: ana.inbox(), 10, "ana to be told")
    assert says(ana, "yes") == "ok"

    comes_now(stage, sent["notifications"][1]["id"])

    until(lambda: ben.inbox(), 10, "ben to be told")
    assert bell(ben)["answer"]["by"] == ana.name
    assert says(ben, "no") == "late"


def test_at_the_deadline_the_default_is_the_answer_of_all_who_have_none(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    sent = ask(ci, ana, ben, answer_by=now_ms() + 60_000, default_answer="no")
    assert says(ana, "yes") == "ok"

    is_due(stage)

    until(lambda: "answer" in bell(ben), 10, "the default")
    assert (bell(ben)["answer"]["action"], bell(ben)["answer"]["deadline"]) == ("no", True)
    said = {one["user"]: answer_to(ci, one["id"]).body for one in sent["notifications"]}
    assert said[ana.name]["user"] == ana.name
    assert said[ben.name]["deadline"] is True
    assert "user" not in said[ben.name]
    assert says(ben, "yes") == "late"


def test_a_deadline_without_a_default_closes_the_question(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Deploy?", actions=BUTTONS, answer_by=now_ms() + 60_000))
    assert answer_to(ci, sent["id"]).status == 204
    assert bell(ana)["question"]["until"] > now_ms()

    is_due(stage)

    assert says(ana, "yes") == "late", "also before anybody has cleared up"
    until(lambda: "answer" in bell(ana), 10, "the end")
    assert bell(ana)["answer"]["action"] == ""
    assert (answer_to(ci, sent["id"]).status, answer_to(ci, sent["id"]).code) == (410, "gone")


def test_told_anew_it_asks_anew_and_the_old_deadline_is_not_its_own(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Deploy?", key="d", actions=BUTTONS, answer_by=now_ms() + 60_000))
    old = bell(ana)["question"]["id"]
    ci.notify(ana.name, "Deploy?", key="d", actions=BUTTONS, answer_by=now_ms() + 90_000)

    is_due(stage, old)

    def closed() -> bool:
        with stage.engine.connect() as connection:
            return connection.execute(select(QuestionRow.state).where(QuestionRow.id == old)).scalar_one() == "closed"

    until(closed, 10, "the old question to be closed")
    assert "answer" not in bell(ana)
    assert says(ana, "yes") == "ok"
    assert answer_to(ci, sent["id"]).body["action"] == "yes"


def test_a_producer_that_waits_hears_the_answer_when_it_is_given(
    ci: Rest, ana: Person, ben: Person, stage: Stage
) -> None:
    one = created(ci.notify(ana.name, "Deploy?", actions=BUTTONS))
    both = ask(ci, ana, ben, answers="first")
    with ThreadPoolExecutor(2) as pool:
        waits = [pool.submit(waits_for, stage, ci, an_id) for an_id in (one["id"], both["id"])]
        until(lambda: waiting(stage) == 2, 10, "both to wait")
        shown = {found["id"]: found for found in ana.inbox()}
        ana.does("answer", shown[one["id"]], answer={"action": "no"})
        assert waits[0].result(60).body["action"] == "no"
        ben.does("answer", bell(ben), answer={"action": "yes"})
        assert (waits[1].result(60).body["action"], waits[1].result().body["user"]) == ("yes", ben.name)
    until(lambda: waiting(stage) == 0, 10, "nobody to wait any more")


def test_only_so_many_may_wait_and_one_answer_lets_all_of_them_go(stage: Stage, ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Deploy?", actions=BUTTONS))
    with ThreadPoolExecutor(WAITING_OF_ONE) as pool:
        waits = [pool.submit(waits_for, stage, ci, sent["id"]) for _ in range(WAITING_OF_ONE)]
        until(lambda: waiting(stage) == WAITING_OF_ONE, 20, "all to wait")
        refused = answer_to(ci, sent["id"], wait=1)
        assert (refused.status, refused.headers["retry-after"]) == (429, "5")
        assert answer_to(ci, sent["id"]).status == 204, "looking is not waiting"

        assert says(ana, "yes") == "ok"

        assert {wait.result(60).body["action"] for wait in waits} == {"yes"}
    until(lambda: waiting(stage) == 0, 10, "nobody to wait any more")


def test_a_server_that_ends_lets_those_go_that_wait(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage, ThreadPoolExecutor(1) as pool:
        producer, ana = stage.producer(), stage.person()
        sent = created(producer.notify(ana.name, "Deploy?", actions=BUTTONS))
        wait = pool.submit(waits_for, stage, producer, sent["id"])
        until(lambda: waiting(stage) == 1, 10, "it to wait")

        assert stage.server.stop() == 0

        assert wait.result(60).status == 204


def waits_for(stage: Stage, producer: Rest, an_id: str) -> Answer:
    with Rest(stage.url, producer.token, timeout=40) as rest:
        return answer_to(rest, an_id, 30)


def waiting(stage: Stage) -> int:
    (line,) = [
        one
        for one in stage.rest().get("/metrics").body.decode().splitlines()
        if one.startswith("handbell_answers_awaited ")
    ]
    return int(float(line.split()[1]))


def test_when_the_time_is_over_there_is_no_content(ci: Rest, ana: Person) -> None:
    sent = created(ci.notify(ana.name, "Deploy?", actions=BUTTONS))
    assert answer_to(ci, sent["id"], wait=1).status == 204


def test_what_has_no_answer_says_why(ci: Rest, ana: Person, ben: Person) -> None:
    plain = created(ci.notify(ana.name, "Built"))
    each = ask(ci, ana, ben)
    assert answer_to(ci, plain["id"]).status == 409
    assert ci.delete(f"/v1/notifications/{each['notifications'][0]['id']}").status == 200
    assert answer_to(ci, each["notifications"][0]["id"]).status == 410
    assert answer_to(ci, new_id()).status == 404
    assert ci.get(f"/v1/notifications/{plain['id']}/answer?wait=61").status == 422


def test_a_question_is_taken_back_as_a_whole(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    sent = ask(ci, ana, ben, answers="first")
    assert stage.producer().delete(f"/v1/notifications/{sent['id']}").status == 404

    assert ci.delete(f"/v1/notifications/{sent['id']}").body == {"recalled": 2}

    assert (ana.inbox(), ben.inbox()) == ([], [])
    assert answer_to(ci, sent["id"]).status == 410


def test_a_question_can_be_taken_back_after_its_answer_too(ci: Rest, ana: Person, ben: Person) -> None:
    sent = ask(ci, ana, ben, answers="first")
    says(ana, "yes")
    until(lambda: "answer" in bell(ben), 10, "ben to see it")

    assert ci.delete(f"/v1/notifications/{sent['id']}").body == {"recalled": 2}

    assert (ana.inbox(), ben.inbox()) == ([], [])


def test_what_is_taken_back_before_its_time_is_never_delivered(
    stage: Stage, ci: Rest, ana: Person, ben: Person
) -> None:
    sent = ask(ci, ana, ben, answers="first", deliver_at=now_ms() + 60_000)
    assert ci.delete(f"/v1/notifications/{sent['id']}").body == {"recalled": 0}

    for one in sent["notifications"]:
        comes_now(stage, one["id"])

    states = [f"/v1/notifications/{one['id']}" for one in sent["notifications"]]
    until(lambda: {ci.get(path).body["state"] for path in states} == {"recalled"}, 10, "them to be given up")
    assert (ana.inbox(), ben.inbox()) == ([], [])


def test_a_question_belongs_to_the_producer_that_asked(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    sent = ask(ci, ana, ben, answers="first")
    says(ana, "yes")
    stranger = stage.producer()
    for an_id in (sent["id"], sent["notifications"][0]["id"]):
        assert answer_to(stranger, an_id).status == 404
        assert stranger.get(f"/v1/notifications/{an_id}").status == 404
    assert answer_to(stage.producer(["send:user"]), sent["id"]).status == 403


def test_in_a_batch_the_item_that_asks_several_names_the_whole(ci: Rest, ana: Person, ben: Person) -> None:
    item = {"to": [ana.name, ben.name], "title": "Deploy?", "actions": BUTTONS, "answers": "first"}
    (result,) = ci.post("/v1/notifications/batch", {"notifications": [item]}).body["results"]
    says(ana, "yes")
    assert answer_to(ci, result["id"]).body["user"] == ana.name


def test_a_retry_finds_the_same_question(ci: Rest, ana: Person, ben: Person) -> None:
    body = {"to": [ana.name, ben.name], "title": "Deploy?", "actions": BUTTONS, "answers": "first"}
    one, two = (ci.post("/v1/notifications", body, headers={"Idempotency-Key": "q"}).body for _ in range(2))
    assert one == two
    assert answer_to(ci, one["id"]).status == 204


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("answers", {"answers": "first"}),
        ("answer_by", {"answer_by": "2999-01-01T00:00:00Z"}),
        ("default_answer", {"default_answer": "yes"}),
        ("default_answer", {"actions": BUTTONS, "default_answer": "yes"}),
        ("default_answer", {"actions": BUTTONS, "default_answer": "maybe", "answer_by": now_ms() + DAY}),
        ("answer_by", {"actions": BUTTONS, "answer_by": 1}),
        ("answer_by", {"actions": BUTTONS, "answer_by": "tomorrow"}),
        ("answer_by", {"actions": BUTTONS, "answer_by": "2999-01-01T00:00:00Z"}),
        ("answer_by", {"actions": BUTTONS, "answer_by": now_ms() + DAY, "ttl": 60}),
        ("answer_by", {"actions": BUTTONS, "answer_by": now_ms() + DAY, "deliver_at": now_ms() + 2 * DAY}),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_its_field(ci: Rest, ana: Person, field: str, sent: Any) -> None:
    answer = ci.post("/v1/notifications", {"to": [ana.name], "title": "Deploy?", **sent})
    assert (answer.status, answer.body["field"]) == (422, field)
