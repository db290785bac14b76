"""`handbell send`: what scripts and cron jobs call, often; it imports nothing of the server.

Whatever befalls the network, one call makes one notification: every attempt carries the same idempotency key. With `--wait`
it is a question, and the answer is what it prints; with `--batch` it is many, a thousand to a request.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from handbell_server.cli.asking import (
    UNANSWERED,
    ask,
    ca_option,
    end,
    key_file_option,
    server_option,
    timeout_option,
)
from handbell_server.cli.batch import send_batch

if TYPE_CHECKING:
    from handbell import Sent

_RINGS_FOR = 3_600


@click.command()
@click.argument("words", nargs=-1, metavar="[USER] TITLE")
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
@click.option(
    "--action", "actions", multiple=True, metavar="ID=LABEL", help="A button to answer with; repeat for more."
)
@click.option(
    "--wait", type=click.FloatRange(0), metavar="SECONDS", help="With --action: wait for the answer and print it."
)
@click.option(
    "--batch", type=click.File("rb"), metavar="FILE", help="Send each line of it, a JSON object; - is standard input."
)
@click.option("--idempotency-key", help="Sending again with this key sends nothing twice.")
@key_file_option
@timeout_option
@click.option("--json", "as_json", is_flag=True, help="Print the server's whole answer, one JSON object a line.")
@ca_option
@server_option
def send(words: tuple[str, ...], url: str, **chosen: Any) -> None:
    """Send a notification. The producer's key comes from HANDBELL_KEY or --key-file.

    \b
    handbell send ana "Backup done"
    handbell send ana "Deploy?" --action yes=Deploy --action no=Wait --wait 300
    handbell send --batch - < lines.ndjson

    \b
    Exit status:  0  the server has stored it
                  1  the server refused it
                  2  the command line is wrong
                  3  no answer: unless it says that the server did not get it, it may have
                     been stored; repeat with the printed --idempotency-key
                  5  of a batch, some were refused
                  6  nobody answered in time
    """
    if chosen["batch"] is not None:
        _only_a_batch(words)
        send_batch(url, chosen)
        return
    message = _message(words, chosen)
    if chosen["wait"] is not None and "actions" not in message:
        raise click.UsageError("--wait needs an --action to answer with.")
    once = chosen["idempotency_key"]
    sent = ask("send", url, chosen, lambda bell: bell.send(idempotency_key=once, **message))
    if chosen["wait"] is None:
        click.echo(json.dumps(sent.raw) if chosen["as_json"] else sent.id or f"accepted for {sent.accepted}")
    else:
        _print_answer(sent, url, chosen)


def _only_a_batch(words: tuple[str, ...]) -> None:
    context = click.get_current_context()
    allowed = {"batch", "idempotency_key", "key_file", "timeout", "as_json", "ca_file", "url"}
    given = [
        name
        for name in context.params
        if name not in allowed and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if words or given:
        raise click.UsageError("With --batch, everything else stands in its lines.")


def _print_answer(sent: Sent, url: str, chosen: dict[str, Any]) -> None:
    from handbell import Gone

    if sent.id is None:
        raise click.UsageError("Nobody was asked: it was their own action.")
    try:
        path, patience = f"/v1/notifications/{sent.id}/answer", chosen["wait"]
        answer = ask(
            "send", url, chosen, lambda bell: bell.wait_for_answer(str(sent.id), timeout=patience), or_raise=Gone
        )
    except Gone as closed:
        end("send", UNANSWERED, closed.detail)
    if answer is None:
        end("send", UNANSWERED, f"Nobody has answered yet; GET {path} has the answer when there is one.")
    if chosen["as_json"]:
        given = {"action": answer.action, "text": answer.text, "user": answer.user, "deadline": answer.deadline}
        click.echo(json.dumps({**sent.raw, "answer": given | {"at": int(answer.at.timestamp() * 1_000)}}))
    else:
        click.echo(answer.action if answer.text is None else f"{answer.action}\t{answer.text}")


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
    rest["actions"] = [_action(one) for one in chosen["actions"]] or None
    rest |= {"body": body, "type": chosen["kind"], "silent": chosen["silent"] or None, "data": _data(chosen)}
    return {"to": to, "title": words[-1]} | {name: value for name, value in rest.items() if value is not None}


def _action(text: str) -> dict[str, str]:
    name, equals, label = text.partition("=")
    if not name or not equals or not label:
        raise click.UsageError('--action is ID=LABEL, such as yes="Deploy it".')
    return {"id": name, "label": label}


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


COMMANDS: tuple[click.Command, ...] = (send,)
