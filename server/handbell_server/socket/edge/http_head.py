"""From the bytes of a request head to a WSGI environment; pure, strict, and on the hot path.

Strict where leniency is how requests get smuggled: no bare CR or LF, no folded headers, no space before a colon, one
Content-Length, never Content-Length together with Transfer-Encoding, exactly one Host. The standard library's parser
goes through the e-mail package and takes as long as the rest of a request together.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

_REQUEST_LINE = re.compile(r"([A-Z]{1,16}) ([!-~]{1,8192}) HTTP/1\.([01])")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HOST = re.compile(r"[0-9A-Za-z.\-_:\[\]]*")
_DIGITS = re.compile(r"[0-9]{1,18}")
_SINGLE = frozenset({"HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_AUTHORIZATION", "HTTP_TRANSFER_ENCODING"})

# Names that come with every request, so that their keys are made once.
_KEYS = {
    name: "HTTP_" + name.upper().replace("-", "_")
    for usual in (
        "Host", "User-Agent", "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Connection",
        "Cookie", "Expect", "Idempotency-Key", "Origin", "Referer", "Transfer-Encoding", "Upgrade",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id",
    )
    for name in (usual, usual.lower())
}  # fmt: skip
for _name in ("Content-Type", "Content-Length"):
    _KEYS[_name] = _KEYS[_name.lower()] = _name.upper().replace("-", "_")


class Refused(Exception):
    """The request is answered with this status, and the connection ends."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


BAD_REQUEST = "400 Bad Request"


@dataclass(slots=True)
class Head:
    """What the connection itself must know of a request; the application reads the environment."""

    method: str
    keep_alive: bool
    http11: bool
    content_length: int
    chunked: bool
    expects_continue: bool


def parse_head(raw: bytes, environ: dict[str, Any], max_headers: int) -> Head:
    """Fill `environ` from a head, given without its final empty line; Refused when it is not well-formed."""
    text = raw.decode("latin-1")
    lines = text.split("\r\n")
    if "\0" in text or text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise Refused(BAD_REQUEST)
    line = _REQUEST_LINE.fullmatch(lines[0])
    if line is None:
        raise Refused("414 URI Too Long" if len(lines[0]) > 8192 else BAD_REQUEST)
    if len(lines) - 1 > max_headers:
        raise Refused("431 Request Header Fields Too Large")
    method, target, minor = line.groups()
    environ["REQUEST_METHOD"] = method
    environ["SERVER_PROTOCOL"] = "HTTP/1.1" if minor == "1" else "HTTP/1.0"
    _fill_target(target, environ)
    _fill_headers(lines, environ)
    return _head(method, minor == "1", environ)


def _fill_target(target: str, environ: dict[str, Any]) -> None:
    if target[0] != "/":
        target = _from_absolute(target)
    path, _, query = target.partition("?")
    environ["RAW_URI"] = target
    environ["PATH_INFO"] = unquote(path, "latin-1") if "%" in path else path
    environ["QUERY_STRING"] = query


def _from_absolute(target: str) -> str:
    """The path of a target in the form that proxies use, or `*`; everything else is refused."""
    if target == "*":
        return target
    scheme, found, rest = target.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        raise Refused(BAD_REQUEST)
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else "/"


def _fill_headers(lines: list[str], environ: dict[str, Any]) -> None:
    seen = set()
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = _KEYS.get(name)
        if key is None:
            if not colon or not _HEADER_NAME.fullmatch(name):
                raise Refused(BAD_REQUEST)
            if "_" in name:
                continue  # would be indistinguishable from the name with a dash
            key = _KEYS.get(name.lower()) or "HTTP_" + name.upper().replace("-", "_")
        elif not colon:
            raise Refused(BAD_REQUEST)
        value = value.strip(" \t")
        if key not in seen:
            seen.add(key)
            environ[key] = value
        elif key in _SINGLE:
            raise Refused(BAD_REQUEST)
        else:
            environ[key] += ("; " if key == "HTTP_COOKIE" else ",") + value


def _head(method: str, http11: bool, environ: dict[str, Any]) -> Head:
    host = environ.get("HTTP_HOST")
    if (host is None and http11) or (host is not None and not _HOST.fullmatch(host)):
        raise Refused(BAD_REQUEST)
    connection = environ.get("HTTP_CONNECTION")
    if connection is None:
        keep_alive = http11
    else:
        options = connection.lower()
        keep_alive = "close" not in options and (http11 or "keep-alive" in options)
    return Head(
        method=method,
        keep_alive=keep_alive,
        http11=http11,
        content_length=_content_length(environ),
        chunked=_chunked(environ, http11),
        expects_continue=_expects_continue(environ, http11),
    )


def _content_length(environ: dict[str, Any]) -> int:
    length = environ.get("CONTENT_LENGTH")
    if length is None:
        return 0
    if not _DIGITS.fullmatch(length):
        raise Refused(BAD_REQUEST)
    return int(length)


def _chunked(environ: dict[str, Any], http11: bool) -> bool:
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is None:
        return False
    if not http11 or "CONTENT_LENGTH" in environ:
        raise Refused(BAD_REQUEST)
    if coding.lower() != "chunked":
        raise Refused("501 Not Implemented")
    return True


def _expects_continue(environ: dict[str, Any], http11: bool) -> bool:
    expected = environ.get("HTTP_EXPECT")
    if expected is None or not http11:
        return False
    if expected.lower() != "100-continue":
        raise Refused("417 Expectation Failed")
    return True
