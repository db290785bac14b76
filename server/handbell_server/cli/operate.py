"""`handbell migrate`, `doctor`, `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from handbell_server.cli.common import configuration, data_option, open_engine, plainly


@click.command()
@data_option
@plainly
def migrate(data: Path | None) -> None:
    """Bring the database to the schema of this version; does nothing when it is."""
    from handbell_server import migrations

    with open_engine(configuration(data)):
        click.echo(f"The schema is at {migrations.HEAD}.")


COMMANDS = (migrate,)
