"""What every package is made by: files with one date and the right rights, so that the same source gives the same bytes."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]


def put(text: str, to: Path, *, mode: int = 0o644) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8")
    to.chmod(mode)


def pack(text: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def dated(tree: Path) -> None:
    """One time for all, and rights that do not depend on who builds."""
    at = int(epoch())
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else path.stat().st_mode & 0o755)
        os.utime(path, (at, at), follow_symlinks=False)


def kilobytes(tree: Path) -> int:
    return sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file()) // 1024


def debian(tree: Path, target: Path, *, level: int = 6) -> None:
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{level}", "--build", str(tree), str(target)]
    run(*command, environment={"SOURCE_DATE_EPOCH": epoch()})


def epoch() -> str:
    return os.environ.get("SOURCE_DATE_EPOCH") or said("git", "-C", str(ROOT), "log", "-1", "--format=%ct")


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=os.environ | (environment or {}), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit(f"packing: {' '.join(command[:4])} … ended with status {done.returncode}")


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
