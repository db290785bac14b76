"""Signing in, devices, topics, presence."""

from typing import Any

import pytest

from handbell_shared.ids import is_id, new_id
from tests.server.http.stage import PASSWORD, Person, Socket, Stage
from tests.support.rest import Rest
from tests.support.waiting import until


def sign_in(stage: Stage, **changes: Any) -> Any:
    body = {"user": "nobody", "password": PASSWORD, "device": {"name": "phone", "platform": "linux"}} | changes
    return stage.rest().post("/v1/sessions", body)


def test_a_password_makes_a_device(stage: Stage, ana: Person) -> None:
    answer = sign_in(stage, user=ana.name)

    assert answer.status == 201
    assert set(answer.body) == {"token", "device", "user"}
    assert is_id(answer.body["device"]) and answer.body["token"].startswith("hbd_")
    assert answer.body["user"] == ana.name
    devices = stage.rest(answer.body["token"]).get("/v1/devices").body["devices"]
    assert [(one["name"], one.get("current", False)) for one in devices] == [("laptop", False), ("phone", True)]


def test_an_unknown_user_and_a_wrong_password_are_answered_alike(stage: Stage, ana: Person) -> None:
    wrong = sign_in(stage, user=ana.name, password="not the password")
    unknown = sign_in(stage, user="nobody-at-all")
    odd = sign_in(stage, user="odd\x00name")

    for answer in (wrong, unknown, odd):
        answer.body.pop("request_id")
        assert (answer.status, answer.code) == (401, "wrong_password")
    assert wrong.body == unknown.body == odd.body
    assert wrong.headers["www-authenticate"] == "Bearer"


def test_signing_out_ends_the_token(stage: Stage, ana: Person) -> None:
    phone = stage.rest(sign_in(stage, user=ana.name).body["token"])
    assert phone.get("/v1/stats").status == 200

    assert phone.delete("/v1/sessions/current").status == 204

    assert phone.get("/v1/stats").code == "unauthenticated"
    assert [one["name"] for one in ana.rest.get("/v1/devices").body["devices"]] == ["laptop"]


def test_a_revoked_device_is_put_out_and_its_token_is_worth_nothing(stage: Stage, ana: Person) -> None:
    phone = stage.device_of(ana.name, "phone")
    socket = Socket(stage.url, {"token": phone.token, "protocol": 1})
    socket.hears("hello")
    assert phone.rest.get("/v1/stats").status == 200

    assert ana.rest.delete(f"/v1/devices/{phone.device}").status == 204

    assert socket.hears("bye")["reason"] == "revoked"
    socket.ends()
    assert phone.rest.get("/v1/stats").status == 401
    assert ana.rest.delete(f"/v1/devices/{phone.device}").status == 404


def test_somebody_elses_device_does_not_exist(stage: Stage, ana: Person, ben: Person) -> None:
    answers = [ben.rest.delete(f"/v1/devices/{name}") for name in (ana.device, new_id(), "not-an-id")]

    for answer in answers:
        answer.body.pop("request_id")
        assert answer.status == 404
    assert answers[0].body == answers[1].body == answers[2].body
    assert ana.rest.get("/v1/stats").status == 200


def test_topics_are_subscribed_and_left(ana: Person) -> None:
    for _ in range(2):
        assert ana.rest.put("/v1/topics/deploys/subscription").status == 204
    ana.rest.put("/v1/topics/alerts.eu-1/subscription")
    assert ana.rest.get("/v1/topics").body == {"topics": ["alerts.eu-1", "deploys"]}

    for _ in range(2):
        assert ana.rest.delete("/v1/topics/deploys/subscription").status == 204

    assert ana.rest.get("/v1/topics").body == {"topics": ["alerts.eu-1"]}


@pytest.mark.parametrize("topic", ["-x", "a%20b", "a%00", "x" * 65, "%F0%9F%94%94", "a%0A"])
def test_a_topic_that_is_none_is_refused(ana: Person, topic: str) -> None:
    for method in ("PUT", "DELETE"):
        answer = ana.rest.call(method, f"/v1/topics/{topic}/subscription")
        assert (answer.status, answer.body["field"]) == (422, "topic")


def test_administrators_see_who_is_online(stage: Stage, ana: Person) -> None:
    admin = stage.person("root", admin=True)
    socket = Socket(stage.url, {"token": ana.token, "protocol": 1})
    assert socket.hears("hello")["device"] == ana.device

    def online() -> bool:
        return ana.name in admin.rest.get("/v1/presence?limit=500").body["users"]

    until(online, 5, "her to be online")
    devices = ana.rest.get("/v1/devices").body["devices"]
    assert devices[0]["online"] is True
    socket.close()
    until(lambda: not online(), 5, "her to be offline")
    assert ana.rest.get("/v1/presence").code == "forbidden"


def test_a_producer_sees_who_is_online_only_with_that_scope(stage: Stage) -> None:
    assert stage.producer(["presence"]).get("/v1/presence").status == 200
    assert stage.producer(["send:user"]).get("/v1/presence").code == "forbidden"


def test_presence_is_paged(stage: Stage) -> None:
    admin = stage.person("root", admin=True)
    people = [stage.person("zz-paged") for _ in range(3)]
    sockets = [Socket(stage.url, {"token": one.token, "protocol": 1}) for one in people]
    names = sorted(one.name for one in people)

    def page(cursor: str) -> dict[str, Any]:
        body: dict[str, Any] = admin.rest.get(f"/v1/presence?limit=2&cursor={cursor}").body
        return body

    until(lambda: page("zz-paged")["next"] == names[1], 5, "all three to be online")
    assert page("zz-paged") == {"users": names[:2], "next": names[1]}
    assert page(names[1])["users"][:1] == names[2:]
    for socket in sockets:
        socket.close()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user": ""}, "user"),
        ({"user": 5}, "user"),
        ({"password": "x" * 4097}, "password"),
        ({"device": {}}, "device.name"),
        ({"device": {"name": "x" * 129}}, "device.name"),
        ({"device": {"name": "x", "os": "linux"}}, "device.os"),
        ({"totp": "123456"}, "totp"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_sign_in_that_is_none_is_refused(stage: Stage, changes: dict[str, object], field: str) -> None:
    answer = sign_in(stage, **changes)

    assert (answer.status, answer.body["field"]) == (422, field)


def test_producers_and_people_have_different_doors(ci: Rest, ana: Person) -> None:
    assert ci.get("/v1/inbox").code == "forbidden"
    assert ana.rest.notify(ana.name, "Hello").code == "forbidden"
