"""Two servers, one question: of two answers at once one wins, and a server killed after it leaves nobody without."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.journey.conftest import Fleet
from tests.journey.seeding import PASSWORD
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

BUTTONS = [{"id": "yes", "label": "Approve"}, {"id": "no", "label": "Decline"}]
PEOPLE = tuple(f"person-{number}" for number in range(12))


def signed_in(fleet: Fleet, server: HandbellServer, user: str) -> Rest:
    with Rest(server.url) as door:
        rest = door.sign_in(user, PASSWORD)
    fleet.stack.callback(rest.close)
    return rest


def say(rest: Rest, an_id: str, button: str) -> str:
    action = {"id": new_id(), "kind": "answer", "ids": [[an_id, 0]], "at": now_ms(), "answer": {"action": button}}
    answer = rest.post("/v1/actions", {"actions": [action]})
    assert answer.status == 200, answer
    return str(answer.body["acks"][0]["status"])


def ask(producer: Rest, **more: Any) -> tuple[str, dict[str, str]]:
    body = {"to": list(PEOPLE), "title": "Deploy?", "actions": BUTTONS, "answers": "first", **more}
    answer = producer.post("/v1/notifications", body)
    assert answer.status == 201, answer
    return answer.body["id"], {one["user"]: one["id"] for one in answer.body["notifications"]}


def held(rest: Rest, an_id: str) -> dict[str, Any] | None:
    """The answer that this person sees."""
    found = next(one for one in rest.get("/v1/inbox?state=all&limit=100").body["notifications"] if one["id"] == an_id)
    answer: dict[str, Any] | None = found.get("answer")
    return answer


def both_hold(first: Rest, second: Rest, ids: dict[str, str]) -> bool:
    return held(first, ids[PEOPLE[0]]) is not None and held(second, ids[PEOPLE[1]]) is not None


def test_of_answers_at_two_servers_one_wins_and_a_producer_at_the_other_hears_it(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people(*PEOPLE)
    first, second = signed_in(fleet, a, PEOPLE[0]), signed_in(fleet, b, PEOPLE[1])
    producer, elsewhere = fleet.producer(a), fleet.producer(b, timeout=40)
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            whole, ids = ask(producer)
            hears = pool.submit(elsewhere.get, f"/v1/notifications/{whole}/answer?wait=30")
            said = [
                pool.submit(say, first, ids[PEOPLE[0]], "yes"),
                pool.submit(say, second, ids[PEOPLE[1]], "no"),
            ]
            statuses = [one.result(60) for one in said]
            assert sorted(statuses) == ["late", "ok"]
            winner = PEOPLE[statuses.index("ok")]
            assert hears.result(60).body["user"] == winner
            until(partial(both_hold, first, second, ids), 10, "both to hold it")


def test_a_server_killed_after_an_answer_leaves_nobody_without_it(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people(*PEOPLE)
    there = {user: signed_in(fleet, b, user) for user in PEOPLE}
    rest = signed_in(fleet, a, PEOPLE[0])
    _, ids = ask(fleet.producer(a))
    _, closing = ask(fleet.producer(a), answer_by=now_ms() + 4_000, default_answer="no")

    assert say(rest, ids[PEOPLE[0]], "yes") == "ok"
    a.process.kill9()

    def everybody() -> bool:
        return all(held(there[user], ids[user]) and held(there[user], closing[user]) for user in PEOPLE)

    until(everybody, 20, "the other server to bring both answers")
    answers = [held(there[user], ids[user]) or {} for user in PEOPLE]
    assert {one["action"] for one in answers} == {"yes"}
    assert [one.get("by") for one in answers] == [None, *[PEOPLE[0]] * (len(PEOPLE) - 1)]
    defaults = [held(there[user], closing[user]) or {} for user in PEOPLE]
    assert [(one["action"], one["deadline"]) for one in defaults] == [("no", True)] * len(PEOPLE)
