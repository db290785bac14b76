"""A person tries out whether notifications reach them."""

from __future__ import annotations

from pathlib import Path

from tests.server.http.stage import Person, Socket, Stage, created


def test_a_test_notification_comes_the_way_all_others_come(stage: Stage, ana: Person, ben: Person) -> None:
    socket = Socket(stage.url, {"token": ana.token, "protocol": 1})
    socket.hears("hello")

    told = created(ana.rest.post("/v1/test-notification", None))

    [pushed] = socket.hears("push")["changes"]
    assert (pushed["id"], pushed["source"]) == (told["id"], "Handbell")
    assert pushed.get("type", "info") == "info" and not pushed.get("read")
    assert (told["user"], ana.titles()) == (ana.name, [pushed["title"]])
    assert ben.titles() == []
    assert ana.does("read", pushed)["status"] == "ok"
    socket.close()


def test_test_notifications_are_rare(tmp_path: Path) -> None:
    with Stage(tmp_path, HANDBELL_SIGN_IN_RATE="0.001", HANDBELL_SIGN_IN_BURST="2") as stage:
        ana, ben = stage.person("ana"), stage.person("ben")

        answers = [ana.rest.post("/v1/test-notification", None) for _ in range(3)]

        assert [answer.status for answer in answers] == [201, 201, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert ben.rest.post("/v1/test-notification", None).status == 201
