"""Markdown as plain text: one line for a row of the list, or whole paragraphs to read.

Not a parser. The marks that people type are taken away, what is left is shown literally, and nothing here can make
markup out of text. For a row only the beginning is looked at, so a body of a megabyte costs what a short one costs.
"""

from __future__ import annotations

import re
from functools import lru_cache

ENOUGH = 600  # characters: far more than two lines hold
LOOKED_AT = 16_000  # what is further down keeps its marks

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*(?:\n|$)", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?)", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_NUMBER = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]+", re.MULTILINE)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]"
    r"\(([^()\s]{0,500}(?:\([^()\s]{0,100}\)[^()\s]{0,200})?)(?:[ \t]\"[^\"\n]{0,200}\")?\)"
)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*\*|\*\*|\*|___|__|_|~~)(?=\S)([^\n]{1,300}?)(?<=\S)\1(?!\w)")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,300})\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@lru_cache(maxsize=1024)
def plain(markdown: str) -> str:
    """On one line; of a link only its words."""
    text = _without_marks(markdown[:ENOUGH], bullet="", link=r"\1")
    return " ".join(_NUMBER.sub("", text).split())


def readable(markdown: str) -> str:
    """With its lines; a link is followed by where it leads, because words can say anything."""
    text = _without_marks(markdown[:LOOKED_AT], bullet=r"\1• ", link=r"\1 (\2)")
    return (text + markdown[LOOKED_AT:]).strip()


def _without_marks(text: str, *, bullet: str, link: str) -> str:
    for pattern, replacement in (
        (_FENCE, ""),
        (_RULE, ""),
        (_HEADING, ""),
        (_BULLET, bullet),
        (_LINK, link),
        (_EMPHASIS, r"\2"),
        (_CODE, r"\2"),
        (_ESCAPE, r"\1"),
    ):
        text = pattern.sub(replacement, text)
    return text
