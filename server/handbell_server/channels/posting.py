"""A signed message to a webhook: body, secrets, signature, call."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from handbell_server.channels import signing
from handbell_server.channels.calling import Caller, Outcome
from handbell_server.channels.egress import Egress
from handbell_server.errors import Invalid, Unavailable
from handbell_server.sealing import BrokenSealError, Seal
from handbell_shared.clock import now_ms

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


def body_of(event: str, at: int, data: dict[str, Any]) -> bytes:
    """The same bytes in every attempt."""
    moment = datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _encode({"type": event, "timestamp": moment, "data": data})


class Poster:
    """What this installation signs with, and where it may call."""

    def __init__(self, egress: Egress, seal: Seal | None, caller: Caller | None = None) -> None:
        self._egress = egress
        self._seal = seal
        self._caller = caller or Caller(egress)

    def check(self, url: str) -> None:
        """Refuse a URL that would never be called."""
        refusal = self._egress.why_refused(url)
        if refusal is not None:
            raise Invalid(refusal, field="url")

    def new_secret(self, webhook_id: str) -> tuple[str, str]:
        """A fresh secret: as its producer gets it, and as the database keeps it."""
        if self._seal is None:
            raise Unavailable("Webhooks need HANDBELL_SECRET_KEY here; the operator sets it.", retry_after=3_600)
        secret = signing.new_secret()
        return secret, self._seal.close(secret, webhook_id)

    def post(self, webhook_id: str, event_id: str, url: str, sealed: Iterable[str], body: bytes) -> Outcome:
        """One attempt. Blocks for as long as the receiver may take; for a native thread."""
        valid = list(self._opened(webhook_id, sealed))
        if not valid:
            return Outcome(error="The webhook's secret cannot be opened with this server's key. Make a new one.")
        return self._caller.post(url, signing.headers(event_id, now_ms() // 1_000, body, valid), body)

    def abort(self) -> None:
        """Break off what is under way: the process ends."""
        self._caller.abort()

    def _opened(self, webhook_id: str, sealed: Iterable[str]) -> Iterator[str]:
        for one in sealed:
            try:
                if self._seal is not None:
                    yield self._seal.open(one, webhook_id)
            except BrokenSealError:
                log.warning("a secret of webhook %s was sealed with another key", webhook_id)
