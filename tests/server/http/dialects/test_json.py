"""JSON of anybody's making, by the producer's mapping or by the usual names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handbell_server.http.dialects.mapped_paths import found_at
from tests.server.http.dialects.speaking import Speaker, dumped, form, left_out
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person, Stage

PATH = "/v1/hooks/json"
ALERT = {
    "alert": {"name": "Disk full", "text": "nas: 97 %", "level": "P1", "id": 17, "state": "open"},
    "links": [{"href": "https://nas.example/disks"}],
    "who": "octocat",
    "team": "storage",
}
MAPPING = {
    "title": "alert.name",
    "body": "/alert/text",
    "link": "links[0].href",
    "priority": "alert.level",
    "key": "alert.id",
    "resolved": "alert.state",
    "group": "nothing.here | team",
    "to": "team",
}


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("json-apprise", {"title": "Backup", "body": "It failed", "type": "error", "priority": "high"}),
        ("json-home-assistant", {"title": "Laundry", "body": "The washing machine is done", "type": "info"}),
    ],
)
def test_what_has_the_usual_names_needs_no_mapping(
    sender: Speaker, ana: Person, recording: str, expected: dict[str, str]
) -> None:
    answer = sender.replay(recording)

    assert answer.status == 200, answer
    assert {name: ana.inbox()[0][name] for name in expected} == expected
    assert answer.body["id"] == ana.inbox()[0]["id"]


def test_a_mapping_says_which_field_is_which(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(
        stage, to=ben.name, routes={"storage": ana.name}, mapping=MAPPING, priorities={"json": {"P1": "urgent"}}
    )

    for state in ("open", "open", "closed"):
        alert = ALERT | {"alert": ALERT["alert"] | {"state": state}}  # type: ignore[operator]
        assert sender.ask("POST", PATH, alert).status == 200

    [one] = ana.inbox()
    told = {name: one[name] for name in ("title", "body", "link", "priority", "group", "resolved", "count")}
    assert told == {
        "title": "Disk full",
        "body": "nas: 97 %",
        "link": "https://nas.example/disks",
        "priority": "urgent",
        "group": "storage",
        "resolved": True,
        "count": 2,
    }
    assert one["data"]["who"] == "octocat"
    assert ben.titles() == []


def test_nobody_is_told_of_what_they_did_under_another_name(sender: Speaker, ana: Person) -> None:
    sender.set(mapping={"title": "alert.name", "actor": "who"}, people={"octocat": ana.name})

    answer = sender.ask("POST", PATH, ALERT)

    assert (answer.status, answer.body) == (200, {})
    assert ana.titles() == []


def test_a_registered_type_says_it_in_its_templates(sender: Speaker, ana: Person) -> None:
    definition = {"title": "{{ data.alert.name }} ({{ data.team }})", "body": "{{ data.alert.text }}"}
    assert sender.own.put("/v1/types/alert", definition).status == 200
    sender.set(defaults={"type": "alert"}, mapping={"link": "links[0].href"})

    assert sender.ask("POST", PATH, ALERT).status == 200
    missing = sender.ask("POST", PATH, {"team": "storage"})

    assert (ana.inbox()[0]["title"], ana.inbox()[0]["body"]) == ("Disk full (storage)", "nas: 97 %")
    assert (missing.status, missing.code) == (422, "invalid")


def test_what_says_nothing_known_is_told_as_it_is(sender: Speaker, ana: Person) -> None:
    for body in ({"strange": {"words": [1, 2]}}, [1, 2, 3], "only a text", 5, None):
        assert sender.ask("POST", PATH, json.dumps(body)).status == 200

    assert ana.inbox()[0]["data"] == {"value": None}
    assert ana.inbox()[4]["title"] == sender.name
    assert '"words"' in ana.inbox()[4]["body"]


def test_a_delivery_that_is_repeated_is_told_once(sender: Speaker, ana: Person) -> None:
    sender.set(mapping={"title": "alert.name", "idempotency_key": "alert.id"})

    first, second = (sender.ask("POST", PATH, ALERT | {"try": number}) for number in (1, 2))

    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"
    assert ana.titles() == ["Disk full"]


@pytest.mark.parametrize("place", ["bearer", "basic", "X-API-Key", "query", "path"])
def test_the_token_may_stand_wherever_a_sender_can_put_it(sender: Speaker, ana: Person, place: str) -> None:
    token = sender.token("json")
    path = {"query": f"{PATH}?token={token}", "path": f"{PATH}/{token}"}.get(place, PATH)
    header = {
        "bearer": {"Authorization": f"Bearer {token}"},
        "basic": {"Authorization": sender.basic},
        "X-API-Key": {"X-API-Key": token},
    }

    for method in ("POST", "PUT"):
        answer = sender.bare.call(method, path, {"message": place}, headers=header.get(place, {}))
        assert answer.status == 200, answer
    assert ana.titles() == [place, place]
    assert token not in sender.stage.log()


@pytest.mark.parametrize(
    ("word", "priority"),
    [
        ("critical", "urgent"),
        ("ERROR", "high"),
        ("warning", "normal"),
        ("info", "low"),
        ("P1", "normal"),
        (3, "normal"),
    ],
)
def test_usual_words_for_urgency_are_known(sender: Speaker, ana: Person, word: object, priority: str) -> None:
    sender.ask("POST", PATH, {"message": "m", "severity": word})

    assert ana.inbox()[0]["priority"] == priority


def test_a_form_is_read_like_json(sender: Speaker, ana: Person) -> None:
    kind = "application/x-www-form-urlencoded"

    assert sender.ask("POST", PATH, form(subject="Cron", message="Done"), Content_Type=kind).status == 200
    assert (ana.inbox()[0]["title"], ana.inbox()[0]["body"]) == ("Cron", "Done")


def test_what_is_refused_is_refused_as_ours(stage: Stage, sender: Speaker) -> None:
    for body, status, code in ((b"{", 400, "malformed"), (b"", 400, "malformed"), (b"[" * 70, 400, "malformed")):
        answer = sender.ask("POST", PATH, body)
        assert (answer.status, answer.code) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    sender.set(mapping={"deliver_at": "at"})
    assert sender.ask("POST", PATH, {"at": "soon"}).body["field"] == "deliver_at"
    assert Speaker.of(stage).ask("POST", PATH, {"message": "m"}).body["field"] == "to"


def test_a_mapping_names_fields_of_ours(sender: Speaker) -> None:
    answer = sender.own.call("PATCH", "/v1/producers/me/dialects", {"mapping": {"titel": "x"}})

    assert (answer.status, answer.body["field"]) == (422, "mapping.titel")


def test_attachments_and_large_data_are_left_out_and_named(sender: Speaker, ana: Person) -> None:
    answer = sender.ask("POST", PATH, {"message": "m", "attachments": [{"base64": "A" * 9_000}]})

    assert left_out(answer) == ["attachments", "data"]
    assert ana.titles() == ["m"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[
            ("a.b", 1),
            ("/a/b", 1),
            ("list[1].x", 2),
            ("/list/1/x", 2),
            ("list.1.x", 2),
            ("/sl~1ash/til~0de", 3),
            ("$", ...),
        ],
        *[("a.c", None), ("a.b.c", None), ("list[9].x", None), ("list.x", None), ("list[-1]", None), ("", None)],
    ],
)
def test_paths_and_pointers(path: str, value: object) -> None:
    document: dict[str, Any] = {"a": {"b": 1}, "list": [{}, {"x": 2}], "sl/ash": {"til~de": 3}}

    assert found_at(document, path) == (document if value is ... else value)


@given(Json, st.text(max_size=30) | st.from_regex(r"[a-c./\[\]~0-9]{0,12}", fullmatch=True))
def test_any_path_finds_something_or_nothing(document: object, path: str) -> None:
    found_at(document, path)


@given(body=Json.map(dumped) | st.binary(max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_the_server_stays_calm(sender: Speaker, body: bytes) -> None:
    sender.set(
        mapping=dict.fromkeys(
            ("title", "link", "priority", "type", "key", "resolved", "actor", "ttl", "deliver_at"), "$"
        )
    )
    mapped = sender.ask("POST", PATH, body)
    sender.set(mapping=None)
    guessed = sender.ask("POST", PATH, body)

    assert mapped.status in (200, 400, 422), mapped
    assert guessed.status in (200, 400, 422), guessed
