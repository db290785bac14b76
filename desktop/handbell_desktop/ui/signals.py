"""The signals of the operating system, inside Qt's loop.

Python runs a signal's handler only when it runs Python, and an idle bell does not. So the interpreter writes the
number of each signal into a socket, and the loop wakes up by reading it.
"""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class SystemSignals(QObject):
    """`end`: somebody asks the program to end. `continued`: it was stopped for a while and goes on."""

    end = Signal()
    continued = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        for number in _of_interest():
            signal.signal(number, lambda *about: None)  # without a handler the interpreter writes nothing
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    def _heard(self) -> None:
        for number in self._read.recv(64):
            if number == getattr(signal, "SIGCONT", None):
                self.continued.emit()
            else:
                self.end.emit()


def _of_interest() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGCONT")  # Windows has two of them
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]
