"""`handbell doctor`: looks at everything the server stands on, changes nothing, and says what to do.

    settings ─► machine (folder, disk, descriptors, port) ─► database (reachable, schema, integrity, clock)
                                                              └─► truth (digests, counts) ─► secrets ─► neighbours (Redis, issuer, mail)

Each check is a function that yields findings. One that fails in a way nobody foresaw becomes a finding itself, so the
others still have their say: a doctor who faints is no help.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from handbell_server.config import Config
from handbell_server.doctor import databases, machine, neighbours, settings
from handbell_server.doctor.findings import Finding, wrong

__all__ = ["Finding", "examine"]


def examine(data: Path | None, *, full: bool, environ: Mapping[str, str] | None = None) -> list[Finding]:
    """All findings about the installation that the environment and `data` describe."""
    env = os.environ if environ is None else environ
    findings, config = settings.examine(env, data)
    findings += settings.origins(config)
    for check in (machine.data_folder, machine.disk, machine.descriptors, machine.port):
        findings += _guarded(check, config)
    findings += _guarded(lambda c: databases.examine(c, full=full), config)
    for check in (neighbours.redis_answers, neighbours.issuer, neighbours.mail_server):
        findings += _guarded(check, config)
    return findings


def _guarded(check: Callable[[Config], Iterable[Finding]], config: Config) -> Iterator[Finding]:
    try:
        yield from check(config)
    except Exception as error:
        says = f"the check itself failed: {type(error).__name__}: {error}"
        yield wrong("doctor", says, "Please report this; the other checks are not affected.")
