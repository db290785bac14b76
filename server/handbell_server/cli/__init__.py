"""The `handbell` command. Each command imports what it needs when it runs, so that `handbell send` starts fast."""

from __future__ import annotations

import gc

import click

from handbell_server import __version__
from handbell_server.cli import admin, analytics, client, device, dialects, expect, mail, operate, serve, webhook


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="handbell")
def main() -> None:
    """Handbell: notifications that arrive, once, on every device."""
    # What a command imports stays to the end: looking for garbage in it is a tenth of the start. `serve` sets its own.
    gc.set_threshold(50_000)


for _module in (serve, admin, device, mail, webhook, client, analytics, expect, operate):
    for _command in _module.COMMANDS:
        main.add_command(_command)
for _command in dialects.OF_PRODUCERS:
    admin.producer.add_command(_command)
