"""What is handed out beside the program, read as it is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "packaging/server"
SETTINGS = PARTS / "handbell.env"
UNITS = sorted((PARTS / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
CONTAINER = PARTS / "container"
CONTAINERFILE = CONTAINER / "Containerfile"


def assigned(text: str) -> dict[str, str]:
    """The settings of an environment file, those that are commented out too."""
    return dict(re.findall(r"^#?([A-Z][A-Z_]*)=(.*)$", text, re.MULTILINE))


def directives(unit: Path) -> list[tuple[str, str]]:
    """NAME=value, in the order of the file."""
    return re.findall(r"^([A-Z]\w*)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
