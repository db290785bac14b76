"""What the values in a template become: text, and numbers through filters. Everything here stays below `LONGEST`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

LONGEST: Final = 16_384  # characters of anything on the way; what it is for has closer bounds
EXACT: Final = 2**53

Context = Mapping[str, Any]
Value = Callable[[Context], Any]


class RenderError(Exception):
    """The template cannot say what it should; `variable` is what was missing or unfit, where it has a name."""

    def __init__(self, why: str, variable: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.variable = variable


def joined(parts: Sequence[str | Value], context: Context) -> str:
    said, length = [], 0
    for part in parts:
        piece = part if isinstance(part, str) else part(context)
        said.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise RenderError("it becomes too long")
    return "".join(said)


def text_of(value: Any, path: str | None = None) -> str:
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise RenderError(f"{path or 'a value'} is too long", path)
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -(2**64) <= value <= 2**64:
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= EXACT else str(value)
    what = "null" if value is None else "no text and no number"
    raise RenderError(f"{path or 'a value'} is {what}", path)


def _round(value: Any, digits: Any = 0) -> int | float:
    if isinstance(value, bool) or type(digits) is not int or not 0 <= digits <= 12:
        raise TypeError
    rounded: int | float = round(value, digits) if digits else round(value)
    return rounded


def _truncate(value: Any, length: Any) -> str:
    if type(length) is not int or length < 1:
        raise TypeError
    text = text_of(value)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _join(value: Any, between: Any = ", ") -> str:
    if not isinstance(value, list):
        raise TypeError
    pieces, separator = [text_of(one) for one in value[:LONGEST]], text_of(between)
    if sum(map(len, pieces)) + len(pieces) * len(separator) > LONGEST:
        raise RenderError("it becomes too long")
    return separator.join(pieces)


def _length(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise TypeError
    return len(value)


# Name → what it does, and how many arguments it takes. `default` looks at what is missing, so it is made above.
FILTERS: Final[dict[str, tuple[Callable[..., Any], int, int]]] = {
    "capitalize": (lambda value: text_of(value).capitalize(), 0, 0),
    "default": (lambda value, instead: value, 1, 1),
    "join": (_join, 0, 1),
    "length": (_length, 0, 0),
    "lower": (lambda value: text_of(value).lower(), 0, 0),
    "round": (_round, 0, 1),
    "trim": (lambda value: text_of(value).strip(), 0, 0),
    "truncate": (_truncate, 1, 1),
    "upper": (lambda value: text_of(value).upper(), 0, 0),
    "urlencode": (lambda value: quote(text_of(value), safe=""), 0, 0),
}
