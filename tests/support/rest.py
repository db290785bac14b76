"""A client of the HTTP interface, on the standard library alone: what a producer or a device in any language could do.

It retries nothing and hides nothing: when there is no answer, the caller hears so and decides, as the ledger demands.
"""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class NoAnswerError(Exception):
    """The connection ended, or the deadline passed, before there was a whole answer: it may have happened or not."""


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and body: parsed when it is JSON, bytes otherwise, None when empty."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        """The stable code of a problem document."""
        code = self.body.get("code") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else None


class Rest:
    """One kept-alive connection; for one thread at a time."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 30) -> None:
        """`timeout` is patience; what nobody answers is tried with less of it."""
        self.url = url
        self.token = token
        self._timeout = timeout
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def call(self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One request. A `body` of bytes or str goes as it is, anything else as JSON."""
        sent = {"Accept": "application/json", **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes | str):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        payload = body.encode() if isinstance(body, str) else body
        try:
            self._connection.request(method, path, body=payload, headers=sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NoAnswerError(f"{method} {path}: {error!r}") from error
        answer_headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, answer_headers, _parsed(content, answer_headers.get("content-type", "")))

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: object, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self.call("POST", path, body, headers=headers)

    def put(self, path: str, body: object = None) -> Answer:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: object) -> Answer:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def notify(
        self, to: str | Sequence[str] | Mapping[str, Any], title: str, *, idempotency: str | None = None, **more: Any
    ) -> Answer:
        """What a producer does all day; `idempotency` makes it safe to ask again."""
        headers = {} if idempotency is None else {"Idempotency-Key": idempotency}
        return self.post("/v1/notifications", {"to": to, "title": title, **more}, headers=headers)

    def sign_in(self, user: str, password: str, device: str = "test") -> "Rest":
        """A new connection that speaks for this user's new device."""
        about = {"name": device, "platform": "test"}
        answer = self.post("/v1/sessions", {"user": user, "password": password, "device": about})
        assert answer.status in (200, 201), answer
        return Rest(self.url, answer.body["token"], self._timeout)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _parsed(content: bytes, kind: str) -> Any:
    if not content:
        return None
    name = kind.partition(";")[0]
    return json.loads(content) if "json" in name and "ndjson" not in name else content
