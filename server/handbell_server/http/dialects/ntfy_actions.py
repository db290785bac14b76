"""ntfy's action buttons, in its short form and in JSON.

    view, Open, https://a.example/, clear=true; http, "Close; now", https://b.example/, method=PUT, body='{"a": 1}'

Only `view` can be a button here. The others make the device call somebody or tell another app; they are named as left out.
"""

from __future__ import annotations

import re
from typing import Any

from handbell_server.errors import Invalid, Problem
from handbell_server.http.dialects.reading import json_of, text_of

_AT_MOST = 3
_LONGEST = 8_192
_KINDS = ("view", "http", "broadcast", "copy")
_KEYS = {"action", "label", "url", "clear", "method", "body", "intent", "value"}
_BY_PLACE = ("action", "label", "url")
_PART = re.compile(
    r"""\s*(?:(?P<key>[-.\w]+)\s*=\s*)?
        (?:"(?P<double>(?:[^"\\]|\\.)*)"\s*(?=[,;]|\Z)
          |'(?P<single>(?:[^'\\]|\\.)*)'\s*(?=[,;]|\Z)
          |(?P<plain>[^,;]*))
        (?P<end>[,;]|\Z)""",
    re.VERBOSE | re.DOTALL,
)


def links_of(actions: object) -> tuple[list[tuple[str, str]], bool]:
    """The buttons that open something, and whether there were others."""
    if actions is None or actions == "":
        return [], False
    found = _from_text(actions) if isinstance(actions, str) else actions
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _invalid("a list of actions is needed")
    if len(found) > _AT_MOST:
        raise _invalid(f"only {_AT_MOST} actions allowed")
    links = []
    for one in found:
        kind, label, url = (text_of(one.get(name)).strip() for name in _BY_PLACE)
        if kind.lower() not in _KINDS:
            raise _invalid(f"action '{kind[:40]}' unknown")
        if not label:
            raise _invalid("parameter 'label' is required")
        if kind.lower() == "view":
            if not url:
                raise _invalid("parameter 'url' is required for action 'view'")
            links.append((label, url))
    return links, len(links) < len(found)


def _from_text(text: str) -> Any:
    text = text.strip()
    if len(text) > _LONGEST:
        raise _invalid("too long")
    if text.startswith("["):
        try:
            return json_of(text)
        except Problem as problem:
            raise _invalid(problem.detail) from None
    return _short(text)


def _short(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    action: dict[str, str] = {}
    place, position = 0, 0
    while position < len(text):
        part = _PART.match(text, position)
        assert part is not None  # its last alternative takes whatever there is
        position = part.end()
        key = (part["key"] or (_BY_PLACE[place] if place < len(_BY_PLACE) else "")).lower()
        if key not in _KEYS and not key.startswith(("headers.", "extras.")):
            raise _invalid(f"term '{part[0].strip()[:40]}' unknown")
        action[key] = _value_of(part)
        place += 1
        if part["end"] == ";" or position >= len(text):
            found.append(action)
            action, place = {}, 0
    return found


def _value_of(part: re.Match[str]) -> str:
    quoted = part["double"] if part["double"] is not None else part["single"]
    return part["plain"].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)


def _invalid(why: str) -> Invalid:
    return Invalid(f"actions invalid: {why}", field="actions")
