"""ntfy's other side: a person's apps subscribe to their inbox, or to a part of it (docs/dialects/listening.md).

A topic is a view of the person's own inbox and of nobody else's: `inbox` is all of it, any other word what belongs to a group
of that name (as ntfy's senders make one of their topic) or comes from a producer of that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct
from sqlalchemy.engine import Connection

from handbell_server import news
from handbell_server.errors import Invalid
from handbell_server.following import Follower
from handbell_server.http.dialects import ntfy_lines
from handbell_server.http.dialects.ntfy import NTFY
from handbell_server.http.dialects.ntfy_lines import Render
from handbell_server.http.dialects.reading import flag_of
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.news import Place
from handbell_shared.clock import now_ms
from handbell_shared.records import Notification

_TOPIC = re.compile(r"[^\W][\w.@+-]{0,127}|[-_A-Za-z0-9]{1,64}")
_TOPICS_AT_MOST = 20
_POLLED_AT_MOST = 200
_LOOKS_AT_ONCE = 500
_CACHED_MS = 12 * 3_600_000  # as far back as an ntfy server goes, unless its operator says otherwise
_WHILE = re.compile(r"(?:\d{1,6}(?:\.\d{1,3})?[dhms])+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])", re.ASCII)
_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}
_SENDERS_ID = re.compile(r"[A-Za-z0-9]{10,64}", re.ASCII)
_PROBLEMS = (400, 403, 429, 503)


class NtfyHealth(Struct, frozen=True, gc=False):
    healthy: bool


class NtfyAccess(Struct, frozen=True, gc=False):
    success: bool


def _also(word: str) -> tuple[tuple[str, str], ...]:
    return (("GET", f"/ntfy/{{topic}}/{word}"),)


@endpoint("GET", "/{topic}/json", "user", answers={200: bytes}, problems=_PROBLEMS, speaks=NTFY, also=_also("json"))
def as_json(call: Call) -> Answer:
    """Ntfy: follow your inbox, or poll it; a JSON document on each line."""
    return _listen(call, ntfy_lines.as_json, "application/x-ndjson; charset=utf-8")


@endpoint("GET", "/{topic}/sse", "user", answers={200: bytes}, problems=_PROBLEMS, speaks=NTFY, also=_also("sse"))
def as_sse(call: Call) -> Answer:
    """Ntfy: follow your inbox as server-sent events."""
    return _listen(call, ntfy_lines.as_sse, "text/event-stream; charset=utf-8")


@endpoint("GET", "/{topic}/raw", "user", answers={200: bytes}, problems=_PROBLEMS, speaks=NTFY, also=_also("raw"))
def as_raw(call: Call) -> Answer:
    """Ntfy: follow your inbox; the text of a message on each line."""
    return _listen(call, ntfy_lines.as_raw, "text/plain; charset=utf-8")


@endpoint("GET", "/{topic}/ws", "user", answers={101: None}, problems=_PROBLEMS, speaks=NTFY, also=_also("ws"))
def as_websocket(call: Call) -> Answer:
    """Ntfy: follow your inbox over a WebSocket."""
    if _polls(call):
        raise Invalid("A WebSocket follows; poll with json, sse or raw.", field="poll")
    return _listen(call, ntfy_lines.as_text, None)


@endpoint(
    "GET", "/{topic}/auth", "user", answers={200: NtfyAccess}, problems=(400, 403), speaks=NTFY, also=_also("auth")
)
def access(call: Call) -> Answer:
    """Ntfy: whether this token may listen; its apps ask before they subscribe."""
    _topics(call)
    return Answer(200, NtfyAccess(True))


@endpoint("GET", "/v1/health", "anyone", answers={200: NtfyHealth}, speaks=NTFY, also=(("GET", "/ntfy/v1/health"),))
def health(_call: Call) -> Answer:
    """Ntfy: whether the server answers."""
    return Answer(200, NtfyHealth(True))


def _listen(call: Call, render: Render, content_type: str | None) -> Answer:
    topics, named = _topics(call), call.path["topic"]
    wanted = _wanted(call)

    def say(record: Notification) -> bytes:
        topic = ntfy_lines.topic_of(record, topics)
        return b"" if topic is None else render(ntfy_lines.message(record, topic))

    place = call.services.read(_place, call.person.user_id, wanted, topics)
    if _polls(call):
        return Answer(200, _polled(call, place, say), content_type=content_type or "")
    follower = Follower(
        call.services,
        call.person,
        say,
        place,
        opening=render(ntfy_lines.event("open", named)),
        keep_alive=lambda: render(ntfy_lines.event("keepalive", named)),
    )
    return Answer(200 if content_type else 101, stream=lambda environ: follower.open(environ, content_type))


def _polled(call: Call, place: Place, say: Callable[[Notification], bytes]) -> bytes:
    """What is behind the place, up to a bound; the next poll goes on with the last id of this one."""
    lines: list[bytes] = []
    more = True
    while more and len(lines) < _POLLED_AT_MOST:
        found = call.services.read(news.after, call.person.user_id, place, _LOOKS_AT_ONCE)
        lines += [line for record in found.records if news.is_news(record) and (line := say(record))]
        place, more = found.place, found.more
    return b"".join(lines[:_POLLED_AT_MOST])


# ---- what is asked for


def _topics(call: Call) -> tuple[str, ...]:
    topics = tuple(dict.fromkeys(call.path["topic"].split(",")))
    if len(topics) > _TOPICS_AT_MOST or not all(map(_TOPIC.fullmatch, topics)):
        raise Invalid(f"invalid request: 1 to {_TOPICS_AT_MOST} topics, with a comma between them", field="topic")
    return topics


def _said(call: Call, *names: str) -> str:
    """A parameter, which ntfy takes from a header too."""
    found = (call.header(f"X-{name}") or call.header(name) or call.query.get(name) for name in names)
    return next((one.strip() for one in found if one), "")


def _polls(call: Call) -> bool:
    return flag_of(_said(call, "poll", "po"))


def _wanted(call: Call) -> Place | int | str:
    """Behind which place, from which moment, or `all`, `none` or `latest`."""
    said = _said(call, "since", "si")
    if not said:
        return "all" if _polls(call) else "none"
    if said in ("all", "none", "latest"):
        return said
    if re.fullmatch(r"\d{1,12}", said, re.ASCII):
        return int(said) * 1000
    if _WHILE.fullmatch(said):
        return now_ms() - int(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(said)))
    place = ntfy_lines.place_in(said)
    if place is not None:
        return place
    if _SENDERS_ID.fullmatch(said):  # of a server that was here before us, or of a sender's answer
        return "all"
    raise Invalid("invalid since parameter", field="since")


def _place(connection: Connection, user_id: int, wanted: Place | int | str, topics: tuple[str, ...]) -> Place:
    if wanted == "none":
        return news.here(connection, user_id)
    if wanted == "latest":
        for record in news.newest(connection, user_id):
            if news.is_news(record) and ntfy_lines.topic_of(record, topics) is not None:
                return news.before(record)
        return news.here(connection, user_id)
    if isinstance(wanted, Place) and news.is_of_this_history(connection, user_id, wanted):
        return wanted
    return news.since(connection, user_id, wanted if isinstance(wanted, int) else now_ms() - _CACHED_MS)
