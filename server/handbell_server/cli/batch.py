"""`handbell send --batch`: a notification a line. Every line is looked at before the first is sent.

How far it has come is told to a terminal only. What was refused is named by its line, and the exit status tells "some" from
"all". When there is no answer in the middle, the printed idempotency key makes it safe to send the whole file again.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from handbell_server.cli.asking import PARTLY, REFUSED, ask, failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from handbell.results import Failed, Told


def send_batch(url: str, chosen: dict[str, Any]) -> None:
    from handbell import Interrupted

    numbered = _lines(chosen["batch"])
    lines = [line for _, line in numbered]
    numbers = [number for number, _ in numbered]
    once = chosen["idempotency_key"]
    try:
        with _progress(len(lines)) as so_many:
            done = ask(
                "send",
                url,
                chosen,
                lambda bell: bell.send_batch(lines, idempotency_key=once, progress=so_many),
                or_raise=Interrupted,
            )
    except Interrupted as end:
        _tell(end.results, numbers, chosen["as_json"])
        failed("send", end)
    _tell(done.results, numbers, chosen["as_json"])
    if not chosen["as_json"]:
        click.echo(f"{done.accepted} accepted, {len(done.failed)} refused")
    if done.failed:
        raise SystemExit(PARTLY if done.accepted else REFUSED)


def _lines(file: BinaryIO) -> list[tuple[int, dict[str, Any]]]:
    """The objects, each with the number of its line."""
    found = []
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise click.UsageError(f"line {number} is no JSON: {error}") from None
        if not isinstance(item, dict):
            raise click.UsageError(f'line {number} is no object, such as {{"to": "ana", "title": "hello"}}.')
        found.append((number, item))
    if not found:
        raise click.UsageError("There is nothing to send: --batch wants a JSON object a line.")
    return found


def _tell(results: tuple[Told | Failed, ...], numbers: list[int], as_json: bool) -> None:
    from handbell.results import Told

    for number, result in zip(numbers, results, strict=False):
        if isinstance(result, Told):
            if as_json:
                click.echo(json.dumps({"line": number, **result.raw}))
        elif as_json:
            error = result.error
            about = {"code": error.code, "field": error.field, "detail": error.detail, "status": error.status}
            click.echo(json.dumps({"line": number, "error": about}))
        else:
            click.echo(f"handbell send: line {number}: {result.error}", err=True)


class _progress:  # noqa: N801 — it is used as a word
    """A bar on the error stream, where that is a terminal."""

    def __init__(self, length: int) -> None:
        bar = click.progressbar(length=length, label="Sending", file=sys.stderr) if sys.stderr.isatty() else None
        self._bar = bar
        self._seen = 0

    def __enter__(self) -> Callable[[int], None] | None:
        if self._bar is None:
            return None
        self._bar.__enter__()
        return self._to

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def _to(self, count: int) -> None:
        assert self._bar is not None
        self._bar.update(count - self._seen)
        self._seen = count
