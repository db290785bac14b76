"""The floor: a tray icon by the same Qt and Python, that does nothing at all. What Handbell adds is the ratio to it."""

import signal
import sys

from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

signal.signal(signal.SIGTERM, signal.SIG_DFL)
app = QApplication(sys.argv)
app.setQuitOnLastWindowClosed(False)
picture = QPixmap(22, 22)
picture.fill(QColor("#f5c542"))
tray = QSystemTrayIcon(QIcon(picture))
tray.show()
sys.exit(app.exec())
