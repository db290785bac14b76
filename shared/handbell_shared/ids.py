"""UUIDv7: ids that sort by the time they were made, so that paging by id is paging by age.

Within one process they rise strictly, also inside a millisecond: the 12 bits behind the time are a counter that starts
at a random low value and borrows from the next millisecond when it overflows.
"""

from __future__ import annotations

import os
import re
import threading
import time

_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_lock = threading.Lock()
_last_tick = 0
_pool = b""
_pool_at = 0
_POOL_BYTES = 9 * 455  # one system call for 455 ids; each call lets another thread take the interpreter


def new_id(at_ms: int | None = None) -> str:
    """A fresh UUIDv7 as 36 lower-case characters; `at_ms` makes one that sorts at another time."""
    global _last_tick, _pool, _pool_at
    with _lock:
        if _pool_at >= len(_pool):
            _pool, _pool_at = os.urandom(_POOL_BYTES), 0
        noise = int.from_bytes(_pool[_pool_at : _pool_at + 9], "big")
        _pool_at += 9
        if at_ms is not None:
            tick = at_ms << 12 | (noise >> 64) << 2
        else:
            tick = (time.time_ns() // 1_000_000) << 12 | (noise >> 64) << 2
            if tick <= _last_tick:
                tick = _last_tick + 1
            _last_tick = tick
    low = 0x8000_0000_0000_0000 | noise & 0x3FFF_FFFF_FFFF_FFFF
    text = f"{tick:015x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-7{text[12:15]}-{text[15:19]}-{text[19:]}"


def _after_fork() -> None:
    """A child must not hand out what its parent still has in the pool."""
    global _pool
    _pool = b""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def is_id(text: str) -> bool:
    """Whether the text is an id this system could have made."""
    return _PATTERN.match(text) is not None


def made_at(an_id: str) -> int:
    """When the id was made, in milliseconds since 1970."""
    return int(an_id[:8] + an_id[9:13], 16)
