"""`python -m scripts.release check|notes|dist|files`: see the package's docstring."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.release import changelog, checking
from scripts.release.checking import BUILT, NotChecked, Question, Release, Wrong

MARKS = {"yes": "yes ", "no": "NO  ", "not here": "?   "}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts.release", description="What a release is made of.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="whether a release could be made now")
    tag = os.environ.get("RELEASE_TAG", "")  # so that no shell ever reads it
    check.add_argument("--tag", default=tag, help="the tag it would be made from: v1.2.3")
    check.add_argument("--offline", action="store_true", help="leave out what needs a network")
    check.add_argument("--only", action="append", default=[], help="only this question, by its name")
    notes = verbs.add_parser("notes", help="the text of the release, from CHANGELOG.md")
    notes.add_argument("--to", type=Path, help="a file instead of the output")
    verbs.add_parser("dist", help="wheel and sdist, in build/release")
    files = verbs.add_parser("files", help="an SBOM for every file of a folder, and SHA256SUMS")
    files.add_argument("folder", type=Path, nargs="?", default=BUILT)
    options = parser.parse_args()
    try:
        return _done(options)
    except (Wrong, changelog.NoSection) as reason:
        print(f"release: {reason}", file=sys.stderr)
        return 1


def _done(options: argparse.Namespace) -> int:
    if options.verb == "check":
        shutil.rmtree(BUILT, ignore_errors=True)
        asked = [one for one in checking.QUESTIONS if not options.only or one[0] in options.only]
        return ask(Release(tag=options.tag, offline=options.offline), asked)
    if options.verb == "notes":
        text = changelog.notes(
            (checking.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), Release().version, datetime.now(UTC).date()
        )
        if options.to is None:
            print(text)
        else:
            options.to.write_text(text, encoding="utf-8")
    if options.verb == "dist":
        print(checking.python_packages(Release()))
    if options.verb == "files":
        print(checking.described(Release(built=options.folder)))
    return 0


def ask(release: Release, questions: Sequence[tuple[str, Question]]) -> int:
    """One line for each, as it is answered; then what is in the way, if anything."""
    width = max(len(name) for name, _ in questions)
    answers: dict[str, list[str]] = {"yes": [], "no": [], "not here": []}
    for name, question in questions:
        mark, words = _answer(release, question)
        answers[mark].append(name)
        print(f"{MARKS[mark]}{name:<{width}}  {words}", flush=True)
    print()
    if answers["not here"]:
        print(f"Not looked at here: {', '.join(answers['not here'])}.")
    if answers["no"]:
        print(f"No release of {release.version}: {', '.join(answers['no'])}.")
        return 1
    print(f"{release.version} could be released, as far as this machine can tell.")
    return 0


def _answer(release: Release, question: Question) -> tuple[str, str]:
    try:
        return "yes", question(release)
    except NotChecked as reason:
        return "not here", str(reason)
    except Wrong as reason:
        return "no", str(reason)


if __name__ == "__main__":
    sys.exit(main())
