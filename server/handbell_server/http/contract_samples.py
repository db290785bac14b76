"""Requests to copy and answers as they might come: made from the schemas, with telling values."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from handbell_server.http.contract_examples import A_FAILURE, AN_ID, EXAMPLES

Json = dict[str, Any]

_BY_NAME: dict[str, Any] = {
    "id": AN_ID,
    "user": "ana",
    "users": ["ana", "ben"],
    "topics": ["deploys", "on-call"],
    "device": "0193f0c7-11d2-7b40-9c1f-5f0c6a7f9e21",
    "token": "hbd_…",
    "code": "K7QM-3XWD",
    "secret": "hbc_…",
    "expires_at": 1764150600000,
    "revision": 42,
    "rev": 42,
    "ver": 42,
    "crev": 42,
    "epoch": "8f14e45f",
    "created_at": 1764150000000,
    "deliver_at": 1764236400000,
    "digest": "9f2c4e1ab07d3355",
    "cursor": [42, None],
    "title": "Build failed",
    "body": "main is red since 4f2c1e",
    "link": "https://ci.example/builds/1017",
    "priority": "high",
    "source": "ci",
    "type": "error",
    "accepted": 1,
    "reaches": 1,
    "recalled": 1,
    "unread": 3,
    "total": 17,
    "by_type": {"error": 4, "info": 13},
    "by_priority": {"high": 4, "normal": 13},
    "unread_by_type": {"error": 1, "info": 2},
    "unread_by_priority": {"high": 1, "normal": 2},
    "next": AN_ID,
    "status": "ok",
    "skipped": "own_action",
    "state": "read",
    "name": "Ana's laptop",
    "platform": "linux",
    "online": True,
    "current": True,
    "delivered": True,
    "at": 1764150001200,
    "delivered_at": 1764150001200,
    "shown_at": 1764150001300,
    "clicked_at": 1764150050000,
    "action": "yes",
    "read_at": 1764150060000,
    "ready": True,
    "database": "ok",
    "hints": "none",
    "version": "0.1.0",
}
# Members at their default are left out on the wire; these are worth showing although they have one.
_SHOWN = {
    "Notification": {"source", "type", "title", "body", "link", "priority", "created_at", "ver", "crev"},
    "Outcome": {"id", "user", "revision", "created_at"},
    "Receipt": {"user", "revision", "created_at", "read_at", "devices"},
    "DeviceReceipt": {"delivered_at", "shown_at", "clicked_at"},
    "DeltaPage": {"epoch", "changes", "cursor", "digest", "unread"},
    "SignedInDevice": {"online", "current"},
}

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_IN_PATHS = {
    "id": AN_ID,
    "failure": A_FAILURE,
    "topic": "deploys",
    "name": "deploy",
    "pass": "AAAAAA…",
    "key": "$KEY",
}
IN_QUERIES: Json = {"epoch": "8f14e45f", "rev": 41, "key": "build-1017"}
_SECRETS = {"producerKey": "$KEY", "deviceToken": "$TOKEN"}


def command_of(operation: Json) -> str:
    """The request as a command for a shell."""
    given = operation.get("parameters", ())
    path = re.sub(r"\{(\w+)\}", lambda found: in_path(operation["path"], found[1]), operation["path"])
    query = "&".join(f"{one['name']}={one['example']}" for one in given if one["in"] == "query" and one["required"])
    method = "" if operation["method"] == "GET" else f" -X {operation['method']}"
    words = [f'curl{method} "$SERVER{path}{"?" * bool(query)}{query}"']
    asked = [_SECRETS[scheme] for choice in operation["security"] for scheme in choice if scheme in _SECRETS]
    words += [f'-H "Authorization: Bearer {secret}"' for secret in asked[:1]]
    words += [f'-H "{one["name"]}: {one["example"]}"' for one in given if one["in"] == "header" and one["required"]]
    content = operation.get("requestBody", {}).get("content", {})
    media, example = next(((media, one["example"]) for media, one in content.items() if "example" in one), ("", None))
    if media in FORMS:
        words += [f"-d '{name}={value}'" for name, value in dict(example or {}).items()]
    elif example is not None:
        words.append(f'-H "Content-Type: {media}"')
        text = example if isinstance(example, str) else pretty(example)
        words.append("-d '" + text.replace("'", "'\\''") + "'")
    return " \\\n  ".join(words)


def in_path(path: str, name: str) -> str:
    """What stands in a path for its parameter."""
    return "backup" if path.startswith("/v1/expectations/") else _IN_PATHS[name]


def pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def sample_of(document: Json, schema: Json) -> Any:
    """Something that fits the schema."""
    if "$ref" in schema:
        return _struct(document, schema["$ref"].split("/")[-1])
    if "anyOf" in schema:
        return sample_of(document, next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if schema.get("type") == "array":
        return [sample_of(document, schema.get("items", {}))]
    return {"integer": 1, "boolean": False, "object": {}}.get(schema.get("type", ""), "…")


def _struct(document: Json, name: str) -> Any:
    schema = document["components"]["schemas"][name]
    shown = {*schema.get("required", ()), *_SHOWN.get(name, ())}
    special = EXAMPLES.get(name, {})
    return special or {
        field: _BY_NAME[field] if field in _BY_NAME else sample_of(document, described)
        for field, described in schema.get("properties", {}).items()
        if field in shown
    }
