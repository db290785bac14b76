"""Where in a JSON document something stands: `alerts[0].labels.severity`, or the same as a JSON pointer, `/alerts/0/labels/severity`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def found_at(document: Any, path: str) -> Any:
    """What stands there; None when nothing does."""
    value = document
    for step in _steps(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 6:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def first_at(document: Any, paths: str) -> Any:
    """What stands at the first of these paths that holds anything."""
    for path in paths.split("|"):
        value = found_at(document, path.strip())
        if value not in (None, "", [], {}):
            return value
    return None


@lru_cache(1_000)
def _steps(path: str) -> tuple[str, ...]:
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    return tuple(path.replace("[", ".").replace("]", "").split(".")) if path != "$" else ()
