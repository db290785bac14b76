"""Who appears when: the tray's clicks, toasts that want to be seen, a second start, a desktop without a tray.

The shell owns the windows and makes each when it is first asked for, so that starting costs nothing but the bell. It
decides nothing about notifications: what a person wants done goes to the desk, and what they look at asks the desk.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from handbell_desktop.build import Options
from handbell_desktop.changes import Change
from handbell_desktop.condition import Condition
from handbell_desktop.deeds import Opened
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Language
from handbell_desktop.kept.shown import Entry, Query
from handbell_desktop.machine.surroundings import Surroundings
from handbell_desktop.timers import Turns
from handbell_desktop.ui.bell import app_icon
from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.menu import AccountLine, Choice, Intent, MenuState, menu_items, pause_until
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.tray import Tray
from handbell_shared import pairing
from handbell_shared.link_state import Online, SignedOut
from handbell_shared.records import Scope

if TYPE_CHECKING:  # each is loaded when it is first wanted
    from handbell_desktop.ui.panel import Panel
    from handbell_desktop.ui.settings.window import SettingsWindow
    from handbell_desktop.ui.sign_in import SignIn
    from handbell_desktop.ui.window import Window

# What the panel is made of is loaded while nobody waits for it, some time after the bell; the panel itself is made when
# it is first asked for (30 ms), because a bell that nobody clicks should not carry it around (8 MB).
LOAD_PANEL_AFTER_MS: Final = 1_500
PAUSES: Final = (Intent.PAUSE_HALF_HOUR, Intent.PAUSE_HOUR, Intent.PAUSE_TOMORROW, Intent.PAUSE_OPEN_END)

log = logging.getLogger(__name__)


class Shell(QObject):
    over = Signal()

    def __init__(
        self,
        desk: Desk,
        themes: ThemeSource,
        languages: Languages,
        tray: Tray,
        turns: Turns,
        here: Surroundings,
    ) -> None:
        super().__init__()
        self._desk, self._themes, self._languages = desk, themes, languages
        self._tray, self._turns, self._here = tray, turns, here
        self._made_panel: Panel | None = None
        self._made_window: Window | None = None
        self._settings: SettingsWindow | None = None
        self._sign_in: SignIn | None = None
        self._about: QDialog | None = None
        self._painted: tuple[MenuState, Condition, str] | None = None
        tray.opened.connect(self.toggle_panel)
        tray.chosen.connect(self.do)
        tray.nowhere.connect(self._without_a_tray)
        tray.appeared.connect(self._with_a_tray)
        desk.on_show = self._show_entry
        desk.listen(self._changed)

    def start(self) -> None:
        self._paint()
        self._tray.start()
        QTimer.singleShot(LOAD_PANEL_AFTER_MS, _load_panel)

    def begin(self, options: Options, password: Callable[[], str] | None) -> None:
        """What was asked for on the command line; and who is not signed in anywhere is asked to."""
        accounts = self._desk.settings.accounts
        known = next((one for one in accounts if (one.server, one.user) == (options.server, options.user)), None)
        if options.link:
            self.told(options.link)
        elif password is not None and known is None:
            self._sign_in_unasked(options, password)
        elif password is not None and known is not None:
            self._sign_in_if_signed_out(known.id, options, password)
        elif options.server and known is None:
            self.sign_in()
            if self._sign_in is not None:
                self._sign_in.fill(options.server, options.user, options.ca_file)
        elif not accounts:
            self.sign_in()
        elif options.wish != "show":
            self.told(options.wish)

    def in_use(self) -> bool:
        """Somebody is in the middle of something. (Not by asking Qt: to it an icon in an old tray is a window, too.)"""
        return any(window.isVisible() for window in self._windows())

    def close(self) -> None:
        for window in self._windows():
            window.close()
        self._tray.close()

    # ---- what the person asks for

    def do(self, choice: Choice) -> None:
        match choice.intent:
            case Intent.OPEN_INBOX:
                self.show_panel()
            case Intent.MARK_ALL_READ:
                self._desk.mark_all_read(Query(tab="unread"))
            case Intent.RESUME:
                self._desk.resume()
            case pause if pause in PAUSES:
                self._desk.pause(pause_until(pause, datetime.now().astimezone()))
            case Intent.SIGN_IN:
                self.sign_in(choice.account)
            case Intent.SETTINGS:
                self.show_settings()
            case Intent.HELP:
                self.show_window()
                self._window().show_help()
            case Intent.ABOUT:
                self.show_about()
            case Intent.QUIT:
                self.over.emit()

    def told(self, message: str) -> None:
        """Another start of this program handed over what it was asked for."""
        if pairing.parse_link(message) is not None:
            self.sign_in(link=message)
            return
        match message:
            case "history" if self._desk.sessions:
                self.show_window()
            case "settings":
                self.show_settings()
            case "quit":
                self.over.emit()
            case _:
                self.show_panel()

    def toggle_panel(self, bell: QRect) -> None:
        panel = self._panel()
        if panel.isVisible():
            panel.close()
        else:
            panel.popup(bell)

    def show_panel(self) -> None:
        """Also where there is no bell to hang it below, and for somebody who is not signed in yet."""
        if not self._desk.sessions:
            self.sign_in()
        elif self._tray.available:
            self._panel().popup(self._tray.geometry)
        else:
            self.show_window()

    def show_window(self, entry: Entry | None = None) -> None:
        window = self._window()
        _raise(window)
        if entry is not None:
            window.show_entry(entry)

    def show_settings(self) -> None:
        if self._settings is None:
            from handbell_desktop.ui.settings.window import SettingsWindow

            self._settings = SettingsWindow(self._desk, self._themes, self._turns, self._here)
            self._settings.sign_in_wanted.connect(self.sign_in)
        _raise(self._settings)

    def show_rule(self, account: str, scope: Scope) -> None:
        self.show_settings()
        if self._settings is not None:
            self._settings.show_rule(account, scope)

    def show_about(self) -> None:
        from handbell_desktop.ui.about import About

        if self._about is None:
            self._about = About(self._themes, self._here.version)
        _raise(self._about)

    def sign_in(self, account_id: str = "", *, link: str = "") -> None:
        from handbell_desktop.ui.sign_in import SignIn

        if self._sign_in is None or not self._sign_in.isVisible():
            again = next((one.account for one in self._desk.sessions if one.account.id == account_id), None)
            self._sign_in = SignIn(self._desk, self._themes, self._turns, again=again)
            if not self._desk.sessions:
                self._sign_in.accepted.connect(self.show_panel)  # the first time: here is where it lives from now on
        if link:
            self._sign_in.fill_from_link(link)
        _raise(self._sign_in)

    def _sign_in_if_signed_out(self, account_id: str, options: Options, password: Callable[[], str]) -> None:
        """The key of this account may have been taken away meanwhile, and that is only known later."""

        def look(change: Change) -> None:
            session = next((one for one in self._desk.sessions if one.account.id == account_id), None)
            if session is None or isinstance(session.state, Online):
                stop()
            elif isinstance(session.state, SignedOut):
                stop()
                self._sign_in_unasked(options, password)

        stop = self._desk.listen(look)

    def _sign_in_unasked(self, options: Options, password: Callable[[], str]) -> None:
        from handbell_desktop.account import signing_in

        def sign_in() -> object:
            return signing_in.with_password(options.server, options.user, password(), ca_file=options.ca_file)

        def signed_in(result: object) -> None:
            if isinstance(result, signing_in.NewDevice):
                self._desk.add_account(result.account, result.token)
            else:
                log.error("%s could not be signed in at %s: %s", options.user, options.server, result)
                self.sign_in()

        self._turns.work(sign_in, signed_in)

    # ---- what happens

    def _changed(self, change: Change) -> None:
        if change.settings:
            settings = self._desk.settings
            self._themes.choose(settings.theme)
            self._tray.show_style(settings.bell)
            self._speak(settings.language)
        self._paint()

    def _speak(self, language: Language) -> None:
        before = self._languages.language
        self._languages.speak(language)
        if self._languages.language == before:
            return
        # Made anew in the other language when they are next wanted; the settings, where this happens, see to themselves.
        for window in (self._made_panel, self._made_window, self._about):
            if window is not None:
                window.close()
                window.deleteLater()
        self._made_panel = self._made_window = self._about = None
        self._painted = None

    def _paint(self) -> None:
        """After any change, for that is cheap: nothing is drawn that is drawn already."""
        desk = self._desk
        accounts = tuple(
            AccountLine(id=one.account.id, name=one.account.name, condition=desk.condition_of(one))
            for one in desk.sessions
        )
        paused, some = desk.paused_until is not None, desk.paused
        partly = () if paused else tuple(one.account.name for one in desk.sessions if one.account.id in some)
        menu = MenuState(unread=desk.badge, paused=paused, partly=partly, accounts=accounts)
        painted = (menu, desk.condition, desk.trouble)
        if painted != self._painted:
            self._painted = painted
            self._tray.show_bell(menu.unread, desk.condition, desk.trouble)
            self._tray.show_menu(menu_items(menu))

    def _show_entry(self, entry: Entry | None, opened: Opened) -> None:
        """A toast was clicked whose link is not opened, or that stands for several."""
        if entry is not None and opened.refused is not None and opened.link is not None:
            self.show_panel()
            self._panel().show_link(opened.link, opened.refused)
        elif entry is not None:
            self.show_window(entry)
        else:
            self.show_panel()

    def _without_a_tray(self) -> None:
        """An application nobody can reach must not run."""
        window = self._window()
        window.say_no_tray(True)
        if self._desk.sessions:
            _raise(window)
        else:
            self.sign_in()

    def _with_a_tray(self) -> None:
        """It came after all. The window stays open, because somebody may be reading in it."""
        self._window().say_no_tray(False)

    # ---- windows, made when they are first wanted

    def _windows(self) -> list[QWidget]:
        made = (self._made_panel, self._made_window, self._settings, self._sign_in, self._about)
        return [window for window in made if window is not None]

    def _panel(self) -> Panel:
        if self._made_panel is None:
            from handbell_desktop.ui.panel import Panel

            panel = self._made_panel = Panel(self._desk, self._themes)
            panel.settings_wanted.connect(self.show_settings)
            panel.window_wanted.connect(self.show_window)
            panel.rule_wanted.connect(self.show_rule)
            panel.sign_in_wanted.connect(self.sign_in)
        return self._made_panel

    def _window(self) -> Window:
        if self._made_window is None:
            from handbell_desktop.ui.window import Window

            window = self._made_window = Window(self._desk, self._themes)
            window.settings_wanted.connect(self.show_settings)
            window.rule_wanted.connect(self.show_rule)
            window.sign_in_wanted.connect(self.sign_in)
        return self._made_window


def _raise(window: QWidget) -> None:
    if QGuiApplication.windowIcon().isNull():  # painted when there is a window to put it on
        QGuiApplication.setWindowIcon(app_icon())
    window.show()
    if window.isMinimized():
        window.showNormal()
    window.raise_()
    window.activateWindow()


def _load_panel() -> None:
    importlib.import_module("handbell_desktop.ui.panel")
