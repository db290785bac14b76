"""What stands beside the desktop's program on a Linux: the entry in menus, icons, metadata, manual page, completions.

share(tree / "usr/share")       the same files for each package, under whatever prefix it has
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from handbell_desktop import __version__
from scripts import desktop_icons, desktop_words, packing

PARTS: Final = packing.ROOT / "packaging/desktop/linux"
NAME: Final = "handbell-desktop"
ENTRY: Final = PARTS / f"{NAME}.desktop"
METADATA: Final = PARTS / "io.handbell.desktop.metainfo.xml"


def share(folder: Path) -> None:
    packing.put(ENTRY.read_text(encoding="utf-8"), folder / "applications" / ENTRY.name)
    packing.put(metadata(), folder / "metainfo" / METADATA.name)
    icons = folder / "icons/hicolor"
    for size, picture in desktop_icons.pictures().items():
        file = icons / f"{size}x{size}/apps/{NAME}.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(picture)
    packing.put(desktop_icons.DRAWING.read_text(encoding="utf-8"), icons / f"scalable/apps/{NAME}.svg")
    packing.put(desktop_icons.SYMBOLIC.read_text(encoding="utf-8"), icons / f"symbolic/apps/{NAME}-symbolic.svg")
    packing.pack(desktop_words.manual(), folder / f"man/man1/{NAME}.1.gz")
    packing.put(desktop_words.bash(), folder / f"bash-completion/completions/{NAME}")
    packing.put(desktop_words.zsh(), folder / f"zsh/vendor-completions/_{NAME}")
    packing.put(desktop_words.fish(), folder / f"fish/vendor_completions.d/{NAME}.fish")


def metadata() -> str:
    day = datetime.fromtimestamp(int(packing.epoch()), UTC).date().isoformat()
    return METADATA.read_text(encoding="utf-8").replace("@VERSION@", __version__).replace("@DATE@", day)
