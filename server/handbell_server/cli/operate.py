"""`handbell migrate`, `doctor`, `backup`, `restore`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from handbell_server.cli.common import configuration, data_option, open_engine, plainly


@click.command()
@click.option(
    "--search", "search_too", is_flag=True, help="Also forget the search index; the next searches make it anew."
)
@data_option
@plainly
def migrate(search_too: bool, data: Path | None) -> None:
    """Bring the database to the schema of this version; does nothing when it is."""
    from handbell_server import migrations
    from handbell_server.reads import search

    with open_engine(configuration(data)) as engine:
        click.echo(f"The schema is at {migrations.HEAD}.")
        if search_too:
            with engine.begin() as connection:
                people = search.indexed(connection)
            for user_id in people:  # one after the other, so that a running server has its turn in between
                with engine.execution_options(immediate=True).begin() as connection:
                    search.begin_anew(connection, user_id)
            click.echo("The search index is made anew, for each person by the next search.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@plainly
def backup(file: Path, data: Path | None) -> None:
    """Write a backup to FILE, also while the server runs."""
    from handbell_server import backup as backups

    try:
        size = backups.backup(configuration(data), file.absolute())
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file} is whole and checked ({size:,} bytes). It holds everything; keep it as you keep passwords.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@plainly
def restore(file: Path, data: Path | None) -> None:
    """Put a backup in the place of the database. The server must not run."""
    from handbell_server import backup as backups
    from handbell_server.exclusive import AlreadyRunningError

    try:
        restored = backups.restore(configuration(data), file.absolute())
    except (backups.BackupError, AlreadyRunningError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file} is restored; every device will start from it.")
    if restored.kept:
        click.echo(f"What was there before is kept as {restored.kept}; delete it when you are sure.")


@click.command()
@click.option("--full", is_flag=True, help="Recompute every inbox instead of a sample.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
def doctor(full: bool, as_json: bool, data: Path | None) -> None:
    """Look for the usual faults and say what to do. Changes nothing; exit status 1 when something is wrong."""
    from handbell_server.doctor import examine

    findings = examine(data, full=full)
    for finding in findings:
        if as_json:
            click.echo(json.dumps(finding.as_json()))
        else:
            click.echo(finding.as_text())
    raise SystemExit(1 if any(finding.level == "wrong" for finding in findings) else 0)


COMMANDS = (migrate, doctor, backup, restore)
