"""Pairing: the short code that makes a new device somebody's, and the link that carries it.

    handbell://pair?server=https%3A%2F%2Fbell.example&code=K7QM-3XWD

A code is read from one screen and typed on another, so its alphabet has no two characters that look alike (0 and O, 1 and
I and L, U and V), and how it is cut and capitalised does not matter. Thirty letters and digits to the power of eight are
more than guessing can get through in the ten minutes a code lives; the server also counts the wrong ones.

A link may come from anywhere, a web page included. So it is taken apart strictly, and it only fills in what the person
then sees and confirms: the server's address and the code.
"""

from __future__ import annotations

import re
import secrets
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8
LONGEST_TYPED: Final = 32  # what a person may have put around and between the eight
SCHEME: Final = "handbell"
_LONGEST_LINK: Final = 2_048
_GAPS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_HIDING: Final = re.compile(r"[^!-~]|\\")


class PairingLink(msgspec.Struct, frozen=True):
    """What a link asks for. The code is a secret for as long as it lives: `repr` leaves it out."""

    server: str
    code: str

    def __repr__(self) -> str:
        return f"PairingLink(server={self.server!r})"


def new_code() -> str:
    """A fresh code, as it is stored and compared; `shown` is for people."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code as people read it: XXXX-XXXX."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def normalise(typed: str) -> str | None:
    """The code in what somebody typed, or None when there is none."""
    if len(typed) > LONGEST_TYPED:
        return None
    code = _GAPS.sub("", typed).upper()
    return code if _CODE.fullmatch(code) else None


def make_link(server: str, code: str) -> str:
    """The link that brings `code` to an app; ValueError when the server has no address that a link can carry."""
    if not is_server(server) or (plain := normalise(code)) is None:
        raise ValueError("this is no server's address, or no code")
    return f"{SCHEME}://pair?{urlencode({'server': server.rstrip('/'), 'code': shown(plain)})}"


def parse_link(link: str) -> PairingLink | None:
    """What the link asks for, or None when it is no pairing link."""
    if len(link) > _LONGEST_LINK or _HIDING.search(link):
        return None
    try:
        parts = urlsplit(link)
        fields = parse_qsl(parts.query, strict_parsing=True, max_num_fields=10, errors="strict")
    except ValueError:
        return None
    if (parts.scheme, parts.netloc.lower()) != (SCHEME, "pair") or parts.path not in ("", "/"):
        return None
    named = dict(fields)
    if len(named) != len(fields):
        return None
    code = normalise(named.get("code", ""))
    server = named.get("server", "")
    return PairingLink(server.rstrip("/"), code) if code is not None and is_server(server) else None


def is_server(address: str) -> bool:
    """An http(s) address without a user, a query or anything invisible; a path is a proxy's business."""
    if _HIDING.search(address):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port  # parsed lazily; a bad one raises here
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not (parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain
