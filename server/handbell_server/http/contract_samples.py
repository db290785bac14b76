"""Answers as they might come, for the page: made from a schema, with values that a field's name suggests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_AN_ID = "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c"
_BY_NAME: dict[str, Any] = {
    "id": _AN_ID,
    "user": "ana",
    "users": ["ana", "ben"],
    "topics": ["deploys", "on-call"],
    "device": "0193f0c7-11d2-7b40-9c1f-5f0c6a7f9e21",
    "token": "hbd_…",
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
    "accepted": 2,
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
    "DeviceReceipt": {"at"},
    "DeltaPage": {"epoch", "changes", "cursor", "digest", "unread"},
    "SignedInDevice": {"online", "current"},
}


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
    return {
        field: _BY_NAME[field] if field in _BY_NAME else sample_of(document, described)
        for field, described in schema.get("properties", {}).items()
        if field in shown
    }
