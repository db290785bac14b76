"""Answers as they might come, of the structs for which fields chosen by their names would tell nothing.

A test compares each with its schema, so an example that has grown old is found.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

AN_ID = "0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c"
A_WEBHOOK = "0193f0c5-7d20-7a13-b1e4-2f6c9a8d7e01"
A_FAILURE = "0193f0c9-2b44-7d1e-9a0c-4f5e6d7c8b9a"
_A_DEVICE = "9f2c4e1ab07d"
_AT = 1764150000000

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
    "paused": False,
    "title": None,
    "body": "",
    "link": "https://wiki.example/backup",
    "priority": "high",
    "type": "error",
    "last_seen": _AT,
    "due_at": 1764240000000,
    "down_since": None,
    "created_at": 1763900000000,
}
_FIGURES: Json = {
    "sent": 200, "delivered": 190, "shown": 180, "read": 120, "clicked": 45, "dismissed": 60, "answered": 8, "expired": 3,
    "delivery_rate": 0.95, "click_rate": 0.25, "dismissal_rate": 0.3333,
}  # fmt: skip
_DAY: Json = {"day": "2026-01-31"} | _FIGURES
_HOOK: Json = {
    "id": A_WEBHOOK,
    "url": "https://ci.example/hooks/handbell",
    "events": ["notification.answered"],
    "enabled": True,
    "disabled_for": None,
    "created_at": _AT,
    "delivered_at": 1764150060000,
    "failing_since": None,
    "waiting": 0,
    "failures": 0,
}
_LOST: Json = {
    "id": A_FAILURE,
    "event": "notification.answered",
    "notification": AN_ID,
    "user": "ana",
    "attempts": 8,
    "status": 503,
    "error": "The receiver answered 503.",
    "created_at": _AT,
    "died_at": 1764240000000,
}
_LIKE: Json = {
    "id": AN_ID,
    "ver": 42,
    "crev": 42,
    "source": "blog",
    "type": "like",
    "title": "Ana liked your post",
    "group": "post-7",
    "created_at": _AT,
}

_GOTIFYS: Json = {
    "id": 43690537, "appid": 712685944, "message": "main is red", "title": "Build failed",
    "date": "2026-01-31T08:00:00.000000Z", "priority": 8,
}  # fmt: skip
EXAMPLES: dict[str, Json] = {
    "ListeningToken": {"token": "tk_…", "device": "0193f0c7-11d2-7b40-9c1f-5f0c6a7f9e21", "dialect": "ntfy"},
    "GotifyApplication": {
        "id": 712685944,
        "name": "ci",
        "token": "",
        "description": "",
        "internal": False,
        "image": "",
        "defaultPriority": 0,
    },
    "GotifyPage": {"paging": {"size": 1, "limit": 100, "since": 0}, "messages": [_GOTIFYS]},
    "GotifyUser": {"id": 1867724695, "name": "ana", "admin": False},
    "GotifyClient": {"id": 523681555, "name": "Ana's phone", "token": "CZq…"},
    "GotifyVersion": {"version": "2.6.0", "commit": "handbell-0.1.0", "buildDate": ""},
    "GotifyHealth": {"health": "green", "database": "green"},
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
    "ApprovedPairing": {"device": {"name": "Ana's laptop", "platform": "linux"}},
    "OfferedPairing": {
        "code": "K7QM-3XWD",
        "link": "handbell://pair?server=https%3A%2F%2Fbell.example&code=K7QM3XWD",
        "expires_at": 1764150600000,
    },
    "GivenAnswer": {"action": "yes", "at": 1764150060000, "user": "ben"},
    "Trace": {
        "id": AN_ID,
        "steps": [
            {"step": "stored", "at": _AT},
            {"step": "muted", "channel": "sound", "rule": ["ci", None, None]},
            {"step": "delivered", "at": 1764150001200, "device": _A_DEVICE},
            {"step": "held", "at": 1764150001210, "device": _A_DEVICE, "why": "quiet"},
            {"step": "shown", "at": 1764196800000, "device": _A_DEVICE},
            {"step": "read", "at": 1764196860000},
        ],
    },
    "ShownPreferences": {
        "zone": "Europe/Berlin",
        "paused_until": None,
        "quiet_hours": {"enabled": True, "days": [0, 1, 2, 3, 6], "start": "22:00", "end": "07:00"},
        "urgent": {"breaks_through": "trusted", "trusted": ["alerts"]},
        "rules": [{"source": "ci", "sound": False}],
        "devices": "all",
        "digest": {"every": "daily", "at": "08:00"},
        "tell_senders": {"seen": True, "read": False},
        "critical": ["security"],
    },
    "GroupedPage": {
        "groups": [
            {
                "key": "5d1f0c6a7f9e21b4830a9c1e",
                "headline": "Ana and 2 others liked your post",
                "count": 3,
                "unread": 2,
                "people": 3,
                "actors": ["Ana", "Ben", "Cleo"],
                "notifications": [_LIKE],
                "members": [[AN_ID, 1, 0, 0]],
                "more": False,
            }
        ],
        "unread": 3,
        "next": None,
    },
    "RegisteredWebhook": {"id": A_WEBHOOK, "secret": "whsec_…"},
    "NewSecret": {"secret": "whsec_…", "old_until": 1764236400000},
    "WebhookShown": _HOOK,
    "Webhooks": {"webhooks": [_HOOK]},
    "Tried": {"delivered": True, "status": 204, "error": None},
    "Failures": {"failures": [_LOST], "next": None},
    "ShownDialects": {
        "to": "ana",
        "routes": {"backups": {"topic": "backups"}},
        "priorities": {"gotify": {"8": "urgent"}},
        "defaults": {"type": "backup"},
        "mapping": {"title": "alert.name"},
        "people": {"octocat": "ana"},
        "speaks": None,
        "secret": True,
    },
    "GotifyMessage": {
        "id": 1764150000000,
        "appid": 7,
        "message": "All done",
        "title": "Backup",
        "date": "2025-11-26T09:40:00.000Z",
        "priority": 5,
    },
    "NtfyMessage": {
        "id": "k3VxT9aQwZ2p",
        "time": 1764150000,
        "event": "message",
        "topic": "backups",
        "message": "Backup done",
    },
    "AppriseAnswer": {"error": None},
    "Told": {"id": AN_ID},
    "Heard": {"told": 1, "repeated": 0, "left_alone": 0},
}
