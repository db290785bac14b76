"""The Apprise API's `POST /notify/<token>`: what Apprise says to a server of its own (docs/dialects/apprise.md).

Since version 2 Apprise puts the token into a header of its own, and no longer into the path; other senders still do that.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects import places
from handbell_server.http.dialects.reading import fields_of, text_of, words_of
from handbell_server.http.dialects.saying import Said, say, urgency, whom
from handbell_server.http.endpoint import Answer, Call, Dialect, endpoint

TYPES = {"info": "info", "success": "success", "warning": "warning", "failure": "error"}


class AppriseAnswer(Struct, frozen=True, gc=False):
    """`error` is null when it was told."""

    error: str | None


def _refuse(problem: Problem, status: int) -> AppriseAnswer:
    return AppriseAnswer(problem.detail)


APPRISE = Dialect(
    "apprise",
    places.first_of(places.in_path("key"), places.in_header("X-Apprise-Config-ID"), places.bearer_or_basic),
    AppriseAnswer,
    _refuse,
    {422: 400},
)


@endpoint(
    "POST",
    "/notify/{key}",
    "producer",
    body=bytes,
    answers={200: AppriseAnswer},
    media=("application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
    problems=(400, 403, 404, 413, 429),
    example={"title": "Backup", "body": "All done", "type": "success", "tag": "backups"},
    large=True,
    speaks=APPRISE,
    also=tuple(
        ("POST", f"{prefix}/notify{rest}")
        for prefix in ("", "/apprise")
        for rest in ("", "/", "/{key}", "/{key}/")
        if prefix or rest != "/{key}"
    ),
)
def notify(call: Call) -> Answer:
    """Apprise: tell a message."""
    fields = renamed(fields_of(call), call)
    said = Said(
        title=text_of(fields.get("title")),
        text=text_of(fields.get("body")),
        left_out=attachments_of(fields),
    )
    if not (said.title.strip() or said.text.strip()):
        raise Invalid("Payload lacks minimum requirements: a body is needed.", field="body")
    kind = text_of(fields.get("type") or "").lower()
    said.type, said.priority = TYPES.get(kind), urgency(call, "apprise", kind)
    say(call, said, whom(call, *words_of(fields.get("tag") or fields.get("tags"))))
    return Answer(200, AppriseAnswer(None))


def renamed(fields: dict[str, Any], call: Call) -> dict[str, Any]:
    """`?:payload=body` in the address: the sender's `payload` is our `body`, as Apprise's own server reads it."""
    names = {name[1:]: ours for name, ours in call.query.items() if name.startswith(":")}
    files = getattr(fields, "files", ())
    found = {names.get(name, name): value for name, value in fields.items()}
    return found | ({"attachment": list(files)} if files else {})


def attachments_of(fields: dict[str, Any]) -> list[str]:
    there = any(fields.get(name) for name in ("attachment", "attachments", "attach"))
    return ["attachments"] if there else []
