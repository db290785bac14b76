"""The drawings behind `icons.py`: lines of width 1.75 with round ends on a grid of 24, kept within 3 … 21.

Each is the inside of an SVG element. `DOT` is a filled point; lines take their colour from the element around them.
"""

from __future__ import annotations


def _path(*lines: str) -> str:
    return "".join(f'<path d="{line}"/>' for line in lines)


def _circle(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}"/>'


def _box(x: float, y: float, width: float, height: float, radius: float) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>'


def _dot(x: float, y: float, radius: float = 1.15) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" stroke="none" class="dot"/>'


RING = _circle(12, 12, 8.5)
BELL = _path("M6.25 10.25a5.75 5.75 0 0 1 11.5 0c0 3.9 1 5.5 2.25 6.75H4c1.25-1.25 2.25-2.85 2.25-6.75z")
CLAPPER = _path("M9.9 19.9a2.3 2.3 0 0 0 4.2 0")
SLASH = _path("M4 4l16 16")
CRATE = _box(3.5, 4.5, 17, 4.5, 1.25) + _path("M5 9v8.5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9")
PERSON = _circle(9.5, 8, 3.5) + _path("M3 19.5a6.5 6.5 0 0 1 13 0")
CLOUD = _path("M7.2 18.75h9.3a4.1 4.1 0 0 0 .8-8.1A6 6 0 0 0 5.8 11.6a3.7 3.7 0 0 0 1.4 7.15z")

SHAPES: dict[str, str] = {
    # ---- what can be done
    "check": _path("M4.75 12.75l4.5 4.5L19.25 7.25"),
    "check-all": _path("M2.75 12.75l4.25 4.25 8.75-9.5", "M12.25 16.5l.75.5 8.5-9.5"),
    "archive": CRATE + _path("M10 13h4"),
    "unarchive": CRATE + _path("M12 16.75v-5", "M9.5 13.75l2.5-2.5 2.5 2.5"),
    "clock": RING + _path("M12 7.25V12l3.25 2"),
    "trash": _path(
        "M4.5 6.75h15",
        "M9.25 6.5V5.25a1.5 1.5 0 0 1 1.5-1.5h2.5a1.5 1.5 0 0 1 1.5 1.5V6.5",
        "M6.5 6.75l.7 11.6a2 2 0 0 0 2 1.9h5.6a2 2 0 0 0 2-1.9l.7-11.6",
        "M10.25 11v5M13.75 11v5",
    ),
    "undo": _path("M8.5 4.75L4.5 8.75l4 4", "M5 8.75h9.25a5.25 5.25 0 0 1 0 10.5H9.5"),
    "search": _circle(10.75, 10.75, 6.5) + _path("M15.6 15.6L20.25 20.25"),
    "settings": _path("M3.75 7.5h7.5M17.75 7.5h2.5M3.75 16.5h2.5M12.75 16.5h7.5")
    + _circle(14.5, 7.5, 2.75)
    + _circle(9.5, 16.5, 2.75),
    "close": _path("M6.25 6.25l11.5 11.5M17.75 6.25l-11.5 11.5"),
    "pin": _path("M8.5 3.75h7", "M9.75 3.75v5.5L6.5 12.75v2h11v-2l-3.25-3.5v-5.5", "M12 14.75v5.5"),
    "reply": _path("M9.25 6L4.25 11l5 5", "M4.75 11h8.5a6.25 6.25 0 0 1 6.25 6.25v1.5"),
    "link": _path(
        "M10.2 13.8a4 4 0 0 0 5.65 0l3.2-3.2a4 4 0 0 0-5.65-5.65l-1.35 1.35",
        "M13.8 10.2a4 4 0 0 0-5.65 0l-3.2 3.2a4 4 0 0 0 5.65 5.65l1.35-1.35",
    ),
    "external": _path(
        "M14 4.25h5.75V10",
        "M19.5 4.5L11.5 12.5",
        "M17.75 14v3.75a2 2 0 0 1-2 2h-9.5a2 2 0 0 1-2-2v-9.5a2 2 0 0 1 2-2H10",
    ),
    "chevron-left": _path("M14.5 6l-6 6 6 6"),
    "chevron-right": _path("M9.5 6l6 6-6 6"),
    "chevron-down": _path("M6 9.5l6 6 6-6"),
    "more": _dot(5.5, 12, 1.5) + _dot(12, 12, 1.5) + _dot(18.5, 12, 1.5),
    "refresh": _path(
        "M19.5 11.25a7.6 7.6 0 0 0-13.6-3.9L4.25 9.25",
        "M4.25 4.75v4.5h4.5",
        "M4.5 12.75a7.6 7.6 0 0 0 13.6 3.9l1.65-1.9",
        "M19.75 19.25v-4.5h-4.5",
    ),
    "copy": _box(8.5, 8.5, 11.25, 11.25, 2)
    + _path("M15.5 8.25v-2a2 2 0 0 0-2-2H6.25a2 2 0 0 0-2 2v7.25a2 2 0 0 0 2 2h2"),
    "plus": _path("M12 5.25v13.5M5.25 12h13.5"),
    "minus": _path("M5.25 12h13.5"),
    # ---- what a notification is about
    "bell": BELL + CLAPPER,
    "info": RING + _path("M12 11.25v5") + _dot(12, 7.9),
    "success": RING + _path("M8.25 12.25l2.6 2.6 4.9-5.35"),
    "warning": _path(
        "M10.35 4.9L3.6 16.9a1.9 1.9 0 0 0 1.65 2.85h13.5a1.9 1.9 0 0 0 1.65-2.85L13.65 4.9a1.9 1.9 0 0 0-3.3 0z",
        "M12 9.5v4",
    )
    + _dot(12, 16.6),
    "error": _path("M8.4 3.5h7.2L20.5 8.4v7.2l-4.9 4.9H8.4L3.5 15.6V8.4z", "M9.4 9.4l5.2 5.2M14.6 9.4l-5.2 5.2"),
    "alert": RING + _path("M12 7.5v5.25") + _dot(12, 16.1),
    "message": _path(
        "M6 4.5h12a2.25 2.25 0 0 1 2.25 2.25v7.5A2.25 2.25 0 0 1 18 16.5h-6.5L7 20.25V16.5H6a2.25 2.25 0 0 1-2.25-2.25v-7.5A2.25 2.25 0 0 1 6 4.5z"
    ),
    "mail": _box(3.75, 5.25, 16.5, 13.5, 2) + _path("M4.5 7l7.5 5.75L19.5 7"),
    "comment": _path(
        "M12 4.25c4.7 0 8.5 3.3 8.5 7.5s-3.8 7.5-8.5 7.5c-1.4 0-2.7-.3-3.9-.8L3.75 19.75l1.3-3.7A7 7 0 0 1 3.5 11.75c0-4.2 3.8-7.5 8.5-7.5z",
        "M8.5 10.25h7M8.5 13.5h4.5",
    ),
    "friend": PERSON + _path("M18.75 7.75v6M15.75 10.75h6"),
    "follow": PERSON + _path("M15.75 11l2.1 2.1 3.9-4.35"),
    "like": _path(
        "M12 20.1S3.75 15.5 3.75 9.55A4.5 4.5 0 0 1 12 7.1a4.5 4.5 0 0 1 8.25 2.45C20.25 15.5 12 20.1 12 20.1z"
    ),
    "mention": _circle(12, 12, 3.6) + _path("M15.6 8.4v5.1a2.45 2.45 0 0 0 4.9 0V12a8.5 8.5 0 1 0-3.35 6.75"),
    "order": _path(
        "M12 3.4l7.75 4.1v9L12 20.6l-7.75-4.1v-9z", "M4.6 7.75L12 11.7l7.4-3.95", "M12 11.7v8.6", "M8.2 5.6l7.5 4"
    ),
    "system": _box(6.5, 6.5, 11, 11, 2)
    + _path("M9.5 3.25v3M14.5 3.25v3M9.5 17.75v3M14.5 17.75v3M3.25 9.5h3M3.25 14.5h3M17.75 9.5h3M17.75 14.5h3")
    + _box(10, 10, 4, 4, 0.75),
    # ---- people, devices and states
    "user": _circle(12, 8, 3.9) + _path("M4.75 20.25a7.25 7.25 0 0 1 14.5 0"),
    "users": _circle(9.25, 8.5, 3.4)
    + _path(
        "M3 19.75a6.25 6.25 0 0 1 12.5 0", "M15.5 5.3a3.4 3.4 0 0 1 0 6.4", "M17.75 14.2a6.25 6.25 0 0 1 3.25 5.55"
    ),
    "mute": BELL + CLAPPER + SLASH,
    "sun": _circle(12, 12, 4)
    + _path(
        "M12 3v1.75M12 19.25V21M3 12h1.75M19.25 12H21M5.65 5.65l1.2 1.2M17.15 17.15l1.2 1.2M5.65 18.35l1.2-1.2M17.15 6.85l1.2-1.2"
    ),
    "moon": _path("M20 14.1A8.25 8.25 0 1 1 9.9 4a6.6 6.6 0 0 0 10.1 10.1z"),
    "offline": CLOUD + SLASH,
    "key": _circle(8, 16, 4.25) + _path("M11.1 12.9L20 4", "M16 8l3 3M13.1 10.9l2 2"),
    "shield": _path(
        "M12 3.4l7.25 2.7v5.4c0 4.4-3 7.5-7.25 9.1-4.25-1.6-7.25-4.7-7.25-9.1V6.1z", "M8.9 12l2.2 2.2 4-4.3"
    ),
    "help": RING + _path("M9.5 9.6a2.55 2.55 0 1 1 3.7 2.3c-.8.4-1.2.9-1.2 1.75") + _dot(12, 16.6),
    "keyboard": _box(3, 6, 18, 12.5, 2.25)
    + _path("M8.5 15h7")
    + "".join(_dot(x, 9.5, 0.95) for x in (6.75, 10.25, 13.75, 17.25))
    + "".join(_dot(x, 12.3, 0.95) for x in (8.5, 12, 15.5)),
    "device": _box(5, 5, 14, 10.5, 1.75) + _path("M3 19h18"),
}
