"""`handbell expect` and `handbell ping`: promise a sign of life, and give it. Clients, like `send`, with its exit statuses.

A cron job's `handbell ping` must not be the part that fails: it goes on trying for half a minute, and says nothing when
all is well, so that cron sends no mail.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any, Final

import click

from handbell_server.cli.asking import ask, ca_option, key_file_option, server_option, timeout_option

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,9})([smhd]?)", value, flags=re.ASCII)
    if found is None:
        raise click.BadParameter("say it as 90s, 15m, 24h or 7d.")
    return int(found[1]) * _UNITS[found[2]]


@click.command()
@click.argument("name", required=False)
@click.option("--every", metavar="TIME", callback=_seconds, help="A sign of life is promised this often: 15m, 24h, 7d.")
@click.option(
    "--grace",
    metavar="TIME",
    callback=_seconds,
    help="How much later it may be; else a tenth of it, a minute to an hour.",
)
@click.option("--to", "users", multiple=True, metavar="USER", help="Whom to tell; repeat for several.")
@click.option("--topic", help="Tell the subscribers of a topic instead.")
@click.option("--everyone", is_flag=True, help="Tell everybody instead.")
@click.option("--anything", is_flag=True, help="Whatever you send is a sign of life, not only a ping.")
@click.option("--title", help="What to say instead of the standing sentence.")
@click.option("--body", help="More of it.")
@click.option("--link", help="Where a click on it leads.")
@click.option("--priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@click.option("--type", "kind", help="What kind of news it is; `error` if you do not say.")
@click.option("--paused", is_flag=True, help="Expect nothing until this is said again without it.")
@click.option("--remove", is_flag=True, help="Expect NAME no more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@key_file_option
@timeout_option
@ca_option
@server_option
def expect(name: str | None, url: str, **chosen: Any) -> None:
    """Promise a sign of life from NAME, and people are told when it does not come.

    \b
    handbell expect backup --every 24h --to ana    promise it, or promise it anew
    handbell expect backup                         how it stands
    handbell expect                                how all of yours stand
    handbell expect backup --remove

    The producer's key comes from HANDBELL_KEY or --key-file. Exit status as of `handbell send`.
    """
    promise = _promise(chosen)
    if name is None:
        if promise or chosen["remove"]:
            raise click.UsageError("Give it a NAME.")
        found = _ask("expect", url, "GET", "/v1/expectations", chosen)["expectations"]
    elif chosen["remove"]:
        if promise:
            raise click.UsageError("Either --remove, or what to expect.")
        _ask("expect", url, "DELETE", _path(name), chosen)
        found = []
    elif promise:
        if "every" not in promise or "to" not in promise:
            raise click.UsageError("Say --every, and whom to tell: --to, --topic or --everyone.")
        found = [_ask("expect", url, "PUT", _path(name), chosen, promise)]
    else:
        found = [_ask("expect", url, "GET", _path(name), chosen)]
    for one in found:
        click.echo(json.dumps(one) if chosen["as_json"] else _as_text(one))


@click.command()
@click.argument("name")
@click.option("--fail", is_flag=True, help="It failed: tell people at once.")
@click.option("--report", metavar="TEXT", help="With --fail: what to tell them; - reads it from standard input.")
@key_file_option
@timeout_option
@ca_option
@server_option
def ping(name: str, fail: bool, report: str | None, url: str, **chosen: Any) -> None:
    """Give the sign of life that is expected from NAME.

    \b
    backup.sh && handbell ping backup || handbell ping backup --fail

    The producer's key comes from HANDBELL_KEY or --key-file. Exit status as of `handbell send`.
    """
    if report is not None and not fail:
        raise click.UsageError("--report goes with --fail.")
    if not fail:
        ask("ping", url, chosen, lambda bell: bell.ping(name))
        return
    text = sys.stdin.buffer.read().decode(errors="replace") if report == "-" else report or ""
    ask("ping", url, chosen, lambda bell: bell.fail(name, text))


def _promise(chosen: dict[str, Any]) -> dict[str, Any]:
    """The body of the request: only what was chosen."""
    ways = [bool(chosen["users"]), chosen["topic"] is not None, chosen["everyone"]]
    if sum(ways) > 1:
        raise click.UsageError("Either --to, --topic or --everyone.")
    promise = {field: chosen[field] for field in ("every", "grace", "title", "body", "link", "priority")}
    promise |= {"type": chosen["kind"], "what": "anything" if chosen["anything"] else None}
    promise |= {"paused": chosen["paused"] or None}
    if ways[0]:
        promise["to"] = list(chosen["users"]) if len(chosen["users"]) > 1 else chosen["users"][0]
    elif ways[1]:
        promise["to"] = {"topic": chosen["topic"]}
    elif ways[2]:
        promise["to"] = {"everyone": True}
    return {field: value for field, value in promise.items() if value is not None}


def _ask(command: str, url: str, method: str, path: str, chosen: dict[str, Any], promise: object = None) -> Any:
    """Every request here may be made twice: a promise, a sign and a removal are what they were the first time."""
    return ask(command, url, chosen, lambda bell: bell.call(method, path, json=promise))


def _path(name: str) -> str:
    from urllib.parse import quote

    return f"/v1/expectations/{quote(name, safe='')}"


def _as_text(one: dict[str, Any]) -> str:
    seen = f"last seen {_moment(one['last_seen'])}" if one["last_seen"] else "never seen"
    due = f"due by {_moment(one['due_at'])}" if one["due_at"] else ""
    return f"{one['name']}\t{one['state']}\t{seen}\t{due}".rstrip()


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000).astimezone().isoformat(sep=" ", timespec="seconds")


COMMANDS: tuple[click.Command, ...] = (expect, ping)
