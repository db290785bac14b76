"""What the commands that talk to a running server share: how to ask it, and how it ends when there is no answer to be glad of.

They are programs that use the library `handbell`, so they insist as it does. An error is one line on the error stream, and
the exit status is a promise that docs/cli.md lists.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from handbell import Handbell, HandbellError

T = TypeVar("T")

REFUSED: Final = 1
NO_ANSWER: Final = 3
NOT_SIGNED_IN: Final = 4
PARTLY: Final = 5
UNANSWERED: Final = 6

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
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


def ask(
    command: str,
    url: str,
    chosen: dict[str, Any],
    do: Callable[[Handbell], T],
    *,
    or_raise: type[Exception] | tuple[type[Exception], ...] = (),
) -> T:
    """What the server answers a producer; without an answer this ends the program, with a sentence."""
    return ask_as(command, url, producer_key(chosen["key_file"]), chosen, do, or_raise=or_raise)


def ask_as(
    command: str,
    url: str,
    key: str,
    chosen: dict[str, Any],
    do: Callable[[Handbell], T],
    *,
    or_raise: type[Exception] | tuple[type[Exception], ...] = (),
) -> T:
    """The same for whoever has this key or token."""
    from handbell import Handbell, HandbellError

    try:
        with Handbell(url, key, timeout=chosen["timeout"], ca_file=chosen["ca_file"]) as bell:
            return do(bell)
    except or_raise:
        raise
    except ValueError as error:  # no address, no key, a moment without a zone
        raise click.UsageError(str(error)) from None
    except HandbellError as error:
        failed(command, error)


def failed(command: str, error: HandbellError) -> NoReturn:
    """The one line and the status that an error is."""
    from handbell import Unreachable

    sentence = f"{error}".rstrip(".")
    if not error.temporary and not isinstance(error, Unreachable):
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
    key = file.read_text(encoding="utf-8").strip() if file is not None else os.environ.get("HANDBELL_KEY", "")
    if not key:
        raise click.UsageError("Set HANDBELL_KEY, or name a file with --key-file. `handbell producer add` makes a key.")
    return key


def end(command: str, status: int, sentence: str) -> NoReturn:
    click.echo(f"handbell {command}: {sentence}", err=True)
    raise SystemExit(status)


def shown(text: str, **style: Any) -> str:
    """Styled for a terminal; elsewhere, or where NO_COLOR says so, as it is."""
    return text if os.environ.get("NO_COLOR") or not on_terminal() else click.style(text, **style)


def on_terminal() -> bool:
    return sys.stdout.isatty()


def plain(text: str) -> str:
    """Somebody's words, without what would move the cursor of whoever reads them in a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
