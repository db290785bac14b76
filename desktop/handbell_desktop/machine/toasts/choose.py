"""Which toaster this machine gets: its platform's own, else one that shows nothing. Never an exception.

A platform that shows nothing says so in `capabilities.shows`; the window then has its own way of speaking up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from handbell_desktop.machine.toasts.base import OnEvent, Toaster
from handbell_desktop.machine.toasts.silent import SilentToaster
from handbell_desktop.timers import Turns

Watch = Callable[
    [int, Callable[[], None]], Callable[[], None]
]  # as in session_bus.py, which needs what Linux alone has

log = logging.getLogger(__name__)


def choose(
    on_event: OnEvent,
    *,
    platform: str,
    environment: Mapping[str, str],
    watch: Watch,
    turns: Turns,
    play: Callable[[str], None],
    icon: str | None = None,
) -> Toaster:
    """`environment` names the session bus, `watch` is the owner's loop, `play` for sounds that a platform does not make."""
    try:
        if platform in ("win32", "darwin"):
            from handbell_desktop.machine.toasts.notifier import NotifierToaster

            return NotifierToaster(on_event, turns=turns, platform=platform, icon=icon)
        from handbell_desktop.machine.session_bus import address_of
        from handbell_desktop.machine.toasts.freedesktop import FreedesktopToaster

        return FreedesktopToaster(
            on_event, address=lambda: address_of(environment), watch=watch, turns=turns, play=play, icon=icon
        )
    except Exception:
        log.warning("this platform's notifications cannot be used", exc_info=True)
        return SilentToaster()
