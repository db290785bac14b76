"""macOS: CGEventSourceSecondsSinceLastEventType of Core Graphics. Written from its documentation; not tried on macOS."""

from __future__ import annotations

import ctypes
from typing import Final

from handbell_desktop.machine.idle.base import Then

_LIBRARY: Final = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
_COMBINED_SESSION_STATE: Final = 0
_ANY_INPUT: Final = 0xFFFF_FFFF


class MacIdleTime:
    def __init__(self) -> None:
        self._seconds = ctypes.CDLL(_LIBRARY).CGEventSourceSecondsSinceLastEventType
        self._seconds.argtypes, self._seconds.restype = [ctypes.c_int32, ctypes.c_uint32], ctypes.c_double

    def ask(self, then: Then) -> None:
        then(int(1000 * self._seconds(_COMBINED_SESSION_STATE, _ANY_INPUT)))

    def close(self) -> None:
        pass
