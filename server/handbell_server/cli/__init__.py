"""The `handbell` command. Each command imports what it needs when it runs, so that `handbell send` starts fast."""

from __future__ import annotations

import click

from handbell_server import __version__
from handbell_server.cli import admin, client, device, operate, serve, webhook


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="handbell")
def main() -> None:
    """Handbell: notifications that arrive, once, on every device."""


for _module in (serve, admin, device, webhook, client, operate):
    for _command in _module.COMMANDS:
        main.add_command(_command)
