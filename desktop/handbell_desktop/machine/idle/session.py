"""What a desktop on Wayland says over the session bus: GNOME's shell, else KDE's screen locker. Nothing here waits.

The first that answers with a number is asked from then on. A bus that is lost answers nobody; there is no other.
"""

from __future__ import annotations

from typing import Final

from jeepney import DBusAddress, Message

from handbell_desktop.machine.idle.base import Then
from handbell_desktop.machine.session_bus import SessionBus, Watch, has_signature

_GNOME: Final = DBusAddress(
    "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor", "org.gnome.Mutter.IdleMonitor"
)
_KDE: Final = DBusAddress("/ScreenSaver", "org.freedesktop.ScreenSaver", "org.freedesktop.ScreenSaver")
_ASKED: Final = ((_GNOME, "GetIdletime", "t"), (_KDE, "GetSessionIdleTime", "u"))


class SessionIdleTime:
    """Both count milliseconds, KDE in 32 bits."""

    def __init__(self, address: str, watch: Watch) -> None:
        self._bus = SessionBus(address, watch, on_signal=lambda message: None, on_lost=lambda: None)
        self._known: int | None = None

    def ask(self, then: Then) -> None:
        if self._bus.open:
            self._ask(0 if self._known is None else self._known, then)
        else:
            then(None)

    def close(self) -> None:
        self._bus.close()

    def _ask(self, place: int, then: Then) -> None:
        if place == len(_ASKED):
            then(None)
            return
        whom, method, signature = _ASKED[place]

        def answered(message: Message) -> None:
            if has_signature(message, signature):
                self._known = place
                then(int(message.body[0]))
            else:
                self._ask(place + 1, then)

        self._bus.call(whom, method, then=answered)
