"""The licences of what is frozen into the desktop, word for word, one file for each: they ask to be handed on."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

# By their names as distributions; tests/deployment compares them with what a bundle has inside.
FROZEN: Final = ("jeepney", "msgspec", "python-engineio", "python-socketio", "websocket-client")
LESSER: Final = ("pyside6-essentials", "shiboken6")  # their wheels have no text of it
_COMMON: Final = Path("/usr/share/common-licenses")


def write(folder: Path) -> None:
    folder.mkdir(parents=True)
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    shutil.copyfile(python, folder / "python.txt")
    for name in FROZEN:
        found = distribution(name)
        text = "\n".join(_texts(found))
        (folder / f"{name}-{found.version}.txt").write_text(text, encoding="utf-8")
    for name in LESSER:
        version = distribution(name).version
        words = (
            f"{name} {version} is used under the GNU Lesser General Public License, version 3: LGPL-3.txt, GPL-3.txt.\n"
        )
        (folder / f"{name}-{version}.txt").write_text(words, encoding="utf-8")
    for name in ("LGPL-3", "GPL-3"):
        shutil.copyfile(_COMMON / name, folder / f"{name}.txt")


def _texts(found: Distribution) -> list[str]:
    texts = [
        Path(str(file.locate())).read_text(encoding="utf-8") for file in found.files or () if "licenses" in file.parts
    ]
    assert texts, f"{found.name} has no licence"
    return texts
