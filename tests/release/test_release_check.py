"""`make release-check` says yes only to what it has seen, and says why not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.release import checking
from scripts.release.__main__ import ask
from scripts.release.checking import NotChecked, Release, Wrong
from tests.house.test_the_tree_is_clean import ROOT


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A tree that could be released."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "locks").mkdir()
    (tmp_path / "packaging/desktop").mkdir(parents=True)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 — 2026-11-20\n\n- A bell.\n")
    (tmp_path / "docs/install.md").write_text("apt install ./handbell-server_1.2.3-1_amd64.deb\n")
    (tmp_path / "locks/server.txt").write_text("flask==3.1.3\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "A bell"]):
        who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True)
    return Release(version="1.2.3", tag="v1.2.3", offline=True, root=tmp_path, built=tmp_path / "build")


LOOKING = (checking.version, checking.changes, checking.names_in_documents, checking.tree)


def test_a_tree_that_is_ready_is_told_so(release: Release, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(release, [(question.__name__, question) for question in LOOKING]) == 0

    assert "1.2.3 could be released" in capsys.readouterr().out


def test_what_is_in_the_way_is_said_and_the_rest_is_looked_at_all_the_same(
    release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    (release.root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- A bell.\n")
    questions = [("locks", checking.locks), *((question.__name__, question) for question in LOOKING)]

    assert ask(release, questions) == 1

    said = capsys.readouterr().out
    assert "NO  changes" in said
    assert "CHANGELOG.md has no heading '## 1.2.3" in said
    assert "NO  tree                1 files are not committed: CHANGELOG.md" in said
    assert "?   locks" in said
    assert "Not looked at here: locks." in said
    assert said.endswith("No release of 1.2.3: changes, tree.\n")


@pytest.mark.parametrize(("version", "tag"), [("1.2", ""), ("1.2.3.dev4", ""), ("1.2.3", "v1.2.4"), ("1.2.3", "1.2.3")])
def test_a_version_is_one_and_the_tag_says_the_same(version: str, tag: str) -> None:
    with pytest.raises(Wrong):
        checking.version(Release(version=version, tag=tag))


def test_a_document_that_names_an_older_file_is_found(release: Release) -> None:
    (release.root / "docs/install.md").write_text("apt install ./handbell-server_1.2.2-1_amd64.deb\n")

    with pytest.raises(Wrong, match=r"docs/install\.md \(1\.2\.2\)"):
        checking.names_in_documents(release)


def test_a_lock_that_names_a_registry_is_found(release: Release) -> None:
    (release.root / "locks/server.txt").write_text("--index-url https://" + "py" + "pi.org/simple\n")

    with pytest.raises(Wrong, match=r"server\.txt"):
        checking.locks(release)


def test_a_package_page_that_tells_of_another_release_is_found(release: Release) -> None:
    with pytest.raises(NotChecked):
        checking.appstream(release)
    page = release.root / "packaging/desktop/io.handbell.metainfo.xml"
    page.write_text('<releases><release version="@VERSION@" date="@DATE@"/></releases>')
    checking.appstream(release)
    page.write_text('<releases><release version="1.2.2" date="2026-01-01"/></releases>')

    with pytest.raises(Wrong, match=r"no release 1\.2\.3"):
        checking.appstream(release)


def test_every_question_is_asked_once_and_by_its_name() -> None:
    names = [name for name, _ in checking.QUESTIONS]

    assert len(set(names)) == len(names)
    page = (ROOT / "RELEASING.md").read_text(encoding="utf-8")
    assert [name for name in names if f"| {name} |" not in page] == []
