"""ntfy's apps, following a person's inbox: lines, events, raw text, WebSockets, polls, and coming back after a while."""

from __future__ import annotations

import base64
import json
import random
import re
import urllib.request
from contextlib import ExitStack
from typing import Any

import pytest
import websocket

from handbell_shared.clock import now_ms
from tests.server.http.dialects.listening import Lines, heard, listener, web_socket
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Answer, Rest
from tests.support.waiting import until


@pytest.fixture
def token(stage: Stage, ana: Person) -> str:
    return listener(stage, ana)


def polled(stage: Stage, token: str, path: str = "/inbox/json?poll=1") -> list[dict[str, Any]]:
    request = urllib.request.Request(stage.url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
        return [json.loads(line) for line in answer.read().splitlines()]


def texts(found: list[dict[str, Any]]) -> list[str]:
    return [one["message"] for one in found]


def test_a_message_arrives_as_ntfys_apps_read_it(stage: Stage, ana: Person, ci: Rest, token: str) -> None:
    button = {"id": "open", "label": "Open", "kind": "link", "link": "https://ci.example/1/log"}
    with Lines(stage.server.port, token, "/inbox/json") as phone:
        assert (phone.status, phone.headers["content-type"]) == (200, "application/x-ndjson; charset=utf-8")
        opened = phone.event()
        assert (opened["event"], opened["topic"]) == ("open", "inbox")
        sent = created(
            ci.notify(
                ana.name, "Build failed", body="main is red", link="https://ci.example/1", priority="urgent",
                actions=[button, {"id": "yes", "label": "Yes"}], ttl=3_600,
            )
        )  # fmt: skip
        [one] = phone.messages(1)

    source = ana.inbox()[0]["source"]
    assert abs(one.pop("time") - now_ms() / 1000) < 60
    assert abs(one.pop("expires") - now_ms() / 1000 - 3_600) < 60
    assert re.fullmatch(r"\w+", one.pop("id"))
    assert one == {
        "event": "message", "topic": "inbox", "sequence_id": sent["id"].replace("-", ""), "title": "Build failed",
        "message": "main is red", "priority": 5, "tags": [source], "click": "https://ci.example/1",
        "actions": [{"id": "open", "action": "view", "label": "Open", "url": "https://ci.example/1/log", "clear": False}],
    }  # fmt: skip
    assert not ana.inbox()[0].get("read"), "what an app fetched has not been read"


def test_all_four_ways_tell_the_same(stage: Stage, ana: Person, ci: Rest, token: str) -> None:
    sse, raw = Lines(stage.server.port, token, "/inbox/sse"), Lines(stage.server.port, token, "/inbox/raw")
    sock = web_socket(stage, "/inbox/ws", token)
    assert [sse.line(), json.loads(sse.line().removeprefix("data: "))["event"], sse.line()] == [
        "event: open\n", "open", "\n",
    ]  # fmt: skip
    assert raw.line() == "\n"
    assert heard(sock)["event"] == "open"

    ci.notify(ana.name, "Two\tlines", body="one\ntwo")

    said = json.loads(sse.line().removeprefix("data: "))
    assert said == heard(sock)
    assert said["message"] == "one\ntwo"
    assert raw.line() == "one two\n"
    for one in (sse, raw, sock):
        one.close()


def test_a_topic_is_a_part_of_ones_own_inbox(stage: Stage, ana: Person, ci: Rest, token: str) -> None:
    nas = stage.producer(name="nas-of-ntfy")
    nas.notify(ana.name, "From the nas")
    ci.notify(ana.name, "In a group", group="backups")
    ci.notify(ana.name, "Of neither")

    assert texts(polled(stage, token, "/nas-of-ntfy/json?poll=1")) == ["From the nas"]
    assert texts(polled(stage, token, "/backups/json?poll=1")) == ["In a group"]
    assert [(one["topic"], one["message"]) for one in polled(stage, token, "/inbox,backups/json?poll=1")] == [
        ("inbox", "From the nas"), ("backups", "In a group"), ("inbox", "Of neither"),
    ]  # fmt: skip
    assert polled(stage, token, "/elsewhere/json?poll=1") == []


def test_nobody_hears_of_anybody_else(stage: Stage, ana: Person, ben: Person, ci: Rest, token: str) -> None:
    with Lines(stage.server.port, token, f"/inbox,{ben.name}/json") as phone:
        phone.event()
        ci.notify(ben.name, "For Ben", group="inbox")
        ci.notify(ana.name, "For Ana")
        assert texts(phone.messages(1)) == ["For Ana"]
    bens = polled(stage, listener(stage, ben))

    with_bens_id = f"/inbox/json?poll=1&since={bens[0]['id']}"
    assert "For Ben" not in texts(polled(stage, token, with_bens_id))


@pytest.mark.parametrize(
    ("since", "told"), [("all", "abc"), ("latest", "c"), ("none", ""), ("10m", "abc"), ("1h30m", "abc")]
)
def test_since_says_how_far_back(stage: Stage, ana: Person, ci: Rest, token: str, since: str, told: str) -> None:
    for letter in "abc":
        ci.notify(ana.name, letter)

    assert "".join(texts(polled(stage, token, f"/inbox/json?poll=1&since={since}"))) == told


def test_since_may_be_a_moment_or_the_id_of_another_server(stage: Stage, ana: Person, ci: Rest, token: str) -> None:
    ci.notify(ana.name, "Here")
    now = now_ms() // 1000

    assert texts(polled(stage, token, f"/inbox/json?poll=1&since={now - 60}")) == ["Here"]
    assert texts(polled(stage, token, f"/inbox/json?poll=1&since={now + 60}")) == []
    assert texts(polled(stage, token, "/inbox/json?poll=1&since=sPs71M8A2T8M")) == ["Here"]
    wrong = stage.rest(token).get("/inbox/json?poll=1&since=yester+day")
    assert (wrong.status, wrong.body["http"], wrong.body["error"]) == (400, 400, "invalid since parameter")


def test_who_comes_back_with_the_last_id_misses_nothing_and_hears_nothing_twice(
    stage: Stage, ana: Person, ci: Rest, token: str
) -> None:
    """Batches share a revision, the connection is cut anywhere, and the desktop reads and looks meanwhile."""
    chance = random.Random(7)
    got: list[dict[str, Any]] = []
    number = 0
    for _ in range(12):
        since = got[-1]["id"] if got else "all"
        with Lines(stage.server.port, token, f"/inbox/json?since={since}") as phone:
            for _ in range(chance.randrange(3)):
                batch = [{"to": ana.name, "title": str(number + i)} for i in range(chance.randrange(1, 6))]
                number += len(batch)
                assert ci.post("/v1/notifications/batch", {"notifications": batch}).status == 200
            there = len(polled(stage, token, f"/inbox/json?poll=1&since={since}"))
            got += phone.messages(chance.randrange(there + 1))
        ana.does("pin", *ana.inbox(limit=3))
        ana.does("seen", *ana.inbox(limit=3))
    got += polled(stage, token, f"/inbox/json?poll=1&since={got[-1]['id']}")

    assert texts(got) == [str(one) for one in range(number)]


def test_what_is_told_anew_is_a_message_again_and_reading_makes_none(
    stage: Stage, ana: Person, ci: Rest, token: str
) -> None:
    with Lines(stage.server.port, token, "/inbox/json") as phone:
        phone.event()
        ci.notify(ana.name, "Disk full", key="disk")
        [first] = phone.messages(1)
        ana.does("read", *ana.inbox())
        ana.does("archive", *ana.inbox(), register="agen")
        ci.notify(ana.name, "Disk full again", key="disk")
        [second] = phone.messages(1)

    assert first["sequence_id"] == second["sequence_id"]
    assert first["id"] != second["id"]
    again = polled(stage, token, f"/inbox/json?poll=1&since={first['id']}")
    assert again == [second]
    ana.does("read", *ana.inbox())
    assert polled(stage, token, f"/inbox/json?poll=1&since={first['id']}") == []


def test_what_a_rule_closes_to_push_is_not_sent(stage: Stage, ana: Person, ci: Rest, token: str) -> None:
    source = {"title": "first"}
    ci.notify(ana.name, source["title"])
    name = ana.inbox()[0]["source"]
    rules = [
        {"type": "info", "push": False},
        {"type": "warning", "sound": False},
        {"type": "error", "toast": False},
    ]
    for rule in rules:
        rule["source"] = name
    assert ana.rest.patch("/v1/preferences", {"rules": rules}).status == 200
    with Lines(stage.server.port, token, "/inbox/json") as phone:
        phone.event()
        for kind in ("info", "warning", "error"):
            ci.notify(ana.name, kind, type=kind, priority="high")
        live = phone.messages(2)

    assert [(one["message"], one["priority"]) for one in live] == [("warning", 2), ("error", 1)]
    assert texts(polled(stage, token)) == ["warning", "error"]
    assert ana.titles() == ["error", "warning", "info", "first"]


def test_a_client_that_takes_nothing_is_waited_for_and_then_misses_nothing(
    stage: Stage, ana: Person, ci: Rest, token: str
) -> None:
    """More than waits for a client at once: the rest is read when there is room."""
    long = "x" * 4_000
    with Lines(stage.server.port, token, "/inbox/json", buffer=4096) as phone:
        for start in range(0, 1_500, 150):
            batch = [{"to": ana.name, "title": str(start + i), "body": long} for i in range(150)]
            assert ci.post("/v1/notifications/batch", {"notifications": batch}).status == 200
        assert [one["title"] for one in phone.messages(1_500)] == [str(one) for one in range(1_500)]


@pytest.mark.parametrize("place", ["bearer", "basic", "no user", "auth"])
def test_the_token_may_stand_where_ntfys_apps_put_it(stage: Stage, ana: Person, token: str, place: str) -> None:
    def basic(text: str) -> str:
        return "Basic " + base64.b64encode(text.encode()).decode()

    header = {"bearer": f"Bearer {token}", "basic": basic(f"{ana.name}:{token}"), "no user": basic(f":{token}")}.get(
        place
    )
    packed = base64.urlsafe_b64encode(f"Bearer {token}".encode()).decode().rstrip("=")
    query = f"?auth={packed}" if place == "auth" else ""
    headers = {} if header is None else {"Authorization": header}

    for path in ("/inbox/auth", "/ntfy/inbox/auth"):
        answer = stage.rest().call("GET", path + query, headers=headers)
        assert (answer.status, answer.body) == (200, {"success": True})


def test_a_token_for_one_system_opens_nothing_else(stage: Stage, ana: Person, token: str) -> None:
    phone, gotify = stage.rest(token), stage.rest(listener(stage, ana, "gotify"))

    def refused(answer: Answer) -> bool:
        return answer.status == 403

    assert refused(phone.get("/v1/inbox"))
    assert refused(phone.get("/message"))
    assert refused(phone.post("/backups", "published"))
    assert refused(phone.post("/v1/devices/tokens", {"name": "more", "dialect": "ntfy"}))
    assert refused(gotify.get("/inbox/json?poll=1"))
    assert refused(stage.producer().get("/inbox/json?poll=1"))
    assert stage.rest().get("/inbox/json?poll=1").status == 401


def test_ten_programs_of_one_person_listen_side_by_side_and_the_newest_of_more(
    stage: Stage, ana: Person, ci: Rest, token: str
) -> None:
    port = stage.server.port
    with ExitStack() as streams:
        first, *others = [streams.enter_context(Lines(port, token, "/inbox/json")) for _ in range(10)]
        created(ci.notify(ana.name, "To all ten"))
        assert [one.messages(1)[0]["message"] for one in (first, *others)] == ["To all ten"] * 10

        eleventh = streams.enter_context(Lines(port, token, "/inbox/json"))

        first.ends()
        created(ci.notify(ana.name, "To those who are left"))
        assert [one.messages(1)[0]["message"] for one in (*others, eleventh)] == ["To those who are left"] * 10


def test_an_app_that_is_signed_out_hears_no_more(stage: Stage, ana: Person, token: str) -> None:
    sock = web_socket(stage, "/inbox/ws", token)
    heard(sock)
    [phone] = [one for one in ana.rest.get("/v1/devices").body["devices"] if one.get("dialect") == "ntfy"]
    with Lines(stage.server.port, token, "/inbox/json") as lines:
        lines.event()
        assert ana.rest.delete(f"/v1/devices/{phone['id']}").status == 204
        lines.ends()
    with pytest.raises(websocket.WebSocketException):
        until(lambda: sock.recv() == "never", 10, "the end")
    sock.close()
    until(lambda: stage.rest(token).get("/inbox/auth").status == 401, 10, "the token to be refused")


def test_what_is_no_topic_no_websocket_or_no_poll_is_refused_clearly(stage: Stage, token: str) -> None:
    phone = stage.rest(token)

    assert phone.get("/in%20box/json?poll=1").body["code"] == 40009
    assert phone.get(f"/{','.join('abcdefghijklmnopqrstuvwxyz')}/auth").status == 400
    assert phone.get("/inbox/ws").status == 400
    assert phone.get("/inbox/ws?poll=1").status == 400
    with pytest.raises(websocket.WebSocketBadStatusException) as foreign:
        web_socket(stage, "/inbox/ws", token, origin="https://evil.example")
    assert foreign.value.status_code == 403
    with pytest.raises(websocket.WebSocketBadStatusException) as elsewhere:
        web_socket(stage, "/v1/inbox", token)
    assert elsewhere.value.status_code == 400
    assert stage.rest().get("/v1/health").body == {"healthy": True}
