"""`python -m scripts.release.freezing`: the desktop frozen, on Windows and macOS, where `make bundle` has no make.

An environment of its own in build/freezer holds what locks/freezer.txt names, by hash: the desktop and PyInstaller. What comes out is started once: a program that lacks a piece says so here and not at a person's desk.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FREEZER: Final = ROOT / "build/freezer"
PROGRAMS: Final = {
    "win32": "build/desktop/handbell-desktop/handbell-desktop.exe",
    "darwin": "build/desktop/Handbell.app/Contents/MacOS/handbell-desktop",
    "linux": "build/desktop/handbell-desktop/handbell-desktop",
}


def main() -> int:
    python = FREEZER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    _run(sys.executable, "-m", "venv", "--clear", FREEZER)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes")
    _run(*pip, "--requirement", ROOT / "locks/freezer.txt")
    places = ("--distpath", ROOT / "build/desktop", "--workpath", ROOT / "build/work")
    _run(python, "-m", "PyInstaller", "--noconfirm", *places, ROOT / "packaging/desktop/handbell-desktop.spec")
    program = ROOT / PROGRAMS[sys.platform]
    data = ROOT / "build/freezer-data"
    for argument in ("--version", "--quit"):  # both end by themselves, and the second loads what talks to another start
        _run(program, argument, "--data", data)
    print(program)
    return 0


def _run(*command: str | Path) -> None:
    around = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=around, check=False)
    if done.returncode != 0:
        raise SystemExit(f"freezing: {Path(command[0]).name} {command[1]} … ended with status {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
