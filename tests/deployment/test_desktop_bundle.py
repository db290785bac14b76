"""What Windows and macOS are told about the desktop, as far as it can be looked at without them."""

from __future__ import annotations

import os
import plistlib
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImageReader

from handbell_desktop.machine import autostart
from handbell_desktop.machine.identity import MAC_BUNDLE, SCHEME, WINDOWS_ID, claim
from handbell_desktop.machine.paths import folders
from scripts import desktop_bundle, icon_files
from scripts.desktop_icons import pictures
from tests.deployment.handed_out import ROOT

DESKTOP = ROOT / "packaging/desktop"
INSTALLER = (DESKTOP / "windows/handbell.nsi").read_text(encoding="utf-8")
WORDS = (DESKTOP / "windows/words.nsh").read_text(encoding="utf-8")
MAC = DESKTOP / "macos"
SPEC = (DESKTOP / "handbell-desktop.spec").read_text(encoding="utf-8")


def defined(name: str) -> str:
    found = re.search(rf'^!define {name} "(.*)"$', INSTALLER, flags=re.MULTILINE)
    assert found is not None, name
    return found[1]


def test_the_installer_writes_to_the_very_places_that_the_program_reads() -> None:
    assert defined("PRODUCT") == autostart.VALUE
    assert defined("RUN") == autostart.RUN
    assert defined("APPROVED") == autostart.APPROVED
    assert defined("TOASTS") == r"Software\Classes\AppUserModelId\${APP_ID}"
    local = folders({"LOCALAPPDATA": "/local"}, "win32", Path("/home")).data
    assert local == Path("/local/Handbell")
    assert r'RMDir /r "$LOCALAPPDATA\Handbell"' in INSTALLER
    from handbell_desktop.machine.secrets.system import _service

    assert _service("a1") == "Handbell/a1"
    assert 'CredEnumerateW(w "${PRODUCT}/*"' in INSTALLER


def test_toasts_shortcut_and_process_carry_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    named: list[str | None] = []

    class Shell:
        def SetCurrentProcessExplicitAppUserModelID(self, name: ctypes.c_wchar_p) -> int:  # noqa: N802
            named.append(name.value)
            return 0

    monkeypatch.setattr(ctypes, "windll", type("Windll", (), {"shell32": Shell()}), raising=False)
    claim("linux")
    claim("win32")

    assert named == [WINDOWS_ID]
    assert "app_name=WINDOWS_ID" in (ROOT / "desktop/handbell_desktop/machine/toasts/notifier.py").read_text()
    assert defined("PRODUCT") == WINDOWS_ID  # the library shows the id as the name


def test_the_installer_says_everything_in_both_languages() -> None:
    said = re.findall(r"!insertmacro Say (\w+) \\\n  \"(.+)\" \\\n  \"(.+)\"", WORDS)
    used = set(re.findall(r"\$\((\w+)\)", INSTALLER))

    assert {name for name, _, _ in said} == used
    assert all(english != german for _, english, german in said)
    assert re.findall(r"^!insertmacro MUI_LANGUAGE \"\w+\"", INSTALLER, flags=re.MULTILINE) == [
        '!insertmacro MUI_LANGUAGE "English"',
        '!insertmacro MUI_LANGUAGE "German"',
    ]


def test_the_properties_of_the_program_say_its_version() -> None:
    read: dict[str, Any] = {}

    def structure(*values: Any, **named: Any) -> Any:
        return named or values

    def string(name: str, value: str) -> None:
        read[name] = value

    names = ("VSVersionInfo", "StringFileInfo", "StringTable", "VarFileInfo", "VarStruct")
    known: dict[str, Any] = dict.fromkeys(names, structure)
    fixed: dict[str, Any] = {}
    known |= {"FixedFileInfo": lambda **said: fixed.update(said), "StringStruct": string}
    eval(desktop_bundle.windows_resource("1.20.3rc1"), known)  # noqa: S307 - as PyInstaller reads it

    assert fixed["filevers"] == fixed["prodvers"] == (1, 20, 3, 0)
    assert read["ProductVersion"] == "1.20.3rc1"
    assert read["OriginalFilename"] == "handbell-desktop.exe"


def test_a_version_that_nobody_could_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="three numbers"):
        desktop_bundle.numbers("1.2")


def test_macos_is_told_of_a_bell_without_a_dock_icon_that_opens_links() -> None:
    told = plistlib.loads(plistlib.dumps(desktop_bundle.mac_plist("0.1.0")))

    assert told["LSUIElement"] is True
    assert told["CFBundleShortVersionString"] == told["CFBundleVersion"] == "0.1.0"
    assert [kind["CFBundleURLSchemes"] for kind in told["CFBundleURLTypes"]] == [[SCHEME]]
    assert "bundle_identifier=MAC_BUNDLE" in SPEC
    assert MAC_BUNDLE == autostart.LABEL


def test_the_bridges_to_windows_toasts_are_named_as_the_wheels_have_them() -> None:
    modules = desktop_bundle.windows_modules(ROOT / "pyproject.toml")

    assert {"winrt.windows.ui.notifications", "winrt._winrt_windows_ui_notifications"} <= set(modules)
    assert {"winrt.windows.data.xml.dom", "winrt._winrt_windows_applicationmodel_core", "winrt._winrt"} <= set(modules)


@pytest.mark.parametrize(("kind", "sizes"), [("ico", icon_files.ICO_SIZES), ("icns", icon_files.ICNS_KINDS.values())])
def test_both_kinds_of_icon_can_be_read_by_somebody_else(kind: str, sizes: Any) -> None:
    pngs = pictures(sorted(set(sizes)))
    content = icon_files.ico(pngs) if kind == "ico" else icon_files.icns(pngs)
    buffer = QBuffer()
    buffer.setData(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, kind.encode())

    seen = []
    for at in range(reader.imageCount()):
        reader.jumpToImage(at)
        picture = reader.read()
        seen.append(picture.width())
        middle = QColor.fromRgba(picture.pixel(picture.width() // 2, picture.height() // 2))
        assert middle.alpha() == 255
        assert middle.red() > middle.green() > middle.blue()  # gold, and its channels in the right order
        assert QColor.fromRgba(picture.pixel(0, 0)).alpha() == 0

    assert sorted(seen) == sorted(sizes)


TOOL = """#!/bin/sh
echo "{name} $*" >> "{log}"
[ {name} != hdiutil ] || [ "$1" != create ] || for last; do :; done
[ {name} != hdiutil ] || [ "$1" != create ] || : > "$last"
"""


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """Stand-ins for the tools of macOS, which write down how they were called."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("codesign", "xcrun", "ditto", "hdiutil"):
        tool = tools / name
        tool.write_text(TOOL.format(name=name, log=tmp_path / "log"))
        tool.chmod(stat.S_IRWXU)
    inside = tmp_path / "Handbell.app/Contents/Frameworks"
    (inside / "QtCore.framework/Versions/A").mkdir(parents=True)
    (inside / "libcrypto.dylib").touch()
    (inside / "QtCore.framework/Versions/A/QtCore").touch()
    return tmp_path


def image(folder: Path, **settings: str) -> list[str]:
    command = ["sh", str(MAC / "disk-image.sh"), str(folder / "Handbell.app"), str(folder / "Handbell.dmg")]
    around = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **settings}
    subprocess.run(command, env=around, check=True, capture_output=True, timeout=60)
    return (folder / "log").read_text().replace(str(folder), "").splitlines()


def test_without_a_certificate_the_image_is_made_all_the_same(said: Path) -> None:
    steps = image(said)

    assert steps[:3] == [
        "codesign --force --sign - /Handbell.app/Contents/Frameworks/libcrypto.dylib",
        "codesign --force --sign - /Handbell.app/Contents/Frameworks/QtCore.framework",
        "codesign --force --sign - /Handbell.app",
    ]
    assert not [step for step in steps if step.startswith("xcrun")]
    assert (said / "Handbell.dmg").exists()


def test_with_one_the_program_is_hardened_notarised_and_stapled_before_the_image_is_made(said: Path) -> None:
    notary = {"NOTARY_KEY": "key.p8", "NOTARY_KEY_ID": "ID", "NOTARY_ISSUER": "who"}

    steps = image(said, MAC_IDENTITY="Developer ID Application: Us", **notary)

    def at(beginning: str, end: str = "") -> int:
        return next(n for n, step in enumerate(steps) if step.startswith(beginning) and step.endswith(end))

    order = [
        at("codesign --force --timestamp --options runtime", "libcrypto.dylib"),
        at("codesign --force --timestamp --options runtime", "/Handbell.app"),
        at("xcrun notarytool submit", "--issuer who"),
        at("xcrun stapler staple", "/Handbell.app"),
        at("hdiutil create"),
        at("codesign --force --timestamp --sign", "/Handbell.dmg"),
        at("xcrun stapler staple", "/Handbell.dmg"),
    ]
    assert order == sorted(order)
    entitlements = plistlib.loads((MAC / "entitlements.plist").read_bytes())
    assert list(entitlements) == ["com.apple.security.cs.allow-unsigned-executable-memory"]
