"""Types: what they say in the place of their producer, whose they are, and in which language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handbell_server.actions import types
from handbell_server.models import Installation
from handbell_server.rules.kinds import TypeDefinition
from handbell_shared.clock import now_ms
from tests.server.http.stage import Person, Stage, comes_now, created, new_database
from tests.support.rest import Answer, Rest
from tests.support.waiting import until

DEPLOY: dict[str, Any] = {
    "title": "{{ data.app }} {{ data.version }} is live",
    "body": "{{ actor.name if actor is defined else 'Somebody' }} did it",
    "link": "https://ci.example/{{ data.app | urlencode }}",
    "translations": {"de": {"title": "{{ data.app }} {{ data.version }} ist da", "labels": {"back": "Zurück"}}},
    "icon": "success",
    "colour": "#17693F",
    "category": "deploys",
    "priority": "low",
    "actions": [
        {"id": "back", "label": "Roll back"},
        {"id": "open", "label": "Open", "kind": "link", "link": "https://ci.example/{{ data.version }}"},
    ],
    "ttl": 3600,
}
SHOP = {"app": "shop", "version": "v2"}


def registered(who: Rest, name: str = "deploy", **definition: Any) -> dict[str, Any]:
    answer = who.put(f"/v1/types/{name}", definition or DEPLOY)
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def send(ci: Rest, to: object, **more: Any) -> Answer:
    return ci.post("/v1/notifications", {"to": to, **more})


def speaks(person: Person, language: str | None) -> None:
    answer = person.rest.call("PATCH", "/v1/me", {"language": language})
    assert answer.status == 200, answer


def test_a_type_fills_in_what_its_producer_leaves_out(ci: Rest, ana: Person) -> None:
    registered(ci)

    created(send(ci, ana.name, type="deploy", data=SHOP, actor="bela"))

    (bell,) = ana.inbox()
    assert (bell["title"], bell["body"], bell["link"]) == ("shop v2 is live", "bela did it", "https://ci.example/shop")
    assert (bell["category"], bell["icon"], bell["colour"]) == ("deploys", "success", "#17693f")
    assert bell["priority"] == "low"
    assert [button["label"] for button in bell["actions"]] == ["Roll back", "Open"]
    assert bell["actions"][1]["link"] == "https://ci.example/v2"
    assert 3_590_000 < bell["expires_at"] - now_ms() <= 3_600_000


def test_what_the_producer_says_itself_wins(ci: Rest, ana: Person) -> None:
    registered(ci)

    said = {"title": "Mine", "priority": "urgent", "expires_at": now_ms() + 60_000, "actions": []}
    created(send(ci, ana.name, type="deploy", **said))
    created(send(ci, ana.name, type="deploy", data=SHOP, body="My body", link="https://mine.example"))

    theirs, mine = ana.inbox()
    assert (theirs["title"], theirs["body"], theirs["link"]) == ("shop v2 is live", "My body", "https://mine.example")
    assert {name: mine[name] for name in ("title", "priority", "expires_at")} == {
        name: said[name] for name in ("title", "priority", "expires_at")
    }
    assert mine["icon"] == "success", "how it looks is still the type's"
    assert not {"actions", "body", "link"} & mine.keys()


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"data": {"app": "shop"}}, "data.version", "'deploy' cannot be made: data.version is missing"),
        ({}, "data.app", "data.app is missing"),
        ({"data": {"app": "shop", "version": None}}, "data.version", "data.version is null"),
        ({"data": {"app": ["shop"], "version": "v2"}}, "data.app", "data.app is no text"),
        ({"data": {"app": "x" * 200, "version": "v2"}}, "title", "more than 200 characters"),
        ({"data": {"app": "shop", "version": "v2", "x": "y" * 9_000}}, "data", "bytes"),
        ({"data": {"app": "shop", "version": "a b"}}, "actions[1].link", "spaces"),
        ({"data": {"app": "a\0", "version": "v2"}}, "title", "NUL"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_and_named(ci: Rest, ana: Person, more: Any, field: str, says: str) -> None:
    registered(ci)

    answer = send(ci, ana.name, type="deploy", **more)

    assert (answer.status, answer.body["field"]) == (422, field)
    assert says in answer.body["detail"]
    assert ana.titles() == []


def test_a_title_is_never_empty(ci: Rest, ana: Person) -> None:
    registered(ci, "blank", title="{{ data.x }}")
    registered(ci, "titleless", icon="bell")

    for kind in ("blank", "titleless", "info", "no-such-type"):
        answer = send(ci, ana.name, type=kind, data={"x": " "})
        assert (answer.status, answer.body["field"]) == (422, "title"), kind


def test_a_link_that_a_template_makes_is_judged_like_any_other(ci: Rest, ana: Person) -> None:
    registered(ci, "linked", title="x", link="{{ data.url }}")
    registered(ci, "maybe", title="x", link="{{ data.url | default('') }}")

    assert send(ci, ana.name, type="linked", data={"url": "javascript:alert(1)"}).code == "link_refused"
    created(send(ci, ana.name, type="maybe"))
    assert "link" not in ana.inbox()[0]


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({"title": "one\n{{ data.x"}, "title"),
        ({"title": "{% for x in data %}{% endfor %}"}, "title"),
        ({"title": "a\0"}, "title"),
        ({"title": "x", "body": "{{ nobody }}"}, "body"),
        ({"title": "x", "link": "ftp://example.org"}, "link"),
        ({"title": "x", "translations": {"de": {"title": "{{ 2 ** 9 }}"}}}, "translations.de.title"),
        ({"title": "x", "translations": {"deutsch": {"title": "x"}}}, "translations.deutsch"),
        ({"title": "x", "translations": {"DE": {"title": "x"}}}, "translations.DE"),
        ({"title": "x", "translations": {"de": {"body": "x"}}}, "translations.de.body"),
        ({"translations": {"de": {"title": "x"}}}, "translations.de.title"),
        ({"title": "x", "translations": {"de": {"labels": {"no": "x"}}}}, "translations.de.labels.no"),
        ({"icon": "unicorn"}, "icon"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#17693f\n"}, "colour"),
        ({"category": "No Spaces"}, "category"),
        ({"priority": "huge"}, "priority"),
        ({"ttl": 0}, "ttl"),
        ({"actions": [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]}, "actions[1].id"),
        ({"actions": [{"id": "a", "label": "A", "kind": "link", "link": "javascript:x"}]}, "actions[0].link"),
        ({"actions": [{"id": "a", "label": "A", "kind": "link"}]}, "actions[0].link"),
        ({"titel": "x"}, "titel"),
    ],
)
def test_a_type_that_could_not_be_used_is_refused_when_it_is_registered(
    ci: Rest, definition: dict[str, Any], field: str
) -> None:
    answer = ci.put("/v1/types/wrong", definition)

    assert (answer.status, answer.body["field"]) == (422, field), answer
    assert ci.get("/v1/types/wrong").status == 404


def test_a_mistake_in_a_template_names_its_line(ci: Rest) -> None:
    assert "Line 2" in ci.put("/v1/types/wrong", {"title": "one\n{{ data.x"}).body["detail"]


@pytest.mark.parametrize("name", ["Deploy", "a%20b", "-x", "x" * 65, "%00"])
def test_a_name_that_is_none_is_refused(ci: Rest, name: str) -> None:
    assert ci.put(f"/v1/types/{name}", {"title": "x"}).status == 422


def test_everybody_is_told_in_their_language(stage: Stage, ci: Rest) -> None:
    people = {language: stage.person("one") for language in ("de", "de-AT", "en", "fr", None)}
    for language, person in people.items():
        speaks(person, language)
    registered(ci)

    created(send(ci, [person.name for person in people.values()], type="deploy", data=SHOP))

    said = {language: person.inbox()[0] for language, person in people.items()}
    german, plain = "shop v2 ist da", "shop v2 is live"
    assert {language: bell["title"] for language, bell in said.items()} == {
        "de": german, "de-AT": german, "en": plain, "fr": plain, None: plain,
    }  # fmt: skip
    assert said["de"]["actions"][0]["label"] == "Zurück"
    assert said["de"]["link"] == said["en"]["link"]
    assert all(bell["icon"] == "success" for bell in said.values())


def test_a_topic_is_told_in_many_languages_at_once(stage: Stage, ci: Rest, ana: Person, ben: Person) -> None:
    speaks(ana, "de")
    for person in (ana, ben):
        assert person.rest.put("/v1/topics/many-tongues/subscription").status == 204
    registered(ci)

    created(send(ci, {"topic": "many-tongues"}, type="deploy", data=SHOP))

    until(lambda: ana.titles() == ["shop v2 ist da"], 8, "the German subscriber to be told")
    until(lambda: ben.titles() == ["shop v2 is live"], 8, "the other one to be told")


def test_what_is_scheduled_was_made_when_it_was_accepted(stage: Stage, ci: Rest, ana: Person) -> None:
    """The words are those of that moment; the language is the person's when they are told."""
    registered(ci)
    sent = created(send(ci, ana.name, type="deploy", data=SHOP, deliver_at=now_ms() + 600_000))
    registered(ci, title="Something else")
    speaks(ana, "de")
    comes_now(stage, sent["id"])

    until(lambda: ana.titles() == ["shop v2 ist da"], 8, "the time of delivery")


def test_an_incident_is_told_anew_in_the_words_of_its_type(ci: Rest, ana: Person) -> None:
    registered(
        ci, "disk", title="Disk {{ 'fine' if resolved else data.used ~ ' %' }}", icon="alert", category="machines"
    )
    created(send(ci, ana.name, type="disk", key="disk", data={"used": 80}))
    created(send(ci, ana.name, type="disk", key="disk", data={"used": 90}))
    (bell,) = ana.inbox()
    assert (bell["title"], bell["count"], bell["icon"]) == ("Disk 90 %", 2, "alert")

    created(send(ci, ana.name, type="disk", key="disk", resolved=True))

    assert ana.titles() == ["Disk fine"]


def test_each_item_of_a_batch_is_judged_by_itself(ci: Rest, ana: Person) -> None:
    registered(ci)
    items = [
        {"to": ana.name, "type": "deploy", "data": SHOP},
        {"to": ana.name, "type": "deploy", "data": {"app": "shop"}},
        {"to": ana.name, "title": "Plain"},
    ]

    answer = ci.post("/v1/notifications/batch", {"notifications": items})

    assert answer.body["accepted"] == 2
    assert answer.body["results"][1]["error"]["field"] == "data.version"
    assert ana.titles() == ["Plain", "shop v2 is live"]


def test_a_retry_is_answered_as_before_whatever_became_of_the_type(ci: Rest, ana: Person) -> None:
    registered(ci)
    body = json.dumps({"to": ana.name, "type": "deploy", "data": SHOP})
    again = {"Idempotency-Key": "deploy-2"}
    first = ci.post("/v1/notifications", body, headers=again)
    registered(ci, title="{{ data.something_else }}")

    second = ci.post("/v1/notifications", body, headers=again)

    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"
    other = ci.post("/v1/notifications", body, headers={"Idempotency-Key": "deploy-3"})
    assert (other.status, other.body["field"]) == (422, "data.something_else")
    assert ana.titles() == ["shop v2 is live"]


def test_the_types_of_two_producers_are_two_types(stage: Stage, ana: Person) -> None:
    ci, cd = stage.producer(), stage.producer()
    registered(ci, title="of ci")
    registered(cd, title="of cd")

    created(send(ci, ana.name, type="deploy"))
    created(send(cd, ana.name, type="deploy"))
    assert ana.titles() == ["of cd", "of ci"]

    assert cd.delete("/v1/types/deploy").status == 204
    assert ci.get("/v1/types/deploy").body["title"] == "of ci"
    assert cd.get("/v1/types/deploy").status == 404
    assert ana.rest.get("/v1/types/deploy").status == 404
    assert "deploy" not in {one["name"] for one in cd.get("/v1/types").body["types"]}
    assert send(cd, ana.name, type="deploy").status == 422


def test_a_type_that_is_registered_anew_or_forgotten_is_so_at_once(ci: Rest, ana: Person) -> None:
    for number in range(5):
        registered(ci, title=f"number {number}")
        created(send(ci, ana.name, type="deploy"))
    assert ci.delete("/v1/types/deploy").status == 204
    assert send(ci, ana.name, type="deploy").status == 422

    assert ana.titles() == [f"number {number}" for number in reversed(range(5))]
    assert ci.delete("/v1/types/deploy").status == 404


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_other_processes_follow(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The engine beside the server stands for one: what it registers is not said to the server."""
    with Stage(tmp_path, new_database(kind, request)) as stage:
        ci, ana = stage.producer(), stage.person("ana")
        created(send(ci, ana.name, title="The key is remembered now"))
        with stage.engine.execution_options(immediate=True).begin() as connection:
            assert types.define(connection, types.HOUSE, "elsewhere", TypeDefinition(title="Heard"), "other")

        until(lambda: send(ci, ana.name, type="elsewhere").status == 201, 8, "the server to hear of it")
        assert ana.titles()[0] == "Heard"


def test_a_type_registered_again_as_it_is_changes_nothing(stage: Stage, ci: Rest) -> None:
    def changes() -> int:
        with stage.engine.connect() as connection:
            return connection.execute(select(Installation.types_rev)).scalar_one()

    registered(ci)
    before = changes()
    registered(ci)

    assert changes() == before


def test_a_producer_has_two_hundred_types_at_most(ci: Rest) -> None:
    for number in range(200):
        registered(ci, f"type-{number}", title="x")

    assert (ci.put("/v1/types/one-more", {"title": "x"}).status, ci.get("/v1/types").status) == (422, 200)
    registered(ci, "type-7", title="y")


def test_a_type_has_a_size_it_may_not_exceed(ci: Rest) -> None:
    translations = {tag: {"title": "x" * 2_000} for tag in ("de", "fr", "it", "es", "pt", "nl", "pl", "cs", "sv")}

    assert ci.put("/v1/types/large", {"title": "x", "translations": translations}).status == 422
    assert ci.put("/v1/types/long", {"title": "x" * 2_049}).body["field"] == "title"


def test_a_large_batch_is_told_in_many_languages(ci: Rest, ana: Person) -> None:
    body = "{% if data.n > 1 %}{{ data.n * 2 | round }}{% endif %}" * 10
    tags = [first + second for first in "abcd" for second in "vwxyz"]
    registered(
        ci,
        "wordy",
        title="Number {{ data.n }}",
        body=body,
        translations={tag: {"body": f"{tag} {body}"} for tag in tags},
    )
    items = [{"to": ana.name, "type": "wordy", "data": {"n": number}} for number in range(100)]

    answer = ci.post("/v1/notifications/batch", {"notifications": items})

    assert answer.body["accepted"] == 100
    assert ana.titles(limit=1) == ["Number 99"]


def test_a_built_in_name_is_not_a_producer_s_to_take(ci: Rest) -> None:
    assert ci.put("/v1/types/like", {"title": "x"}).code == "forbidden"
    assert ci.get("/v1/types/like").body["origin"] == "built-in"
    assert ci.delete("/v1/types/like").status == 404


def test_an_administrator_registers_for_the_whole_house(stage: Stage, ci: Rest, ana: Person) -> None:
    admin = stage.person("admin", admin=True)
    assert ana.rest.put("/v1/types/like", {"title": "x"}).code == "forbidden"
    shown = registered(admin.rest, "like", title="{{ actor.name }} is fond of it", icon="sun")
    registered(admin.rest, "house-word", title="of the house")
    try:
        assert shown["origin"] == "house"
        created(send(ci, ana.name, type="like", actor={"name": "Béla"}))
        created(send(ci, ana.name, type="house-word"))
        registered(ci, "house-word", title="of its own")
        created(send(ci, ana.name, type="house-word"))

        own, house, liked = ana.inbox()
        assert (own["title"], house["title"]) == ("of its own", "of the house")
        assert (liked["title"], liked["icon"]) == ("Béla is fond of it", "sun")
        assert {one["name"]: one["origin"] for one in ana.rest.get("/v1/types").body["types"]}["like"] == "house"
    finally:
        for name in ("like", "house-word"):
            assert admin.rest.delete(f"/v1/types/{name}").status == 204
    assert admin.rest.get("/v1/types/like").body["origin"] == "built-in"


@pytest.mark.parametrize(
    ("kind", "more", "english", "german"),
    [
        ("message", {"data": {"text": "Lunch?"}}, "Béla sent you a message", "Béla hat dir geschrieben"),
        ("friend_request", {}, "Béla would like to be your friend", "Béla möchte mit dir befreundet sein"),
        ("follow", {}, "Béla follows you", "Béla folgt dir"),
        ("like", {}, "Béla liked your post", "Béla gefällt dein Beitrag"),
        ("comment", {"data": {"what": "„Rom“"}}, "Béla commented on „Rom“", "Béla hat „Rom“ kommentiert"),
        ("mention", {"data": {"where": "#ops"}}, "Béla mentioned you in #ops", "Béla hat dich in #ops erwähnt"),
        ("order_update", {"data": {"order": 7, "status": "sent"}}, "Order 7: sent", "Bestellung 7: sent"),
    ],
)  # fmt: skip
def test_the_built_in_types_speak(
    ci: Rest, ana: Person, ben: Person, kind: str, more: Any, english: str, german: str
) -> None:
    speaks(ben, "de")

    created(send(ci, [ana.name, ben.name], type=kind, actor={"name": "Béla"}, **more))

    (bell,), (glocke,) = ana.inbox(), ben.inbox()
    assert (bell["title"], glocke["title"]) == (english, german)
    assert bell.get("body", "") == more.get("data", {}).get("text", "")
    assert not {"icon", "colour", "category"} & bell.keys(), "every device knows how a built-in type looks"
    labels = {"friend_request": ("Annehmen", "Ablehnen")}.get(kind, ())
    assert tuple(button["label"] for button in glocke.get("actions", ())) == labels


def test_there_are_twelve_built_in_types(ana: Person) -> None:
    known = ana.rest.get("/v1/types").body["types"]
    built_in = {one["name"]: one for one in known if one["origin"] == "built-in"}

    assert len(built_in) == 12
    assert all({"icon", "colour", "category"} <= one.keys() for one in built_in.values())


def test_the_inbox_is_filtered_by_category(ci: Rest, ana: Person) -> None:
    registered(ci)
    registered(ci, "mine", title="Mine", category="status")
    for kind in ("deploy", "mine", "error", "like"):
        created(send(ci, ana.name, type=kind, title=kind, data=SHOP, silent=True))

    found = {category: ana.titles(category=category) for category in ("deploys", "status", "social", "nothing")}

    assert found == {"deploys": ["deploy"], "status": ["error", "mine"], "social": ["like"], "nothing": []}


def test_a_person_chooses_a_language_and_leaves_it_again(ana: Person) -> None:
    assert ana.rest.get("/v1/me").body["language"] is None

    answers = [
        ana.rest.call("PATCH", "/v1/me", {"language": one}).body["language"] for one in ("DE-at", "zh-hant", None)
    ]

    assert answers == ["de-AT", "zh-Hant", None]
    assert ana.rest.get("/v1/me").body["language"] is None


@pytest.mark.parametrize("wishes", [{"language": "german"}, {"language": "de\n"}, {"language": 7}, {"name": "x"}])
def test_a_wish_that_cannot_be_is_refused(ana: Person, wishes: dict[str, Any]) -> None:
    assert ana.rest.call("PATCH", "/v1/me", wishes).status == 422
