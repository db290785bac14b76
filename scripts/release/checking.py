"""The questions of `make release-check`, each a function that answers in a sentence, or raises `Wrong` or `NotChecked` with one.

They are asked in order and all of them, so one run tells everything that is in the way. Nothing here changes the tree; what is
built goes to build/release. `NotChecked` is for what this machine cannot know; it is no reason to fail, and it is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from handbell_shared.version import __version__
from scripts.release import artefacts, changelog, sbom

ROOT: Final = Path(__file__).resolve().parents[2]
BUILT: Final = ROOT / "build/release"
TOOLS: Final = sbom.TOOLS
VERSION: Final = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
REGISTRIES: Final = re.compile("py" r"pi\.org|python" r"hosted|registry\.n" "pm")
UNREACHABLE: Final = ("Connection", "connect", "resolve", "timed out", "Network")


class Wrong(Exception):
    """A reason not to release."""


class NotChecked(Exception):
    """Why this could not be looked at here."""


class Release(Struct, frozen=True, kw_only=True):
    version: str = __version__
    tag: str = ""
    offline: bool = False
    root: Path = ROOT
    built: Path = BUILT


Question = Callable[[Release], str]


def said(*command: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None) -> str:
    around = os.environ | (environment or {})
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=around, capture_output=True, text=True, check=False, timeout=1_800)
    if done.returncode != 0:
        told = (done.stdout + done.stderr).strip().splitlines()
        raise Wrong(f"{Path(words[0]).name} {' '.join(words[1:4])} …: " + " / ".join(told[-4:]))
    return done.stdout


def epoch() -> str:
    return os.environ.get("SOURCE_DATE_EPOCH") or said("git", "log", "-1", "--format=%ct").strip()


# ---- what is written


def version(release: Release) -> str:
    if VERSION.fullmatch(release.version) is None:
        raise Wrong(f"{release.version} is no version like 1.2.3 or 1.2.3rc1")
    if release.tag and release.tag != f"v{release.version}":
        raise Wrong(f"the tag is {release.tag}, the version in shared/handbell_shared/version.py {release.version}")
    return f"{release.version}{', as the tag' if release.tag else ''}"


def changes(release: Release) -> str:
    text = (release.root / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        cut = changelog.released(text, release.version, datetime.now(UTC).date())
    except changelog.NoSection as missing:
        raise Wrong(str(missing)) from None
    return f"{len(cut.splitlines())} lines about {release.version}"


def names_in_documents(release: Release) -> str:
    """Whoever copies a command from the documents gets this version's file."""
    named = re.compile(r"handbell-(?:server|desktop|docs)[-_](\d+\.\d+\.\d+\w*)")
    pages = [*release.root.glob("*.md"), *(release.root / "docs").rglob("*.md")]
    found = {page: named.findall(page.read_text(encoding="utf-8")) for page in pages if page.name != "CHANGELOG.md"}
    old = sorted(
        f"{page.relative_to(release.root)} ({one})"
        for page, versions in found.items()
        for one in versions
        if one != release.version
    )
    if old:
        raise Wrong(f"these name files of another version: {', '.join(old)}")
    return f"{sum(map(len, found.values()))} names of files"


def appstream(release: Release) -> str:
    files = sorted((release.root / "packaging/desktop").rglob("*.metainfo.xml"))
    if not files:
        raise NotChecked("there is no AppStream metadata")
    for file in files:
        told = re.findall(r'<release [^>]*version="([^"]+)"', file.read_text(encoding="utf-8"))
        if not {"@VERSION@", release.version}.intersection(told):
            raise Wrong(f"{file.name} tells of no release {release.version}")
    return "its release is filled in when it is packed"


def tree(release: Release) -> str:
    changed = said("git", "status", "--porcelain", cwd=release.root).splitlines()
    if changed:
        raise Wrong(f"{len(changed)} files are not committed: {', '.join(line[3:] for line in changed[:4])}")
    return said("git", "log", "-1", "--format=%h %s", cwd=release.root).strip()


def locks(release: Release) -> str:
    registries = [
        lock.name for lock in sorted((release.root / "locks").iterdir()) if REGISTRIES.search(lock.read_text("utf-8"))
    ]
    if registries:
        raise Wrong(f"a registry's address is in {', '.join(registries)}")
    if release.offline:
        raise NotChecked("no registry's address is in them; resolving them again needs a network")
    with tempfile.TemporaryDirectory(prefix="handbell-locks-") as folder:
        again = shutil.copytree(release.root / "locks", Path(folder) / "locks")
        said("sh", "scripts/lock.sh", cwd=release.root, environment={"LOCKS": str(again)})
        stale = [
            lock.name
            for lock in sorted(again.iterdir())
            if lock.read_bytes() != (release.root / "locks" / lock.name).read_bytes()
        ]
    if stale:
        raise Wrong(f"make lock would change {', '.join(stale)}")
    return "they are what make lock writes, and name no registry"


def documents(release: Release) -> str:
    said(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/house", cwd=release.root)
    return "files, links, commands and endpoints that the documents name exist"


def workflows(release: Release) -> str:
    files = [str(file) for file in sorted((release.root / ".github/workflows").glob("*.yml"))]
    said(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    for schema, names in (("github-issue-forms", ("bug.yml", "feature.yml")), ("github-issue-config", ("config.yml",))):
        templates = [str(release.root / ".github/ISSUE_TEMPLATE" / name) for name in names]
        said(TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *templates)
    said(TOOLS / "zizmor", "--offline", "--no-progress", "--persona", "regular", *files)
    return f"{len(files)} fit GitHub's schema, and zizmor finds nothing"


# ---- what is built


def python_packages(release: Release) -> str:
    """The wheel and the sdist, and a wheel made from that sdist, which must be the same."""
    release.built.mkdir(parents=True, exist_ok=True)
    dated = {"SOURCE_DATE_EPOCH": epoch()}
    hatch = (sys.executable, "-m", "hatchling", "build")
    said(*hatch, "-t", "sdist", "-t", "wheel", "-d", release.built, cwd=release.root, environment=dated)
    wheel = _wheel(release)
    with tempfile.TemporaryDirectory(prefix="handbell-sdist-") as folder:
        said("tar", "-xf", release.built / f"handbell-{release.version}.tar.gz", "-C", folder)
        unpacked = Path(folder) / f"handbell-{release.version}"
        said(*hatch, "-t", "wheel", "-d", folder, cwd=unpacked, environment=dated)
        if artefacts.sum_of(Path(folder) / wheel.name) != artefacts.sum_of(wheel):
            raise Wrong("the wheel that the sdist makes is another one than the tree's")
    return f"{wheel.name}, {wheel.stat().st_size // 1024} KB; the sdist makes the same"


def installed(release: Release) -> str:
    """As a person would, in an environment with nothing in it: the library and the command, then the server by its lock."""
    if release.offline:
        raise NotChecked("installing needs a network")
    wheel = _wheel(release)
    with tempfile.TemporaryDirectory(prefix="handbell-venv-") as folder:
        plain = _fresh(Path(folder) / "plain")
        said(plain / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
        _says(plain, release.version)
        served = _fresh(Path(folder) / "server")
        pip = (served / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        said(*pip, "--require-hashes", "--requirement", release.root / "locks/server.txt")
        said(*pip, "--no-deps", wheel)
        said(served / "python", "-m", "pip", "check")
        _says(served, release.version)
        said(served / "handbell", "serve", "--help", cwd=Path(folder))
    return "handbell --version and import handbell, by itself and with the server's lock"


def _fresh(folder: Path) -> Path:
    said(sys.executable, "-m", "venv", folder)
    return folder / "bin"


def _says(programs: Path, expected: str) -> None:
    clean = {"PYTHONPATH": "", "PYTHONSAFEPATH": "1"}  # not what stands beside us
    told = [
        said(programs / "handbell", "--version", cwd=programs, environment=clean),
        said(
            programs / "python", "-c", "import handbell; print(handbell.__version__)", cwd=programs, environment=clean
        ),
    ]
    if not all(one.strip().endswith(expected) for one in told):
        raise Wrong(f"what is installed says {told}, and not {expected}")


def _wheel(release: Release) -> Path:
    wheel = release.built / f"handbell-{release.version}-py3-none-any.whl"
    if not wheel.exists():
        raise Wrong("there is no wheel")
    return wheel


def server_package(release: Release) -> str:
    if shutil.which("dpkg-deb") is None:
        raise NotChecked("a Debian package is built on Debian")
    if release.offline:
        raise NotChecked("building it needs a network")
    made = said(sys.executable, "-m", "scripts.package_server", "--to", release.built, cwd=release.root)
    return Path(made.strip()).name


def desktop_packages(release: Release) -> str:
    bundle = release.root / "build/desktop/handbell-desktop/handbell-desktop"
    if not bundle.exists():
        raise NotChecked("there is no frozen desktop here; make bundle makes it")
    told = said(bundle, "--version", environment={"QT_QPA_PLATFORM": "offscreen"}).split()
    if told[-1:] != [release.version]:
        raise Wrong(f"the frozen desktop says {' '.join(told)}; make bundle again")
    made = said(sys.executable, "-m", "scripts.package_desktop", "--to", release.built, cwd=release.root)
    return ", ".join(Path(line).name for line in made.split())


def described(release: Release) -> str:
    """SHA256SUMS and one SBOM for each file of build/release."""
    files = describe(release)
    said("sha256sum", "--check", "--quiet", artefacts.SUMS, cwd=release.built)
    wrong = sbom.wrong_with([file.with_name(file.name + artefacts.SBOM) for file in files])
    if wrong:
        raise Wrong(wrong)
    return f"{len(files)} files, each with what is in it; their sums are right"


def describe(release: Release) -> Sequence[Path]:
    files = artefacts.found_in(release.built)
    for file in files:
        try:
            kind = artefacts.kind_of(file, release.version)
        except artefacts.Unknown as unknown:
            raise Wrong(f"{unknown}; empty {release.built.name}") from None
        sbom.describe(file, kind, release.version, epoch())
    artefacts.write_sums(release.built)
    return files


def elsewhere(release: Release) -> str:
    raise NotChecked(
        "Windows' and macOS' programs, the container image and GitHub's side of the workflows: not on this machine"
    )


QUESTIONS: Final[Sequence[tuple[str, Question]]] = (
    ("version", version),
    ("changelog", changes),
    ("names in documents", names_in_documents),
    ("AppStream", appstream),
    ("tree", tree),
    ("locks", locks),
    ("documents", documents),
    ("workflows", workflows),
    ("wheel and sdist", python_packages),
    ("installed", installed),
    ("server package", server_package),
    ("desktop packages", desktop_packages),
    ("sums and SBOMs", described),
    ("elsewhere", elsewhere),
)
