"""The manual page of the `handbell` command, made from what `--help` says, so that it cannot say anything else."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from handbell_server import __version__
from handbell_server.cli import main as handbell

_ENDING = r"""
.SH FILES
.TP
.I /etc/handbell/handbell.env
the settings of this machine's server, each with a comment
.TP
.I /var/lib/handbell
the embedded database and the key of its secrets
.TP
.I /var/backups/handbell
what handbell\-backup.timer keeps: one backup for each day of the week
.SH NOTES
As root the command of the Debian package uses the settings of the server and becomes its user, handbell. Everybody else uses it as
a client: HANDBELL_SERVER, HANDBELL_KEY and HANDBELL_PASSWORD stand for \-\-server, the producer's key and the password.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)
"""


def page() -> str:
    """The whole page in man(7)."""
    head = [
        f'.TH HANDBELL 1 "" "Handbell {__version__}" "Handbell"',
        ".SH NAME",
        r"handbell \- self\-hosted notifications that arrive, once, on every device",
        ".SH SYNOPSIS",
        r".B handbell",
        r"\fICOMMAND\fR [\fIOPTION\fR]... [\fIARGUMENT\fR]...",
        ".SH DESCRIPTION",
        _roff(handbell.help or ""),
        ".SH COMMANDS",
    ]
    return "\n".join([*head, *_commands(handbell, "handbell")]) + _ENDING


def _commands(group: click.Group, name: str) -> Iterator[str]:
    for word, command in sorted(group.commands.items()):
        full = f"{name} {word}"
        if isinstance(command, click.Group):
            yield from _commands(command, full)
            continue
        context = click.Context(command, info_name=full)
        yield f".SS {_roff(full)} {_roff(' '.join(command.collect_usage_pieces(context)))}"
        yield _roff(" ".join((command.help or "").split()))
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                continue
            said = parameter.get_help_record(context)
            if said is not None:
                yield f".TP\n.B {_roff(said[0])}\n{_roff(said[1])}"


def _roff(text: str) -> str:
    """Text that means nothing to the formatter, whatever a line begins with."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


if __name__ == "__main__":
    sys.stdout.write(page())
