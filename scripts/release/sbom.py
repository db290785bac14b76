"""What is in an artefact, in CycloneDX: the lines of its locks that hold on its platform, and Python where it is inside.

    locks/desktop.txt ──the lines for Windows──► cyclonedx-py ──► with the artefact as root, its sum, and Python ──► ARTEFACT.cdx.json

The same artefact gives the same bytes: no serial number, and the time is that of the commit. It names packages, versions and
hashes; licences it does not, for the locks do not know them.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from scripts.release.artefacts import FROZEN_PYTHON, SBOM, Kind, sum_of

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / "build/release-tools/bin"
PLATFORMS: Final = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
}


def lines_for(lock: str, platform: str, python: str) -> Iterator[str]:
    """The requirements of a lock that hold there, without their conditions and with their hashes."""
    where = PLATFORMS[platform] | {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    for block in re.split(r"\n(?=\S)", "\n".join(line for line in lock.splitlines() if not line.startswith("#"))):
        said, *hashes = [part.strip() for part in block.replace("\\\n", "\n").strip().splitlines()] or [""]
        if not said:
            continue
        requirement = Requirement(said)
        if requirement.marker is None or requirement.marker.evaluate(where):
            yield " \\\n    ".join([f"{requirement.name}{requirement.specifier}", *hashes])


def describe(artefact: Path, kind: Kind, version: str, epoch: str) -> Path:
    python = kind.python if kind.python and kind.python.count(".") == 2 else FROZEN_PYTHON
    wanted: dict[str, None] = {}
    for name in kind.locks:
        text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8")
        wanted.update(dict.fromkeys(lines_for(text, kind.platform, python)))
    told = json.loads(_made("\n".join(sorted(wanted)) + "\n", epoch))
    _about(told, artefact, kind, version)
    target = artefact.with_name(artefact.name + SBOM)
    target.write_text(json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def wrong_with(files: list[Path]) -> str:
    """What the schema has to say against them, by its own library; all in one go, for it takes its time to load."""
    script = (
        "import sys; from cyclonedx.validation.json import JsonStrictValidator as V; from cyclonedx.schema import SchemaVersion as S\n"
        "v = V(S.V1_6)\n"
        "for file in sys.argv[1:]:\n"
        "    if wrong := v.validate_str(open(file, encoding='utf-8').read()): print(file, wrong)\n"
    )
    done = subprocess.run(
        [str(TOOLS / "python"), "-c", script, *map(str, files)], capture_output=True, text=True, check=False
    )
    return done.stdout + ("" if done.returncode == 0 else done.stderr[-500:])


def _made(requirements: str, epoch: str) -> str:
    command = [str(TOOLS / "cyclonedx-py"), "requirements", "--output-reproducible", "--no-validate", "-"]
    done = subprocess.run(
        command, input=requirements, capture_output=True, text=True, check=False, env={"SOURCE_DATE_EPOCH": epoch}
    )
    if done.returncode != 0:
        raise SystemExit(f"cyclonedx-py ended with status {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def _about(told: dict[str, Any], artefact: Path, kind: Kind, version: str) -> None:
    inside = "these are inside" if kind.inside else "none of these is inside: it was tested with them"
    root = {
        "type": "application",
        "bom-ref": artefact.name,
        "name": "handbell",
        "version": version,
        "description": f"{artefact.name} ({kind.what}); {inside}",
        "hashes": [{"alg": "SHA-256", "content": sum_of(artefact)}],
        "licenses": [{"license": {"id": "MIT"}}],
    }
    told.setdefault("metadata", {})["component"] = root
    components = told.setdefault("components", [])
    for component in components:
        component["scope"] = "required" if kind.inside else "excluded"
        component.pop("description", None)  # the line of the lock, once more
    if kind.python is not None:
        components.append({"type": "platform", "bom-ref": "cpython", "name": "cpython", "version": kind.python})
    others = [one for one in told.get("dependencies", []) if one["ref"] != "root-component"]
    own = {"ref": artefact.name, "dependsOn": sorted(component["bom-ref"] for component in components)}
    told["dependencies"] = [own, *others, *([{"ref": "cpython"}] if kind.python else [])]
