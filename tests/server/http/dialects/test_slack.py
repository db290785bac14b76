"""What sends to a Slack incoming webhook: Alertmanager, Uptime Kuma, GitLab, curl."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handbell_server.http.dialects.slack_reading import kind_of, said_of
from handbell_server.http.dialects.slack_text import plain
from tests.server.http.dialects.speaking import Speaker, dumped, form
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person, Stage

PATH = "/v1/hooks/slack"


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        (
            "slack-alertmanager",
            {"title": "[FIRING:1] InstanceDown (nas node critical)", "body": "nas has been down for > 5 minutes."}
            | {"link": "http://am.example:9093/#/alerts?receiver=slack", "type": "error", "priority": "high"},
        ),
        (
            "slack-uptime-kuma",
            {"title": "Uptime Kuma Alert", "type": "error", "link": "https://kuma.example/dashboard/1"}
            | {"body": "Uptime Kuma Alert\nMessage\n[nas] [🔴 Down] timeout\nTime (UTC)\n2026-01-01 10:00:00"}
            | {"actions": [{"id": "link-1", "label": "Visit Uptime Kuma", "kind": "link", "link": "https://kuma.example/dashboard/1"}]},
        ),
        (
            "slack-gitlab",
            {"title": "Ana pushed to branch main (https://git.example/a/b/commits/main) of a/b (https://git.example/a/b)"}
            | {"body": "4f2c1e (https://git.example/a/b/-/commit/4f2c1e): Fix <the> bug", "link": ""},
        ),
        ("slack-curl", {"title": "Hello, World!", "body": "", "type": "info"}),
    ],
)  # fmt: skip
def test_its_senders_are_understood_as_they_are(
    sender: Speaker, ana: Person, recording: str, expected: dict[str, Any]
) -> None:
    answer = sender.replay(recording)

    assert answer.status == 200, answer
    assert answer.body == b"ok"
    assert answer.headers["content-type"].startswith("text/plain")
    [one] = ana.inbox()
    assert {name: one.get(name, "") for name in expected} == expected


def test_the_token_stands_in_the_path_or_in_a_header(sender: Speaker, ana: Person) -> None:
    token = sender.token("slack")

    for path in (f"{PATH}/{token}", f"/services/T0/B0/{token}"):
        assert sender.ask_bare("POST", path, {"text": path.replace(token, "")}).body == b"ok"
    assert sender.ask_bare("POST", PATH, {"text": "header"}, Authorization=f"Bearer {token}").body == b"ok"
    assert len(ana.titles()) == 3
    assert token not in sender.stage.log()


def test_a_channel_is_a_route_a_person_the_default_or_a_topic(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, routes={"#ci": ben.name, "general": ben.name})

    for channel in ("#ci", "#general", "general", f"@{ana.name}", "#nobody-listens"):
        assert sender.ask("POST", PATH, {"text": channel, "channel": channel}).status == 200
    sender.set(to=ana.name)
    for other in ("#nobody-listens", "C024BE91L", None, "#"):
        assert sender.ask("POST", PATH, {"text": f"default {other}", "channel": other}).status == 200

    assert ben.titles() == ["general", "#general", "#ci"]
    assert len(ana.titles()) == 5


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"{", 400, b"invalid_payload"),
        (b"[]", 400, b"invalid_payload"),
        (form(payload="{"), 400, b"invalid_payload"),
        ({}, 400, b"no_text"),
        ({"text": "", "attachments": [{"color": "good"}], "blocks": [{"type": "divider"}]}, 400, b"no_text"),
        ({"text": "x", "channel": "@nobody-at-all"}, 404, b"channel_not_found"),
    ],
)
def test_refusals_are_slacks_words_and_say_why_in_a_header(
    sender: Speaker, body: Any, status: int, word: bytes
) -> None:
    answer = sender.ask("POST", PATH, body)

    assert (answer.status, answer.body) == (status, word)
    assert answer.headers["handbell-refused"]


def test_who_may_not_is_told_so(stage: Stage, sender: Speaker) -> None:
    nobody = sender.ask_bare("POST", f"{PATH}/hbt_{'x' * 28}", {"text": "x"})
    elsewhere = Speaker.of(stage, scopes=("send:topic:ops",)).ask("POST", PATH, {"text": "x", "channel": "#ci"})

    assert (nobody.status, nobody.body) == (403, b"invalid_token")
    assert (elsewhere.status, elsewhere.body) == (403, b"action_prohibited")


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("*bold* _italic_ ~gone~ `a *b* c`", "bold italic gone `a *b* c`"),
        ("2*3*4 and snake_case_name and a * b * c", "2*3*4 and snake_case_name and a * b * c"),
        ("<https://a.example/?x=1&amp;y=2|the page> &lt;b&gt;", "the page (https://a.example/?x=1&y=2) <b>"),
        ("<https://a.example/> <mailto:a@b.example|a@b.example>", "https://a.example/ a@b.example"),
        ("<@U123|ana> <@U123> <#C1|general> <!here> <!subteam^S1|@ops>", "@ana @U123 #general @here @ops"),
        ("<!date^1392734382^Posted {date}|Posted 2014>", "Posted 2014"),
        (":fire: :no_such_thing: 10:30:45", "🔥 :no_such_thing: 10:30:45"),
        ("```\n*code* &amp; <x>\n```", "```\n*code* & <x>\n```"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_mrkdwn_becomes_text_with_its_links(mrkdwn: str, text: str) -> None:
    assert plain(mrkdwn) == text


@pytest.mark.parametrize(
    ("colour", "kind"),
    [
        *[("danger", "error"), ("warning", "warning"), ("good", "success"), ("#a30200", "error"), ("E01E5A", "error")],
        *[("#daa038", "warning"), ("#2eb886", "success"), ("#439FE0", None), ("#345", None), ("", None), ("no", None)],
    ],
)
def test_colours_become_types(colour: str, kind: str | None) -> None:
    assert kind_of(colour) == kind


def test_a_producer_has_its_own_idea_of_what_a_colour_means(sender: Speaker, ana: Person) -> None:
    sender.set(priorities={"slack": {"danger": "urgent"}})

    sender.ask("POST", PATH, {"attachments": [{"color": "danger", "text": "x"}]})

    assert ana.inbox()[0]["priority"] == "urgent"


def test_attachments_and_blocks_are_read_once_each() -> None:
    said, colour = said_of(
        {
            "text": "fall-back of the blocks",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Deploy"}},
                {"type": "section", "text": {"type": "mrkdwn", "text": "*v2* is live"}, "accessory": {"type": "button", "text": {"text": "Log"}, "url": "https://a/1"}},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "by ana"}, {"type": "image", "image_url": "x"}]},
                {"type": "image", "image_url": "https://a/p.png", "alt_text": "a graph"},
                {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "see "}, {"type": "link", "url": "https://a/2", "text": "here"}, {"type": "emoji", "name": "tada"}]},
                    {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]}]},
                {"type": "divider"},
                "not a block",
            ],
            "attachments": [
                {"color": "#2eb886", "pretext": "pre", "title": "A title", "text": "text", "fallback": "fall-back", "footer": "foot",
                 "fields": [{"title": "Env", "value": "prod"}, {"value": "alone"}, 5],
                 "actions": [{"type": "button", "text": "Roll back", "url": "https://a/3"}]},
                {"fallback": "only this"},
            ],
        }
    )  # fmt: skip

    assert (said.title, colour, said.type, said.image) == ("Deploy", "#2eb886", "success", "https://a/p.png")
    assert said.links == [("Log", "https://a/1"), ("Roll back", "https://a/3")]
    assert said.text.split("\n") == [
        *("v2 is live", "by ana", "a graph", "see here (https://a/2)🎉", "one"),
        *("pre", "A title", "text", "Env: prod", "alone", "foot", "only this"),
    ]


def messages() -> st.SearchStrategy[dict[str, Any]]:
    kinds = st.sampled_from(["header", "section", "context", "actions", "image", "rich_text", "button", "text", "link"])
    keys = st.sampled_from(
        ["text", "fields", "elements", "accessory", "url", "blocks", "color", "title", "actions", "image_url"]
    )
    part = st.recursive(
        Json, lambda inner: st.dictionaries(keys, inner, max_size=4).flatmap(lambda d: kinds.map(lambda k: {**d, "type": k})) | st.lists(inner, max_size=3), max_leaves=8
    )  # fmt: skip
    return st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "channel"]), part)


@given(messages())
@settings(max_examples=40, deadline=None)
def test_any_message_can_be_read(message: dict[str, Any]) -> None:
    said, _ = said_of(message)

    assert isinstance(said.title + said.text, str)


@given(st.text(max_size=300) | st.text(alphabet="*_~`<>|@#!:&; a\n", max_size=200))
def test_any_text_becomes_text(text: str) -> None:
    assert isinstance(plain(text), str)


@given(
    body=messages().map(dumped) | st.binary(max_size=60) | messages().map(lambda m: form(payload=dumped(m).decode()))
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_the_server_stays_calm(sender: Speaker, body: bytes) -> None:
    assert sender.ask("POST", PATH, body).status in (200, 400, 403, 404)
