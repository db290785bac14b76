"""Notifications that show what the bell can do, for the demo and for the pictures in the documents."""

from __future__ import annotations

from typing import Any


def for_user(user: str) -> list[dict[str, Any]]:
    """Oldest first. What has the same life-cycle key becomes one row; what has the same group becomes one line."""
    return [item | {"to": user} for item in _PLAIN + _PEOPLE + _INCIDENTS + _QUESTIONS]


_PLAIN: list[dict[str, Any]] = [
    {
        "title": "Welcome to Handbell",
        "body": "Click a notification to open its link. Press ? in the panel for every key.",
        "type": "info",
        "silent": True,
    },
    {
        "title": "Your order is on its way",
        "body": "Two parcels, tomorrow between nine and noon.",
        "type": "order_update",
        "link": "https://shop.example/orders/20117",
        "silent": True,
    },
    {
        "title": "Backup finished",
        "body": "412 GB in 38 minutes; 3 snapshots were pruned.",
        "type": "success",
        "priority": "low",
        "silent": True,
    },
]

_PEOPLE: list[dict[str, Any]] = [
    {
        "title": f"{name} liked your post",
        "body": "“What we learned from a year on call”",
        "type": "like",
        "actor": {"name": name},
        "link": "https://blog.example/on-call",
        "silent": True,
    }
    for name in ("Noor", "Jonas", "Ana")
] + [
    {
        "title": "Mira mentioned you",
        "body": "“@demo could you look at the retry budget before we ship? I think two is too few.”",
        "type": "mention",
        "actor": {"name": "Mira"},
        "link": "https://chat.example/c/platform/9912",
        "silent": True,
    }
]

_INCIDENTS: list[dict[str, Any]] = [
    {
        "title": "Disk almost full on db-2",
        "body": "91 % used, growing 2 % an hour.",
        "type": "warning",
        "priority": "high",
        "key": "disk-db-2",
        "link": "https://monitor.example/hosts/db-2",
        "silent": True,
    },
    {
        "title": "Disk almost full on db-2",
        "body": "94 % used, growing 2 % an hour.",
        "type": "warning",
        "priority": "high",
        "key": "disk-db-2",
        "link": "https://monitor.example/hosts/db-2",
        "silent": True,
    },
]

_QUESTIONS: list[dict[str, Any]] = [
    {
        "title": "Build 1017 failed on main",
        "body": "tests/server/test_writer.py: 1 failed, 2204 passed.",
        "type": "error",
        "priority": "high",
        "link": "https://ci.example/builds/1017",
    },
    {
        "title": "Deploy 2.4.0 to production?",
        "body": "All checks are green. Requested by Jonas.",
        "type": "message",
        "priority": "normal",
        "actor": {"name": "Jonas"},
        "actions": [
            {"id": "approve", "label": "Approve"},
            {"id": "decline", "label": "Decline"},
            {"id": "why", "label": "Ask why…", "kind": "reply"},
        ],
        "link": "https://deploy.example/2.4.0",
    },
]
