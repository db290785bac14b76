"""Gotify's apps: signing in with a password or a token, the list in pages, tidying up, and the stream."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import websocket

from tests.server.http.dialects.listening import heard, listener, web_socket
from tests.server.http.stage import PASSWORD, Person, Stage
from tests.support.rest import Answer, Rest


@pytest.fixture
def app(stage: Stage, ana: Person) -> Rest:
    return stage.rest(listener(stage, ana, "gotify"))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def page(app: Rest, query: str = "") -> dict[str, Any]:
    answer = app.get(f"/message{query}")
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body
    return found


def titles(app: Rest, query: str = "") -> list[str]:
    return [one["title"] for one in page(app, query)["messages"]]


def test_an_app_signs_in_with_the_password_once_and_is_a_device_from_then_on(stage: Stage, ana: Person) -> None:
    stranger = stage.rest()
    assert stranger.get("/version").body["version"]
    assert stranger.get("/health").body == {"health": "green", "database": "green"}
    me = stranger.call("GET", "/current/user", headers=basic(ana.name, PASSWORD))
    assert (me.status, me.body["name"]) == (200, ana.name)

    made = stranger.call("POST", "/client", {"name": "Pixel"}, headers=basic(ana.name, PASSWORD))

    assert made.status == 200
    assert made.body["token"].startswith("C")
    assert len(made.body["token"]) == 15
    app = stage.rest(made.body["token"])
    assert app.get("/client").body == [{"id": made.body["id"], "name": "Pixel"}]
    listed = {one["name"]: one.get("dialect") for one in ana.rest.get("/v1/devices").body["devices"]}
    assert listed == {"laptop": None, "Pixel": "gotify"}
    assert app.delete(f"/client/{made.body['id']}").status == 200
    assert app.get("/message").status == 401


def test_who_has_no_password_gives_the_app_a_token_in_its_place(stage: Stage, ana: Person) -> None:
    token = listener(stage, ana, "gotify")
    as_password = basic(ana.name, token)

    assert stage.rest().call("GET", "/current/user", headers=as_password).body["name"] == ana.name
    assert stage.rest().call("POST", "/client", {"name": "Pixel"}, headers=as_password).body["token"] == token


def test_a_wrong_password_is_said_as_gotify_says_it(stage: Stage, ana: Person) -> None:
    for path, method in (("/current/user", "GET"), ("/client", "POST")):
        wrong = stage.rest().call(
            method, path, {"name": "x"} if method == "POST" else None, headers=basic(ana.name, "no")
        )
        assert (wrong.status, wrong.body["errorCode"], wrong.body["error"]) == (401, 401, "Unauthorized")
    assert stage.rest().call("GET", "/message", headers=basic(ana.name, PASSWORD)).status == 401


def test_the_inbox_is_a_list_of_messages_newest_first_in_pages(ana: Person, ci: Rest, app: Rest) -> None:
    batch = [{"to": ana.name, "title": str(one), "body": f"body {one}"} for one in range(7)]
    assert ci.post("/v1/notifications/batch", {"notifications": batch}).status == 200
    ci.notify(ana.name, "Last", link="https://ci.example/", priority="urgent")

    seen: list[dict[str, Any]] = []
    query = "?limit=3"
    while query:
        found = page(app, query)
        seen += found["messages"]
        assert found["paging"]["size"] == len(found["messages"]) <= 3
        query = found["paging"].get("next", "").removeprefix("/message")

    assert {one["title"] for one in seen} == {"Last", *map(str, range(7))}
    assert len(seen) == 8
    numbers = [one["id"] for one in seen]
    assert numbers == sorted(set(numbers), reverse=True)
    assert all(number < 2**53 for number in numbers)
    assert seen[0]["title"] == "Last"
    assert seen[0]["priority"] == 10
    assert seen[0]["extras"] == {"client::notification": {"click": {"url": "https://ci.example/"}}}
    assert seen[0]["date"].endswith("Z")
    assert not any(one.get("read") for one in ana.inbox()), "what an app fetched has not been read"


def test_applications_are_the_sources_of_what_is_there(stage: Stage, ana: Person, app: Rest) -> None:
    for name in ("nas-of-gotify", "ci-of-gotify"):
        stage.producer(name=name).notify(ana.name, f"From {name}")

    numbers = {one["name"]: one["id"] for one in app.get("/application").body}

    assert set(numbers) == {"nas-of-gotify", "ci-of-gotify"}
    of_one = app.get(f"/application/{numbers['nas-of-gotify']}/message").body["messages"]
    assert [(one["title"], one["appid"]) for one in of_one] == [("From nas-of-gotify", numbers["nas-of-gotify"])]
    assert app.delete(f"/application/{numbers['nas-of-gotify']}/message").status == 200
    assert titles(app) == ["From ci-of-gotify"]


def test_deleting_archives(ana: Person, ci: Rest, app: Rest) -> None:
    for title in ("one", "two", "three"):
        ci.notify(ana.name, title)
    number = page(app)["messages"][1]["id"]

    assert app.delete(f"/message/{number}").status == 200
    assert titles(app) == ["three", "one"]
    assert ana.titles(state="archived") == ["two"]
    assert app.delete(f"/message/{number}").status == 404
    assert app.delete("/message").status == 200
    assert titles(app) == []
    assert set(ana.titles(state="archived")) == {"one", "two", "three"}


def test_the_stream_brings_what_comes_and_the_list_what_came_meanwhile(
    stage: Stage, ana: Person, ben: Person, ci: Rest, app: Rest
) -> None:
    ci.notify(ana.name, "Before")
    sock = web_socket(stage, f"/stream?token={app.token}")
    ci.notify(ben.name, "For Ben")
    ci.notify(ana.name, "Live", key="k")
    first = heard(sock)
    ci.notify(ana.name, "Live again", key="k")
    second = heard(sock)
    sock.close()
    ci.notify(ana.name, "Meanwhile")

    assert [first["title"], second["title"]] == ["Live", "Live again"]
    missed = [one["title"] for one in page(app)["messages"] if one["id"] > second["id"]]
    assert missed == ["Meanwhile"]
    assert titles(app) == ["Meanwhile", "Live again", "Before"]


def test_a_socket_that_is_not_one_of_gotifys_is_refused(stage: Stage, ana: Person, app: Rest) -> None:
    def status(path: str, **more: Any) -> int:
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            web_socket(stage, path, **more)
        return int(refused.value.status_code)

    assert app.get("/stream").status == 400
    assert status("/stream") == 401
    assert status(f"/stream?token={listener(stage, ana, 'ntfy')}") == 403
    assert status(f"/stream?token={app.token}", origin="https://evil.example") == 403


@pytest.mark.parametrize("query", ["?limit=0", "?limit=201", "?limit=x", "?since=-1"])
def test_a_wrong_page_names_the_parameter(app: Rest, query: str) -> None:
    answer: Answer = app.get(f"/message{query}")

    assert answer.status == 400
    assert answer.body["errorDescription"].startswith(query[1:].partition("=")[0])
