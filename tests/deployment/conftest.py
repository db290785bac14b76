"""What is handed out is looked at in every run; installing it in clean roots takes minutes and is for `make package-test`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.name == "clean_root" and not config.getoption("--package"):
        return True
    return None
