"""Words for places that read markup: as the text of an element, so that they mean what they say and nothing else.

`html.escape` would do; but `html` brings the names of two thousand characters, half a megabyte in a program that rests all day.
"""

from __future__ import annotations

from typing import Final

_MEANS_SOMETHING: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def as_text(words: str) -> str:
    return words.translate(_MEANS_SOMETHING)
