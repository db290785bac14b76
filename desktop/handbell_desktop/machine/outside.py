"""Programs of others, started from ours: a browser, a player. They get the person's environment, not our bundle's.

A frozen program runs with paths into its bundle (`LD_LIBRARY_PATH`, Qt's plug-ins, Python's home). A browser that
inherits them loads our libraries instead of its own and fails, or worse, does not. So what leads into the bundle is
taken out of every variable, what the boot loader put aside as `LD_LIBRARY_PATH_ORIG` comes back, and what it says to itself stays.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

# PyInstaller's words to itself; and a window's leave to come to the front, which was ours and is spent.
# And what signs us in, which a browser has no use for.
_NOT_FOR_OTHERS = ("_MEI", "_PYI_", "XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID", "HANDBELL_PASSWORD")
_SET_BY_US = frozenset({"QT_XCB_GL_INTEGRATION"})  # spares us the GL libraries, and would cost a Qt browser its own


def bundle() -> str | None:
    """The folder of the frozen program; nothing when it runs from source."""
    return getattr(sys, "_MEIPASS", None) if getattr(sys, "frozen", False) else None


def clean_environment(environment: Mapping[str, str], inside: str | None = None) -> dict[str, str]:
    """`inside` is the folder of our bundle."""
    clean = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_NOT_FOR_OTHERS) and name not in _SET_BY_US
    }
    if inside is None:
        return clean
    if "LD_LIBRARY_PATH_ORIG" in clean:
        clean["LD_LIBRARY_PATH"] = clean.pop("LD_LIBRARY_PATH_ORIG")
    for name, value in list(clean.items()):
        kept = [part for part in value.split(os.pathsep) if not _leads_into(part, inside)]
        if not kept:
            del clean[name]
        else:
            clean[name] = os.pathsep.join(kept)
    return clean


def start(
    command: Sequence[str], environment: Mapping[str, str], failed: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """Start it and let it go; OSError when it is not there. `failed` is called from a thread that waits for its end."""
    process = subprocess.Popen(
        list(command),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def see_it_end() -> None:
        if process.wait() != 0 and failed is not None:
            failed()

    threading.Thread(target=see_it_end, name=f"waits for {command[0]}", daemon=True).start()
    return process


def _leads_into(part: str, inside: str) -> bool:
    return part == inside or part.startswith(inside.rstrip(os.sep) + os.sep)
