"""The version stands in one place; everything that says one says that."""

from __future__ import annotations

import re
import tomllib

import handbell
import handbell_desktop
import handbell_server
from handbell_shared.version import __version__
from tests.house.test_the_tree_is_clean import ROOT, tracked


def test_what_is_installed_and_all_halves_say_the_one_version() -> None:
    said = {handbell_server.__version__, handbell_desktop.__version__, handbell.__version__}

    assert said == {__version__}, "the installed one is older where only `handbell` differs: make check installs it"


def test_pyproject_takes_it_from_there_and_it_is_written_nowhere_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "shared/handbell_shared/version.py"

    assigned = re.compile(r"^_*version_* *(?::[^=]+)?= *[\"']\d+\.\d", flags=re.MULTILINE | re.IGNORECASE)
    python = tracked("client/*.py", "server/*.py", "shared/*.py", "desktop/*.py", "scripts/*.py", "packaging/*.py")
    written = [str(path.relative_to(ROOT)) for path in python if assigned.search(path.read_text(encoding="utf-8"))]

    assert written == ["shared/handbell_shared/version.py"]
