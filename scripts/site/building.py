"""Putting the sources together and having the site built, with every warning an error.

build/site-source/   the pages as the site wants them, and zensical.toml with the navigation
build/site/          the site: open index.html, or copy the folder to any web server
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from handbell_server import __version__
from scripts.site import looks, places, reference
from scripts.site.places import ROOT, SITE
from scripts.site.rewriting import Links, page_for_site, place_of_picture

SOURCE = ROOT / "build/site-source"
BUILT = ROOT / "build/site"
BELL = ROOT / "packaging/desktop/icon/handbell-desktop.svg"
_LANGUAGES = {
    ".py": "python",
    ".js": "js",
    ".h": "c",
    ".c": "c",
    ".sh": "sh",
    ".toml": "toml",
    ".yml": "yaml",
    ".conf": "nginx",
}


def build() -> Path:
    """The site. Fails at the first thing that is not as it should be."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(BUILT, ignore_errors=True)
    pages = SOURCE / "pages"
    for place, text in _files():
        (pages / place).parent.mkdir(parents=True, exist_ok=True)
        (pages / place).write_text(text, encoding="utf-8")
    shutil.copytree(SITE / "theme", SOURCE / "theme")
    for asset in ("style.css", "offline.js"):
        shutil.copy(SITE / asset, pages / asset)
    shutil.copy(BELL, pages / "bell.svg")
    configuration = (SITE / "zensical.toml").read_text(encoding="utf-8")
    configuration = configuration.replace("nav = []", f"nav = {_as_toml(_navigation())}")
    (SOURCE / "zensical.toml").write_text(configuration.replace("VERSION", __version__), encoding="utf-8")
    _generate()
    for name in ("404.html", "sitemap.xml"):  # for web servers that know their address
        (SOURCE / "site" / name).unlink(missing_ok=True)
    shutil.move(SOURCE / "site", BUILT)
    return BUILT


def archive() -> Path:
    """The site in one file, for reading where there is no network."""
    target = ROOT / f"build/handbell-docs-{__version__}.tar.xz"
    with tarfile.open(target, "w:xz", preset=9) as tar:
        tar.add(BUILT, arcname=f"handbell-docs-{__version__}", filter=_of_nobody)
    return target


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def _files() -> list[tuple[str, str]]:
    pages = places.pages()
    links = Links(set(pages), reference.PAGES)
    made = [(places.place_of(page), page_for_site(page, places.place_of(page), links)) for page in pages]
    made.append(("index.md", page_for_site(SITE / "start.md", "index.md", links)))
    made += [(f"{folder}/index.md", _contents(folder, inside)) for folder, inside in _folders()]
    made += reference.files()
    made += [(places.place_of(file), _source(file)) for file in sorted(links.sources)]
    made.append(("colours.css", looks.style()))
    for picture in links.pictures | _twins(links.pictures):
        target = SOURCE / "pages" / place_of_picture(picture)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    return made


def _twins(pictures: set[Path]) -> set[Path]:
    twins = {picture.with_name(picture.name.replace("-light.", "-dark.")) for picture in pictures}
    return {twin for twin in twins if twin.exists()}


def _folders() -> list[tuple[str, list[Path]]]:
    folders = [one for section in places.sections() for one in section.pages if one.is_dir()]
    return [(folder.name, places.pages_of(folder)) for folder in folders]


def _contents(folder: str, inside: list[Path]) -> str:
    rows = [f"| {page.stem[:4].lstrip('0')} | [{places.name_of(page)}]({page.name}) |" for page in inside]
    return (
        f"# {folder.capitalize()}\n\nWhy things are as they are, in the order in which it was decided. A record is not edited later; "
        "a new one supersedes it.\n\n| | |\n|---|---|\n" + "\n".join(rows) + "\n"
    )


def _source(file: Path) -> str:
    """A file that a page points at, to read here."""
    text = file.read_text(encoding="utf-8").rstrip("\n")
    fence = "`" * (max(map(len, re.findall(r"`{3,}", text)), default=2) + 1)
    language = _LANGUAGES.get(file.suffix, "text")
    return f"---\nsearch:\n  exclude: true\n---\n\n# {file.relative_to(ROOT)}\n\n{fence}{language}\n{text}\n{fence}\n"


def _navigation() -> list[Any]:
    nav: list[Any] = []
    for section in places.sections():
        members: list[Any] = []
        for page in section.pages:
            if page.is_dir():
                inside = [{places.name_of(one): places.place_of(one)} for one in places.pages_of(page)]
                members.append({page.name.capitalize(): [f"{page.name}/index.md", *inside]})
            else:
                members.append({places.name_of(page): places.place_of(page)})
        nav.append({section.name: members})
    nav[0] = {
        places.sections()[0].name: ["index.md", *nav[0][places.sections()[0].name], {"All documents": "documents.md"}]
    }
    at = next(number for number, section in enumerate(nav) if "How it works" in section)
    nav.insert(at + 1, {"Reference": [{title: place} for place, title in reference.PAGES.items()]})
    return nav


def _as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_as_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _generate() -> None:
    program = Path(sys.executable).with_name("zensical")
    done = subprocess.run(
        [program, "build", "--clean", "--strict"], cwd=SOURCE, capture_output=True, text=True, check=False
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    if done.returncode or "Warning" in said:
        sys.exit(f"The site was not built:\n{said.partition('Traceback')[0]}")
