"""The tray program, put together: the only place that wires Qt's half.

The order is the order in which a person would miss things. First the bell, with the number it had yesterday; then
everything that may take its time: the stores, the keyring, the connections, the toasts, the panel.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication

from handbell_desktop.build import Options, build_desk, places
from handbell_desktop.condition import Condition
from handbell_desktop.kept.settings import Chosen
from handbell_desktop.kept.whole_file import make_private
from handbell_desktop.machine.autostart import Autostart, autostart, own_command
from handbell_desktop.machine.here import Here
from handbell_desktop.machine.identity import claim
from handbell_desktop.machine.idle.base import IdleTime
from handbell_desktop.machine.idle.choose import choose as choose_idle
from handbell_desktop.machine.instance import Instance, NotAnswering, Untrusted, first_or_tell
from handbell_desktop.machine.renewal import renewal, start_anew
from handbell_desktop.machine.sounds import Sounds
from handbell_desktop.machine.toasts.base import OnEvent, Toaster
from handbell_desktop.machine.toasts.choose import choose
from handbell_desktop.machine.zones import worth_saying, zone_name
from handbell_desktop.ui.application import Application
from handbell_desktop.ui.bell import bell_icon
from handbell_desktop.ui.cannot_start import tell, why
from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.phrases import QtPhrases
from handbell_desktop.ui.renewing import Renewing
from handbell_desktop.ui.shell import Shell
from handbell_desktop.ui.signals import SystemSignals
from handbell_desktop.ui.style import dress
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.toaster import FirstThatShows
from handbell_desktop.ui.tray import Tray
from handbell_desktop.ui.tray_toaster import TrayToaster
from handbell_desktop.ui.turns import QtTurns
from handbell_desktop.ui.wakeful import Wakeful
from handbell_desktop.ui.watch import watch

# A full collection over everything that Qt's bindings and our modules hold takes longer than a frame. What is there
# after the start is there for good, and need not be walked again.
SETTLED_AFTER_MS: Final = 5_000
RENEWED: Final = 75  # the loop has ended to begin anew

log = logging.getLogger(__name__)


def run(options: Options, password: Callable[[], str] | None = None) -> int:
    """The bell, until the person quits or the session ends. `password` signs in without a dialogue."""
    where = places(options.data)
    try:
        instance = first_or_tell(where.runtime, options.link or options.wish)
    except (OSError, NotAnswering, Untrusted) as error:
        app = _application()
        languages = Languages(app)  # held, or it says nothing
        dress(ThemeSource("system"))
        tell(why(error, where.runtime))
        languages.silence()
        return 1
    if instance is None:
        return 0
    try:
        status = _run(options, password, instance)
    finally:
        instance.close()
    if status == RENEWED:
        start_anew(own_command(os.environ, _kept(options)), os.environ)
    return status


def _run(options: Options, password: Callable[[], str] | None, instance: Instance) -> int:
    where = places(options.data)
    app = _application()
    turns = QtTurns()
    chosen = Chosen(where.config / "settings.json")
    themes = ThemeSource(chosen.settings.theme)
    languages = Languages(app, chosen.settings.language)
    sounds = Sounds(os.environ)
    tray = Tray(chosen.settings.bell)

    picture = where.cache / "bell.png"
    toasters: list[Toaster] = []

    def make_toaster(on_event: OnEvent) -> Toaster:
        platform = choose(
            on_event,
            platform=sys.platform,
            environment=os.environ,
            watch=watch,
            turns=turns,
            play=sounds.play,
            icon=str(picture),
        )
        toasters.append(FirstThatShows(platform, TrayToaster(tray, on_event)))
        return toasters[-1]

    def make_idle() -> IdleTime:
        return choose_idle(platform=sys.platform, environment=os.environ, watch=watch)

    desk = build_desk(
        where,
        chosen,
        turns=turns,
        phrases=QtPhrases(),
        make_toaster=make_toaster,
        zone_name=_zone_name,
        make_idle=make_idle,
        keyring=options.keyring,
    )
    starting = autostart(os.environ, sys.platform, Path.home(), own_command(os.environ, _kept(options)))
    here = Here(
        toasts=lambda: toasters[-1].capabilities,
        tray=lambda: tray.available,
        autostart=starting,
        sounds=sounds,
        settings_trouble=chosen.trouble,
    )
    shell = Shell(desk, themes, languages, tray, turns, here)
    signals = SystemSignals()
    shell.over.connect(app.quit)
    signals.end.connect(app.quit)
    signals.continued.connect(desk.wake)
    renewing = Renewing(renewal(), shell.in_use)
    renewing.due.connect(lambda: app.exit(RENEWED))
    shell.start()

    def settle_in() -> None:
        """What nobody looks at yet; after the first turn of the loop, which shows the bell."""
        dress(themes)
        _keep_picture(picture)
        desk.start()
        shell.begin(options, password)
        if options.data is None:  # another bell beside the person's own must not take its place at login
            _heal(starting)
            renewing.begin()
        instance.listen(lambda message: turns.post(lambda: shell.told(message)))
        app.listen(shell.told)
        wakeful = Wakeful(turns)
        wakeful.woken.connect(desk.wake)

    QTimer.singleShot(0, settle_in)
    QTimer.singleShot(SETTLED_AFTER_MS, gc.freeze)
    status = app.exec()
    shell.close()
    desk.close()
    turns.end()
    sounds.close()
    signals.close()
    return status


def _kept(options: Options) -> tuple[str, ...]:
    """The arguments that hold for every start."""
    kept = () if options.data is None else ("--data", str(options.data.absolute()))
    return kept if options.keyring else (*kept, "--no-keyring")


def _zone_name() -> str | None:
    """What this machine's time zone is called; asked by a worker. Windows keeps it in words of its own, which Qt knows."""
    from PySide6.QtCore import QTimeZone

    found = zone_name(os.environ, Path("/etc"))
    return found or worth_saying(bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "ignore"))


def _heal(starting: Autostart) -> None:
    """The program may have been moved since the person chose that it starts at login."""
    try:
        starting.heal()
    except OSError as error:
        log.warning("The start at login could not be looked at: %s", error)


def _keep_picture(path: Path) -> None:
    """Notification daemons want the bell as a file; without it a toast has no picture."""
    try:
        if not path.exists():
            make_private(path.parent)
            bell_icon(0, Condition.ONLINE).pixmap(QSize(128, 128), 1.0).save(str(path))
    except OSError as error:
        log.warning("The picture for notifications could not be kept: %s", error)


def _application() -> Application:
    # Nothing here draws by OpenGL; without its glue the process is 9 MB smaller.
    os.environ.setdefault("QT_XCB_GL_INTEGRATION", "none")
    QGuiApplication.setDesktopFileName("handbell-desktop")
    claim(sys.platform)
    app = Application(sys.argv[:1])
    app.setApplicationName("handbell-desktop")
    app.setApplicationDisplayName("Handbell")
    app.setQuitOnLastWindowClosed(False)
    return app
