"""Requests to copy and answers as they might come, for the page: made from the document, with telling values."""

from __future__ import annotations

import re
from typing import Any

import msgspec

Json = dict[str, Any]

_AN_ID = "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c"
_BY_NAME: dict[str, Any] = {
    "id": _AN_ID,
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
    "next": _AN_ID,
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
_PROBLEM: Json = {
    "type": "urn:handbell:problem:invalid",
    "title": "Unprocessable Entity",
    "status": 422,
    "code": "invalid",
    "detail": "Object contains unknown field 'titel'.",
    "field": "titel",
    "request_id": "0193f0c8-77aa-7e0f-b1f0-3a4d5c6e7f80",
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

_DEPLOY: Json = {
    "name": "deploy",
    "origin": "own",
    "title": "{{ data.app }} {{ data.version }} is live",
    "icon": "success",
    "colour": "#17693f",
    "category": "deploys",
}
_BACKUP: Json = {
    "name": "backup",
    "state": "up",
    "every": 86400,
    "grace": 3600,
    "to": "ana",
    "what": "ping",
    "last_seen": 1764150000000,
    "due_at": 1764240000000,
}
# Of these no set of fields chosen by their names would tell anything.
_FIGURES: Json = {
    "sent": 200, "delivered": 190, "shown": 180, "read": 120, "clicked": 45, "dismissed": 60, "answered": 8, "expired": 3,
    "delivery_rate": 0.95, "click_rate": 0.25, "dismissal_rate": 0.3333,
}  # fmt: skip
_DAY: Json = {"day": "2026-01-31"} | _FIGURES
_IN_STRUCTS: dict[str, Json] = {
    "Analytics": {
        "from": "2026-01-31",
        "to": "2026-01-31",
        "by": ["day"],
        "complete": True,
        "total": _FIGURES,
        "rows": [_DAY],
    },
    "Figures": _DAY,
    "ShownType": _DEPLOY,
    "Types": {"types": [_DEPLOY]},
    "ExpectationShown": _BACKUP,
    "Expectations": {"expectations": [_BACKUP]},
    "Me": {
        "user": "ana",
        "admin": False,
        "language": "de",
        "email": "ana@home.example",
        "email_confirmed": True,
        "email_trouble": None,
        "email_offered": True,
    },
}

_IN_PATHS = {
    "id": _AN_ID,
    "failure": "0193f0c9-2b44-7d1e-9a0c-4f5e6d7c8b9a",
    "topic": "deploys",
    "name": "deploy",
    "pass": "AAAAAA…",
    "key": "$KEY",
}
_IN_QUERIES = {"epoch": "8f14e45f", "rev": "41", "key": "build-1017"}
_SECRETS = {"producerKey": "$KEY", "deviceToken": "$TOKEN"}


def command_of(operation: Json) -> str:
    """The request as a command for a shell."""
    path = re.sub(r"\{(\w+)\}", lambda found: _IN_PATHS[found[1]], operation["path"])
    needed = [
        given["name"] for given in operation.get("parameters", ()) if given["in"] == "query" and given["required"]
    ]
    query = "&".join(f"{name}={_IN_QUERIES[name]}" for name in needed)
    method = "" if operation["method"] == "GET" else f" -X {operation['method']}"
    words = [f'curl{method} "$SERVER{path}{"?" * bool(query)}{query}"']
    words += [
        f'-H "Authorization: Bearer {_SECRETS[scheme]}"'
        for choice in operation["security"]
        for scheme in choice
        if scheme in _SECRETS
    ]
    words += [
        f'-H "{given["name"]}: {given["example"]}"'
        for given in operation.get("parameters", ())
        if given["in"] == "header" and given["required"]
    ]
    content = operation.get("requestBody", {}).get("content", {})
    media, example = next(((media, one["example"]) for media, one in content.items() if "example" in one), ("", None))
    if example is not None:
        words.append(f'-H "Content-Type: {media}"')
        text = example if isinstance(example, str) else pretty(example)
        words.append("-d '" + text.replace("'", "'\\''") + "'")
    return " \\\n  ".join(words)


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
    if name == "ProblemDocument":
        return _PROBLEM
    schema = document["components"]["schemas"][name]
    shown = {*schema.get("required", ()), *_SHOWN.get(name, ())}
    special = _IN_STRUCTS.get(name, {})
    return special or {
        field: _BY_NAME[field] if field in _BY_NAME else sample_of(document, described)
        for field, described in schema.get("properties", {}).items()
        if field in shown
    }
