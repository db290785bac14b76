"""ntfy's publishing: a text at `/<topic>`, a JSON document at `/`, or all of it in the query (docs/dialects/ntfy.md).

At the root of the address, because its senders know no other place; `express.py` keeps our own words out of the topics. Under
`/ntfy` there is the same once more, for senders that can be told a path.
"""

from __future__ import annotations

from msgspec import Struct

from handbell_server.actions.produce import Produced
from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects import places
from handbell_server.http.dialects.ntfy_reading import (
    TOPIC,
    Params,
    from_document,
    from_request,
    number_of_priority,
    said_of,
)
from handbell_server.http.dialects.reading import text_of, words_of
from handbell_server.http.dialects.saying import Said, say, whom
from handbell_server.http.endpoint import Answer, Asked, Call, Dialect, endpoint
from handbell_shared.clock import now_ms

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CODES = {
    "delay": 40004, "deliver_at": 40006, "priority": 40007, "topic": 40009, "to": 40009, "message": 40011,
    "attachment": 40014, "document": 40017, "actions": 40018,
}  # fmt: skip


class NtfyError(Struct, frozen=True, gc=False):
    code: int
    http: int
    error: str


class NtfyMessage(Struct, frozen=True, omit_defaults=True, gc=False):
    """What ntfy answers to a message; what is empty is left out."""

    id: str
    time: int
    event: str
    topic: str
    message: str
    title: str = ""
    priority: int = 0
    tags: list[str] = []
    click: str = ""
    icon: str = ""


def _refuse(problem: Problem, status: int) -> NtfyError:
    code = _CODES.get(problem.field or "", 40000) if status == 400 else status * 100 + 1
    return NtfyError(code, status, problem.detail)


def _in_auth(asked: Asked) -> str | None:
    """`?auth=`: a whole Authorization header, in base64 for URLs."""
    given = asked.query.get("auth") or asked.query.get("authorization")
    return places.of_authorization(places.unpacked(given)) if given else None


NTFY = Dialect("ntfy", places.first_of(_in_auth, places.bearer_or_basic), NtfyError, _refuse, {422: 400})
_PROBLEMS = (400, 403, 404, 413, 429)


@endpoint(
    "POST",
    "/",
    "producer",
    body=bytes,
    answers={200: NtfyMessage},
    problems=_PROBLEMS,
    example={"topic": "backups", "title": "Backup", "message": "All done", "priority": 4, "tags": ["white_check_mark"]},
    speaks=NTFY,
    also=(("PUT", "/"), *((method, path) for method in ("POST", "PUT") for path in ("/ntfy", "/ntfy/"))),
)
def publish_document(call: Call) -> Answer:
    """Ntfy: publish a JSON document that names its topic."""
    params = from_document(call)
    return _publish(call, params, text_of(params.get("topic")))


@endpoint(
    "POST",
    "/{topic}",
    "producer",
    body=bytes,
    answers={200: NtfyMessage},
    media=("text/plain",),
    problems=_PROBLEMS,
    example="Backup done",
    speaks=NTFY,
    also=(("PUT", "/{topic}"), ("POST", "/ntfy/{topic}"), ("PUT", "/ntfy/{topic}")),
)
def publish(call: Call) -> Answer:
    """Ntfy: publish a text."""
    return _publish(call, from_request(call), call.path["topic"])


@endpoint(
    "GET",
    "/{topic}/publish",
    "producer",
    answers={200: NtfyMessage},
    problems=_PROBLEMS,
    speaks=NTFY,
    also=tuple(
        ("GET", f"{prefix}/{{topic}}/{word}")
        for prefix in ("", "/ntfy")
        for word in ("publish", "send", "trigger")
        if prefix or word != "publish"
    ),
)
def publish_by_get(call: Call) -> Answer:
    """Ntfy: publish what stands in the query."""
    return _publish(call, from_request(call), call.path["topic"])


def _publish(call: Call, params: Params, topic: str) -> Answer:
    if not TOPIC.fullmatch(topic):
        raise Invalid("invalid request: topic invalid", field="topic")
    said = said_of(call, params, topic, now_ms())
    produced = say(call, said, whom(call, topic))
    return Answer(200, _told(produced, params, topic, said))


def _told(produced: Produced, params: Params, topic: str, said: Said) -> NtfyMessage:
    first = produced.outcomes[0]
    moment = first.deliver_at or first.created_at or now_ms()
    return NtfyMessage(
        id=id_of(first.id),
        time=moment // 1000,
        event="message",
        topic=topic,
        message=text_of(params.get("message")) or "triggered",
        title=text_of(params.get("title")),
        priority=_unless_default(params.get("priority")),
        tags=words_of(params.get("tags")),
        click=said.link or "",
        icon=text_of(params.get("icon")),
    )


def _unless_default(priority: object) -> int:
    number = number_of_priority(priority)
    return number if number is not None and number != 3 else 0


def id_of(an_id: str | None) -> str:
    """A notification's id in twelve letters, as ntfy's have; made of the part of it that chance decides."""
    left = int((an_id or "0").replace("-", ""), 16) & (1 << 62) - 1
    letters = ""
    for _ in range(12):
        left, one = divmod(left, len(_LETTERS))
        letters = _LETTERS[one] + letters
    return letters
