"""The mail server that takes our e-mail, as one URL says it.

    smtps://user@mail.example            TLS from the first byte (port 465)
    smtp+starttls://user@mail.example    TLS before anything else is said, or nothing is sent (port 587)
    smtp://127.0.0.1:25                  without TLS: for a mail server on this machine or behind a wall of your own

A password never travels without TLS, except to this very machine.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

Security = Literal["plain", "starttls", "tls"]
_SECURITY: Final[dict[str, tuple[Security, int]]] = {
    "smtp": ("plain", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
SCHEMES: Final = tuple(_SECURITY)


@dataclass(frozen=True)
class Relay:
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def tls(self) -> ssl.SSLContext:
        """Certificates are checked always: against the system's authorities, or against those of the file."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def relay_of(url: str, password: str, ca_file: str) -> Relay:
    """What the settings say. ValueError with a sentence that repeats nothing of the URL, which may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in _SECURITY:
        raise ValueError("must begin with " + ", ".join(f"{scheme}://" for scheme in SCHEMES))
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is a scheme, perhaps a user, a host and perhaps a port, and nothing behind it")
    security, usual = _SECURITY[parts.scheme]
    user, said = unquote(parts.username or ""), unquote(parts.password or "")
    if (said or password) and not user:
        raise ValueError("has a password and no user")
    if user and security == "plain" and not _is_here(parts.hostname):
        raise ValueError("would send the password without TLS; take smtps:// or smtp+starttls://")
    if ca_file and not Path(ca_file).is_file():
        raise ValueError("has a file of authorities beside it that is not there (HANDBELL_SMTP_CA_FILE)")
    return Relay(parts.hostname, port or usual, security, user, password or said, ca_file)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
