"""Which links may be kept and opened: an allow-list, because the list of dangerous schemes has no end."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ALLOWED = ("https://", "http://", "mailto:")
# White space and controls hide what a link is; bidirectional overrides show it backwards.
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]")
# What almost every link looks like: nothing to parse, nothing to hide. What does not match is looked at closely.
_PLAIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[1-9][0-9]{0,3})?(?:[/?#][!#-\[\]-~]*)?\Z")


def why_refused(link: str) -> str | None:
    """A sentence for the person who sent it, or None when the link is fine."""
    if _PLAIN.match(link):
        return None
    if not link.startswith(_ALLOWED):
        return "A link must begin with https://, http:// or mailto:."
    if _HIDDEN.search(link):
        return "A link must not contain spaces, control characters or backslashes."
    try:
        parts = urlsplit(link)
        _ = parts.port  # parsed lazily; a bad one raises here
    except ValueError:
        return "The link cannot be parsed."
    if parts.scheme == "mailto":
        return None if "@" in parts.path else "A mailto: link needs an address."
    if not parts.hostname:
        return "The link has no host."
    if parts.username is not None or parts.password is not None:
        return "A link must not carry a user name or password."
    return None
