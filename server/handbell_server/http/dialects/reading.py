"""From the bytes of a foreign sender to plain values: bounded, and forgiving where its own system is.

Values arrive as whatever a template engine made of them: numbers as text, text as a number, a title that YAML took for a
list. So nothing here trusts a type, and whatever is no text is written down as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl

import msgspec
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from handbell_server.errors import TooLarge
from handbell_server.http.endpoint import Call
from handbell_server.limits import json_depth_within
from handbell_server.parsing import malformed

_DEPTH = 32
_FIELDS = 500
_PARTS = 50
_WORDS = 50
_WORDS_CHARS = 4_096
_FLAGS = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Fields(dict[str, Any]):
    """What a body says, by name; `files` has the names of those that came with it."""

    files: tuple[str, ...] = ()


def media_of(call: Call) -> tuple[str, Mapping[str, str]]:
    """The media type in small letters, and its options."""
    media, options = parse_options_header(call.header("Content-Type") or "")
    return media.lower(), options


def json_of(raw: bytes | str) -> Any:
    """JSON, of a depth that nobody's stack minds."""
    try:
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise malformed(f"This is not JSON: {error}.") from None
    except RecursionError:
        raise malformed("This JSON is nested too deeply.") from None
    if not json_depth_within(value, _DEPTH):
        raise malformed("This JSON is nested too deeply.")
    return value


def object_of(raw: bytes | str) -> dict[str, Any]:
    value = json_of(raw)
    if not isinstance(value, dict):
        raise malformed("A JSON object is needed here.")
    return value


def fields_of(call: Call) -> Fields:
    """A body that is a JSON object, a form, or a form in parts; without a content type it is what it looks like."""
    media, options = media_of(call)
    if media == "multipart/form-data":
        return _parts(call.raw, options)
    looks_like_json = call.raw.lstrip()[:1] in (b"{", b"[")
    if media in ("application/x-www-form-urlencoded", "") and not looks_like_json:  # what curl says of everything
        return _form(call.raw)
    return Fields(object_of(call.raw)) if call.raw.strip() else Fields()


def _form(raw: bytes) -> Fields:
    try:
        return Fields(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        raise malformed("This form has too many fields.") from None


def _parts(raw: bytes, options: Mapping[str, str]) -> Fields:
    parser = FormDataParser(
        stream_factory=_in_memory,
        max_form_memory_size=len(raw),
        max_form_parts=_PARTS,
        silent=False,
    )
    try:
        _, form, files = parser.parse(BytesIO(raw), "multipart/form-data", len(raw), dict(options))
    except RequestEntityTooLarge:
        raise TooLarge(f"A form may have {_PARTS} parts.") from None
    except (ValueError, LookupError):
        raise malformed("This is not multipart/form-data.") from None
    found = Fields(form.to_dict())
    found.files = tuple(one.filename or name for name, one in files.items(multi=True))
    return found


def _in_memory(
    total_content_length: int | None, content_type: str | None, filename: str | None, content_length: int | None = None
) -> IO[bytes]:
    """A body has a mebibyte at most: no temporary files."""
    return BytesIO()


def text_of(value: object) -> str:
    """A value as text: nothing is empty, and what has a structure is written as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _encode(value).decode()


def number_of(value: object) -> int | None:
    """A value as a whole number, where it is one or is written like one."""
    if isinstance(value, bool):
        return int(value)
    try:
        return int(float(value)) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None


def flag_of(value: object, *, otherwise: bool = False) -> bool:
    return value if isinstance(value, bool) else _FLAGS.get(text_of(value).strip().lower(), otherwise)


def words_of(value: object) -> list[str]:
    """A list of words: one that is a list, or a text with commas; of very many only the first."""
    parts = value if isinstance(value, list) else text_of(value)[:_WORDS_CHARS].split(",")
    return [word for part in parts[:_WORDS] if (word := text_of(part).strip())]


def at(value: Any, *path: str) -> Any:
    """What stands at this path of objects; None when anything on the way is missing or no object."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def utf8(header: str | None) -> str | None:
    """A header as its sender wrote it: HTTP hands over bytes, and senders of today write UTF-8."""
    if header is None:
        return None
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
