"""Text of producers, fit for a bubble: one that cannot lie about its direction, break the wire, or fill the screen."""

from __future__ import annotations

import unicodedata

TITLE = 120
BODY = 600
LABEL = 40
# They turn the reading direction of what follows, also of what is not theirs: "exe.gpj" reads as "jpg.exe".
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = ("\u200d", "\ufe0f", "\ufe0e")


def one_line(text: str, limit: int) -> str:
    return _cut(" ".join(_clean(text).split()), limit)


def lines(text: str, limit: int, most: int = 8) -> str:
    """Line breaks stay, but a bubble is no page: empty lines at either end go, and no more than so many lines stay."""
    kept = [line.rstrip() for line in _clean(text).strip().split("\n")]
    return _cut("\n".join(kept[:most]), limit)


def _clean(text: str) -> str:
    text = "\n".join(text.splitlines()).replace("\t", " ")  # whatever Unicode calls a line break
    return "".join(character for character in text if _may_stay(character))


def _may_stay(character: str) -> bool:
    if character == "\n":
        return True
    if character in _TURNS or unicodedata.category(character) in ("Cc", "Cs"):
        return False  # a lone surrogate (Cs) cannot be said in UTF-8 at all
    code = ord(character)
    return code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF  # what XML forbids, and so a Windows toast


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    text = text[: limit - 1]
    while text and (text[-1] in _JOINERS or unicodedata.combining(text[-1])):
        text = text[:-1]  # what would hang on a letter that is cut away with it
    return text.rstrip() + "…"
