"""The text of a release is cut from the changelog, and nothing that is not ready is cut."""

from __future__ import annotations

from datetime import date

import pytest

from scripts.release.changelog import NoSection, notes, released, sections
from tests.house.test_the_tree_is_clean import ROOT

TODAY = date(2026, 11, 20)
OURS = """\
# Changelog

## 1.1.0 — 2026-11-20

A new bell.

### The desktop

- It rings, [louder](docs/desktop.md#the-bell) than [others](https://elsewhere.example/).

## 1.0.0 — 2026-10-01

- The first.
"""


def test_a_release_says_what_its_section_says_and_no_more() -> None:
    text = released(OURS, "1.1.0", TODAY)

    assert text.startswith("A new bell.")
    assert "The first" not in text


def test_its_links_lead_to_the_tree_of_that_version() -> None:
    text = notes(OURS, "1.1.0", TODAY)

    assert "[louder](../../blob/v1.1.0/docs/desktop.md#the-bell)" in text
    assert "[others](https://elsewhere.example/)" in text


@pytest.mark.parametrize(
    ("changelog", "version", "why"),
    [
        (OURS.replace("1.1.0 — 2026-11-20", "Unreleased"), "1.1.0", "no heading '## 1.1.0 — 2026-11-20'"),
        (OURS.replace("1.1.0 — 2026-11-20", "1.1.0"), "1.1.0", "no heading"),
        (OURS.replace("2026-11-20", "2026-11-21"), "1.1.0", "after today"),
        (OURS, "1.0.0", "the newest in CHANGELOG.md is 1.1.0"),
        (OURS.replace("## 1.1.0", "## Unreleased\n\n- Not yet.\n\n## 1.1.0"), "1.1.0", "under Unreleased"),
        ("## 1.1.0 — 2026-11-20\n\n## 1.0.0 — 2026-10-01\n", "1.1.0", "says nothing about 1.1.0"),
    ],
)
def test_what_is_not_ready_is_not_released(changelog: str, version: str, why: str) -> None:
    with pytest.raises(NoSection, match=why):
        released(changelog, version, TODAY)


def test_our_own_changelog_has_the_form_that_a_release_is_cut_from() -> None:
    parted = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))

    first, *others = parted
    assert first == "Unreleased" or released((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), first[:5], date.max)
    assert all(" — " in heading for heading in others)
    assert all(parted.values())
