"""`make package-windows`: the installer for Windows, compiled on Debian from what PyInstaller has made on Windows.

    PAYLOAD/handbell-desktop.exe, _internal/  ─┐
    packaging/desktop/windows/handbell.nsi    ─┼─ makensis ─► handbell-desktop-VERSION-windows-x86_64-setup.exe
    the icon, drawn from the project's SVG    ─┘

Only PyInstaller has to run on Windows. Debian's NSIS makes 64-bit installers, which NSIS' own releases do not, and what is
compiled here is what `make package-test` tries under Wine. The same payload gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from handbell_desktop import __version__
from handbell_desktop.machine.identity import SCHEME, WINDOWS_ID
from scripts import desktop_bundle, icon_files, packing, wizard_picture

SCRIPT: Final = packing.ROOT / "packaging/desktop/windows/handbell.nsi"
EXPECTED: Final = {f"{desktop_bundle.PROGRAM}.exe", "_internal"}


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile the installer for Windows.")
    parser.add_argument("payload", type=Path, help="the folder that PyInstaller has made on Windows")
    parser.add_argument("--to", type=Path, default=packing.ROOT / "build/desktop-packages", help="where it goes")
    parser.add_argument("--version", default=__version__, help="what it says it is")
    options = parser.parse_args()
    if shutil.which("makensis") is None:
        print("make package-windows: makensis is missing (Debian: nsis).", file=sys.stderr)
        return 1
    found = {entry.name for entry in options.payload.iterdir()} if options.payload.is_dir() else set()
    if found != EXPECTED:  # the uninstaller knows these by name
        print(f"make package-windows: {options.payload} should hold {sorted(EXPECTED)} only.", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    print(build(options.payload.resolve(), options.to.resolve(), options.version))
    return 0


def build(payload: Path, to: Path, version: str = __version__) -> Path:
    target = to / f"{desktop_bundle.PROGRAM}-{version}-windows-x86_64-setup.exe"
    with tempfile.TemporaryDirectory(prefix="handbell-windows-") as folder:
        icons = Path(folder)
        icon_files.write(icons)
        wizard_picture.write(icons / "side.bmp")
        told = {
            "VERSION": version,
            "NUMBERS": desktop_bundle.dotted(desktop_bundle.numbers(version)),
            "PAYLOAD": payload,
            "ICON": icons / "handbell.ico",
            "PICTURE": icons / "handbell.png",
            "SIDE": icons / "side.bmp",
            "KILOBYTES": packing.kilobytes(payload),
            "APP_ID": WINDOWS_ID,
            "SCHEME": SCHEME,
            "TO": target,
        }
        defined = [f"-D{name}={value}" for name, value in told.items()]
        command = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined, str(SCRIPT)]
        packing.run(*command, environment={"SOURCE_DATE_EPOCH": packing.epoch()})
    return target


if __name__ == "__main__":
    sys.exit(main())
