"""POST /v1/notifications/batch: each item is judged by itself."""

import json

import pytest

from tests.server.http.stage import Person, Stage
from tests.support.rest import Answer, Rest

BATCH = "/v1/notifications/batch"


def send(producer: Rest, *items: object) -> Answer:
    return producer.post(BATCH, {"notifications": items})


def lines(producer: Rest, text: str) -> Answer:
    return producer.post(BATCH, text, headers={"Content-Type": "application/x-ndjson"})


def test_results_come_in_the_order_of_the_items(ci: Rest, ana: Person, ben: Person) -> None:
    answer = send(ci, *({"to": who.name, "title": str(n)} for n, who in enumerate((ana, ben, ana))))

    assert (answer.status, answer.body["accepted"]) == (200, 3)
    assert [one["user"] for one in answer.body["results"]] == [ana.name, ben.name, ana.name]
    assert (ana.titles(), ben.titles()) == (["2", "0"], ["1"])
    assert [one["id"] for one in answer.body["results"][::2]] == [one["id"] for one in reversed(ana.inbox())]


def test_one_bad_item_does_not_spoil_the_others(stage: Stage, ana: Person) -> None:
    producer = stage.producer(["send:user"])

    answer = send(
        producer,
        {"to": ana.name, "title": "Good"},
        {"to": ana.name, "titel": "Misspelt"},
        {"to": "nobody-at-all", "title": "Lost"},
        {"to": {"everyone": True}, "title": "Forbidden"},
        "not an object",
        {"to": ana.name, "title": "Bad link", "link": "javascript:x"},
        {"to": ana.name, "title": "Good too"},
    )

    assert (answer.status, answer.body["accepted"]) == (200, 2)
    told = [one.get("error", {}).get("code") for one in answer.body["results"]]
    assert told == [None, "invalid", "unknown_user", "forbidden", "invalid", "link_refused", None]
    assert answer.body["results"][1]["error"]["field"] == "titel"
    assert ana.titles() == ["Good too", "Good"]


def test_an_item_may_have_several_recipients_or_be_for_later(ci: Rest, ana: Person, ben: Person) -> None:
    answer = send(
        ci,
        {"to": [ana.name, ben.name], "title": "Both"},
        {"to": {"topic": "batched"}, "title": "Topic"},
        {"to": ana.name, "title": "Later", "deliver_at": "2999-01-01T00:00:00Z"},
        {"to": ana.name, "title": "Own", "actor": ana.name},
    )

    several, topic, later, own = answer.body["results"]
    assert several == {"reaches": 2}
    assert topic["reaches"] == 0 and "id" in topic
    assert later["error"]["field"] == "deliver_at"
    assert own == {"user": ana.name, "skipped": "own_action"}
    assert ana.titles() == ben.titles() == ["Both"]


def test_two_items_with_one_life_cycle_key_are_one_notification(ci: Rest, ana: Person) -> None:
    answer = send(ci, *({"to": ana.name, "title": f"Build {n}", "key": "build"} for n in range(3)))

    assert [one.get("updated", False) for one in answer.body["results"]] == [False, True, True]
    assert len({one["id"] for one in answer.body["results"]}) == 1
    (bell,) = ana.inbox()
    assert (bell["title"], bell["count"]) == ("Build 2", 3)


def test_lines_of_json_are_a_batch_too(ci: Rest, ana: Person) -> None:
    items = [json.dumps({"to": ana.name, "title": f"Line {n}"}) for n in range(3)]

    answer = lines(ci, "\n".join([items[0], "", items[1] + "\r", items[2], ""]))

    assert (answer.status, answer.body["accepted"]) == (200, 3)
    assert ana.titles() == ["Line 2", "Line 1", "Line 0"]


def test_a_broken_line_is_one_bad_item(ci: Rest, ana: Person) -> None:
    answer = lines(ci, json.dumps({"to": ana.name, "title": "Whole"}) + '\n{"to": "ana", \n[]')

    assert [one.get("error", {}).get("code") for one in answer.body["results"]] == [None, "malformed", "invalid"]


def test_a_thousand_at_once_are_taken_and_one_more_is_not(ci: Rest, ana: Person) -> None:
    item = {"to": ana.name, "title": "Many"}

    assert send(ci, *[item] * 1000).body["accepted"] == 1000
    assert ana.page(limit=1)["unread"] == 1000
    assert send(ci, *[item] * 1001).status == 422
    assert lines(ci, "\n".join([json.dumps(item)] * 1001)).status == 422
    assert ana.page(limit=1)["unread"] == 1000


@pytest.mark.parametrize("body", [{"notifications": []}, {}, {"notifications": {}}, {"items": []}, []], ids=str)
def test_what_is_no_batch_is_refused(ci: Rest, body: object) -> None:
    answer = ci.post(BATCH, body)

    assert (answer.status, answer.code) == (422, "invalid")
