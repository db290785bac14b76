"""Uptime Kuma: down opens, up ends, and what has no heartbeat is told as it is."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from handbell_server.http.dialects import uptime_kuma
from tests.server.http.dialects.speaking import Speaker, multipart
from tests.server.http.stage import Person

HOOK = "/v1/hooks/uptime-kuma"
MONITOR = {"id": 7, "name": "Shop", "url": "https://shop.example"}


def test_down_opens_and_up_ends_the_same_row(sender: Speaker, ana: Person) -> None:
    assert sender.replay("uptime-kuma-down").body["told"] == 1
    [down] = ana.inbox()
    assert (down["title"], down["priority"], down["type"]) == ("Shop is down", "high", "error")
    assert down["body"] == "timeout of 48000ms exceeded\n\nhttps://shop.example"
    assert down["link"] == "https://shop.example"

    assert sender.replay("uptime-kuma-up").body["told"] == 1
    [up] = ana.inbox()
    assert (up["id"], up["title"], up["resolved"], up["priority"]) == (down["id"], "Shop is up again", True, "low")


def test_a_retry_says_nothing_new_and_a_later_beat_counts(sender: Speaker, ana: Person) -> None:
    sender.replay("uptime-kuma-down")
    assert sender.replay("uptime-kuma-down").body["repeated"] == 1

    later = {"heartbeat": {"status": 0, "time": "2030-01-31 10:00:00.1", "msg": "still"}, "monitor": MONITOR}
    assert sender.ask("POST", HOOK, json.dumps(later | {"msg": "m"}).encode()).body["told"] == 1

    [one] = ana.inbox()
    assert one["count"] == 2


def test_up_without_down_tells_nothing(sender: Speaker, ana: Person) -> None:
    assert sender.replay("uptime-kuma-up").body["left_alone"] == 1

    assert ana.inbox() == []


def test_the_test_button_is_heard_in_form_data(sender: Speaker, ana: Person) -> None:
    assert sender.replay("uptime-kuma-test").status == 200

    assert ana.titles() == ["Handbell Testing"]


def test_a_get_says_the_same_in_its_query(sender: Speaker, ana: Person) -> None:
    beat = {"status": 0, "time": "2030-01-31 09:00:00", "msg": "refused"}
    query = urlencode({"msg": "[Shop] Down", "heartbeat": json.dumps(beat), "monitor": json.dumps(MONITOR)})

    assert sender.ask_bare("GET", f"{HOOK}/{sender.key}?{query}").status == 200
    assert ana.titles() == ["Shop is down"]
    assert sender.ask_bare("GET", f"{HOOK}/{sender.key}").status == 422
    assert sender.ask_bare("GET", f"{HOOK}?monitor=x").status == 401


def test_form_data_is_the_same_as_json(sender: Speaker, ana: Person) -> None:
    body, media = multipart({"data": json.dumps({"heartbeat": {"status": 0}, "monitor": MONITOR, "msg": "m"})})

    assert sender.ask("POST", HOOK, body, Content_Type=media).status == 200
    assert ana.titles() == ["Shop is down"]
    assert sender.ask("POST", HOOK, multipart({"other": "x"})[0], Content_Type=media).status == 400


@pytest.mark.parametrize(
    ("sent", "title", "kind", "key"),
    [
        ({"msg": "x", "heartbeat": {"status": 3}, "monitor": MONITOR}, "Shop is under maintenance", "warning", None),
        ({"msg": "x", "heartbeat": {"status": 0}, "monitor": {"name": "A"}}, "A is down", "error", "monitor:A"),
        ({"msg": "x", "heartbeat": {"status": 9}, "monitor": MONITOR}, "x", "info", None),
        (
            {"msg": "[Shop][https://x] server certificate x will expire in 7 days"},
            "[Shop][https://x] server certificate x will expire in 7 days",
            "warning",
            None,
        ),
        ({"msg": "one\ntwo"}, "", "info", None),
    ],
)
def test_what_a_message_says(sent: dict[str, Any], title: str, kind: str, key: str | None) -> None:
    said = uptime_kuma.report_of(uptime_kuma.of_json(json.dumps(sent).encode())).said

    assert (said.title, said.type, said.key) == (title, kind, key)


def test_a_monitor_without_an_address_has_no_link() -> None:
    sent = {"heartbeat": {"status": 0}, "monitor": {"id": 1, "name": "db", "url": "https://", "hostname": "db.example"}}
    said = uptime_kuma.report_of(uptime_kuma.of_json(json.dumps(sent).encode())).said

    assert (said.link, said.text) == (None, "db.example")
