"""Whether the built site keeps its promises: everything it points at is there, nothing is fetched, no page is lost.

And whether it shows what a Git host shows. The two read Markdown by different rules; where a list or a table of ours would fall
apart here, the numbers differ and this says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from scripts.site import markdown, places, reference

_SHAPES = ("h1", "h2", "h3", "h4", "li", "pre", "table", "tr", "blockquote", "strong")
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "srcset", "link": "href"}
# Reached by what links to them, not by the navigation.
_BY_LINK = ("source/", reference.CONTRACT)


@dataclass
class Page:
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    navigation: set[str] = field(default_factory=set)
    pictures: list[tuple[str, str]] = field(default_factory=list)  # where from, and what it says to who cannot see
    shapes: Counter[str] = field(default_factory=Counter)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        if tag in ("article", "nav"):
            self._inside.append(tag)
        self.page.anchors |= {named[name] for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self.page.links.append(named["href"])
            if "nav" in self._inside:
                self.page.navigation.add(named["href"])
        if named.get(_FETCHED.get(tag, "")) and named.get("rel") not in ("prev", "next"):
            self.page.fetched.append(named[_FETCHED[tag]])
        if tag == "img":
            self.page.pictures.append((named.get("src", ""), named.get("alt", "")))
        if "article" in self._inside and tag in _SHAPES:
            self.page.shapes[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()


def read(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    return reader.page


def faults(site: Path) -> list[str]:
    """Everything that is wrong, a line each."""
    pages = {file.relative_to(site).as_posix(): read(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}
    return [*_dead(site, pages), *_fetching(site, pages), *_unseen(pages), *_lost(pages), *_different(pages)]


def _dead(site: Path, pages: dict[str, Page]) -> Iterator[str]:
    for name, page in pages.items():
        for link in [*page.links, *page.fetched]:
            path, _, anchor = link.partition("#")
            if re.match(r"[a-z][a-z+.-]*:", link):
                continue
            target = (site / name).parent / unquote(path) if path else site / name
            if not target.is_file():
                yield f"{name} leads to {link}, which does not exist"
            elif anchor and target.suffix == ".html":
                there = pages[target.resolve().relative_to(site.resolve()).as_posix()]
                if unquote(anchor) not in there.anchors:
                    yield f"{name} leads to {link}, where nothing has this name"


def _fetching(site: Path, pages: dict[str, Page]) -> Iterator[str]:
    elsewhere = re.compile(r"(?:https?:)?//")
    for name, page in pages.items():
        yield from (f"{name} fetches {one}" for one in page.fetched if elsewhere.match(one))
    for style in site.rglob("*.css"):
        for found in re.findall(r"url\(['\"]?([^)'\"]+)|@import ['\"]([^'\"]+)", style.read_text(encoding="utf-8")):
            yield from (f"{style.name} fetches {one}" for one in found if elsewhere.match(one))


def _unseen(pages: dict[str, Page]) -> Iterator[str]:
    for name, page in pages.items():
        yield from (
            f"{name}: the picture {source} says nothing to who cannot see" for source, alt in page.pictures if not alt
        )


def _lost(pages: dict[str, Page]) -> Iterator[str]:
    start = pages["index.html"]
    listed = {_normal(Path(link.partition("#")[0])) for link in start.navigation} | {"index.html"}
    yield from (
        f"{name} is not in the navigation" for name in pages if name not in listed and not name.startswith(_BY_LINK)
    )
    led = {(Path(name).parent / link.partition("#")[0]) for name, page in pages.items() for link in page.links}
    reached = {_normal(path) for path in led}
    yield from (f"nothing leads to {name}" for name in pages if name != "index.html" and name not in reached)


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts[-1:] = []
        else:
            parts.append(part)
    return "/".join(parts)


def _different(pages: dict[str, Page]) -> Iterator[str]:
    for file in places.pages():
        name = places.place_of(file).removesuffix(".md") + ".html"
        if name not in pages:
            yield f"{name} is missing"
            continue
        there = read(f"<article>{markdown.parser().render(file.read_text(encoding='utf-8'))}</article>").shapes
        here = pages[name].shapes
        for shape in _SHAPES:
            if there[shape] != here[shape]:
                yield f"{name} has {here[shape]} of <{shape}>, and {there[shape]} on a Git host"
