"""`handbell send` and `handbell listen`: clients of a running server."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
