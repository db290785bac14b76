"""What a request to ntfy says: in headers, in the query, in a text or in a JSON document, under any of their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Any

from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects import ntfy_words
from handbell_server.http.dialects.ntfy_actions import links_of
from handbell_server.http.dialects.ntfy_times import moment_of
from handbell_server.http.dialects.reading import flag_of, object_of, text_of, utf8, words_of
from handbell_server.http.dialects.saying import Said, urgency
from handbell_server.http.endpoint import Call
from handbell_shared.codes import Code

# What it is → the headers, and in small letters the query parameters, that say it.
NAMES = {
    "message": ("X-Message", "Message", "m"),
    "title": ("X-Title", "Title", "t"),
    "priority": ("X-Priority", "Priority", "prio", "p"),
    "tags": ("X-Tags", "Tags", "tag", "ta"),
    "delay": ("X-Delay", "Delay", "X-At", "At", "X-In", "In"),
    "click": ("X-Click", "Click"),
    "icon": ("X-Icon", "Icon"),
    "actions": ("X-Actions", "Actions", "Action"),
    "attach": ("X-Attach", "Attach", "a"),
    "filename": ("X-Filename", "Filename", "file", "f"),
    "email": ("X-Email", "X-E-Mail", "Email", "E-Mail", "mail", "e"),
    "call": ("X-Call", "Call"),
    "cache": ("X-Cache", "Cache"),
    "template": ("X-Template", "Template", "tpl"),
    "sequence_id": ("X-Sequence-ID", "Sequence-ID", "sid"),
}
TOPIC = re.compile(r"~?[^\W][\w.@+-]{0,63}|[-_A-Za-z0-9]{1,64}")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)(?:[?#]|\Z)", re.IGNORECASE)
_RFC_9218 = re.compile(
    r"(?:u=\d|i(?:=\?[01])?)(?:\s*,\s*(?:u=\d|i(?:=\?[01])?))*"
)  # browsers and proxies send it unasked


class Params(dict[str, Any]):
    """What was said, by ntfy's own names; a list or a number only where a JSON document had one."""


def from_request(call: Call) -> Params:
    """Headers first, then the query; the body is the message."""
    params = _named(call)
    text = _text_of(call.raw)
    if text:
        params["message"] = text
    elif "message" in params:
        params["message"] = text_of(params["message"]).replace("\\n", "\n")
    return params


def from_document(call: Call) -> Params:
    """A JSON document; what it leaves open may stand in headers, where some senders put it."""
    try:
        document = object_of(call.raw)
    except Problem as problem:
        raise Problem(problem.detail, code=Code.MALFORMED, status=400, field="document") from None
    params = _named(call)
    params.update({name: value for name, value in document.items() if value not in (None, "", [], 0)})
    return params


def said_of(call: Call, params: Params, topic: str, now: int) -> Said:
    """What it means here."""
    if params.get("filename") and not params.get("attach"):
        raise _no_attachments()
    if _is_template(params.get("template")):
        raise Invalid("templates are not taken here; send what they would make", field="template")
    tags = words_of(params.get("tags"))
    links, left = links_of(params.get("actions"))
    attached = text_of(params.get("attach"))
    if attached and not _PICTURE.search(attached):
        links = [*links, (text_of(params.get("filename")) or "Attachment", attached)]
    said = Said(
        title=_with_emoji(text_of(params.get("title")), tags),
        text=_with_emoji(text_of(params.get("message")) or "triggered", () if params.get("title") else tags),
        type=next((ntfy_words.TYPES[tag] for tag in tags if tag in ntfy_words.TYPES), None),
        link=text_of(params.get("click")) or None,
        links=links,
        image=attached if attached and _PICTURE.search(attached) else text_of(params.get("icon")) or None,
        group=None if topic.startswith("~") else topic,
        data={"topic": topic, "tags": tags} if tags else {"topic": topic},
    )
    _how_urgent(call, said, params.get("priority"))
    if sequence := text_of(params.get("sequence_id")):
        said.key = f"{topic}/{sequence}"
    if delay := text_of(params.get("delay")):
        said.deliver_at = moment_of(delay, now)
    said.left_out += ["actions"] * left + [name for name in ("email", "call") if params.get(name)]
    if not flag_of(params.get("cache"), otherwise=True):
        said.left_out.append("cache")
    return said


def number_of_priority(value: object) -> int | None:
    """1 to 5; None where nothing is said."""
    word = text_of(value).strip().lower()
    if not word or _RFC_9218.fullmatch(word):
        return None
    if word not in ntfy_words.PRIORITIES:
        raise Invalid("invalid priority parameter", field="priority")
    return ntfy_words.PRIORITIES[word]


def _how_urgent(call: Call, said: Said, value: object) -> None:
    number = number_of_priority(value)
    if number is None:
        return
    said.priority = urgency(call, "ntfy", number, ntfy_words.USUAL[number])
    said.silent = number == 1 and said.priority == "low"


def _named(call: Call) -> Params:
    query: Mapping[str, str] = call.query
    found = Params()
    for meaning, names in NAMES.items():
        header = next((value for name in names if (value := call.header(name))), None)
        asked = next((value for name in names if (value := query.get(name.lower()))), "")
        value = _decoded(header) if header else asked
        if value.strip():
            found[meaning] = value.strip()
    return found


def _decoded(header: str) -> str:
    """UTF-8 as it comes, or in the words of RFC 2047."""
    text = utf8(header) or ""
    if "=?" not in text:
        return text
    try:
        decoded = str(make_header(decode_header(text)))
        decoded.encode()  # some charsets make half a character, which nobody could be told
    except (MessageError, LookupError, ValueError):
        return text
    return decoded


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode().strip()
    except UnicodeError:
        raise _no_attachments() from None


def _no_attachments() -> Invalid:
    return Invalid("invalid request: attachments not allowed", field="attachment")


def _is_template(value: object) -> bool:
    return bool(value) and flag_of(value, otherwise=True)


def _with_emoji(text: str, tags: list[str] | tuple[()]) -> str:
    shown = [ntfy_words.EMOJI[tag] for tag in tags if tag in ntfy_words.EMOJI]
    return " ".join([*shown, text]) if text and shown else text
