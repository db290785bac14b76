"""From a Slack message, with its attachments and blocks, to what it says.

A message says the same up to three times: `text` is also the fall-back of blocks, `fallback` that of an attachment. What is
richest is read, and nothing twice.
"""

from __future__ import annotations

import re
from typing import Any

from handbell_server.http.dialects.reading import text_of
from handbell_server.http.dialects.saying import Said
from handbell_server.http.dialects.slack_text import only_link, plain

_AT_MOST = 100  # blocks and attachments that are read
_COLOURS = {"danger": "error", "warning": "warning", "good": "success"}
_HEX = re.compile(r"#?([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


class Gathered:
    """What has been found so far."""

    def __init__(self) -> None:
        self.title = ""
        self.link = ""
        self.image = ""
        self.colour = ""
        self.lines: list[str] = []
        self.links: list[tuple[str, str]] = []

    def say(self, value: object) -> None:
        text = plain(text_of(value)).strip()
        if text:
            self.lines.append(text)


def said_of(message: dict[str, Any]) -> tuple[Said, str]:
    """What the message says, and its colour, which is Slack's word for urgency."""
    found = Gathered()
    _blocks(found, message.get("blocks"))
    text = text_of(message.get("text"))
    if not found.lines and not found.title:
        found.say(text)
    for attachment in _list_of(message.get("attachments")):
        _attachment(found, attachment)
    if not found.lines and not found.title:
        found.say(text)
    link = found.link or only_link(text) or (found.links[0][1] if len(found.links) == 1 else "")
    said = Said(
        title=found.title,
        text="\n".join(found.lines),
        type=kind_of(found.colour),
        link=link or None,
        image=found.image or None,
        links=found.links,
    )
    return said, found.colour


def kind_of(colour: str) -> str | None:
    """The type that a colour means: red, orange and yellow, green."""
    known = _COLOURS.get(colour.lower())
    found = _HEX.fullmatch(colour)
    if known is not None or found is None:
        return known
    red, green, blue = (int(part, 16) for part in found.groups())
    if red > 140 and green < 0.5 * red and blue < 0.6 * red:
        return "error"
    if red > 140 and green >= 0.5 * red and blue < 0.6 * green:
        return "warning"
    return "success" if green > 90 and red < 0.8 * green and blue < 0.9 * green else None


def _attachment(found: Gathered, one: dict[str, Any]) -> None:
    found.colour = found.colour or text_of(one.get("color"))
    found.link = found.link or text_of(one.get("title_link"))
    found.image = found.image or text_of(one.get("image_url"))
    before = len(found.lines)
    found.say(one.get("pretext"))
    _title(found, one.get("title"))
    found.say(one.get("text"))
    for field in _list_of(one.get("fields")):
        name, value = (plain(text_of(field.get(part))).strip() for part in ("title", "value"))
        found.say(f"{name}: {value}" if name and value else name or value)
    _blocks(found, one.get("blocks"))
    _buttons(found, one.get("actions"))
    if len(found.lines) == before and not one.get("title"):
        found.say(one.get("fallback"))
    found.say(one.get("footer"))


def _title(found: Gathered, value: object) -> None:
    """The first title is the title; another is a line of the text."""
    text = plain(text_of(value)).strip()
    if text and found.title:
        found.lines.append(text)
    found.title = found.title or text


def _blocks(found: Gathered, blocks: object) -> None:
    for block in _list_of(blocks):
        match block.get("type"):
            case "header":
                _title(found, _text_in(block.get("text")))
            case "section":
                found.say(_text_in(block.get("text")))
                for field in _list_of(block.get("fields")):
                    found.say(_text_in(field))
                _buttons(found, [block.get("accessory")])
            case "context":
                found.say(" ".join(_text_in(one) for one in _list_of(block.get("elements"))))
            case "actions":
                _buttons(found, block.get("elements"))
            case "image":
                found.image = found.image or text_of(block.get("image_url"))
                found.say(block.get("alt_text"))
            case "rich_text":
                found.say(_rich(block))


def _rich(element: object) -> str:
    """The words of a rich text, line by line. Its depth is bounded, because that of JSON is."""
    if not isinstance(element, dict):
        return ""
    match element.get("type"):
        case "text":
            return text_of(element.get("text"))
        case "link":
            label, url = text_of(element.get("text")), text_of(element.get("url"))
            return f"<{url}|{label}>" if label else f"<{url}>"
        case "emoji":
            return f":{text_of(element.get('name'))}:"
        case "user" | "channel" | "usergroup" | "broadcast" as kind:
            name = text_of(element.get(f"{kind}_id") or element.get("range"))
            return f"#{name}" if kind == "channel" else f"@{name}"
    parts = [_rich(one) for one in _list_of(element.get("elements"))]
    lists = element.get("type") in ("rich_text", "rich_text_list")
    return "\n".join(parts) if lists else "".join(parts)


def _buttons(found: Gathered, elements: object) -> None:
    for one in _list_of(elements):
        url, label = text_of(one.get("url")), _text_in(one.get("text"))
        if url and one.get("type") == "button":
            found.links.append((plain(label), url))


def _text_in(value: object) -> str:
    """The text of a text object, or of a text that stands where one should."""
    return text_of(value.get("text")) if isinstance(value, dict) else text_of(value)


def _list_of(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:_AT_MOST] if isinstance(one, dict)] if isinstance(value, list) else []
