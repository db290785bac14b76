"""What a type of notification looks like: icons that every client can draw, and the built-in types' looks.

A record of a type that a producer registered brings its category, icon and colour along. For a built-in type they are
known to everybody, so they do not travel.
"""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from handbell_shared.records import Notification

Icon = Literal[
    "alert", "archive", "bell", "check", "clock", "comment", "device", "error", "follow", "friend", "help", "info", "key",
    "keyboard", "like", "link", "mention", "message", "moon", "offline", "order", "pin", "refresh", "reply", "search",
    "settings", "shield", "success", "sun", "system", "trash", "user", "users", "warning",
]  # fmt: skip
ICONS: Final[frozenset[str]] = frozenset(get_args(Icon))
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")

TYPE_ICONS: Final[dict[str, Icon]] = {
    "info": "info",
    "success": "success",
    "warning": "warning",
    "error": "error",
    "message": "message",
    "friend_request": "friend",
    "follow": "follow",
    "like": "like",
    "comment": "comment",
    "mention": "mention",
    "order_update": "order",
    "system": "system",
}
_CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "status": ("info", "success", "warning", "error"),
    "messages": ("message", "comment", "mention"),
    "social": ("friend_request", "follow", "like"),
    "orders": ("order_update",),
    "system": ("system",),
}
TYPE_CATEGORIES: Final[dict[str, str]] = {name: category for category, names in _CATEGORIES.items() for name in names}


def category_of(record: Notification) -> str | None:
    """What the record's type belongs to, if it is known to."""
    return record.category or TYPE_CATEGORIES.get(record.type)


def icon_of(record: Notification) -> str:
    """The icon to draw; a type that brings none, or one of a newer server's, rings the bell."""
    return record.icon if record.icon in ICONS else TYPE_ICONS.get(record.type, "bell")


def colour_of(record: Notification) -> str | None:
    """The colour that the record brings along as "#rrggbb"; a client has its own for everything else."""
    return record.colour if record.colour is not None and COLOUR.match(record.colour) else None
