"""What the commands share: the configuration, an open database, and errors that read like sentences."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from handbell_server.config import Config

P = ParamSpec("P")
T = TypeVar("T")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the embedded database (default: the platform's).",
)


def plainly(command: Callable[P, T]) -> Callable[P, T]:
    """Errors we know become one sentence and exit code 1, without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        from sqlalchemy import exc

        from handbell_server.config import ConfigError
        from handbell_server.errors import Problem
        from handbell_server.migrations import TooNewError

        try:
            return command(*args, **kwargs)
        except Problem as problem:
            raise click.ClickException(problem.detail) from None
        except (ConfigError, TooNewError) as error:
            raise click.ClickException(str(error)) from None
        except exc.DBAPIError as error:
            raise click.ClickException(f"The database cannot be used: {' '.join(str(error.orig).split())}") from None
        except exc.ArgumentError:
            raise click.ClickException("HANDBELL_DATABASE_URL: it is no address of a database.") from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has enough; click ends quietly
                raise
            raise click.ClickException(_of_the_system(error)) from None

    return run


def _of_the_system(error: OSError) -> str:
    says = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {says}." if error.filename is not None else f"{says}."


def configuration(data: Path | None, **chosen: object) -> Config:
    from handbell_server.config import from_environment

    return from_environment(chosen=chosen | {"data_dir": data.absolute() if data else None})


@contextmanager
def open_engine(config: Config) -> Iterator[Engine]:
    """The database, brought up to date, for one command."""
    from flask import Flask

    from handbell_server import database, migrations

    if config.embedded and not config.database_url:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = database.attach(Flask("handbell_server"), config)
    try:
        migrations.upgrade(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def transaction(data: Path | None) -> Iterator[Connection]:
    """One transaction that writes, on the database of this configuration."""
    with open_engine(configuration(data)) as engine, engine.execution_options(immediate=True).begin() as connection:
        yield connection


def password_from(stdin: bool) -> str:
    """A password from standard input, or asked for twice."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
