"""Opening a link is the one thing a stranger's notification can make this machine do. So: parsed first, http and https
only (mail if the person chose so), the real host shown, and the browser started as if from the person's own menu.

A link that begins with `https://` cannot be an option of the program that opens it, and no shell is involved.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from handbell_desktop.machine import outside
from handbell_desktop.machine.hosts import shown_host
from handbell_shared.links import why_refused

__all__ = ["open_link", "shown_host", "why_not_opened"]

MAIL_REFUSED = "Mail links are not opened; the settings can change that."
NO_OPENER = "The link cannot be opened: this desktop has no xdg-open. Copy it instead."
FAILED = "The link could not be opened: the desktop found no program for it. Copy it instead."


def open_link(
    link: str,
    *,
    mailto_allowed: bool,
    token: str | None = None,
    failed: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
) -> str | None:
    """Open it in the person's browser; a sentence when it was refused.

    Never waits: what fails later is told to `failed`, from another thread. `token` lets the browser come to the front.
    """
    refused = why_not_opened(link, mailto_allowed=mailto_allowed)
    if refused is not None:
        return refused
    try:
        if platform == "win32":
            _start_file(link)
        else:
            clean = outside.clean_environment(os.environ if environment is None else environment, outside.bundle())
            if token:
                clean |= {"XDG_ACTIVATION_TOKEN": token, "DESKTOP_STARTUP_ID": token}  # Wayland's name, and X11's
            program = "/usr/bin/open" if platform == "darwin" else "xdg-open"
            outside.start([program, link], clean, None if failed is None else lambda: failed(FAILED))
    except FileNotFoundError:
        return NO_OPENER
    except (OSError, subprocess.SubprocessError):
        return FAILED
    return None


def why_not_opened(link: str, *, mailto_allowed: bool) -> str | None:
    refused = why_refused(link)
    if refused is None and link.startswith("mailto:") and not mailto_allowed:
        return MAIL_REFUSED
    return refused


def _start_file(link: str) -> None:
    """Windows asks the shell; a child inherits our folder of libraries unless it is taken back for that moment."""
    inside = outside.bundle()
    if inside is None:
        os.startfile(link)  # type: ignore[attr-defined,unused-ignore] # noqa: S606 - why_refused has let it through
        return
    ctypes: Any = importlib.import_module("ctypes")
    ctypes.windll.kernel32.SetDllDirectoryW(None)
    try:
        os.startfile(link)  # type: ignore[attr-defined,unused-ignore] # noqa: S606
    finally:
        ctypes.windll.kernel32.SetDllDirectoryW(inside)
