"""The site has the documents' words, in places where they are found; and its checker finds what is broken.

The site itself is built by `make docs`, which fails for whatever `scripts/site/checking.py` finds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from handbell_server.cli import main as handbell
from handbell_server.http import ENDPOINTS
from handbell_shared.codes import Code
from scripts.site import checking, looks, markdown, places, reference
from scripts.site.rewriting import Links, page_for_site

ROOT = places.ROOT


def rewritten(text: str, folder: Path, tmp_name: str = "page.md", place: str = "") -> str:
    page = folder / tmp_name
    page.write_text(text, encoding="utf-8")
    try:
        return page_for_site(page, place or places.place_of(page), Links(set(places.pages()), reference.PAGES))
    finally:
        page.unlink()


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ("[a](cli.md)", "[a](cli.md)"),
        ("[a](cli.md#exit-statuses)", "[a](cli.md#exit-statuses)"),
        ("[a](dialects/README.md)", "[a](dialects/index.md)"),
        ("[a](decisions/)", "[a](decisions/index.md)"),
        ("[a](../ARCHITECTURE.md)", "[a](project/architecture.md)"),
        ("[a](../benchmarks/README.md)", "[a](project/benchmarks.md)"),
        ("[a](../LICENSE)", "[a](source/LICENSE.md)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("[cli.md](cli.md)", "[The command line](cli.md)"),
        ("[CONTRIBUTING.md](../CONTRIBUTING.md)", "[Working on Handbell](project/contributing.md)"),
        ("[cli.md](cli.md#exit-statuses)", "[The command line](cli.md#exit-statuses)"),
        ("`[a](../ARCHITECTURE.md)`", "`[a](../ARCHITECTURE.md)`"),
        ("```text\n[a](../ARCHITECTURE.md)\n```", "```text\n[a](../ARCHITECTURE.md)\n```"),
        ('<img alt="x" src="pictures/bell.png">', '<img alt="x" src="pictures/bell.png">'),
    ],
)
def test_a_link_holds_in_the_site(link: str, there: str) -> None:
    assert rewritten(link, ROOT / "docs") == there


def test_a_page_of_elsewhere_finds_the_documents() -> None:
    assert (
        rewritten("[a](docs/cli.md) ![b](docs/pictures/bell.png)", ROOT) == "[a](../cli.md) ![b](../pictures/bell.png)"
    )


def test_a_link_to_nothing_ends_the_build() -> None:
    with pytest.raises(SystemExit, match=r"docs/page.md links to nowhere.md"):
        rewritten("[a](nowhere.md)", ROOT / "docs")


@pytest.mark.parametrize(
    "picture",
    [
        "![Ana's panel](pictures/panel-light.png)",
        '<picture><source srcset="pictures/panel-dark.png" media="(prefers-color-scheme: dark)">'
        '<img alt="Ana\'s panel" src="pictures/panel-light.png"></picture>',
    ],
)
def test_a_picture_with_a_dark_twin_is_shown_in_the_theme_of_the_reader(picture: str) -> None:
    shown = rewritten(picture, ROOT / "docs")

    assert "pictures/panel-light.png#only-light" in shown
    assert "pictures/panel-dark.png#only-dark" in shown
    assert shown.count("Ana's panel") == 2


def test_anchors_are_those_of_a_git_host() -> None:
    text = "# The `handbell` command\n\n## What? Why!\n\n## What? Why!\n\n```sh\n# no heading\n```\n"

    assert markdown.anchors(text) == ["the-handbell-command", "what-why", "what-why-1"]
    assert "## What? Why! {: #what-why-1 }" in markdown.with_anchors(text)


def test_what_is_in_a_list_stays_in_it() -> None:
    text = "Steps:\n- one\n  - inside\n\n1. first\n\n   ```sh\n   make\n   ```\n2. second"

    assert markdown.for_python_markdown(text) == (
        "Steps:\n\n- one\n    - inside\n\n1. first\n\n    ```sh\n    make\n    ```\n\n2. second"
    )


def test_the_reference_has_everything_that_the_code_has() -> None:
    made = dict(reference.files())

    assert [one.path for one in ENDPOINTS if f"`{one.method} {one.path}`" not in made["reference/api.md"]] == []
    assert [name for name in handbell.commands if f"## handbell {name}" not in made["reference/commands.md"]] == []
    assert made["reference/settings.md"].count("| `HANDBELL_") > 40
    assert [code for code in Code if f"`{code}`" not in made["reference/problems.md"]] == []
    assert 'href="/' not in made["reference/contract.html"]


def test_the_colours_are_the_desktops() -> None:
    from handbell_desktop.ui.theme import DARK, LIGHT

    palettes = looks.palettes()

    assert palettes["LIGHT"] == {name: getattr(LIGHT, name) for name in LIGHT.__struct_fields__}
    assert palettes["DARK"] == {name: getattr(DARK, name) for name in DARK.__struct_fields__}


START = '<nav><a href="other.html">o</a></nav><article><h1 id="top">T</h1>{}</article>'


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('<a href="nowhere.html">x</a>', "index.html leads to nowhere.html, which does not exist"),
        ('<a href="other.html#not">x</a>', "index.html leads to other.html#not, where nothing has this name"),
        ('<a href="./">x</a>', "index.html leads to ./, which does not exist"),
        ('<img src="gone.png" alt="x">', "index.html leads to gone.png, which does not exist"),
        ('<img src="bell.svg">', "index.html: the picture bell.svg says nothing to who cannot see"),
        ('<script src="https://example.org/x.js"></script>', "index.html fetches https://example.org/x.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "index.html fetches //example.org/x.css"),
        ("", "style.css fetches https://example.org/font.woff2"),
        ("", "lost.html is not in the navigation"),
        ("", "nothing leads to lost.html"),
        ("", "cli.html is missing"),
    ],
)
def test_the_checker_finds_what_is_broken(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "index.html").write_text(START.format(content))
    for name in ("other.html", "lost.html"):
        (tmp_path / name).write_text("<article></article>")
    (tmp_path / "bell.svg").write_text("<svg/>")
    (tmp_path / "style.css").write_text("@font-face { src: url('https://example.org/font.woff2') }")

    assert fault in checking.faults(tmp_path)


def test_a_list_that_fell_apart_is_found(tmp_path: Path) -> None:
    for page in places.pages():
        file = tmp_path / places.place_of(page).replace(".md", ".html")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<article>{markdown.parser().render(page.read_text(encoding='utf-8'))}</article>")
    (tmp_path / "index.html").write_text(START.format(""))
    listening = tmp_path / "dialects/listening.html"
    listening.write_text(listening.read_text().replace("<li>", "", 1))

    assert [one for one in checking.faults(tmp_path) if "on a Git host" in one] == [
        "dialects/listening.html has 8 of <li>, and 9 on a Git host"
    ]
