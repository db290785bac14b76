"""What this installation sends e-mail with: its mail server, its name, its address on the web, and the key of its links."""

from __future__ import annotations

import hmac
from email.headerregistry import Address
from hashlib import sha256
from ipaddress import ip_address
from time import time
from typing import Final
from urllib.parse import urlsplit

from handbell_server.channels.mail.address import sender_of
from handbell_server.channels.mail.line import Line
from handbell_server.channels.mail.passes import Pass, Passes
from handbell_server.channels.mail.relay import Relay, relay_of
from handbell_server.channels.mail.rendering import NewsKind
from handbell_server.config import Config
from handbell_server.sealing import derived, key_of

CONFIRM_S: Final = 86_400
CODE_DIGITS: Final = 6


class Office:
    def __init__(self, relay: Relay, sender: Address, home: str, key: str) -> None:
        self.sender = sender
        self.home = home.rstrip("/")
        self._relay = relay
        self._passes = Passes(derived(key, "links in e-mail"))
        self._code_key = derived(key, "codes in e-mail")

    def line(self) -> Line:
        """A new connection, not yet open."""
        return Line(self._relay, _greeting(urlsplit(self.home).hostname or "localhost"))

    def confirm_url(self, user_id: int, address: str, asked_ms: int) -> str:
        """Where the owner of the address says that it is theirs."""
        until = asked_ms // 1_000 + CONFIRM_S
        return f"{self.home}/v1/confirm-email/{self._passes.issue('confirm', user_id, address, until)}"

    def leave_url(self, kind: NewsKind, user_id: int, address: str) -> str:
        """Where one click ends e-mails of this kind (RFC 8058)."""
        return f"{self.home}/v1/unsubscribe/{self._passes.issue(kind, user_id, address)}"

    def code_of(self, mail_id: str) -> str:
        """The code in a confirmation. It is made from the e-mail's id, so no database and no backup holds it."""
        digest = hmac.digest(self._code_key, mail_id.encode(), sha256)
        return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def read_pass(self, text: str) -> Pass | None:
        return self._passes.read(text, time())


def _greeting(host: str) -> str:
    """How a host calls itself in EHLO: an address stands in brackets there (RFC 5321)."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return f"[{host}]" if address.version == 4 else f"[IPv6:{host}]"


def office_of(config: Config) -> Office | None:
    """None where no mail server is configured."""
    if not config.smtp_url:
        return None
    key = key_of(config)
    assert key is not None  # the configuration demands one
    relay = relay_of(config.smtp_url, config.smtp_password, config.smtp_ca_file)
    return Office(relay, sender_of(config.mail_from), config.public_url, key)
