"""Slack's incoming webhooks (docs/dialects/slack.md).

The answer is the two letters `ok`, which some senders compare byte by byte, and a refusal is one of Slack's words; why stands in
the header `Handbell-Refused`.
"""

from __future__ import annotations

from typing import Any

from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects import places
from handbell_server.http.dialects.reading import fields_of, object_of, text_of
from handbell_server.http.dialects.saying import say, urgency, whom
from handbell_server.http.dialects.slack_reading import said_of
from handbell_server.http.endpoint import Answer, Call, Dialect, endpoint
from handbell_shared.codes import Code

_WORDS = {
    400: "invalid_payload", 403: "action_prohibited", 404: "channel_not_found", 413: "payload_too_large",
    429: "rate_limited", 500: "rollup_error",
}  # fmt: skip


def _refuse(problem: Problem, status: int) -> str:
    if problem.code == Code.UNAUTHENTICATED:
        return "invalid_token"
    if problem.field == "text":
        return "no_text"
    return _WORDS.get(status, "rollup_error")


SLACK = Dialect(
    "slack",
    places.first_of(places.in_path("key"), places.bearer_or_basic),
    str,
    _refuse,
    {401: 403, 415: 400, 422: 400},
)


@endpoint(
    "POST",
    "/v1/hooks/slack/{key}",
    "producer",
    body=bytes,
    answers={200: bytes},
    media=("application/json", "application/x-www-form-urlencoded"),
    problems=(400, 403, 404, 413, 429),
    example={"text": "Build <https://ci.example/1017|#1017> failed", "channel": "#ci"},
    large=True,
    speaks=SLACK,
    also=(("POST", "/v1/hooks/slack"), ("POST", "/services/{team}/{bot}/{key}"), ("POST", "/hooks/{key}")),
)
def message(call: Call) -> Answer:
    """Slack: tell what an incoming webhook is sent."""
    sent = _payload(call)
    said, colour = said_of(sent)
    if not (said.title.strip() or said.text.strip()):
        raise Invalid("There is nothing to tell in this.", field="text")
    said.priority = urgency(call, "slack", colour)
    say(call, said, whom(call, *_names(text_of(sent.get("channel")))))
    return Answer(200, b"ok", content_type="text/plain; charset=utf-8")


def _payload(call: Call) -> dict[str, Any]:
    fields = fields_of(call)
    payload = fields.get("payload")
    return object_of(payload) if isinstance(payload, str) else fields


def _names(channel: str) -> list[str]:
    """What a channel may be called in the routes: as it came, and without its sign; `@ana` is a person."""
    if channel.startswith("@"):
        return [f"~{channel[1:]}", channel]
    if channel.startswith("#"):
        return [channel[1:], channel] if len(channel) > 1 else []
    return [channel] if channel else []
