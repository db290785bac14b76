"""From bytes to typed requests, and from a decoder's complaint to a Problem that names the field.

Also the requests that REST and sockets share.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from handbell_server.errors import Invalid, Problem
from handbell_server.limits import InputLimits
from handbell_shared.codes import Code
from handbell_shared.protocol import MARKS_PER_CALL, PAGE_LIMIT
from handbell_shared.records import Action, HeldFor, Mark

Limit = Annotated[int, Meta(ge=1, le=PAGE_LIMIT)]
_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_000)]
Cursor = Annotated[str, Meta(max_length=64)]


class Actions(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    actions: Annotated[tuple[Action, ...], Meta(min_length=1, max_length=InputLimits().actions_per_request)]


class AskedDelta(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    epoch: Cursor
    rev: Annotated[int, Meta(ge=0, lt=1 << 53)]
    after: Cursor | None = None
    limit: Limit = PAGE_LIMIT


class AskedSnapshot(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    after: Cursor = ""
    limit: Limit = PAGE_LIMIT


class ToldMark(Mark, frozen=True, gc=False, forbid_unknown_fields=True):
    """A mark with its bounds."""

    id: Annotated[str, Meta(pattern=_ID, max_length=36)]
    shown: Moment | None = None
    clicked: Moment | None = None
    dismissed: Moment | None = None
    held: Moment | None = None
    held_for: HeldFor | None = None


class ToldMarks(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    receipts: Annotated[tuple[ToldMark, ...], Meta(min_length=1, max_length=MARKS_PER_CALL)]


_AT = re.compile(r" - at `(?:key in )?\$?\.?(?P<path>[^`]*)`\Z")
_NAMED = re.compile(r"(?:required field|unknown field) `(?P<name>[^`]+)`")


def invalid(error: msgspec.ValidationError, prefix: str = "") -> Problem:
    """msgspec's complaint in our words: which field, and what is wrong with it."""
    message = str(error)
    at = _AT.search(message)
    detail = message[: at.start()] if at else message
    parts = [prefix, at["path"] if at else ""]
    named = _NAMED.search(detail)
    if named:
        parts.append(named["name"])
    field = re.sub(r"\.(?=\[)", "", ".".join(part for part in parts if part))
    return Invalid(detail.replace("`", "'") + ".", field=field or None)


def malformed(detail: str) -> Problem:
    return Problem(detail, code=Code.MALFORMED, status=400)


def decode(data: bytes, decoder: msgspec.json.Decoder[Any], prefix: str = "") -> Any:
    """JSON of the wanted shape, or the Problem that says where it is not."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise invalid(error, prefix) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(f"This is not JSON: {error}.") from None
    except RecursionError:
        raise malformed("This JSON is nested too deeply.") from None
