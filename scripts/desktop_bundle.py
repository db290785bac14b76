"""What Windows and macOS want to be told about the program, as plain functions: packaging/desktop/handbell-desktop.spec calls them.

They are apart from the spec because that one can only be run on each platform, by PyInstaller, and these are tested anywhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from handbell_desktop import __version__
from handbell_desktop.machine.identity import MAC_BUNDLE, SCHEME

PROGRAM: Final = "handbell-desktop"
PUBLISHER: Final = "The Handbell developers"
OLDEST_MACOS: Final = "13.0"  # what Qt's wheels are built for

# As PyInstaller reads it: a call of its own classes, whose names stand for structures of Windows.
_RESOURCE: Final = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable('040904B0', [
{strings}
    ])]),
    VarFileInfo([VarStruct('Translation', [0x0409, 1200])]),
  ],
)
"""


def numbers(version: str = __version__) -> tuple[int, int, int, int]:
    """The version as Windows and macOS can compare it: what comes after the three numbers (rc1, .dev2) is left out."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        raise ValueError(f"{version!r} does not begin with three numbers")
    return int(found[1]), int(found[2]), int(found[3]), 0


def dotted(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


def windows_resource(version: str = __version__) -> str:
    """What the properties of the .exe show; its description is also the program's name in the task manager."""
    said = {
        "CompanyName": PUBLISHER,
        "FileDescription": "Handbell",
        "FileVersion": version,
        "InternalName": PROGRAM,
        "LegalCopyright": "MIT licence",
        "OriginalFilename": f"{PROGRAM}.exe",
        "ProductName": "Handbell",
        "ProductVersion": version,
    }
    strings = "\n".join(f"      StringStruct({name!r}, {value!r})," for name, value in said.items())
    return _RESOURCE.format(numbers=numbers(version), strings=strings)


def windows_modules(project: Path) -> list[str]:
    """What the bridge to Windows' toasts loads by itself, from compiled code, where PyInstaller cannot read it."""
    wheels = re.findall(r'"winrt-(windows-[a-z-]+)==', project.read_text(encoding="utf-8"))
    if not wheels:
        raise ValueError(f"{project} names none of the wheels that toasts on Windows need")
    named = [f"winrt.{name.replace('-', '.')}" for name in wheels]
    compiled = [f"winrt._winrt_{name.replace('-', '_')}" for name in wheels]
    return ["winrt._winrt", "winrt.runtime", "winrt.runtime._internals", "winrt.system", *named, *compiled]


def mac_plist(version: str = __version__) -> dict[str, Any]:
    """Info.plist, beside what PyInstaller writes itself. The bundle's identifier is `MAC_BUNDLE`."""
    return {
        "CFBundleName": "Handbell",
        "CFBundleDisplayName": "Handbell",
        "CFBundleShortVersionString": dotted(numbers(version)[:3]),
        "CFBundleVersion": dotted(numbers(version)[:3]),
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "de"],
        "CFBundleURLTypes": [
            {"CFBundleURLName": MAC_BUNDLE, "CFBundleURLSchemes": [SCHEME], "CFBundleTypeRole": "Viewer"}
        ],
        "LSUIElement": True,  # a bell in the menu bar, and nothing in the dock
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "LSApplicationCategoryType": "public.app-category.productivity",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "MIT licence",
        "NSLocalNetworkUsageDescription": "Your Handbell server may be in your own network.",  # asked since macOS 15
        "NSSupportsAutomaticTermination": False,  # without a window it is at work all the same
        "NSSupportsSuddenTermination": False,  # it says first what it has still to say
        "NSUserNotificationAlertStyle": "banner",  # until the person chooses otherwise
    }
