"""The fenced blocks of the documents, found as a Git host finds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.site import markdown, places

ROOT = Path(__file__).resolve().parents[2]


def documents() -> list[Path]:
    """Every document of this tree, and the site's own start page."""
    folders = [ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"), (ROOT / "benchmarks").glob("*.md")]
    return sorted({places.SITE / "start.md", *(page for folder in folders for page in folder)})


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    name = str(page.relative_to(ROOT))
    tokens = markdown.parser().parse(page.read_text(encoding="utf-8"))
    return [
        Block(name, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in tokens
        if token.type in ("fence", "code_block")
    ]


def all_blocks() -> list[Block]:
    return [block for page in documents() for block in blocks_of(page)]
