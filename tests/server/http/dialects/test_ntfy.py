"""ntfy's senders: Apprise, Shoutrrr, Uptime Kuma, Healthchecks, Sonarr, and the one-liners of its documentation."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handbell_server.errors import Problem
from handbell_server.http.dialects.ntfy_actions import links_of
from handbell_server.http.dialects.ntfy_reading import NAMES, _decoded, number_of_priority
from handbell_server.http.dialects.ntfy_times import moment_of
from handbell_shared.clock import now_ms
from tests.server.http.dialects.speaking import Speaker, dumped, left_out
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person, Stage
from tests.support.waiting import until

T = TypeVar("T")
NOON = int(datetime(2026, 3, 10, 12).astimezone().timestamp() * 1000)
MINUTE = 60_000
DAY = 1440 * MINUTE


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("ntfy-shoutrrr", {"title": "📦 Watchtower", "body": "Updated 2 containers", "priority": "normal", "group": "backups"}),
        (
            "ntfy-uptime-kuma",
            {"title": "🔴 nas [Uptime-Kuma]", "body": "[nas] [Down] timeout", "priority": "urgent", "group": "monitors"}
            | {"image": "https://kuma.example/icon.png"}
            | {"actions": [{"id": "link-1", "label": "Open nas", "kind": "link", "link": "https://nas.example/"}]},
        ),
        (
            "ntfy-healthchecks",
            {"title": "🔴 backup is DOWN", "body": "Last ping: 1 day ago", "priority": "normal", "group": "cron"}
            | {"actions": [{"id": "link-1", "label": "View on Healthchecks", "kind": "link", "link": "https://hc.example/c/1"}]},
        ),
        (
            "ntfy-sonarr",
            {"title": "📺 Sonarr - Test", "body": "This is a test", "link": "https://sonarr.example/", "group": "media"},
        ),
        ("ntfy-curl", {"title": "Backup successful 😀", "body": "", "group": "backups", "priority": "normal"}),
        (
            "ntfy-curl-headers",
            {"title": "⚠️ 💀 Grüße", "body": "Remote access to phils-laptop detected. Act right away.", "priority": "urgent"}
            | {"type": "warning", "link": "https://home.example/", "group": "phil_alerts"},
        ),
        ("ntfy-get", {"title": "⚠️ Webhook triggered", "body": "", "priority": "high", "type": "warning"}),
    ],
)  # fmt: skip
def test_its_senders_are_understood_as_they_are(
    sender: Speaker, ana: Person, recording: str, expected: dict[str, Any]
) -> None:
    answer = sender.replay(recording)

    assert answer.status == 200, answer
    [one] = ana.inbox()
    assert {name: one.get(name, "") for name in expected} == expected
    assert left_out(answer) == []


def test_apprise_says_some_of_it_in_headers_and_some_for_later(sender: Speaker, ana: Person) -> None:
    answer = sender.replay("ntfy-apprise")

    assert answer.status == 200, answer
    assert answer.body["priority"] == 4
    assert answer.body["tags"] == ["rotating_light", "backup"]
    assert 1_700 <= answer.body["time"] - now_ms() // 1000 <= 1_800
    assert ana.inbox() == []


def test_the_answer_is_ntfys(sender: Speaker) -> None:
    full = sender.ask(
        "POST", "/", {"topic": "t", "message": "m", "title": "T", "priority": 4, "click": "https://a.example/"}
    )
    bare = sender.ask("POST", "/t", "m")

    assert full.headers["content-type"] == "application/json"
    assert set(full.body) == {"id", "time", "event", "topic", "message", "title", "priority", "click"}
    assert set(bare.body) == {"id", "time", "event", "topic", "message"}
    assert (bare.body["event"], bare.body["topic"], bare.body["message"]) == ("message", "t", "m")
    assert len(bare.body["id"]) == 12
    assert bare.body["id"] != full.body["id"]


# ---- where


def test_a_topic_is_a_route_a_person_the_default_or_a_topic(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, routes={"backups": ben.name})
    topic = f"deploys-{ana.name}"
    assert ana.rest.put(f"/v1/topics/{topic}/subscription").status == 204

    for path in ("/backups", f"/~{ana.name}", f"/{topic}", "/ntfy/backups"):
        assert sender.ask("POST", path, path).status == 200, path
    sender.set(to=ben.name)
    assert sender.ask("POST", "/whatever", "to the default").status == 200

    assert ben.titles() == ["to the default", "/ntfy/backups", "/backups"]
    until(lambda: set(ana.titles()) == {f"/{topic}", f"/~{ana.name}"}, 15, "the topic's subscribers to be told")


def test_a_topic_needs_the_right_to_it(stage: Stage, ana: Person) -> None:
    sender = Speaker.of(stage, scopes=("send:topic:ops",))

    assert sender.ask("POST", "/ops", "m").status == 200
    for path in ("/other", f"/~{ana.name}"):
        answer = sender.ask("POST", path, "m")
        assert (answer.status, answer.body["code"]) == (403, 40301)


@pytest.mark.parametrize("path", ["/docs", "/healthz", "/metrics", "/openapi.json"])
def test_our_own_pages_are_no_topics(sender: Speaker, path: str) -> None:
    answer = sender.ask("POST", path, "m")

    assert (answer.status, answer.code) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/publish", "/static", "/version", "/stream", "/login", "/hooks", "/a/b/c", "/v1/nothing"]
)
def test_words_that_are_taken_are_no_topics(sender: Speaker, path: str) -> None:
    assert sender.ask("POST", path, "m").code in ("not_found", "method_not_allowed")
    others = {"/version": 200, "/stream": 403}  # what programs that follow by Gotify's protocol ask for
    assert sender.ask("GET", path).status == others.get(path, 404)


def test_looking_at_a_topic_finds_nothing_and_a_look_publishes_nothing(sender: Speaker, ana: Person) -> None:
    for path in ("/backups", "/"):
        assert sender.ask("GET", path).code == "not_found"
    assert sender.ask("HEAD", "/backups/publish?m=x").status in (404, 405)
    assert ana.titles() == []


@pytest.mark.parametrize("topic", ["a b", "a%2Fb", "ä" * 3, "x" * 65, "%00", "-", "a:b"])
def test_a_topic_has_the_shape_of_one(stage: Stage, topic: str) -> None:
    sender = Speaker.of(stage)
    quoted = topic.replace(" ", "%20").replace("ä", "%C3%A4")

    assert sender.ask("POST", f"/{quoted}", "m").status in (200, 400, 404)
    answer = sender.ask("POST", "/", {"topic": topic.replace("%2F", "/").replace("%00", "\0"), "message": "m"})
    assert answer.status == 200 if topic == "ääa" else answer.status in (200, 400)
    assert sender.ask("POST", "/", {"message": "m"}).body["code"] == 40009


# ---- who


def test_the_token_may_stand_where_ntfy_takes_it(sender: Speaker, ana: Person) -> None:
    token = sender.token("ntfy")
    assert len(token) == 32
    assert token.startswith("tk_")

    def auth(value: str) -> str:
        return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")

    def basic(pair: str) -> str:
        return "Basic " + base64.b64encode(pair.encode()).decode()

    ways: list[tuple[str, dict[str, str]]] = [
        ("/t", {"Authorization": f"Bearer {token}"}),
        ("/t", {"Authorization": basic(f":{token}")}),
        ("/t", {"Authorization": basic(f"phil:{token}")}),
        ("/t", {"Authorization": basic(f"{token}:")}),
        (f"/t?auth={auth(f'Bearer {token}')}", {}),
        (f"/t?auth={auth(basic(f':{token}'))}", {}),
        (f"/t/publish?m=hi&auth={auth(f'Bearer {token}')}", {}),
    ]
    for path, headers in ways:
        answer = sender.bare.call("GET" if "publish" in path else "POST", path, headers=headers)
        assert answer.status == 200, path
    assert len(ana.titles()) == len(ways)
    for path, headers in [("/t", {}), ("/t?auth=%%%", {}), ("/t", {"Authorization": "Basic !"}), ("/t?token=x", {})]:
        answer = sender.bare.call("POST", path, "m", headers=headers)
        assert (answer.status, answer.body["code"], answer.body["http"]) == (401, 40101, 401)


# ---- what


@pytest.mark.parametrize(
    "alias", [(name, alias) for name in ("message", "title", "priority", "tags", "click") for alias in NAMES[name]]
)
def test_every_name_is_known_as_a_header_and_in_the_query(sender: Speaker, ana: Person, alias: tuple[str, str]) -> None:
    meaning, name = alias
    value = {"priority": "4", "click": "https://a.example/"}.get(meaning, "said")
    body = "" if meaning == "message" else "m"

    by_header = sender.ask("POST", "/t", body, **{name.replace("-", "_"): value})
    by_query = sender.ask("POST", f"/t?{name.lower()}={value}", body)

    for answer in (by_header, by_query):
        assert answer.status == 200, answer
        assert answer.body[meaning] == (4 if meaning == "priority" else ["said"] if meaning == "tags" else value)


@pytest.mark.parametrize("word", ["=?utf-7?q?+2AA-?=", "=?unicode_escape?q?=5Cud800?="])
def test_half_a_character_in_an_encoded_word_stays_as_it_was_written(sender: Speaker, ana: Person, word: str) -> None:
    answer = sender.ask("PUT", "/t", "text", Title=word)

    assert (answer.status, ana.inbox()[0]["title"]) == (200, word)


def test_words_of_rfc_2047_and_utf8_and_line_breaks_are_read(sender: Speaker, ana: Person) -> None:
    sender.ask("PUT", "/t", "", Title="=?UTF-8?B?R3LDvMOfZQ==?=", Message="one\\ntwo")
    sender.ask("PUT", "/t", "m", Title="Grüße".encode().decode("latin-1"))

    assert [(one["title"], one["body"]) for one in ana.inbox()] == [("Grüße", "m"), ("Grüße", "one\ntwo")]


def test_an_empty_message_is_a_trigger(sender: Speaker, ana: Person) -> None:
    assert sender.ask("POST", "/t").body["message"] == "triggered"
    assert sender.ask("GET", "/t/send").body["message"] == "triggered"
    assert ana.titles() == ["triggered", "triggered"]


@pytest.mark.parametrize(
    ("number", "priority", "silent"),
    [(1, "low", True), (2, "low", False), (3, "normal", False), (4, "high", False), (5, "urgent", False), ("min", "low", True), ("MAX", "urgent", False), ("u=3, i", "normal", False)],
)  # fmt: skip
def test_its_priorities_become_ours(sender: Speaker, ana: Person, number: object, priority: str, silent: bool) -> None:
    assert sender.ask("POST", "/t", "m", Priority=str(number)).status == 200

    [one] = ana.inbox()
    assert (one["priority"], one.get("silent", False)) == (priority, silent)


def test_a_producer_has_its_own_scale(sender: Speaker, ana: Person) -> None:
    sender.set(priorities={"ntfy": {"1": "high"}})

    sender.ask("POST", "/t", "m", Priority="min")

    assert (ana.inbox()[0]["priority"], ana.inbox()[0].get("silent", False)) == ("high", False)


def test_buttons_open_links_and_nothing_else(sender: Speaker, ana: Person) -> None:
    short = 'view, Open, https://a.example/?x=1, clear=true; http, Close, https://b.example/, method=PUT, body=\'{"a": 1, "b": 2}\''

    answer = sender.ask("POST", "/t", "m", Actions=short)

    assert answer.status == 200, answer
    assert left_out(answer) == ["actions"]
    assert [(one["label"], one["link"]) for one in ana.inbox()[0]["actions"]] == [("Open", "https://a.example/?x=1")]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("view, Open, https://a/", [("Open", "https://a/")]),
        (
            'action=view, label="Look, \\"commas\\"; and more", url=https://a/',
            [('Look, "commas"; and more', "https://a/")],
        ),
        ("view, 'A; b', 'https://a/?q=a,b' ; view, C, https://c/", [("A; b", "https://a/?q=a,b"), ("C", "https://c/")]),
        ("VIEW, Öffnen, url=https://a/, clear=yes;", [("Öffnen", "https://a/")]),
        ('[{"action": "view", "label": "L", "url": "https://a/"}]', [("L", "https://a/")]),
        ("broadcast, Take picture, extras.cmd=pic, intent=x.y", []),
        ("http, Close, https://a/, headers.Authorization=Bearer x", []),
        ("", []),
    ],
)
def test_the_short_form_of_buttons(text: str, links: list[tuple[str, str]]) -> None:
    assert links_of(text)[0] == links


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "view",
        "view, Open",
        "view, , https://a/",
        "view, a, https://a/; " * 4,
        "view, a, https://a/, b",
        "[1]",
        "[",
        "{}",
    ],
)
def test_buttons_that_make_no_sense_are_refused(sender: Speaker, text: str) -> None:
    answer = sender.ask("POST", "/t", "m", Actions=text)

    assert (answer.status, answer.body["code"]) == (400, 40018), answer


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOON + 30 * MINUTE),
        ("1h30m", NOON + 90 * MINUTE),
        ("2 days", NOON + 2 * DAY),
        ("90 secs", NOON + 90_000),
        ("1.5h", NOON + 90 * MINUTE),
        (str(NOON // 1000 + 60), NOON + MINUTE),
        ("tomorrow", NOON + DAY),
        ("tomorrow, 10am", NOON + 22 * 60 * MINUTE),
        ("3:30pm", NOON + 210 * MINUTE),
        ("10am", NOON + 22 * 60 * MINUTE),
        ("18:00", NOON + 360 * MINUTE),
        ("12am", NOON + 720 * MINUTE),
    ],
)
def test_delays_are_understood(text: str, moment: int) -> None:
    assert moment_of(text, NOON) == moment


@pytest.mark.parametrize("text", ["", "soon", "1", "12", "-5m", "13pm", "25:00", "10:99", "1000000000", "9" * 40, "٣m"])
def test_a_delay_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        moment_of(text, NOON)
    assert refused.value.field == "delay"


def test_a_delayed_message_may_be_retried_although_its_moment_has_moved(sender: Speaker) -> None:
    first, second = (sender.ask("POST", "/t", "m", Delay="30m", Idempotency_Key="k-1") for _ in range(2))

    assert (first.status, second.status) == (200, 200)
    assert first.body["id"] == second.body["id"]
    assert second.headers["idempotency-replayed"] == "true"


def test_a_message_with_a_number_replaces_the_one_before(sender: Speaker, ana: Person) -> None:
    for percent in ("10 %", "50 %"):
        assert sender.ask("POST", "/downloads", percent, X_Sequence_ID="file-1").status == 200

    assert ana.titles() == ["50 %"]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\xff", {}, 40014),
        ("text", {"Filename": "a.txt"}, 40014),
        ('{"a": 1}', {"Template": "yes"}, 40000),
        ("m", {"Priority": "9"}, 40007),
        ("m", {"Delay": "soon"}, 40004),
        ("m", {"Delay": "9999 days"}, 40006),
    ],
)
def test_what_is_not_taken_is_refused_with_ntfys_numbers(
    sender: Speaker, ana: Person, body: Any, headers: dict[str, str], code: int
) -> None:
    answer = sender.ask("PUT", "/t", body, **headers)

    assert (answer.status, answer.body["code"], answer.body["http"]) == (400, code, 400), answer
    assert answer.body["error"]
    assert ana.titles() == []


def test_an_attachment_elsewhere_is_a_link_and_a_picture_is_a_picture(sender: Speaker, ana: Person) -> None:
    sender.ask("POST", "/t", "m", Attach="https://a.example/report.pdf", Filename="report.pdf")
    sender.ask("POST", "/t", "m", Attach="https://a.example/cam.jpg?now")

    picture, report = ana.inbox()
    assert [(one["label"], one["link"]) for one in report["actions"]] == [
        ("report.pdf", "https://a.example/report.pdf")
    ]
    assert picture["image"] == "https://a.example/cam.jpg?now"


def test_what_is_not_carried_over_is_named(sender: Speaker) -> None:
    answer = sender.ask("POST", "/t", "m", Email="a@b.example", Call="yes", Cache="no", Click="ftp://a.example/")

    assert answer.status == 200
    assert set(left_out(answer)) == {"email", "call", "cache", "link"}


# ---- anything


def unless_refused(field: str, read: Callable[[], T], otherwise: T) -> T:
    """What is read, or the refusal that names this field; nothing else may come of any input."""
    try:
        return read()
    except Problem as problem:
        refused = problem.field
    assert refused == field
    return otherwise


@given(st.text(max_size=200) | st.text(alphabet="view,; =\"'\\{}[]ab", max_size=60))
def test_any_text_is_buttons_or_a_problem(text: str) -> None:
    none: list[tuple[str, str]] = []

    assert len(unless_refused("actions", lambda: links_of(text)[0], none)) <= 3


@given(Json)
def test_any_value_is_buttons_or_a_problem(value: object) -> None:
    unless_refused("actions", lambda: links_of(value), None)


@given(st.text(max_size=80) | st.text(alphabet="0123456789 dhms.:,tomorwap", max_size=20), st.integers(0, 4 * 10**12))
def test_any_text_is_a_moment_to_come_or_a_problem(text: str, now: int) -> None:
    assert unless_refused("delay", lambda: moment_of(text, now), now) >= now - now % 1000


@given(
    st.text(alphabet=st.characters(max_codepoint=255), max_size=80)
    | st.from_regex(r"=\?[\w-]{1,10}\?[BQbq]\?[!-~]{0,20}\?=", fullmatch=True)
)
def test_any_header_can_be_read(text: str) -> None:
    assert isinstance(_decoded(text), str)


@given(Json)
def test_any_value_is_a_priority_or_a_problem(value: object) -> None:
    assert unless_refused("priority", lambda: number_of_priority(value), None) in (None, 1, 2, 3, 4, 5)


def documents() -> st.SearchStrategy[bytes]:
    known = [
        "message",
        "title",
        "priority",
        "tags",
        "click",
        "icon",
        "actions",
        "attach",
        "filename",
        "delay",
        "cache",
        "sequence_id",
    ]
    return st.dictionaries(st.sampled_from(known), Json).map(lambda said: dumped(said | {"topic": "t"}))


@given(body=documents() | Json.map(dumped) | st.binary(max_size=100), path=st.sampled_from(["/", "/t", "/ntfy/t?p=3"]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_the_server_stays_calm(sender: Speaker, body: bytes, path: str) -> None:
    answer = sender.ask("POST", path, body)

    assert answer.status in (200, 400, 413), answer
    if answer.status != 200:
        assert set(answer.body) == {"code", "http", "error"}
