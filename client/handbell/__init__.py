"""Handbell for Python programs: send notifications, ask people, give signs of life.

    from handbell import Handbell
    Handbell().send("ana", "Build failed", link="https://ci.example/1017")

What a request is and when it is made again stands once, in `verbs.py` and `retrying.py`, as generators that know no
network; `client.py` carries them out on sockets that block, `aio.py` on asyncio's. Only the standard library is used, and
importing this package loads none of it that is slow: each name is fetched when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from handbell.aio import AsyncHandbell, AsyncSent
    from handbell.client import Handbell, Sent
    from handbell.errors import (
        Conflict,
        Forbidden,
        Gone,
        HandbellError,
        Interrupted,
        Invalid,
        NotFound,
        RateLimited,
        Refused,
        Unauthenticated,
        Unavailable,
        Unreachable,
        Untrusted,
    )
    from handbell.log_handler import HandbellHandler
    from handbell.messages import EVERYONE, Notification, topic
    from handbell.results import Answer, BatchResult, Expectation, KnownType, Receipt, Step, Told, Trace
    from handbell.watching import watch

    __version__: str

_HOMES: Final = {
    "aio": ("AsyncHandbell", "AsyncSent"),
    "client": ("Handbell", "Sent"),
    "errors": (
        "Conflict", "Forbidden", "Gone", "HandbellError", "Interrupted", "Invalid", "NotFound", "RateLimited", "Refused",
        "Unauthenticated", "Unavailable", "Unreachable", "Untrusted",
    ),
    "log_handler": ("HandbellHandler",),
    "messages": ("EVERYONE", "Notification", "topic"),
    "results": ("Answer", "BatchResult", "Expectation", "KnownType", "Receipt", "Step", "Told", "Trace"),
    "watching": ("watch",),
}  # fmt: skip
_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "EVERYONE", "Answer", "AsyncHandbell", "AsyncSent", "BatchResult", "Conflict", "Expectation", "Forbidden", "Gone",
    "Handbell", "HandbellError", "HandbellHandler", "Interrupted", "Invalid", "KnownType", "NotFound", "Notification",
    "RateLimited", "Receipt", "Refused", "Sent", "Step", "Told", "Trace", "Unauthenticated", "Unavailable", "Unreachable",
    "Untrusted", "topic", "watch",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        found: Any = import_module("importlib.metadata").version("handbell")  # as it is installed; slow to ask
    elif name in _HOME_OF:
        found = getattr(import_module(f"handbell.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'handbell' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF, "__version__"])
