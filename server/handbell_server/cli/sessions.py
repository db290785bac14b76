"""Signing this command line in and out: `handbell login`, `handbell logout`, and where the token is kept meanwhile.

It is kept in a file that only its owner can read, as ssh and git keep theirs: a command line has to work over ssh, in cron and in a container, where
there is no keyring that could be unlocked. HANDBELL_TOKEN says a token instead, for whoever keeps secrets elsewhere.
There is one sign-in at a time; it knows its server, so the commands of a person need neither address nor name.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import click

from handbell_server.cli.asking import (
    NO_ANSWER,
    NOT_SIGNED_IN,
    REFUSED,
    ask_as,
    ca_option,
    end,
    server_option,
    timeout_option,
)

if TYPE_CHECKING:
    from handbell_shared.rest import SignedIn

HOW = "Sign in first: `handbell login` (or set HANDBELL_TOKEN)."


@dataclass(frozen=True)
class SignIn:
    """Who this command line is, and where. The token is a secret."""

    server: str
    token: str
    user: str = ""
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"SignIn(server={self.server!r}, user={self.user!r})"


def place() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "handbell" / "sign-in.json"


def current(command: str) -> SignIn:
    """The sign-in of the environment, or the one that is kept; ends the program where there is none."""
    token = os.environ.get("HANDBELL_TOKEN")
    if token:
        return SignIn(os.environ.get("HANDBELL_SERVER") or "http://127.0.0.1:8080", token)
    kept = load(command)
    if kept is None:
        end(command, NOT_SIGNED_IN, HOW)
    return kept


def load(command: str) -> SignIn | None:
    file = place()
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            end(command, NOT_SIGNED_IN, f"Others can read {file}, which holds your token: chmod 600 {file}")
        return SignIn(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        end(command, NOT_SIGNED_IN, f"{file} cannot be used ({error}); remove it and `handbell login` again.")


def save(sign_in: SignIn) -> None:
    file = place()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(sign_in), out)
    new.replace(file)


@click.command()
@click.option("--user", help="Sign in by the password of this user; else by a code.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--code", help="A code that somebody offered you; - reads it from standard input.")
@ca_option
@server_option
def login(url: str, user: str | None, password_stdin: bool, code: str | None, ca_file: str | None) -> None:
    """Sign this command line in as one of your devices, for inbox, read, answer, listen and their like.

    Without --user and --code it shows a code and waits until you have approved it on a device where you are signed in,
    or an operator has, with `handbell device approve`. The password comes from --password-stdin, HANDBELL_PASSWORD or a prompt.
    """
    from handbell_shared import rest

    kept = load("login")
    if kept is not None:
        end("login", REFUSED, f"You are signed in as {kept.user} on {kept.server}; `handbell logout` ends that.")
    if user is not None and code is not None:
        raise click.UsageError("Either --user or --code.")
    try:
        session = _session(url, user, password_stdin, code, ca_file)
    except rest.Refused as refusal:
        end("login", REFUSED, f"{refusal}")
    except rest.Unreachable as error:
        end("login", NO_ANSWER, f"{error}.")
    save(SignIn(url, session.token, session.user, ca_file and str(Path(ca_file).absolute())))
    click.echo(f"Signed in as {session.user}.")


@click.command()
@click.option("--force", is_flag=True, help="Forget the token even if the server cannot be told.")
@timeout_option
def logout(force: bool, timeout: float) -> None:
    """Sign this command line out; its token is worth nothing from then on."""
    from handbell import HandbellError, Unauthenticated

    kept = load("logout")
    if kept is None:
        click.echo("You are not signed in.")
        return
    chosen: dict[str, Any] = {"timeout": timeout, "ca_file": kept.ca_file}
    try:
        ask_as(
            "logout",
            kept.server,
            kept.token,
            chosen,
            lambda bell: bell.call("DELETE", "/v1/sessions/current"),
            or_raise=HandbellError,
        )
    except Unauthenticated:
        pass  # signed out already
    except HandbellError as error:
        if not force:
            end("logout", NO_ANSWER, f"{error}. The token is still good; try again, or forget it here with --force.")
        click.echo(f"handbell logout: {error}. The token is forgotten here, and still good there.", err=True)
    place().unlink(missing_ok=True)
    click.echo(f"Signed out, {kept.user}.")


def password_of(stdin: bool) -> str:
    """From standard input, the environment, or asked for."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return os.environ.get("HANDBELL_PASSWORD") or str(click.prompt("Password", hide_input=True, err=True))


def _session(url: str, user: str | None, stdin: bool, code: str | None, ca_file: str | None) -> SignedIn:
    from handbell_shared import rest, rest_pairing

    name = f"handbell on {socket.gethostname()}"[:128]
    if user is not None:
        return rest.sign_in(url, user, password_of(stdin), name, sys.platform, ca_file=ca_file)
    if code is not None:
        typed = sys.stdin.readline().strip() if code == "-" else code
        return rest_pairing.redeem(url, typed, name, sys.platform, ca_file=ca_file)
    asked = rest_pairing.ask(url, name, sys.platform, ca_file=ca_file)
    click.echo(f"Approve this code on a device of yours within ten minutes: {asked.code}", err=True)
    while True:
        found = rest_pairing.claim(url, asked.secret, ca_file=ca_file)
        if isinstance(found, rest.SignedIn):
            return found
        sleep(rest_pairing.ASK_AGAIN_SECONDS)


COMMANDS: tuple[click.Command, ...] = (login, logout)
