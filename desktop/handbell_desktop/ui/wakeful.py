"""Says when it is worth trying the server now: the machine woke up, the network changed, the process was continued.

Linux tells both over the system bus (logind's `PrepareForSleep`, NetworkManager's `StateChanged`); where neither runs,
the link's own back-off and its missing pings find out a little later. Elsewhere Qt knows whether there is a network.
Nothing here polls: an idle bell wakes no processor.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

log = logging.getLogger(__name__)

_NETWORK_IS_THERE: Final = 50  # NM_STATE_CONNECTED_LOCAL and above


class Wakeful(QObject):
    """Hold it as long as it shall listen."""

    woken = Signal()

    def __init__(self, parent: QObject | None = None, *, system_bus: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        if sys.platform == "linux":
            self._listen_to(system_bus or QDBusConnection.systemBus())
        else:
            self._ask_qt()

    def _listen_to(self, bus: QDBusConnection) -> None:
        if not bus.isConnected():
            return
        connect: Any = bus.connect  # the stubs ask for bytes where only SLOT's text is taken
        connect(
            "org.freedesktop.login1",
            "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager",
            "PrepareForSleep",
            self,
            SLOT("slept(bool)"),
        )
        connect(
            "org.freedesktop.NetworkManager",
            "/org/freedesktop/NetworkManager",
            "org.freedesktop.NetworkManager",
            "StateChanged",
            self,
            SLOT("network_changed(uint)"),
        )

    def _ask_qt(self) -> None:
        from PySide6.QtNetwork import QNetworkInformation

        if QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            network = QNetworkInformation.instance()
            network.reachabilityChanged.connect(self.reachability_changed)

    @Slot(bool)
    def slept(self, going_to_sleep: bool) -> None:
        if not going_to_sleep:
            self.woken.emit()

    @Slot("uint")
    def network_changed(self, state: int) -> None:
        if state >= _NETWORK_IS_THERE:
            self.woken.emit()

    @Slot(object)
    def reachability_changed(self, reachability: object) -> None:
        self.woken.emit()
