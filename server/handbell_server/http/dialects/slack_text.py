"""Slack's mrkdwn as plain text, with its links kept.

*Build* of <https://ci.example/1|#1> failed :boom:    ─►    Build of #1 (https://ci.example/1) failed 💥
"""

from __future__ import annotations

import re

from handbell_server.http.dialects.ntfy_words import EMOJI

_LONGEST = 20_000  # more than is shown; the rest need not be read
_CODE = re.compile(r"(```[^`]*```|`[^`\n]*`)")
_ANGLES = re.compile(r"<([^<>\n]*)>")
_EMPHASIS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^*_~\n]{1,500})(?<=\S)\1(?![\w*_~])")
_SHORT_NAME = re.compile(r":([a-z0-9_+-]{1,40}):")
_FIRST_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>\n]*)?>")
_TOO_MANY_LINKS = 2


def plain(text: str) -> str:
    """The text as a person would read it."""
    parts = _CODE.split(text[:_LONGEST])
    return "".join(unescape_three(part) if place % 2 else _words(part) for place, part in enumerate(parts))


def only_link(text: str) -> str | None:
    """The link of a text that has one."""
    found = dict.fromkeys(_FIRST_LINK.findall(text[:_LONGEST]))
    return unescape_three(next(iter(found))) if 0 < len(found) < _TOO_MANY_LINKS else None


def unescape_three(text: str) -> str:
    """Slack escapes three characters, and only those."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(text: str) -> str:
    text = _EMPHASIS.sub(r"\2", text)
    text = _SHORT_NAME.sub(lambda found: EMOJI.get(found[1], found[0]), text)
    return unescape_three(_ANGLES.sub(_reference, text))


def _reference(found: re.Match[str]) -> str:
    """What stands between angle brackets: a link, a person, a channel, a call to all, a date."""
    target, _, label = found[1].partition("|")
    if target.startswith(("@", "#")):
        return target[0] + (label or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].split("^")[0]
    target = target.removeprefix("mailto:")
    return target if label in ("", target) else f"{label} ({target})"
