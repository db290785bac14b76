"""The text of a release: its section of CHANGELOG.md, whose headings are `## 1.2.3 — 2026-11-20`, newest first.

What is not released yet stands under `## Unreleased`; whoever releases gives that heading a number and a day.
"""

from __future__ import annotations

import re
from datetime import date

_HEADING = re.compile(r"^## +(.+?) *$", flags=re.MULTILINE)
_DATED = re.compile(r"(\d+\.\d+\.\d+\w*) — (\d{4}-\d{2}-\d{2})")
UNRELEASED = "Unreleased"


class NoSection(Exception):
    """The message says what is missing."""


def sections(changelog: str) -> dict[str, str]:
    """Heading → text, in the order of the file."""
    found = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in found[1:]] + [len(changelog)]
    return {heading[1]: changelog[heading.end() : end].strip() for heading, end in zip(found, ends, strict=True)}


def released(changelog: str, version: str, today: date) -> str:
    """The text for a version that may be released: dated, not tomorrow, not empty, and the newest."""
    parted = sections(changelog)
    dated = {found[1]: found[2] for heading in parted if (found := _DATED.fullmatch(heading))}
    if version not in dated:
        raise NoSection(f"CHANGELOG.md has no heading '## {version} — {today.isoformat()}'")
    if date.fromisoformat(dated[version]) > today:
        raise NoSection(f"CHANGELOG.md dates {version} after today: {dated[version]}")
    if next(iter(dated)) != version:
        raise NoSection(f"the newest in CHANGELOG.md is {next(iter(dated))}, not {version}")
    if parted.get(UNRELEASED):
        raise NoSection("CHANGELOG.md still has something under Unreleased")
    text = parted[f"{version} — {dated[version]}"]
    if not text:
        raise NoSection(f"CHANGELOG.md says nothing about {version}")
    return text


def notes(changelog: str, version: str, today: date) -> str:
    """What stands beside the files to download: every link of ours leads to the tree of that version."""
    text = released(changelog, version, today)
    return (
        re.sub(r"\]\((?!\w+:)([^)]+)\)", rf"](../../blob/v{version}/\1)", text)
        + "\n\n"
        + _AFTER.format(version=version)
    )


_AFTER = """\
---

`SHA256SUMS` has the sum of every file, `*.cdx.json` says what is in each (CycloneDX), and each was attested by the workflow that built it:
`gh attestation verify FILE --repo OWNER/NAME`. Installing: docs/install.md of v{version}.
"""
