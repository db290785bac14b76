"""Apprise's language, as Apprise and curl send it to a server of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.http.dialects.speaking import Speaker, dumped, form, left_out, multipart
from tests.server.http.dialects.test_frame import Json
from tests.server.http.stage import Person, Stage


@pytest.mark.parametrize("recording", ["apprise-json", "apprise-form", "apprise-curl"])
def test_its_senders_are_understood_as_they_are(sender: Speaker, ana: Person, recording: str) -> None:
    answer = sender.replay(recording)

    assert (answer.status, answer.body) == (200, {"error": None})
    [one] = ana.inbox()
    assert (one["title"], one["body"], one["type"], one["priority"]) == ("Backup", "It failed", "error", "high")


def test_the_token_stands_in_the_path(sender: Speaker, ana: Person) -> None:
    token = sender.token("apprise")

    for path in (f"/notify/{token}", f"/notify/{token}/", f"/apprise/notify/{token}", f"//notify/{token}"):
        assert sender.ask_bare("POST", path, {"body": "Hello"}).status == 200, path
    nobody = sender.ask_bare("POST", f"/notify/hbt_{'x' * 28}", {"body": "Hello"})

    assert (nobody.status, list(nobody.body)) == (401, ["error"])
    assert len(ana.titles()) == 4
    assert token not in sender.stage.log()


@pytest.mark.parametrize("tag", ["ops", "other, ops", ["other", "ops"], "ops,"])
def test_a_tag_is_a_route(stage: Stage, ana: Person, ben: Person, tag: object) -> None:
    sender = Speaker.of(stage, to=ana.name, routes={"ops": ben.name})

    sender.ask("POST", f"/notify/{sender.key}", {"body": "by tag", "tag": tag})
    sender.ask("POST", f"/notify/{sender.key}", {"body": "default", "tag": "unknown"})

    assert (ana.titles(), ben.titles()) == (["default"], ["by tag"])


@pytest.mark.parametrize(
    ("kind", "ours", "priority"),
    [
        *[("info", "info", "normal"), ("success", "success", "normal"), ("warning", "warning", "normal")],
        *[("failure", "error", "high"), ("", "info", "normal"), ("strange", "info", "normal"), (5, "info", "normal")],
    ],
)
def test_types_are_ours(sender: Speaker, ana: Person, kind: object, ours: str, priority: str) -> None:
    sender.ask("POST", f"/notify/{sender.key}", {"body": "m", "type": kind})

    assert (ana.inbox()[0]["type"], ana.inbox()[0]["priority"]) == (ours, priority)


def test_fields_can_be_renamed_in_the_address(sender: Speaker, ana: Person) -> None:
    path = f"/notify/{sender.key}?:payload=body&:head=title"

    assert sender.ask("POST", path, form(payload="All done", head="Backup")).status == 200
    assert (ana.inbox()[0]["title"], ana.inbox()[0]["body"]) == ("Backup", "All done")


def test_attachments_are_left_out_and_named(sender: Speaker, ana: Person) -> None:
    body, kind = multipart({"body": "with a file"}, {"file01": b"\x89PNG"})
    path = f"/notify/{sender.key}"

    in_parts = sender.ask("POST", path, body, Content_Type=kind)
    in_json = sender.ask("POST", path, {"body": "b", "attachments": [{"filename": "a.png", "base64": "AA=="}]})

    assert left_out(in_parts) == left_out(in_json) == ["attachments"]
    assert ana.titles() == ["b", "with a file"]


@pytest.mark.parametrize("body", [b"", {}, {"body": ""}, {"body": " ", "title": None}, b"{", b"[1]"])
def test_nothing_is_refused_in_its_words(sender: Speaker, body: Any) -> None:
    answer = sender.ask("POST", f"/notify/{sender.key}", body)

    assert answer.status == 400
    assert list(answer.body) == ["error"]
    assert answer.body["error"]


@given(
    body=st.dictionaries(st.sampled_from(["title", "body", "type", "tag", "format", "attachment"]), Json).map(dumped)
    | Json.map(dumped)
    | st.binary(max_size=60)
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_the_server_stays_calm(sender: Speaker, body: bytes) -> None:
    assert sender.ask("POST", f"/notify/{sender.key}", body).status in (200, 400, 403, 404)
