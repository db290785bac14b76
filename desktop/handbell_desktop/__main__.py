"""`handbell-desktop`: the arguments, and nothing else.

The environment is read here: `HANDBELL_PASSWORD` signs in without a question, and the platform's own variables name
the folder for data.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from handbell_desktop import headless
from handbell_shared.console import interrupted


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    account = headless.Account(
        server=options.server.rstrip("/"),
        user=options.user,
        data=options.data or default_data(os.environ, sys.platform),
        ca_file=options.ca_file,
    )
    ask_password = _password_source(options.password_stdin, os.environ.get("HANDBELL_PASSWORD"))
    with interrupted() as until:
        return headless.run(account, ask_password, until=until, out=sys.stdout.buffer, err=sys.stderr)


def default_data(environment: Mapping[str, str], platform: str) -> Path:
    """Where this platform keeps what a program remembers for a person."""
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Handbell"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Handbell"
    chosen = environment.get("XDG_DATA_HOME", "")
    return (Path(chosen) if chosen.startswith("/") else Path.home() / ".local" / "share") / "handbell-desktop"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handbell-desktop",
        description="The bell on the desk.",
        epilog="The password is asked for once; HANDBELL_PASSWORD or --password-stdin answer in your place.",
    )
    parser.add_argument("--headless", action="store_true", required=True, help="print notifications, one JSON a line")
    parser.add_argument("--server", required=True, metavar="URL", help="the address of the Handbell server")
    parser.add_argument("--user", required=True, metavar="NAME", help="who to sign in as")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of this device (default: the platform's)")
    parser.add_argument("--ca-file", metavar="FILE", help="trust the certificates in this file")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    return parser


def _password_source(stdin: bool, from_environment: str | None) -> Callable[[], str]:
    if stdin:
        return lambda: sys.stdin.readline().rstrip("\r\n")
    if from_environment is not None:
        return lambda: from_environment
    return lambda: getpass.getpass("Password: ")


if __name__ == "__main__":
    sys.exit(main())
