"""A descriptor that can be read, as a turn of Qt's loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSocketNotifier


def watch(descriptor: int, readable: Callable[[], None]) -> Callable[[], None]:
    """Call the function whenever there is something to read; answers what ends that, before the descriptor is closed."""
    notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *about: readable())

    def stop() -> None:
        notifier.setEnabled(False)
        notifier.deleteLater()

    return stop
