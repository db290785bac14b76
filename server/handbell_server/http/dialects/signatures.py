"""Whether a forge really sent this: what it makes of the secret that both sides know, compared in constant time.

Signatures are over the bytes as they came, before anything is decoded.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final

Header = Callable[[str], str | None]

_SKEW_SECONDS: Final = 300


def by_github(secret: str, header: Header, raw: bytes) -> bool:
    """`X-Hub-Signature-256: sha256=…`; the older one with SHA-1 is not enough."""
    return _same(header("X-Hub-Signature-256"), f"sha256={_hex(secret, raw)}")


def by_gitea(secret: str, header: Header, raw: bytes) -> bool:
    """The same without its prefix, under Gitea's or Forgejo's name; or as GitHub says it, for they send that too."""
    expected = _hex(secret, raw)
    names = ("X-Gitea-Signature", "X-Forgejo-Signature")
    return any(_same(header(name), expected) for name in names) or by_github(secret, header, raw)


def by_gitlab(secret: str, header: Header, raw: bytes, now: float) -> bool:
    """`X-Gitlab-Token` is the secret itself; a signing token (`whsec_…`, since GitLab 19) is a key instead."""
    if not secret.startswith("whsec_"):
        return _same(header("X-Gitlab-Token"), secret)
    an_id, moment = header("webhook-id") or "", header("webhook-timestamp") or ""
    if not (moment.isascii() and moment.isdigit() and len(moment) < 16) or abs(now - int(moment)) > _SKEW_SECONDS:
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = hmac.digest(key, _as_sent(f"{an_id}.{moment}.") + raw, "sha256")
    expected = "v1," + base64.b64encode(signed).decode()
    return any(_same(given, expected) for given in (header("webhook-signature") or "").split()[:8])


def _hex(secret: str, raw: bytes) -> str:
    return hmac.digest(secret.encode(), raw, "sha256").hex()


def _same(given: str | None, expected: str) -> bool:
    return hmac.compare_digest(_as_sent(given or ""), expected.encode())


def _as_sent(header: str) -> bytes:
    """The bytes of a header: WSGI hands them on as if they were Latin-1."""
    return header.encode("latin-1", "replace")
