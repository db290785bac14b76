"""`handbell-desktop`: the arguments, and nothing else.

The environment is read here: `HANDBELL_PASSWORD` signs in without a question. Without `--headless` Qt is loaded, and with
it never: a machine without a screen needs no Qt.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from handbell_desktop import __version__
from handbell_shared import pairing

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")  # without any Qt would end the process, not the program


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command_line()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if bool(options.server) != bool(options.user):
        parser.error("--server and --user belong together")
    if options.link and pairing.parse_link(options.link) is None:
        parser.error("the link is none that signs a device in: handbell://pair?server=…&code=…")
    if options.quit:
        return _quit(options)
    if options.headless:
        if not options.server:
            parser.error("--headless needs --server and --user")
        if options.wish != "show":
            parser.error("--history and --settings are for the bell with a screen")
        return _headless(options)
    return _tray(options)


def _quit(options: argparse.Namespace) -> int:
    """For installers and scripts; needs no Qt. What was done and not yet said is said, as when a person quits."""
    from handbell_desktop.build import places
    from handbell_desktop.machine.instance import Untrusted, end_the_first

    try:
        ended = end_the_first(places(options.data).runtime)
    except Untrusted as error:
        print(error, file=sys.stderr)
        return 1
    if not ended:
        print("Handbell is still running.", file=sys.stderr)
    return 0 if ended else 1


def _headless(options: argparse.Namespace) -> int:
    from handbell_desktop import headless
    from handbell_desktop.build import places
    from handbell_shared.console import interrupted

    account = headless.Account(
        server=options.server.rstrip("/"),
        user=options.user,
        data=places(options.data).data,
        ca_file=options.ca_file,
    )
    with interrupted() as until:
        return headless.run(account, _password(options, _ask), until=until, out=sys.stdout.buffer, err=sys.stderr)


def _tray(options: argparse.Namespace) -> int:
    if sys.platform == "linux" and not any(os.environ.get(name) for name in SCREENS):
        print("There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.", file=sys.stderr)
        print("On one it is a bell in the tray; --headless prints notifications instead.", file=sys.stderr)
        return 1
    try:
        from handbell_desktop.build import Options
        from handbell_desktop.ui import app
    except ImportError as error:
        print(f"The bell cannot be shown, because Qt is missing here: {error}", file=sys.stderr)
        print("Install handbell[desktop] and Qt's system libraries, or use --headless.", file=sys.stderr)
        return 1
    asked = Options(
        link=options.link,
        wish=options.wish,
        server=options.server.rstrip("/"),
        user=options.user,
        ca_file=options.ca_file,
        data=options.data,
        keyring=not options.no_keyring,
    )
    known = options.password_stdin or "HANDBELL_PASSWORD" in os.environ
    return app.run(asked, _password(options, _ask) if options.server and known else None)


def _password(options: argparse.Namespace, ask: Callable[[], str]) -> Callable[[], str]:
    if options.password_stdin:
        return lambda: sys.stdin.readline().rstrip("\r\n")
    given = os.environ.pop("HANDBELL_PASSWORD", None)  # whatever we start has no use for it
    return ask if given is None else lambda: given


def _ask() -> str:
    return getpass.getpass("Password: ")


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handbell-desktop",
        description="The bell on the desk. A second start shows the one that runs.",
        epilog="HANDBELL_PASSWORD or --password-stdin sign in without a question.",
    )
    parser.add_argument("link", nargs="?", default="", help="a handbell:// link to sign in with")
    wishes = parser.add_mutually_exclusive_group()
    wishes.add_argument(
        "--history", dest="wish", action="store_const", const="history", help="open the history, with its search"
    )
    wishes.add_argument("--settings", dest="wish", action="store_const", const="settings", help="open the settings")
    wishes.add_argument("--quit", action="store_true", help="end the one that runs, and wait until it has ended")
    parser.set_defaults(wish="show")
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help="say which version this is"
    )
    parser.add_argument("--headless", action="store_true", help="print notifications, one JSON a line; needs no Qt")
    parser.add_argument("--server", default="", metavar="URL", help="the address of the Handbell server")
    parser.add_argument("--user", default="", metavar="NAME", help="who to sign in as")
    parser.add_argument("--data", type=Path, metavar="DIR", help="everything of this bell in one folder")
    parser.add_argument("--no-keyring", action="store_true", help="keep the key in a file and leave the keyring alone")
    parser.add_argument("--ca-file", metavar="FILE", help="trust the certificates in this file")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    return parser


if __name__ == "__main__":
    sys.exit(main())
