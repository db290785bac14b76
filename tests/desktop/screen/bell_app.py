"""The bell alone, as a program: it prints what it is told, one line each, and does what its menu says; "About" shows a balloon.

`python -m tests.desktop.screen.bell_app PATIENCE SECOND_LOOK` starts with three unread on a connection that works.
"""

import sys

from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from handbell_desktop.condition import Condition
from handbell_desktop.machine.toasts.base import Toast
from handbell_desktop.ui.menu import AccountLine, Choice, Intent, MenuState, menu_items
from handbell_desktop.ui.tray import Tray
from handbell_desktop.ui.tray_toaster import TrayToaster

ANA = AccountLine(id="a1", name="ana", condition=Condition.ONLINE)
PAUSES = {Intent.PAUSE_HALF_HOUR, Intent.PAUSE_HOUR, Intent.PAUSE_TOMORROW, Intent.PAUSE_OPEN_END}
RESTED = 6  # looks without a move


def say(*words: object) -> None:
    print(*words, flush=True)


def is_there(widget: QWidget) -> bool:
    """On the screen, and not only meant to be: somebody may click on it."""
    window = widget.windowHandle()
    return widget.isVisible() and window is not None and window.isExposed()


class BellApp:
    def __init__(self, patience: float, second_look: float) -> None:
        self.unread = 3
        self.paused = False
        self.where = QRect()
        self.rests = 0
        self.menu_is_open = False
        self.balloon_is_open = False
        self.tray = Tray(patience=patience, second_look=second_look)
        self.toaster = TrayToaster(self.tray, lambda event: say("clicked on", event.key))
        self.tray.opened.connect(lambda where: say("opened", where.x(), where.y(), where.width(), where.height()))
        self.tray.chosen.connect(self.do)
        self.tray.nowhere.connect(lambda: say("nowhere"))
        self.tray.appeared.connect(lambda: say("appeared"))
        self.show()
        self.tray.start()
        self.looking = QTimer(interval=20)
        self.looking.timeout.connect(self.look)
        self.looking.start()
        say("started")

    def do(self, choice: Choice) -> None:
        say("chosen", choice.intent.name)
        if choice.intent is Intent.MARK_ALL_READ:
            self.unread = 0
        elif choice.intent in PAUSES or choice.intent is Intent.RESUME:
            self.paused = choice.intent is not Intent.RESUME
        elif choice.intent is Intent.ABOUT:
            self.toaster.show(Toast(key="n1", title="Build <b>failed</b>", body="<i>main</i>", urgency="critical"))
        elif choice.intent is Intent.QUIT:
            self.tray.close()
            QApplication.quit()
        self.show()

    def show(self) -> None:
        self.tray.show_bell(self.unread, Condition.PAUSED if self.paused else Condition.ONLINE)
        self.tray.show_menu(menu_items(MenuState(unread=self.unread, paused=self.paused, accounts=(ANA,))))

    def look(self) -> None:
        """Only an XEmbed tray says where it drew the bell; at first it may be beside the screen, then it moves."""
        where = self.tray.geometry
        self.rests = self.rests + 1 if where == self.where else 0
        self.where = where
        if self.rests == RESTED and where.isValid() and QApplication.primaryScreen().geometry().contains(where):
            say("bell at", where.center().x(), where.center().y())
        popup = QApplication.activePopupWidget()
        if popup is not None and is_there(popup) and not self.menu_is_open:
            self.menu_is_open = True
            say("menu")
        for widget in QApplication.topLevelWidgets():
            if widget.inherits("QBalloonTip") and is_there(widget) and not self.balloon_is_open:
                self.balloon_is_open = True
                middle = widget.geometry().center()
                say("balloon at", middle.x(), middle.y())


if __name__ == "__main__":
    app = QApplication(sys.argv)
    app.setApplicationName("Handbell")
    app.setQuitOnLastWindowClosed(False)
    bell = BellApp(float(sys.argv[1]), float(sys.argv[2]))
    app.exec()
