"""Which texts are addresses we write to: what RFC 5321 calls a mailbox, in the plain form that everybody has.

No quoted local parts, no address literals, no comments. What is accepted is printable ASCII without spaces, commas, brackets
or colons, so it can neither end a header nor name a second recipient.
"""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final

LONGEST: Final = 254
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_LONGEST_LOCAL: Final = 64


def canonical(text: str) -> str | None:
    """The address as we keep it; None when it is none. Names of hosts in other scripts become what DNS calls them."""
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(local) > _LONGEST_LOCAL or not _LOCAL.match(local):
        return None
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local}@{domain}"
    return address if len(address) <= LONGEST and all(map(_LABEL.match, domain.split("."))) else None


def sender_of(text: str) -> Address:
    """Who an e-mail is from: "Handbell <bell@example.org>", or the address alone. ValueError when it is neither."""
    name, found = parseaddr(text)
    address = canonical(found)
    if address is None or not name.isprintable():
        raise ValueError("must be an address, or a name and an address: Handbell <bell@example.org>")
    return Address(name or "Handbell", addr_spec=address)
