"""Windows: GetLastInputInfo, of this session. Written from its documentation; not tried on Windows."""

from __future__ import annotations

import ctypes
from typing import Any

from handbell_desktop.machine.idle.base import Then


class _LastInput(ctypes.Structure):
    """LASTINPUTINFO; `time` is in ticks of the machine's start, of which 32 bits are kept."""

    _fields_ = (("size", ctypes.c_uint32), ("time", ctypes.c_uint32))


class WindowsIdleTime:
    def __init__(self) -> None:
        libraries: Any = getattr(ctypes, "windll")  # noqa: B009 — it is there on Windows alone
        self._user32, self._kernel32 = libraries.user32, libraries.kernel32

    def ask(self, then: Then) -> None:
        last = _LastInput(ctypes.sizeof(_LastInput), 0)
        known = self._user32.GetLastInputInfo(ctypes.byref(last))
        now = self._kernel32.GetTickCount() & 0xFFFF_FFFF
        then((now - last.time) & 0xFFFF_FFFF if known else None)

    def close(self) -> None:
        pass
