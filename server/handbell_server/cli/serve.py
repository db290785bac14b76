"""`handbell serve` and `handbell worker`."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handbell_server.cli.common import configuration, data_option, plainly

if TYPE_CHECKING:
    from handbell_server.config import Config


@click.command()
@click.option("--host", help="The address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port (default 8080; 0 takes a free one).")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes on one port (needs PostgreSQL).")
@data_option
@plainly
def serve(host: str | None, port: int | None, workers: int, data: Path | None) -> None:
    """Serve. Prints one line with the address when it is ready."""
    _end_when_told()
    config = configuration(data, host=host, port=port)
    if workers > 1:
        _serve_several(config, workers)
        return
    # Read by the driver when it is first imported; native threads may wait as the driver likes best.
    os.environ.pop("PSYCOPG_WAIT_FUNC", None)
    from handbell_server import exclusive, serving
    from handbell_server.socket.edge import AddressInUseError

    if config.embedded and not config.database_url:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        serving.run(config)
    except (AddressInUseError, exclusive.AlreadyRunningError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL and not isinstance(error, socket.gaierror):
            raise
        raise click.ClickException(f"{config.host} is no address of this machine.") from None


def _serve_several(config: Config, count: int) -> None:
    from handbell_server import workers

    try:
        workers.run(config, count)
    except workers.WorkersFailedError as error:
        raise click.ClickException(str(error)) from None


@click.command()
@data_option
@plainly
def worker(data: Path | None) -> None:
    """Do background work only: dispatches, expiry, retention, webhooks, e-mail. For many servers on one PostgreSQL."""
    _end_when_told()
    from handbell_server import serving

    config = configuration(data)
    if config.embedded:
        raise click.ClickException("On the embedded database `handbell serve` does this work itself.")
    serving.run_worker(config)


def _end_when_told() -> None:
    """Also while it still starts, which may wait for a database or a long upgrade. As the first process of a container it would
    otherwise not hear SIGTERM until it serves, and be killed for that. Who serves puts its own handler in this place."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


COMMANDS = (serve, worker)
