"""A producer as other systems' senders know it: an address, a token, and whatever they put into a request."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from handbell_server.actions import producers
from handbell_server.identity.tokens import digest_of, new_dialect_token
from tests.server.http.stage import SENDS_ALL, Stage
from tests.support.rest import Answer, Rest

RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class Speaker:
    stage: Stage
    own: Rest  # with its key
    bare: Rest  # without

    @classmethod
    def of(cls, stage: Stage, scopes: tuple[str, ...] = SENDS_ALL, **settings: Any) -> Speaker:
        speaker = cls(stage, stage.producer(scopes), stage.rest())
        if settings:
            speaker.set(**settings)
        return speaker

    @property
    def key(self) -> str:
        assert self.own.token is not None
        return self.own.token

    @property
    def name(self) -> str:
        with self.stage.engine.connect() as connection:
            found = producers.by_key(connection, self.key.split("_")[1])
        assert found is not None
        return found[0].name

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"anybody:{self.key}".encode()).decode()

    def set(self, **settings: Any) -> None:
        answer = self.own.call("PATCH", "/v1/producers/me/dialects", settings)
        assert answer.status == 200, answer

    def token(self, dialect: str, shape: str | None = None) -> str:
        """A token for this dialect, as `handbell producer token` makes it."""
        token = new_dialect_token(shape or dialect)
        digest = digest_of(token).hex()
        with self.stage.engine.execution_options(immediate=True).begin() as connection:
            producers.add_token(connection, self.name, dialect, key_id=digest, secret_hash=digest)
        return token

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """A request with the key as a bearer."""
        return self.own.call(method, path, body, headers=_named(headers))

    def ask_bare(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One in which the key stands elsewhere, or nowhere."""
        return self.bare.call(method, path, body, headers=_named(headers))

    def replay(self, name: str) -> Answer:
        """A request as it was recorded: `TOKEN` and `BASIC` stand for the producer's key."""
        method, path, headers, body = recorded(name)
        token = self.key
        told = {k: v.replace("TOKEN", token).replace("BASIC", self.basic) for k, v in headers.items()}
        return self.bare.call(method, path.replace("TOKEN", token), body, headers=told)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def recorded(name: str) -> tuple[str, str, dict[str, str], bytes]:
    """A request of `recorded/`: its first line, its headers, an empty line, and its body."""
    head, _, body = (RECORDED / f"{name}.http").read_bytes().partition(b"\n\n")
    first, *lines = head.decode().splitlines()
    method, path = first.split(" ")[:2]
    return method, path, dict(line.split(": ", 1) for line in lines), body.removesuffix(b"\n")


def left_out(answer: Answer) -> list[str]:
    return re.findall(r"[\w.]+", answer.headers.get("handbell-left-out", ""))


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def multipart(fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> tuple[bytes, str]:
    """A body in parts, and its content type."""
    boundary = "a-boundary-that-is-in-no-part"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.bin"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in (files or {}).items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()
