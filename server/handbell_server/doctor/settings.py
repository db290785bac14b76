"""Settings that are not ours, that cannot be read, or that look wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from handbell_server.config import Config, ConfigError, from_environment
from handbell_server.doctor.findings import Finding, ok, wrong

_SETTING = re.compile(r"HANDBELL_\w*")


def examine(environ: Mapping[str, str], data: Path | None) -> tuple[list[Finding], Config]:
    """Every bad setting, not only the first; and the configuration without them."""
    env = dict(environ)
    findings: list[Finding] = []
    chosen = {"data_dir": data.absolute() if data else None}
    while True:
        try:
            config = from_environment(env, chosen)
        except ConfigError as error:
            named = _SETTING.findall(str(error))
            findings.append(_bad(named[0], str(error)))
            env = _without(env, named)
        else:
            return findings or [ok("settings", "all are known and can be read")], config


def _without(env: Mapping[str, str], named: Sequence[str]) -> dict[str, str]:
    """Less than before in any case, or this would never end: what is missing is named before what asks for it."""
    for name in named:
        if name in env or f"{name}_FILE" in env:  # a secret is named without its file
            return {key: value for key, value in env.items() if key not in (name, f"{name}_FILE")}
    return {key: value for key, value in env.items() if not key.startswith("HANDBELL_")}


def _bad(name: str, says: str) -> Finding:
    known = [f"HANDBELL_{field.name.upper()}" for field in fields(Config)]
    near = get_close_matches(name, known, 1)
    if name in known or name.removesuffix("_FILE") in known:
        todo = "Correct its value; docs/operating.md has the table of settings. Until then the server will not start."
    elif near:
        todo = f"Did you mean {near[0]}? The server will not start with a setting it does not know."
    else:
        todo = "Remove it; the server will not start with a setting it does not know."
    return wrong("settings", says, todo)


def origins(config: Config) -> Iterator[Finding]:
    """A browser sends scheme, host and port, and nothing else; whatever else is listed never matches."""
    for origin in config.allowed_origins:
        parts = urlsplit(origin)
        if origin == "*":
            says = "HANDBELL_ALLOWED_ORIGINS holds *, which allows nobody here"
        elif parts.scheme not in ("http", "https") or not parts.hostname:
            says = f"the allowed origin {origin!r} is no origin"
        elif f"{parts.scheme}://{parts.netloc}" != origin or origin != origin.lower():
            says = f"the allowed origin {origin!r} never matches what a browser sends"
        else:
            yield ok("origins", f"{origin} may connect from a browser")
            continue
        yield wrong("origins", says, "Write scheme://host or scheme://host:port in lower case, without a path or a /.")
