"""The program's icon as Windows and macOS want it: several sizes in one file. Both containers are a short table and pictures.

    ico(pictures)      Windows: what is up to 64 pixels as plain bitmaps, which everything that shows icons reads; above that PNG
    icns(pictures)     macOS: PNG throughout, named by what each is for

A library that writes both would be the largest of our development dependencies. Qt reads both, and the tests read them by Qt.

    python -m scripts.icon_files build/desktop/icons     handbell.ico, handbell.icns, handbell.png
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from scripts.desktop_icons import pictures

ICO_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 128, 256)
PLAIN_UP_TO: Final = 64
# Twice the points for fine screens. 16 and 32 points at one pixel each have names of an older time, which take PNG since macOS 10.7.
ICNS_KINDS: Final = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic11": 32,
    b"ic12": 64,
    b"ic07": 128,
    b"ic13": 256,
    b"ic08": 256,
    b"ic14": 512,
    b"ic09": 512,
    b"ic10": 1024,
}
PICTURE: Final = 256  # of toasts, by itself


def ico(pngs: Mapping[int, bytes]) -> bytes:
    entries = {size: _plain(pngs[size]) if size <= PLAIN_UP_TO else pngs[size] for size in sorted(pngs)}
    head = struct.pack("<HHH", 0, 1, len(entries))
    at = len(head) + 16 * len(entries)
    table = b""
    for size, data in entries.items():
        side = size % 256  # 256 is said as 0
        table += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return head + table + b"".join(entries.values())


def icns(pngs: Mapping[int, bytes]) -> bytes:
    entries = [(kind, pngs[size]) for kind, size in ICNS_KINDS.items()]
    body = b"".join(kind + struct.pack(">I", 8 + len(data)) + data for kind, data in entries)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def _plain(png: bytes) -> bytes:
    """A bitmap without its file header, from the last line to the first, and then the mask of before there was alpha."""
    picture = QImage.fromData(png).convertToFormat(QImage.Format.Format_ARGB32)
    width, height = picture.width(), picture.height()
    head = struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, 32, 0, 0, 0, 0, 0, 0)
    pixels = bytes(picture.constBits())
    stride = picture.bytesPerLine()
    lines = [pixels[at * stride : at * stride + 4 * width] for at in reversed(range(height))]
    mask_line = b"".join(struct.pack(">I", 0) for _ in range((width + 31) // 32))  # nothing is cut out: alpha says it
    return head + b"".join(lines) + mask_line * height


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = pictures(sorted({*ICO_SIZES, *ICNS_KINDS.values(), PICTURE}))
    (folder / "handbell.ico").write_bytes(ico({size: made[size] for size in ICO_SIZES}))
    (folder / "handbell.icns").write_bytes(icns(made))
    (folder / "handbell.png").write_bytes(made[PICTURE])


if __name__ == "__main__":
    write(Path(sys.argv[1]))
