"""What the machine gives: a folder, room on its disk, file descriptors, a port."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from handbell_server import exclusive
from handbell_server.config import Config
from handbell_server.doctor.findings import Finding, hint, ok, wrong

_FREE_BYTES = 512 * 1024 * 1024
_FREE_SHARE = 0.05
_DESCRIPTORS_LEAST = 1024
_DESCRIPTORS_GOOD = 4096


def data_folder(config: Config) -> Iterator[Finding]:
    if not config.embedded:
        return
    folder = exclusive.database_file(config).parent
    if not folder.is_dir():
        todo = "`handbell serve` makes it. If there should be one, name it with --data or HANDBELL_DATA_DIR."
        yield wrong("data folder", f"{folder} does not exist", todo)
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        todo = f"Give it to the user who runs Handbell: chown -R USER {folder}"
        yield wrong("data folder", f"{folder} cannot be written by this user", todo)
    if _open_to_others(folder):  # in a closed folder it does not matter how the files are
        says = f"other users of this machine may look into {folder} ({stat.S_IMODE(folder.stat().st_mode):o})"
        yield wrong("data folder", says, f"It holds everybody's notifications: chmod -R go-rwx {folder}")
    else:
        yield ok("data folder", str(folder))


def _open_to_others(folder: Path) -> bool:
    return sys.platform != "win32" and bool(folder.stat().st_mode & 0o077)


def disk(config: Config) -> Iterator[Finding]:
    if not config.embedded:
        return
    folder = exclusive.database_file(config).parent
    if not folder.is_dir():
        return
    usage = shutil.disk_usage(folder)
    free = f"{usage.free / 1024**2:,.0f} MiB of {usage.total / 1024**2:,.0f} are free"
    if usage.free < min(_FREE_BYTES, usage.total * _FREE_SHARE * 4) or usage.free < usage.total * _FREE_SHARE / 5:
        todo = "Make room, or keep less (HANDBELL_RETAIN_DAYS). A full disk is answered with 507, and nothing is lost."
        yield wrong("disk", f"nearly full: {free}", todo)
    else:
        yield ok("disk", free)


def descriptors(_config: Config) -> Iterator[Finding]:
    if sys.platform == "win32":
        return
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        soft = sys.maxsize
    todo = "Each connected device needs one: set LimitNOFILE=65536 in the systemd unit, or `ulimit -n 65536` before."
    if soft < _DESCRIPTORS_LEAST:
        yield wrong("open files", f"this user may have {soft} files open", todo)
    elif soft < _DESCRIPTORS_GOOD:
        yield hint("open files", f"this user may have {soft} files open, enough for {soft - 200} devices", todo)
    else:
        yield ok("open files", f"this user may have {soft} files open")


def port(config: Config) -> Iterator[Finding]:
    if config.port == 0:
        return
    where = f"{config.host}:{config.port}"
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            yield _taken(config, where, error)
            return
    yield ok("port", f"{where} is free")


def _taken(config: Config, where: str, error: OSError) -> Finding:
    version = _handbell_at(config.host, config.port)
    if version:
        return ok("port", f"a Handbell server ({version}) answers at {where}")
    todo = "Choose another with --port or HANDBELL_PORT, or end the program that has it (ss -ltnp names it)."
    return wrong("port", f"{where} cannot be used: {error.strerror}", todo)


def _handbell_at(host: str, number: int) -> str:
    """The version of the Handbell that answers there, or "" for anything else."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), number, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        told = json.loads(connection.getresponse().read(4096))
        return str(told["version"]) if set(told) == {"status", "version"} else ""
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return ""
    finally:
        connection.close()
