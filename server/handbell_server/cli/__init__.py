"""The `handbell` command. Each command imports what it needs when it runs, so that `handbell send` starts fast.

It is in every installation. Commands for those who send need no extra; what others need and do not find is named in a sentence.
"""

from __future__ import annotations

import gc
from typing import Any

import click

from handbell_server import __version__
from handbell_server.cli import (
    admin,
    analytics,
    completion,
    device,
    dialects,
    expect,
    inbox,
    listening,
    mail,
    operate,
    preferences,
    send,
    serve,
    sessions,
    webhook,
)


class _Commands(click.Group):
    """A command that lacks a library says which extra brings it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("handbell"):
                raise
            extra = "listen" if ctx.invoked_subcommand == "listen" else "server"
            raise click.ClickException(f"This needs more than is installed: pip install 'handbell[{extra}]'") from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="handbell")
def main() -> None:
    """Handbell: notifications that arrive, once, on every device."""
    # What a command imports stays to the end: looking for garbage in it is a tenth of the start. `serve` sets its own.
    gc.set_threshold(50_000)


for _module in (
    send, expect, analytics, sessions, inbox, listening, preferences, completion,
    serve, admin, device, mail, webhook, operate,
):  # fmt: skip
    for _command in _module.COMMANDS:
        main.add_command(_command)
for _command in dialects.OF_PRODUCERS:
    admin.producer.add_command(_command)
