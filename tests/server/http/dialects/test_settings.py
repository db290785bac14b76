"""What a producer's key carries for its senders: set, kept, bounded, and never saying its secret again."""

from __future__ import annotations

from typing import Any

import pytest

from handbell_server.actions.dialects import SETTINGS_BYTES
from tests.server.http.dialects.speaking import Speaker
from tests.server.http.stage import Person, Stage
from tests.support.rest import Rest

PATH = "/v1/producers/me/dialects"
NOTHING: dict[str, Any] = {
    "to": None,
    "routes": {},
    "priorities": {},
    "defaults": {},
    "mapping": {},
    "people": {},
    "speaks": None,
}


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    stage = request.getfixturevalue(f"{request.param}_stage")
    assert isinstance(stage, Stage)
    return stage


def test_what_is_not_given_stays_and_null_takes_it_back(stage: Stage, ci: Rest, ana: Person) -> None:
    assert ci.get(PATH).body == NOTHING | {"secret": False}

    first = ci.call("PATCH", PATH, {"to": ana.name, "routes": {"backups": {"topic": "backups"}}, "secret": "s3cret"})
    second = ci.call("PATCH", PATH, {"to": None, "defaults": {"type": "backup"}})
    third = ci.call("PATCH", PATH, {"secret": None, "routes": None, "defaults": None})

    assert first.body["to"] == ana.name
    assert second.body == NOTHING | {
        "routes": {"backups": {"topic": "backups"}},
        "defaults": {"type": "backup"},
        "secret": True,
    }
    assert third.body == ci.get(PATH).body == NOTHING | {"secret": False}
    assert "s3cret" not in str(first.body) + stage.log()


def test_settings_hold_from_the_next_request_on(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, to=ana.name)

    for person in (ana, ben, ana):
        sender.set(to=person.name)
        assert sender.ask("POST", "/message", {"message": f"To {person.name}"}).status == 200

    assert (len(ana.titles()), len(ben.titles())) == (2, 1)


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("to", {"to": "nobody-at-all"}),
        ("to", {"to": {}}),
        ("to", {"to": {"topic": "ops", "everyone": True}}),
        ("to", {"to": {"topic": "not a topic"}}),
        ("routes.x", {"routes": {"x": ["nobody-at-all"]}}),
        ("speaks[0]", {"speaks": ["klingon"]}),
        ("priorities.klingon", {"priorities": {"klingon": {"8": "high"}}}),
        ("priorities[...][...]", {"priorities": {"gotify": {"8": "highest"}}}),
        ("defaults.link", {"defaults": {"link": "javascript:x"}}),
        ("defaults.type", {"defaults": {"type": "a\u0000b"}}),
        ("defaults.colour", {"defaults": {"colour": "red"}}),
        ("people.octocat", {"people": {"octocat": "no name"}}),
        ("secret", {"secret": ""}),
        ("secret", {"secret": "x" * 257}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_fields_name(ci: Rest, field: str, settings: dict[str, Any]) -> None:
    answer = ci.call("PATCH", PATH, settings)

    assert (answer.status, answer.body["field"]) == (422, field), answer
    assert ci.get(PATH).body == NOTHING | {"secret": False}


def test_there_is_only_so_much(ci: Rest) -> None:
    many = {f"{n}-{'x' * 100}": {"topic": "t"} for n in range(200)}

    assert len(str(many)) > SETTINGS_BYTES
    assert ci.call("PATCH", PATH, {"routes": many}).status == 422
    assert ci.call("PATCH", PATH, {"routes": {str(n): {"topic": "t"} for n in range(201)}}).status == 422
