"""An e-mail as a whole: what was rendered, with the headers around it, as the bytes that travel.

Header injection has no way in: `EmailMessage` refuses line breaks in headers, and a subject is made printable before and encoded
here: Python would read encoded words that a producer put into a title, and write what they hide, line breaks too. The
Message-ID is made from the id of the row in the outbox, so whatever happens, one row is one e-mail to every mail program.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Final

from msgspec import Struct

_AS_THEY_ARE: Final = frozenset({"to", "message-id", "list-unsubscribe"})
_SUBJECT_AT_MOST: Final = 120


class Letter(Struct, frozen=True, gc=False):
    """What somebody will read, twice: as text and as HTML. `leave` is where one click ends e-mails of this kind, and
    `names` are the notifications that a digest has lines for."""

    subject: str
    text: str
    html: str
    leave: str | None = None
    names: tuple[str, ...] = ()


class _Policy(EmailPolicy):
    """An address or a URL has no spaces to be folded at, and Python would encode the word instead: nobody understands that.

    A subject is a text and nothing else: it is kept as it is, and what looks like an encoded word becomes one of letters.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return (name, value) if name == "Subject" else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "Subject":
            charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
            said = Header(value, charset, header_name=name).encode(linesep=self.linesep)
            return f"{name}: {said}{self.linesep}".encode("ascii")
        if name.lower() in _AS_THEY_ARE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY: Final = _Policy(linesep="\r\n", cte_type="7bit")


def bytes_of(letter: Letter, mail_id: str, sender: Address, recipient: str, at_ms: int) -> bytes:
    """The e-mail as it travels, with a line break at the end."""
    message = EmailMessage(_POLICY)
    message["Subject"] = one_line(letter.subject, _SUBJECT_AT_MOST) or "Handbell"
    message["From"] = sender
    message["To"] = Address(addr_spec=recipient)
    message["Date"] = format_datetime(datetime.fromtimestamp(at_ms / 1_000, UTC))
    message["Message-ID"] = f"<{mail_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.leave is not None:
        message["List-Unsubscribe"] = f"<{letter.leave}>"
        if letter.leave.startswith("https://"):  # RFC 8058 knows no other
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def one_line(text: str, at_most: int) -> str:
    """The text without line breaks, control and direction characters, and no longer than that."""
    plain = " ".join("".join(" " if sign.isspace() else sign for sign in text if _shows(sign)).split())
    return plain if len(plain) <= at_most else plain[: at_most - 1].rstrip() + "…"


def _shows(sign: str) -> bool:
    """Of format characters only the joiners, of which words and pictures are made: the others hide or turn what is said."""
    category = unicodedata.category(sign)
    return sign.isspace() or category not in ("Cc", "Cf", "Cs") or sign in "\u200c\u200d"
