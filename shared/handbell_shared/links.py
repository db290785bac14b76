"""Which links may be kept and opened: an allow-list, because the list of dangerous schemes has no end."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, urlsplit

_ALLOWED = ("https://", "http://", "mailto:")
# Unicode's separators (Z) and controls, invisible format characters, lone surrogates and unassigned code points (C)
# hide what a link is or show it backwards. These few are letters and marks by category, and invisible all the same.
_INVISIBLE = frozenset("\\\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# A mail program may be asked for a text, not for a file of the reader's ("attach").
_MAIL_FIELDS = frozenset({"to", "cc", "bcc", "subject", "body", "in-reply-to"})
# What almost every link looks like: nothing to parse, nothing to hide. What does not match is looked at closely.
_PLAIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[1-9][0-9]{0,3})?(?:[/?#][!#-\[\]-~]*)?\Z")


def why_refused(link: str) -> str | None:
    """A sentence for the person who sent it, or None when the link is fine."""
    if _PLAIN.match(link):
        return None
    if not link.startswith(_ALLOWED):
        return "A link must begin with https://, http:// or mailto:."
    if any(_hides(character) for character in link):
        return "A link must not contain spaces, control characters or backslashes."
    try:
        parts = urlsplit(link)
        _ = parts.port  # parsed lazily; a bad one raises here
    except ValueError:
        return "The link cannot be parsed."
    if parts.scheme == "mailto":
        return _why_mail_refused(parts.path, parts.query)
    if not parts.hostname:
        return "The link has no host."
    if parts.username is not None or parts.password is not None:
        return "A link must not carry a user name or password."
    return None


def _hides(character: str) -> bool:
    return unicodedata.category(character)[0] in "ZC" or character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f"


def _why_mail_refused(address: str, query: str) -> str | None:
    if "@" not in address:
        return "A mailto: link needs an address."
    if any(name.lower() not in _MAIL_FIELDS for name, _ in parse_qsl(query, keep_blank_values=True)):
        return "A mailto: link may only fill in who, the subject and the text."
    return None
