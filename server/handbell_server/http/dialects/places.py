"""Where senders put their token: each dialect names the places of its own, in its own order.

A token in a path or a query is a token in somebody's access log; it is taken because some senders know no other place,
and decision 0018 says what makes that bearable. Whatever is found here goes through the same look-up, the same limit
on guesses and the same short memory as an Authorization header.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from handbell_server.http.endpoint import Asked
from handbell_server.identity.tokens import MAX_CREDENTIAL_CHARS

Place = Callable[[Asked], str | None]
_SCHEME = re.compile(r"(bearer|basic) +([!-~]+)", re.IGNORECASE)


def first_of(*places: Place) -> Place:
    """The first of these places that holds anything."""

    def look(asked: Asked) -> str | None:
        return next((found for place in places if (found := place(asked))), None)

    return look


def in_header(name: str) -> Place:
    return lambda asked: asked.header(name)


def in_query(name: str) -> Place:
    return lambda asked: asked.query.get(name)


def in_path(name: str) -> Place:
    return lambda asked: asked.path.get(name)


def bearer_or_basic(asked: Asked) -> str | None:
    """`Bearer TOKEN`, or `Basic` with the token as the password, or as the user where there is no password."""
    return of_authorization(asked.header("Authorization"))


def of_authorization(value: str | None) -> str | None:
    found = _SCHEME.fullmatch(value.strip()) if value and len(value) <= MAX_CREDENTIAL_CHARS else None
    if found is None:
        return None
    if found[1].lower() == "bearer":
        return found[2]
    user, _, password = unpacked(found[2]).partition(":")
    return password or user


def unpacked(text: str) -> str:
    """Base64, also as it is written in URLs, and without its padding; empty when it is none."""
    usual = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
