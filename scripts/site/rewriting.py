"""One page as the site has it: the same words, with links that hold there, pictures for both themes, and fixed anchors."""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Collection
from pathlib import Path

from scripts.site import markdown
from scripts.site.places import ROOT, name_of, place_of

_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+)-light\.png\)")
# A link that says only the name of the file it leads to, as one reads it in an editor.
_BY_FILE = re.compile(r"\[(?P<words>[^\]\s]+\.md)\]\((?P<path>[^)#\s]+\.md)(?P<anchor>#[^)]*)?\)")
# How a picture says on a Git host that it has a dark twin.
_TWINS = re.compile(
    r"<picture>.*?<img(?P<before>[^>]*?)src=\"(?P<path>[^\"]+)-light\.png\"(?P<after>[^>]*?)/?>.*?</picture>", re.DOTALL
)


class Links:
    """Where links lead in the site. Remembers every file that was linked to."""

    def __init__(self, known: set[Path], made: Collection[str]) -> None:
        self._known = known
        self._made = made  # places of pages that no file stands for
        self.sources: set[Path] = set()  # linked to, and no page
        self.pictures: set[Path] = set()

    def of(self, page: Path, place: str) -> Callable[[str], str]:
        """How a link of this page reads when the page lives at this place."""

        def changed(link: str) -> str:
            path, hash_, anchor = link.partition("#")
            if not path or path in self._made or re.match(r"[a-z][a-z+.-]*:", path):
                return link
            if not (page.parent / path).exists():
                raise SystemExit(f"{page.relative_to(ROOT)} links to {link}, which does not exist")
            return self._within(place, self._target((page.parent / path).resolve())) + hash_ + anchor

        return changed

    def _target(self, file: Path) -> str:
        if file.is_dir():
            return f"{file.relative_to(ROOT / 'docs')}/index.md"
        if file.suffix in (".png", ".svg"):
            self.pictures.add(file)
            return place_of_picture(file)
        if file not in self._known:
            self.sources.add(file)
        return place_of(file)

    @staticmethod
    def _within(place: str, target: str) -> str:
        return os.path.relpath(target, os.path.dirname(place) or ".")


def place_of_picture(file: Path) -> str:
    return f"pictures/{file.name}" if file.parent == ROOT / "docs/pictures" else str(file.relative_to(ROOT))


def page_for_site(page: Path, place: str, links: Links) -> str:
    text = page.read_text(encoding="utf-8")
    text = markdown.with_anchors(_for_both_themes(_by_name(text, page), page))
    return markdown.for_python_markdown(markdown.with_links(text, links.of(page, place)))


def _by_name(text: str, page: Path) -> str:
    """Where a link says a file's name, the site says the page's."""

    def named(found: re.Match[str]) -> str:
        file = (page.parent / found["path"]).resolve()
        if file.name != Path(found["words"]).name or not file.exists():
            return found[0]
        return f"[{name_of(file)}]({found['path']}{found['anchor'] or ''})"

    return markdown.outside_code(text, lambda part: _BY_FILE.sub(named, part))


def _for_both_themes(text: str, page: Path) -> str:
    """A light picture with a dark twin is both; the theme shows one."""

    def has_twin(path: str) -> bool:
        return (page.parent / f"{path}-dark.png").exists()

    def pair(found: re.Match[str]) -> str:
        path, alt = found["path"], found["alt"]
        if not has_twin(path):
            return found[0]
        return f"![{alt}]({path}-light.png#only-light)![{alt}]({path}-dark.png#only-dark)"

    def twins(found: re.Match[str]) -> str:
        path, rest = found["path"], f"{found['before']}{found['after']}".strip()
        return "".join(f'<img {rest} src="{path}-{theme}.png#only-{theme}">' for theme in ("light", "dark"))

    return markdown.outside_code(text, lambda part: _PICTURE.sub(pair, _TWINS.sub(twins, part)))
