"""`handbell send` and `handbell listen`: clients of a running server.

`send` is what scripts and cron jobs call, often; it imports nothing of the server. Whatever befalls the network, one call
makes one notification: every attempt carries the same idempotency key.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from handbell_server.cli.asking import ask, ca_option, key_file_option, server_option, timeout_option

_RINGS_FOR = 3_600


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[USER] TITLE")
@click.option("--body", help="The text; - reads it from standard input.")
@click.option("--link", help="Where a click on it leads.")
@click.option("--priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@click.option("--type", "kind", help="What kind of news it is, such as error or review.")
@click.option("--key", help="Its life-cycle: the same key again updates it.")
@click.option("--group", help="Shown together with others of this group.")
@click.option("--topic", help="Send to the subscribers of a topic instead of a user.")
@click.option("--everyone", is_flag=True, help="Send to everybody instead of a user.")
@click.option("--data", "data_json", metavar="JSON", help="An object for programs that read notifications.")
@click.option("--deliver-at", metavar="TIME", help="Not before, such as 2030-01-31T09:00:00Z.")
@click.option("--ttl", type=click.IntRange(1), metavar="SECONDS", help="Gone after so long.")
@click.option("--silent", is_flag=True, help="Disturb nobody.")
@click.option(
    "--until-acknowledged",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="Urgent: ring again so often, until somebody has it.",
)
@click.option("--expire", type=click.IntRange(1), metavar="SECONDS", help="With it: ring for so long. [default: 3600]")
@click.option("--escalate", metavar="USER,USER", help="With it: who is told next if nobody has it until then.")
@click.option("--idempotency-key", help="Sending again with this key sends nothing twice.")
@key_file_option
@timeout_option
@click.option("--json", "as_json", is_flag=True, help="Print the server's whole answer.")
@ca_option
@server_option
def send(words: tuple[str, ...], url: str, **chosen: Any) -> None:
    """Send a notification. The producer's key comes from HANDBELL_KEY or --key-file.

    \b
    Exit status:  0  the server has stored it
                  1  the server refused it
                  2  the command line is wrong
                  3  no answer: unless it says that the server did not get it, it may have
                     been stored; repeat with the printed --idempotency-key
    """
    message = _message(words, chosen)
    once = chosen["idempotency_key"]
    sent = ask("send", url, chosen, lambda bell: bell.send(idempotency_key=once, **message))
    click.echo(json.dumps(sent.raw) if chosen["as_json"] else sent.id or f"accepted for {sent.accepted}")


def _message(words: tuple[str, ...], chosen: dict[str, Any]) -> dict[str, Any]:
    """The body of the request: only what was chosen."""
    topic, everyone = chosen["topic"], chosen["everyone"]
    if topic is not None and everyone:
        raise click.UsageError("Either --topic or --everyone.")
    broadcast = topic is not None or everyone
    if len(words) != (1 if broadcast else 2):
        raise click.UsageError("Give a TITLE only." if broadcast else "Give a USER and a TITLE.")
    to: object = {"topic": topic} if topic is not None else {"everyone": True} if everyone else words[0]
    body = sys.stdin.read() if chosen["body"] == "-" else chosen["body"]
    rest = {name: chosen[name] for name in ("link", "priority", "key", "group", "deliver_at", "ttl")}
    rest |= _alarm(chosen)
    rest |= {"body": body, "type": chosen["kind"], "silent": chosen["silent"] or None, "data": _data(chosen)}
    return {"to": to, "title": words[-1]} | {name: value for name, value in rest.items() if value is not None}


def _alarm(chosen: dict[str, Any]) -> dict[str, Any]:
    repeat, expire, people = chosen["until_acknowledged"], chosen["expire"], chosen["escalate"]
    if repeat is None:
        if expire is not None or people is not None:
            raise click.UsageError("--expire and --escalate belong to --until-acknowledged.")
        return {}
    how: dict[str, Any] = {"repeat": repeat, "expire": expire or max(_RINGS_FOR, repeat)}
    if people is not None:
        how["escalate_to"] = [name.strip() for name in people.split(",") if name.strip()]
    return {"until_acknowledged": how, "priority": chosen["priority"] or "urgent"}


def _data(chosen: dict[str, Any]) -> dict[str, Any] | None:
    if chosen["data_json"] is None:
        return None
    try:
        data = json.loads(chosen["data_json"])
    except ValueError as error:
        raise click.UsageError(f"--data is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise click.UsageError('--data is a JSON object, such as {"build": 17}.')
    return data


@click.command("listen")
@click.option("--user", required=True, help="Whose notifications to print.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--backlog", is_flag=True, help="Print what is unread already, first.")
@ca_option
@server_option
def listen_command(url: str, user: str, password_stdin: bool, backlog: bool, ca_file: str | None) -> None:
    """Sign in and print notifications as they come, one JSON object a line, until Ctrl-C.

    The password comes from --password-stdin, HANDBELL_PASSWORD or a prompt. A line on the error stream says when
    listening begins; from then on everything that is sent is printed.
    """
    import os

    from handbell_server.cli.listen import listen
    from handbell_shared.console import interrupted

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = os.environ.get("HANDBELL_PASSWORD") or click.prompt("Password", hide_input=True, err=True)
    with interrupted() as until:
        status = listen(
            url, user, password, until=until, out=sys.stdout.buffer, err=sys.stderr, ca_file=ca_file, backlog=backlog
        )
    raise SystemExit(status)


COMMANDS: tuple[click.Command, ...] = (send, listen_command)
