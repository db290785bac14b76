"""People who are removed, come back, or are locked out for a while: nothing of theirs goes to anybody else."""

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Socket, Stage, created
from tests.support.rest import Rest
from tests.support.waiting import until

HEARD_OF = 3.0
"""Seconds until the server has heard what the command line did; a sweep takes 0.2 here."""


def test_the_mail_of_a_removed_person_reaches_nobody_who_came_after(stage: Stage, ci: Rest) -> None:
    carol = stage.person("carol")
    created(ci.notify(carol.name, "Before"))

    stage.server.cli("user", "remove", carol.name, "--yes")
    dave = stage.person("dave")
    answer = ci.notify(carol.name, "For carol")

    assert (answer.status, answer.code) == (404, "unknown_user")
    assert dave.titles() == []
    assert dave.rest.get("/v1/stats").body["unread"] == 0


def test_a_removed_person_who_is_added_again_gets_mail_again(stage: Stage, ci: Rest) -> None:
    carol = stage.person("carol")
    created(ci.notify(carol.name, "Before"))
    stage.remove(carol)
    assert ci.notify(carol.name, "Meanwhile").status == 404
    again = stage.person(name=carol.name)

    until(lambda: ci.notify(carol.name, "Again").status == 201, HEARD_OF, "her mail to find her new inbox")

    assert again.titles() == ["Again"]


def test_a_disabled_person_gets_no_mail_until_they_are_enabled(stage: Stage, ci: Rest, ana: Person) -> None:
    created(ci.notify(ana.name, "Before"))
    stage.disable(ana)
    until(lambda: ci.notify(ana.name, "Meanwhile").status == 404, HEARD_OF, "her mail to be refused")

    stage.disable(ana, False)
    until(lambda: ci.notify(ana.name, "After").status == 201, HEARD_OF, "her mail to be taken again")

    assert stage.device_of(ana.name).titles()[0] == "After"


def test_a_request_of_somebody_removed_a_moment_ago_is_refused_and_breaks_nothing(stage: Stage) -> None:
    action = {"id": new_id(), "kind": "read", "ids": [[new_id(), 0]], "at": now_ms()}
    requests: list[tuple[str, str, object]] = [
        ("GET", "/v1/inbox", None),
        ("GET", "/v1/stats", None),
        ("GET", "/v1/sync/snapshot", None),
        ("GET", "/v1/sync/delta?epoch=x&rev=0", None),
        ("POST", "/v1/actions", {"actions": [action]}),
        ("PUT", "/v1/topics/deploys/subscription", None),
        ("DELETE", "/v1/topics/deploys/subscription", None),
        ("GET", "/v1/devices", None),
        ("DELETE", f"/v1/devices/{new_id()}", None),
        ("DELETE", "/v1/sessions/current", None),
    ]
    for method, path, body in requests:
        carol = stage.person("carol")
        assert carol.rest.get("/v1/topics").status == 200, "her token was not remembered"
        stage.remove(carol)

        answer = carol.rest.call(method, path, body)

        # Looking into nothing is harmless while the token is remembered, for a second at most.
        assert answer.status in (200, 204, 401, 404), (method, path, answer)
        until(lambda: carol.rest.get("/v1/stats").status == 401, HEARD_OF, "her token to be worth nothing")  # noqa: B023


def test_a_socket_of_somebody_removed_is_ended(stage: Stage) -> None:
    carol = stage.person("carol")
    socket = Socket(stage.url, {"token": carol.token, "protocol": 1})
    socket.hears("hello")

    stage.remove(carol)

    assert socket.hears("bye")["reason"] == "revoked"
    socket.ends()
