"""The bell in the tray, on whatever tray this desktop has, whenever that comes, goes and comes back.

Qt decides between StatusNotifierItem and XEmbed when the icon is made, so an icon made before the panel stays lost for
the whole session. At login the panel often is the later one. Therefore the icon is made anew whenever a
StatusNotifierWatcher appears on the bus. Some panels own that name before they answer to it, and Qt does not ask twice: so
it is made anew once more when the panel says that it can show icons, or a moment later if it says nothing. An XEmbed tray
that comes late is found by Qt itself.

A desktop that has no tray at all (or takes it away) is told by `nowhere`, after some patience: then the application has to
open its window, and `appeared` says when the bell can be seen again.

Left click opens the inbox. Middle click pauses and resumes: it does no harm when it happens by accident.
"""

from __future__ import annotations

from PySide6.QtCore import SLOT, QObject, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from handbell_desktop.condition import Condition
from handbell_desktop.ui.bell import Style, bell_icon
from handbell_desktop.ui.menu import Choice, Intent, Items, condition_words, fill

PATIENCE = 10.0  # seconds without a tray before we say so
SECOND_LOOK = 1.0
WATCHER = "org.kde.StatusNotifierWatcher"
BALLOON_MS = 10_000


def plain(text: str) -> str:
    """Fit for places where the desktop, not we, decides whether text is markup."""
    return text.replace("<", "‹").replace(">", "›")


class TrayNumber(QObject):
    """An object of its own, because lupdate sees a plural in its `tr` and not in `translate`."""

    def said(self, unread: int) -> str:
        return self.tr("%n unread", "", unread) if unread else self.tr("nothing unread")


def tooltip(unread: int, condition: Condition, detail: str = "") -> str:
    """ "Handbell — 3 unread, offline: the server does not answer"."""
    words = [TrayNumber().said(unread)]
    if condition is not Condition.ONLINE:
        words.append(condition_words(condition))
    state = ", ".join(words) + (f": {detail}" if detail else "")
    return plain(f"Handbell — {state}")


class Tray(QObject):
    opened = Signal(QRect)  # by a left click; where the bell is, or an empty rectangle where nobody knows
    chosen = Signal(object)  # a menu's Choice
    balloon_clicked = Signal()
    nowhere = Signal()
    appeared = Signal()
    _asked = Signal(object)

    def __init__(
        self, style: Style = "colour", *, patience: float = PATIENCE, second_look: float = SECOND_LOOK
    ) -> None:
        super().__init__()
        self._style: Style = style
        self._count = 0
        self._condition = Condition.CONNECTING
        self._detail = ""
        self._items: Items = ()
        self._hung: Items = ()
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._lost = False  # `nowhere` has been said
        # Queued, because who answers a choice gives us another menu, and the chosen action would go while it still rings.
        self._asked.connect(self.chosen, Qt.ConnectionType.QueuedConnection)
        self._patience = self._timer(patience, self._give_up)
        self._second_look = self._timer(second_look, self._make_anew)

    # ---- what the application says

    def start(self) -> None:
        self._make()
        self._watch_the_bus()
        if not self.available:
            self._patience.start()

    def close(self) -> None:
        self._patience.stop()
        self._second_look.stop()
        self._drop()

    def show_bell(self, count: int, condition: Condition, detail: str = "") -> None:
        """The number, the state, and why (or until when), for the tooltip."""
        self._count, self._condition, self._detail = count, condition, detail
        self._paint()

    def show_style(self, style: Style) -> None:
        self._style = style
        self._paint()

    def show_menu(self, items: Items) -> None:
        self._items = items
        if self._menu is not None and not self._menu.isVisible():  # never under the person's hand
            self._refill()

    def balloon(self, title: str, body: str, *, urgent: bool = False) -> None:
        if self._icon is not None:
            kind = QSystemTrayIcon.MessageIcon.Warning if urgent else QSystemTrayIcon.MessageIcon.Information
            self._icon.showMessage(plain(title), plain(body), kind, BALLOON_MS)

    # ---- what the application asks

    @property
    def available(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def geometry(self) -> QRect:
        """Where the bell is; empty where the panel keeps that to itself."""
        return self._icon.geometry() if self._icon is not None else QRect()

    # ---- the icon

    def _make(self) -> None:
        self._drop()
        self._icon = icon = QSystemTrayIcon(self)
        # With the icon, because its copy on the bus belongs to the icon that exported it.
        self._menu = menu = QMenu()
        self._hung = ()
        self._refill()
        menu.aboutToHide.connect(self._refill, Qt.ConnectionType.QueuedConnection)
        icon.setContextMenu(menu)
        icon.activated.connect(self._activated)
        icon.messageClicked.connect(self.balloon_clicked)
        self._paint()
        icon.show()

    def _drop(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
        if self._menu is not None:
            self._menu.deleteLater()
        self._icon = self._menu = None

    def _paint(self) -> None:
        if self._icon is not None:
            self._icon.setIcon(bell_icon(self._count, self._condition, self._style))
            self._icon.setToolTip(tooltip(self._count, self._condition, self._detail))

    def _refill(self) -> None:
        if self._menu is not None and self._hung != self._items:
            self._hung = self._items
            fill(self._menu, self._items, self._choose)

    # ---- what the person does

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.opened.emit(self.geometry)
        elif reason == QSystemTrayIcon.ActivationReason.MiddleClick:
            paused = self._condition is Condition.PAUSED
            self._choose(Choice(Intent.RESUME if paused else Intent.PAUSE_OPEN_END))

    def _choose(self, choice: Choice) -> None:
        self._asked.emit(choice)

    # ---- trays that come and go

    def _watch_the_bus(self) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher  # after the bell is up

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        mode = QDBusServiceWatcher.WatchModeFlag
        watcher = QDBusServiceWatcher(WATCHER, bus, mode.WatchForRegistration | mode.WatchForUnregistration, self)
        watcher.serviceRegistered.connect(self._watcher_came)
        watcher.serviceUnregistered.connect(self._watcher_left)
        signal = ("", "/StatusNotifierWatcher", WATCHER, "StatusNotifierHostRegistered")
        # PySide's stubs promise bytes; what it takes is what SLOT makes, a string.
        bus.connect(*signal, self, SLOT("_host_came()"))  # type: ignore[call-overload]

    @Slot()
    def _watcher_came(self) -> None:
        self._second_look.start()
        self._make_anew()

    @Slot()
    def _host_came(self) -> None:
        self._second_look.stop()
        self._make_anew()

    @Slot()
    def _watcher_left(self) -> None:
        self._second_look.stop()
        self._patience.start()

    def _make_anew(self) -> None:
        self._make()
        if self.available:
            self._patience.stop()
            if self._lost:
                self._lost = False
                self.appeared.emit()

    def _give_up(self) -> None:
        if not self.available:
            self._lost = True
            self.nowhere.emit()

    def _timer(self, seconds: float, task: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(round(seconds * 1000))
        timer.timeout.connect(task)
        return timer
