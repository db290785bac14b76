"""What the platforms know this program by: names that installers, bundles and the program itself must agree on.

    Windows  an AppUserModelID. Toasts, the start menu's shortcut and the process carry the same one, or a toast has neither
             name nor icon and the task bar shows two programs. The library that shows toasts makes id and displayed name one.
    macOS    the bundle's identifier: permissions, notifications and the keychain hang on it, so it never changes.
    all      the scheme of links that sign a device in

`packaging/desktop/` takes them from here; tests/deployment/test_desktop_bundle.py compares what it cannot take.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

WINDOWS_ID = "Handbell"
MAC_BUNDLE = "io.handbell.desktop"
SCHEME = "handbell"

log = logging.getLogger(__name__)


def claim(platform: str) -> None:
    """Before the first window: from then on Windows counts this process to the shortcut of the same id."""
    if platform != "win32":
        return
    ctypes: Any = importlib.import_module("ctypes")
    try:
        answer = ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(ctypes.c_wchar_p(WINDOWS_ID))
    except (AttributeError, OSError) as error:
        log.info("Windows did not take the program's name: %s", error)
        return
    if answer != 0:
        log.info("Windows did not take the program's name: %#x", answer & 0xFFFFFFFF)
