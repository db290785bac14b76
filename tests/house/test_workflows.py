"""The workflows of GitHub: what they run exists here, what they use is pinned, and none may do more than it needs.

`make release-check` also asks GitHub's schema and zizmor, which bring too much along for every run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.release.artefacts import FROZEN_PYTHON, KINDS
from scripts.release.freezing import PROGRAMS
from tests.house.test_the_tree_is_clean import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def ids(path: Path) -> str:
    return path.name


def jobs_of(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return jobs


def steps_of(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_every_command_of_ours_exists(path: Path) -> None:
    run = "\n".join(step["run"] for step in steps_of(path) if "run" in step)

    made = re.findall(r"(?:^|&& |; )make ([a-z-]+)", run, flags=re.MULTILINE)
    scripts = re.findall(r"(?:^|&& )(?:sh )?((?:\.ci|packaging|scripts)/\S+)", run, flags=re.MULTILINE)
    modules = re.findall(r"python -m (scripts\.\S+)", run)

    assert made
    assert set(made) <= TARGETS
    assert [script for script in scripts if not (ROOT / script).exists()] == []
    assert [one for one in modules if not (ROOT / f"{one.replace('.', '/')}.py").exists()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_what_others_wrote_is_pinned_to_a_commit_and_says_which_version_that_is(path: Path) -> None:
    used = re.findall(r"uses: *(\S+)(?: +#(.*))?", path.read_text(encoding="utf-8"))

    assert used
    assert [action for action, _ in used if re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) is None] == []
    assert [action for action, version in used if re.fullmatch(r" v\d+\.\d+\.\d+", version) is None] == []


def test_the_same_action_is_the_same_commit_everywhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)

    pinned: dict[str, set[str]] = {}
    for action, commit in re.findall(r"uses: *(\S+)@([0-9a-f]{40})", text):
        pinned.setdefault(action, set()).add(commit)

    assert [action for action, commits in pinned.items() if len(commits) > 1] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_nobody_can_write_a_command_into_a_branch_name(path: Path) -> None:
    assert [step["run"] for step in steps_of(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_a_job_may_read_and_only_the_one_that_drafts_may_write(path: Path) -> None:
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert whole["permissions"] == {}
    assert "pull_request_target" not in whole[True]  # YAML takes `on` for a truth

    for name, job in whole["jobs"].items():
        writes = {what for what, right in job["permissions"].items() if right == "write"}
        assert writes <= ({"contents", "id-token", "attestations"} if name == "draft" else set()), name
        if writes:
            assert not any("checkout" in step.get("uses", "") for step in job["steps"]), "it would run our code"
        kept = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in kept)
        secrets = "secrets." in str(job)
        assert not secrets or job["environment"] == "signing"


def test_what_is_frozen_is_frozen_with_the_python_that_the_sboms_name() -> None:
    steps = steps_of(ROOT / ".github/workflows/release.yml")

    asked = {step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")}

    assert asked == {FROZEN_PYTHON}
    uploaded = [step["with"]["path"] for step in steps if step.get("with", {}).get("name") == "frozen-windows"]
    assert PROGRAMS["win32"].startswith(uploaded[0])


def test_the_release_waits_for_every_kind_of_artefact() -> None:
    jobs = jobs_of(ROOT / ".github/workflows/release.yml")

    assert set(jobs["describe"]["needs"]) == {"linux", "container", "windows-installer", "macos"}
    assert jobs["draft"]["needs"] == "describe"
    assert {kind.platform for kind in KINDS} == {"linux", "win32", "darwin"}
