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
_last_tick = 0  # milliseconds << 12 | counter
_head, _head_ms = "", -1  # how every id of these milliseconds begins
_pool = ""
_pool_at = 0
_NOISE = 18  # digits of the pool that an id takes: two for where its counter begins, sixteen for its end
_POOL_BYTES = 9 * 455  # one system call for 455 ids; each call lets another thread take the interpreter
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def new_id(at_ms: int | None = None) -> str:
    """A fresh UUIDv7 as 36 lower-case characters; `at_ms` makes one that sorts at another time."""
    global _last_tick, _head, _head_ms, _pool, _pool_at
    with _lock:
        at = _pool_at
        if at >= len(_pool):
            _pool, at = os.urandom(_POOL_BYTES).hex(), 0
        noise = _pool[at : at + _NOISE]
        _pool_at = at + _NOISE
        ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
        if at_ms is not None:
            tick = ms << 12 | int(noise[:2], 16) << 2
        else:
            tick = _last_tick + 1 if ms <= _last_tick >> 12 else ms << 12 | int(noise[:2], 16) << 2
            _last_tick = tick
        if tick >> 12 != _head_ms:
            _head_ms = tick >> 12
            digits = f"{_head_ms:012x}"
            _head = f"{digits[:8]}-{digits[8:]}-7"
        head = _head
    return f"{head}{tick & 0xFFF:03x}-{_VARIANT[noise[2]]}{noise[3:6]}-{noise[6:]}"


def _after_fork() -> None:
    """A child must not hand out what its parent still has in the pool."""
    global _pool
    _pool = ""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def is_id(text: str) -> bool:
    """Whether the text is an id this system could have made."""
    return _PATTERN.match(text) is not None


def made_at(an_id: str) -> int:
    """When the id was made, in milliseconds since 1970."""
    return int(an_id[:8] + an_id[9:13], 16)
