"""Gotify's senders: Apprise, Shoutrrr, Uptime Kuma, Healthchecks, Sonarr, Alertmanager's payloads, curl."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.http.dialects.speaking import Speaker, dumped, form, left_out, multipart
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person


def told(ana: Person) -> dict[str, object]:
    [one] = ana.inbox()
    return {name: one.get(name) for name in ("title", "body", "priority", "link")}


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("gotify-apprise", {"title": "Backup", "body": "**All** done", "priority": "normal"}),
        ("gotify-shoutrrr", {"title": "Watchtower", "body": "Updated 2 containers", "priority": "low"}),
        ("gotify-uptime-kuma", {"title": "Uptime-Kuma", "body": "[nas] [Down] timeout", "priority": "high"}),
        (
            "gotify-healthchecks",
            {"title": "backup is DOWN", "body": "Last ping was **1 day** ago.", "priority": "high"},
        ),
        ("gotify-sonarr", {"title": "Sonarr - Test Notification", "body": "This is a test", "priority": "normal"}),
        ("gotify-curl", {"title": "my title", "body": "my message", "priority": "normal"}),
    ],
)
def test_its_senders_are_understood_as_they_are(
    sender: Speaker, ana: Person, recording: str, expected: dict[str, object]
) -> None:
    answer = sender.replay(recording)

    assert answer.status == 200, answer
    assert told(ana) == {"link": None} | expected
    assert isinstance(answer.body["id"], int)
    assert answer.body["id"] < 2**53
    assert isinstance(answer.body["appid"], int)
    assert answer.body["message"] == expected["body"]


def test_the_answer_has_gotifys_members_and_no_others(sender: Speaker) -> None:
    extras = {"client::display": {"contentType": "text/markdown"}}

    answer = sender.ask("POST", "/message", {"message": "m", "title": "t", "priority": 3, "extras": extras})

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.body) == {"id", "appid", "message", "title", "priority", "extras", "date"}
    assert answer.body["extras"] == extras
    assert answer.body["date"].endswith("Z")


@pytest.mark.parametrize("place", ["query", "header", "bearer", "basic", "no user"])
def test_the_token_may_stand_where_gotify_takes_it(sender: Speaker, ana: Person, place: str) -> None:
    token = sender.token("gotify")
    headers = {
        "query": {},
        "header": {"X-Gotify-Key": token},
        "bearer": {"Authorization": f"Bearer {token}"},
        "basic": {"Authorization": sender.basic},
        "no user": {"Authorization": "Basic Og==", "X-Gotify-Key": token},
    }[place]
    query = f"?token={token}" if place == "query" else ""

    assert sender.bare.call("POST", f"/message{query}", {"message": place}, headers=headers).status == 200
    assert ana.titles() == [place]


@pytest.mark.parametrize("path", ["/message", "/gotify/message", "//message", "/gotify//message"])
def test_base_addresses_with_and_without_a_path_or_a_slash_are_answered_without_a_redirect(
    sender: Speaker, ana: Person, path: str
) -> None:
    assert sender.ask("POST", path, {"message": path}).status == 200
    assert ana.titles() == [path]


@pytest.mark.parametrize(
    ("weight", "priority"),
    [
        *[
            (0, "low"),
            (3, "low"),
            (4, "normal"),
            (7, "normal"),
            (8, "high"),
            (9, "high"),
            (10, "urgent"),
            ("8", "high"),
        ],
        *[(-1, "low"), (99, "urgent"), (None, "normal"), ("?", "normal"), (5.0, "normal")],
    ],
)
def test_its_scale_becomes_ours(sender: Speaker, ana: Person, weight: object, priority: str) -> None:
    sender.ask("POST", "/message", {"message": "m", "priority": weight})

    assert told(ana)["priority"] == priority


def test_a_producer_has_its_own_scale(sender: Speaker, ana: Person) -> None:
    sender.set(priorities={"gotify": {"5": "urgent"}})

    sender.ask("POST", "/message", {"message": "five", "priority": 5})
    sender.ask("POST", "/message", {"message": "eight", "priority": 8})

    assert [one["priority"] for one in ana.inbox()] == ["high", "urgent"]


def test_a_click_and_a_picture_come_along_and_markdown_stays_text(sender: Speaker, ana: Person) -> None:
    extras = {
        "client::display": {"contentType": "text/markdown"},
        "client::notification": {"click": {"url": "https://a.example/"}, "bigImageUrl": "https://a.example/p.png"},
    }

    answer = sender.ask("POST", "/message", {"message": "**m**", "title": "t", "extras": extras})

    [one] = ana.inbox()
    assert left_out(answer) == []
    assert (one["body"], one["link"], one["image"]) == ("**m**", "https://a.example/", "https://a.example/p.png")
    assert one["data"] == {"extras": extras}


@pytest.mark.parametrize("value", [["a", 1], {"a": True}, 5, 1.5, True])
def test_a_message_that_a_template_made_into_something_else_is_told(
    sender: Speaker, ana: Person, value: object
) -> None:
    assert sender.ask("POST", "/message", {"message": value}).status == 200
    assert len(ana.titles()) == 1


def test_an_empty_message_with_a_title_is_told_and_nothing_at_all_is_refused(sender: Speaker, ana: Person) -> None:
    assert sender.ask("POST", "/message", {"message": "", "title": "Test"}).status == 200
    for body in ({}, {"message": " "}, {"message": None, "title": ""}, b""):
        answer = sender.ask("POST", "/message", body)
        assert answer.status == 400, body
        assert answer.body["errorCode"] == 400
        assert set(answer.body) == {"error", "errorCode", "errorDescription"}
    assert ana.titles() == ["Test"]


def test_forms_and_parts_are_understood(sender: Speaker, ana: Person) -> None:
    body, parts = multipart({"message": "in parts", "priority": "8"}, {"file": b"\x00\xff"})

    for content, kind in ((form(message="in a form"), "application/x-www-form-urlencoded"), (body, parts)):
        assert sender.ask("POST", "/message", content, Content_Type=kind).status == 200
    assert sender.ask("POST", "/message?message=in+the+query&title=t").status == 200

    assert ana.titles() == ["t", "in parts", "in a form"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"message": "\\ud800"}', b"[" * 50_000, b'{"a":' * 20_000]
)
def test_what_cannot_be_read_is_a_400_in_gotifys_words(sender: Speaker, body: bytes) -> None:
    answer = sender.ask("POST", "/message", body, Content_Type="application/json")

    assert answer.status == 400, answer
    assert answer.body["errorCode"] == 400


@given(
    body=Json.map(dumped)
    | st.binary(max_size=200)
    | st.dictionaries(st.sampled_from(["message", "title", "priority", "extras"]), Json).map(dumped),
    kind=st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "",
            "multipart/form-data; boundary=x",
            "text/plain; charset=utf-16",
        ]
    ),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_the_server_stays_calm(sender: Speaker, body: bytes, kind: str) -> None:
    answer = sender.ask("POST", "/message", body, Content_Type=kind)

    assert answer.status in (200, 400, 413), answer
