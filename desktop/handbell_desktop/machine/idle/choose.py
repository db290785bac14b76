"""Who says how long nobody has touched this computer. Never an exception: where nobody does, it is not known."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from handbell_desktop.machine.idle.base import IdleTime, Unknown

Watch = Callable[
    [int, Callable[[], None]], Callable[[], None]
]  # as in session_bus.py, which needs what Linux alone has

log = logging.getLogger(__name__)


def choose(*, platform: str, environment: Mapping[str, str], watch: Watch) -> IdleTime:
    try:
        if platform == "win32":
            from handbell_desktop.machine.idle.windows import WindowsIdleTime

            return WindowsIdleTime()
        if platform == "darwin":
            from handbell_desktop.machine.idle.macos import MacIdleTime

            return MacIdleTime()
        return _on_linux(environment, watch)
    except Exception as error:
        log.info("how long nobody has touched this computer is not known: %s", error)
        return Unknown()


def _on_linux(environment: Mapping[str, str], watch: Watch) -> IdleTime:
    """On Wayland an X server counts only what is done in its own windows, so the desktop is asked."""
    display = environment.get("DISPLAY")
    if display and not environment.get("WAYLAND_DISPLAY"):
        from handbell_desktop.machine.idle.x11 import X11IdleTime

        return X11IdleTime(display)
    from handbell_desktop.machine.idle.session import SessionIdleTime
    from handbell_desktop.machine.session_bus import address_of

    address = address_of(environment)
    return Unknown() if address is None else SessionIdleTime(address, watch)
