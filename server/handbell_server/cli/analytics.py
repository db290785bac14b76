"""`handbell analytics`: what became of what was sent, as a table, from a running server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import click

from handbell_server.cli.asking import ask, ca_option, key_file_option, server_option, timeout_option

_COUNTS = ("sent", "delivered", "shown", "read", "clicked", "dismissed", "answered", "expired")
_RATES = ("delivery_rate", "click_rate", "dismissal_rate")
_REST = "(more types)"


@click.command("analytics")
@click.option("--from", "first", metavar="DAY", help="The first day, such as 2030-01-31 (default: 30 days in all).")
@click.option("--to", "last", metavar="DAY", help="The last day (default: today, in UTC).")
@click.option("--by", default="day", show_default=True, help="What each line is about: day, type, source, or several.")
@click.option("--type", "kind", help="Only of this type.")
@click.option("--source", help="Only from this producer.")
@key_file_option
@timeout_option
@click.option("--json", "as_json", is_flag=True, help="Print the server's whole answer.")
@ca_option
@server_option
def analytics(url: str, as_json: bool, **chosen: Any) -> None:
    """Show how many notifications were delivered, shown, read, clicked and dismissed.

    The producer's key comes from HANDBELL_KEY or --key-file; with an administrator's token there, it is about what all
    producers sent. Exit status: 0, or 1 when the server refused, or 3 when it did not answer.
    """
    asked = {"from": chosen["first"], "to": chosen["last"], "by": chosen["by"], "type": chosen["kind"]}
    asked["source"] = chosen["source"]
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    found = ask("analytics", url, chosen, lambda bell: bell.call("GET", f"/v1/analytics?{query}"))
    if as_json:
        click.echo(json.dumps(found))
        return
    for line in _table(found):
        click.echo(line)
    if not found["complete"]:
        click.echo("The server is still counting: these numbers are too low.", err=True)


def _table(found: dict[str, Any]) -> list[str]:
    by: Sequence[str] = found["by"]
    heads = [*by, *_COUNTS, *(name.removesuffix("_rate") for name in _RATES)]
    lines = [[*(row.get(name) or _REST for name in by), *_numbers(row)] for row in found["rows"]]
    total = ["total", *[""] * (len(by) - 1), *_numbers(found["total"])]
    cells = [heads, *lines, total]
    widths = [max(len(line[place]) for line in cells) for place in range(len(heads))]
    return ["  ".join(_aligned(line, widths, len(by))).rstrip() for line in cells]


def _aligned(line: Sequence[str], widths: Sequence[int], words: int) -> list[str]:
    """Words to the left, numbers to the right."""
    return [
        cell.ljust(width) if place < words else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def _numbers(row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in _COUNTS] + [_percent(row[name]) for name in _RATES]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f}%"


COMMANDS = (analytics,)
