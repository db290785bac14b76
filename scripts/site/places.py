"""Which pages the site has, and where: what docs/README.md lists, in its order and under its headings.

That table is the only list of pages there is: it is the index on a Git host, it is this site's navigation, and a test says that
no page is missing. A folder in it (the decisions) stands for all pages inside.

Pages keep their place under `docs/`; those of elsewhere live in `project/`. What a page links to that is no page (a program,
the licence) gets a page of its own in `source/`, so that nobody needs the repository at hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scripts.site import markdown

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs/README.md"
SITE = ROOT / "packaging/site"

_ROW = re.compile(r"^\| (?:\*\*(?P<section>[^*]+)\*\*|\[[^\]]+\]\((?P<path>[^)]+)\)) \|", re.MULTILINE)
# Where the first heading is no name for a page among others.
_NAMES = {"README.md": "What it is", "ARCHITECTURE.md": "Architecture", "benchmarks/README.md": "Benchmarks"}


@dataclass(frozen=True)
class Section:
    name: str
    pages: tuple[Path, ...]  # a folder stands for the pages in it


def sections() -> list[Section]:
    """The index, as it is written."""
    found: list[tuple[str, list[Path]]] = []
    for row in _ROW.finditer(INDEX.read_text(encoding="utf-8")):
        if row["section"]:
            found.append((row["section"], []))
        else:
            found[-1][1].append((INDEX.parent / row["path"]).resolve())
    return [Section(name, tuple(pages)) for name, pages in found]


def pages() -> list[Path]:
    """Every page of the site that is a file of this tree."""
    listed = [page for section in sections() for one in section.pages for page in pages_of(one)]
    return [INDEX, *listed]


def pages_of(listed: Path) -> list[Path]:
    return sorted(listed.glob("*.md")) if listed.is_dir() else [listed]


def place_of(file: Path) -> str:
    """Where a file of this tree is found in the sources of the site."""
    path = file.relative_to(ROOT)
    if file == INDEX:
        return "documents.md"
    if path.parts[0] == "docs":
        inside = path.relative_to("docs")
        return str(inside.with_name("index.md") if inside.name == "README.md" else inside)
    if path.suffix != ".md":
        return f"source/{path}.md"
    name = path.parent.name if path.name == "README.md" and path.parent.name else path.stem
    return f"project/{name.lower()}.md"


def name_of(page: Path) -> str:
    """What the navigation calls it."""
    own = _NAMES.get(str(page.relative_to(ROOT)))
    return own or markdown.title(page.read_text(encoding="utf-8"))
