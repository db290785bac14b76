"""What the documents name exists: files, commands, settings, endpoints, links."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from handbell_server.actions.producers import SCOPES
from handbell_server.cli import main as handbell
from handbell_server.http import ENDPOINTS
from handbell_shared import protocol
from scripts.site import markdown, places, reference
from tests.support.blocks import documents

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Where a path in the documents may begin, beside the root: the folders whose insides the documents talk about.
BASES = [
    ROOT,
    ROOT / "server/handbell_server",
    ROOT / "shared/handbell_shared",
    ROOT / "desktop/handbell_desktop",
    ROOT / "shared",
    ROOT / "client/handbell",
]


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def exists(path: str, beside: Path) -> bool:
    return any((base / path).exists() or (base / f"{path}.py").exists() for base in [beside, *BASES])


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    looks_like_a_path = re.compile(r"[\w.-]*[\w-]/?(?:[\w.-]+/)*[\w-]+\.(?:py|md|toml|txt|sh|conf)|(?:[\w.-]+/)+")
    named = [word for word in markdown.spans(page.read_text(encoding="utf-8")) if looks_like_a_path.fullmatch(word)]

    missing = [word for word in named if not exists(word.rstrip("/"), page.parent)]

    assert not missing, f"{ids(page)} names what does not exist: {missing}"


def leads_somewhere(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if page.parent == places.SITE and path in reference.PAGES:
        return True  # made when the site is
    return target.exists() and (not anchor or anchor in markdown.anchors(target.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", documents(), ids=ids)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = [
        link for link in markdown.links(page.read_text(encoding="utf-8")) if not re.match(r"[a-z][a-z+.-]*:", link)
    ]

    missing = [link for link in links if not leads_somewhere(link, page)]

    assert not missing, f"{ids(page)} links to what does not exist: {missing}"


@pytest.mark.parametrize("page", documents(), ids=ids)
def test_every_picture_says_what_it_shows(page: Path) -> None:
    text = markdown.prose(page.read_text(encoding="utf-8"))
    pictures = re.findall(r"!\[([^\]]*)\]\(", text) + [
        (re.search(r'alt="([^"]*)"', tag) or ["", ""])[1] for tag in re.findall(r"<img[^>]*>", text)
    ]

    assert [alt for alt in pictures if len(alt) < 3] == []


def test_the_index_has_every_page_once_and_in_words() -> None:
    index = ROOT / "docs/README.md"
    rows = re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\) \| (.+) \|$", index.read_text(encoding="utf-8"), flags=re.MULTILINE)
    listed = [(index.parent / path).resolve() for _, path, _ in rows]

    assert len(set(listed)) == len(listed)
    assert all(name == path for name, path, _ in rows)
    decisions = ROOT / "docs/decisions"  # a folder, with a name for each
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.parent != decisions} - {index}
    pages |= set(ROOT.glob("*.md"))
    assert sorted(map(ids, pages - set(listed))) == [], "docs/README.md does not list these"
    assert decisions in listed


def test_decisions_are_numbered_without_a_hole_and_without_a_number_given_twice() -> None:
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))

    assert [record.name[:4] for record in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    assert all(record.read_text(encoding="utf-8").startswith(f"# {record.name[:4]} · ") for record in records)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_handbell_command_that_a_page_shows_exists(page: Path) -> None:
    # `from handbell import …` in a program is the library; tests/client/test_python_docs.py runs it.
    text = re.sub(r"^```python\n.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    shown = re.findall(r"(?:^|[`$ ])handbell ((?:[a-z]+)(?: [a-z]+)?)", text, flags=re.MULTILINE)

    unknown = [words for words in shown if not _is_command(words.split())]

    assert not unknown, f"{ids(page)} shows commands that do not exist: {unknown}"


def _is_command(words: list[str]) -> bool:
    command: click.Command | None = handbell
    for word in words:
        if not isinstance(command, click.Group):
            return True  # what follows is an argument
        command = command.commands.get(word)
        if command is None:
            return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_endpoint_that_a_page_names_exists(page: Path) -> None:
    paths = [path for endpoint in ENDPOINTS for path in (endpoint.path, *(path for _, path in endpoint.also))]
    known = {re.sub(r"\{\w+\}", "{}", path) for path in paths}
    shown = re.findall(r"(?:GET|POST|PUT|DELETE) (/[\w/{}.-]+)", page.read_text(encoding="utf-8"))

    unknown = [
        path for path in shown if re.sub(r"\{\w+\}", "{}", path) not in known and not path.startswith("/socket.io")
    ]

    assert not unknown, f"{ids(page)} names endpoints that do not exist: {unknown}"


def test_the_protocol_page_names_every_event_and_the_right_numbers() -> None:
    page = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")

    for event in ("hello", "push", "tip", "bye", "delta", "snapshot", "act", "position"):
        assert f"| `{event}` |" in page, f"the event {event} has no row"
    assert f'"protocol": {protocol.PROTOCOL}' in page
    assert f"at most {protocol.HELD_PUSHES} of them" in page
    assert f"at most {protocol.ACTIONS_PER_CALL} in a\ncall, at most {protocol.TARGETS_PER_ACTION} targets" in page


def test_the_digest_in_the_protocol_page_is_the_digest_we_compute() -> None:
    from handbell_shared.digest import fingerprint, to_hex
    from handbell_shared.records import Notification

    page = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    found = re.search(r"id `([0-9a-f-]{36})`, `ver` (\d+).*?digest `([0-9a-f]{16})`", page, flags=re.DOTALL)

    assert found is not None
    assert to_hex(fingerprint(Notification(id=found[1], ver=int(found[2])))) == found[3]


def test_every_scope_stands_in_the_handbook() -> None:
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")

    assert [scope for scope, meaning in SCOPES.items() if f"| `{scope}` | {meaning} |" not in page] == []


def test_every_module_that_architecture_walks_through_still_has_the_names_it_points_at() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d+\. .*?\*\*`([^`]+)`\*\*, `(\w+)`", page, flags=re.MULTILINE)

    assert len(steps) >= 5
    for path, name in steps:
        file = next(base / path for base in BASES if (base / path).exists())
        assert re.search(rf"(?:def|class) {name}\b", file.read_text(encoding="utf-8")), f"{path} has no {name}"
