"""What the commands for producers share: how to ask a server, and how it ends when there is no answer to be glad of.

They are programs that use the library `handbell`, so they insist as it does. The exit status is a promise that docs/cli.md
lists.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from handbell import Handbell, HandbellError

T = TypeVar("T")

REFUSED: Final = 1
NO_ANSWER: Final = 3

server_option = click.option(
    "--server", "url", envvar="HANDBELL_SERVER", default="http://127.0.0.1:8080", show_default=True,
    help="The server's address (or HANDBELL_SERVER).",
)  # fmt: skip
ca_option = click.option(
    "--ca-file", type=click.Path(exists=True, dir_okay=False), help="Certificates to trust instead of the system's."
)
key_file_option = click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Holds the key."
)
timeout_option = click.option(
    "--timeout", type=click.FloatRange(0), default=30.0, show_default=True, help="Seconds to go on trying."
)


def ask(command: str, url: str, chosen: dict[str, Any], do: Callable[[Handbell], T]) -> T:
    """What the server answers; without an answer this ends the program, with a sentence."""
    from handbell import Handbell, HandbellError

    try:
        with Handbell(
            url, producer_key(chosen["key_file"]), timeout=chosen["timeout"], ca_file=chosen["ca_file"]
        ) as bell:
            return do(bell)
    except ValueError as error:  # no address, no key, a moment without a zone
        raise click.UsageError(str(error)) from None
    except HandbellError as error:
        failed(command, error)


def failed(command: str, error: HandbellError) -> NoReturn:
    """The one line and the status that an error is."""
    sentence = f"{error}".rstrip(".")
    if not error.temporary:
        end(command, REFUSED, f"The server refused it: {sentence}.")
    if not error.may_have_arrived:
        end(command, NO_ANSWER, f"{sentence}. The server did not get it.")
    if error.idempotency_key is None:
        end(command, NO_ANSWER, f"{sentence}.")
    end(
        command,
        NO_ANSWER,
        f"{sentence}. It may have been stored; "
        f"to send it again without sending it twice, add --idempotency-key {error.idempotency_key}",
    )


def producer_key(file: Path | None) -> str:
    # Not an option: what stands on a command line is read by everybody on the machine.
    import os

    key = file.read_text(encoding="utf-8").strip() if file is not None else os.environ.get("HANDBELL_KEY", "")
    if not key:
        raise click.UsageError("Set HANDBELL_KEY, or name a file with --key-file. `handbell producer add` makes a key.")
    return key


def end(command: str, status: int, sentence: str) -> NoReturn:
    click.echo(f"handbell {command}: {sentence}", err=True)
    raise SystemExit(status)
