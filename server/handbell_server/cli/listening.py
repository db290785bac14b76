"""The command `handbell listen`; what it does is in `listen.py`, which needs more than a light installation has."""

from __future__ import annotations

import sys

import click

from handbell_server.cli.asking import ca_option, server_option
from handbell_server.cli.sessions import current, password_of


@click.command("listen")
@click.option("--user", help="Sign in as this user for as long as it listens; else as whom `handbell login` has.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--backlog", is_flag=True, help="Print what is unread already, first.")
@ca_option
@server_option
def listen_command(url: str, user: str | None, password_stdin: bool, backlog: bool, ca_file: str | None) -> None:
    """Print notifications as they come, one JSON object a line, until Ctrl-C.

    With --user, the password comes from --password-stdin, HANDBELL_PASSWORD or a prompt. A line on the error stream says
    when listening begins; from then on everything that is sent is printed.
    """
    from handbell_server.cli.listen import listen, listen_as
    from handbell_shared.console import Console, interrupted

    out, err = sys.stdout.buffer, sys.stderr
    if user is not None:
        password = password_of(password_stdin)
        with interrupted() as until:
            status = listen(url, user, password, until=until, out=out, err=err, ca_file=ca_file, backlog=backlog)
    else:
        who = current("listen")
        with interrupted() as until:
            console = Console(f"{who.user or 'you'} on {who.server}", out, err, until)
            status = listen_as(who.server, who.token, console, ca_file=who.ca_file, backlog=backlog)
    raise SystemExit(status)


COMMANDS: tuple[click.Command, ...] = (listen_command,)
