"""Markdown as a Git host reads it: what is code and what is not, the links of a page, the anchors of its headings."""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt

_LINK = re.compile(r"(?<=\]\()(?P<link>[^()\s]+)(?=\))")
_ATTRIBUTE = re.compile(r'(?P<name>\b(?:src|srcset|href))="(?P<link>[^"]+)"')
_HEADING = re.compile(r"^#+ +(?P<words>.+?) *$", re.MULTILINE)
_CODE = re.compile(r"^( *)(```+)[^\n]*\n.*?^\1\2 *$|(?<!`)(`+)(?!`)[^\n]+?(?<!`)\3(?!`)", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^( *)(```+)[^\n]*\n.*?^\1\2 *$", re.DOTALL | re.MULTILINE)


def parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def outside_code(text: str, change: Callable[[str], str], *, code: re.Pattern[str] = _CODE) -> str:
    """The text, with everything changed that is neither in a block nor between back-ticks."""
    parts, last = [], 0
    for found in code.finditer(text):
        parts += [change(text[last : found.start()]), found[0]]
        last = found.end()
    return "".join([*parts, change(text[last:])])


def prose(text: str) -> str:
    """The text without its code."""
    return _CODE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands between single back-ticks, outside blocks."""
    return re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text))


def links(text: str) -> list[str]:
    """Where a page leads: its links, its pictures, and what its HTML names."""
    words = prose(text)
    return [found["link"] for pattern in (_LINK, _ATTRIBUTE) for found in pattern.finditer(words)]


def with_links(text: str, change: Callable[[str], str]) -> str:
    """The text, with every link changed."""

    def changed(part: str) -> str:
        part = _LINK.sub(lambda found: change(found["link"]), part)
        return _ATTRIBUTE.sub(lambda found: f'{found["name"]}="{change(found["link"])}"', part)

    return outside_code(text, changed)


def anchors(text: str) -> list[str]:
    """The anchors of the headings in their order, as Git hosts make them."""
    found: list[str] = []
    for heading in _HEADING.finditer(_BLOCK.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading["words"]).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.append(next(name for name in (slug, *(f"{slug}-{n}" for n in range(1, 99))) if name not in found))
    return found


def with_anchors(text: str) -> str:
    """The text, with every heading saying its anchor, so that nobody makes another of it."""
    names = iter(anchors(text))
    return outside_code(
        text, lambda part: _HEADING.sub(lambda found: f"{found[0]} {{: #{next(names)} }}", part), code=_BLOCK
    )


def title(text: str) -> str:
    """The first heading, without its markup."""
    found = _HEADING.search(_BLOCK.sub("", text))
    return re.sub(r"[`*_]", "", found["words"]) if found else ""


def for_python_markdown(text: str) -> str:
    """The same document for a reader that wants four columns for what is inside a list, and an empty line before one."""
    lines = text.split("\n")
    deeper = [0] * len(lines)
    needs_space = set()
    for token in parser().parse(text):
        if token.map is None:
            continue
        first, end = token.map
        if token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0 and first and lines[first - 1]:
            needs_space.add(first)
        if token.type == "list_item_open":
            if lines[first - 1].lstrip().startswith("```"):
                needs_space.add(first)
            marker = re.match(r" *(?:[-*+]|\d+[.)]) +", lines[first])
            width = len(marker[0]) - (len(lines[first]) - len(lines[first].lstrip())) if marker else 4
            for number in range(first + 1, end):
                if lines[number].startswith(" "):
                    deeper[number] += 4 - width
    moved = [" " * more + line if line else line for line, more in zip(lines, deeper, strict=True)]
    return "\n".join(f"\n{line}" if number in needs_space else line for number, line in enumerate(moved))
