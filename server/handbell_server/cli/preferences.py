"""`handbell preferences`: what you want to be disturbed by, the same document as on your devices."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime, time, timedelta
from typing import Any, Final

import click

from handbell_server.cli.asking import json_option, plain
from handbell_server.cli.person import Asked, by_a_person

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_CHANNELS: Final = ("toast", "sound", "badge", "push", "email")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def preferences(context: click.Context, as_json: bool) -> None:
    """What you want to be disturbed by, when and how; without a further word, show it."""
    if context.invoked_subcommand is None:
        context.invoke(show, as_json=as_json)


@preferences.command()
@by_a_person
def show(asked: Asked) -> None:
    """Show all of it."""
    _print(asked, asked.bell.call("GET", "/v1/preferences"))


@preferences.command("set")
@click.argument("name")
@click.argument("value", required=False)
@by_a_person
def set_(asked: Asked, name: str, value: str | None) -> None:
    """Set NAME to VALUE, which is JSON or a plain word; `null` is the default again.

    \b
    handbell preferences set zone Europe/Berlin
    handbell preferences set quiet_hours '{"enabled": true, "start": "22:00", "end": "07:00"}'
    handbell preferences set - < preferences.json      several at once
    """
    if name == "-":
        try:
            change = json.load(sys.stdin)
        except ValueError as error:
            raise click.UsageError(f"standard input is no JSON: {error}") from None
    elif value is None:
        raise click.UsageError("Say what it is to be; null is the default again.")
    else:
        change = {name: _value(value)}
    _change(asked, change)


@preferences.command()
@click.option("--source", help="Whatever this sender says.")
@click.option("--type", "kind", help="Whatever is of this type.")
@click.option("--category", help="Whatever is of this category.")
@click.option(
    "--channel",
    "channels",
    multiple=True,
    type=click.Choice(_CHANNELS),
    help="Only there; repeat for more. [toast, sound]",
)
@by_a_person
def mute(asked: Asked, source: str | None, kind: str | None, category: str | None, channels: tuple[str, ...]) -> None:
    """Do not be disturbed by what a sender says, or of a type, or in a category. It is in the inbox all the same."""
    says: dict[str, Any] = {one: "never" if one == "email" else False for one in channels or ("toast", "sound")}
    _change(asked, {"rules": [_scope(source, kind, category) | says]})


@preferences.command()
@click.option("--source")
@click.option("--type", "kind")
@click.option("--category")
@by_a_person
def unmute(asked: Asked, source: str | None, kind: str | None, category: str | None) -> None:
    """Take back what was said with `mute` of the same sender, type and category."""
    _change(asked, {"rules": [_scope(source, kind, category)]})


@preferences.command()
@click.argument("how_long", metavar="TIME")
@by_a_person
def pause(asked: Asked, how_long: str) -> None:
    """Do not be disturbed for TIME: 30m, 8h, 2d, `tomorrow` (until six in the morning) or `forever`."""
    _change(asked, {"paused_until": _until(how_long)})


@preferences.command()
@by_a_person
def resume(asked: Asked) -> None:
    """End a pause."""
    _change(asked, {"paused_until": None})


def _change(asked: Asked, change: object) -> None:
    """Saying the same twice is saying it once: the last writer wins, and that is us."""
    _print(asked, asked.bell.call("PATCH", "/v1/preferences", json=change, repeatable=True))


def _print(asked: Asked, document: dict[str, Any]) -> None:
    if asked.as_json:
        click.echo(json.dumps(document))
        return
    for name, value in document.items():
        if name == "rules":
            for rule in value:
                about = [rule.pop(part, None) for part in ("source", "type", "category")]
                click.echo(
                    plain(f"rule          {'/'.join(word for word in about if word) or 'everything'}: {_said(rule)}")
                )
        elif name == "paused_until" and isinstance(value, int):
            click.echo(f"{name:13} {datetime.fromtimestamp(value / 1_000).astimezone().isoformat(sep=' ')}")
        else:
            click.echo(plain(f"{name:13} {_said(value) if isinstance(value, dict) else json.dumps(value)}"))


def _said(value: dict[str, Any]) -> str:
    return ", ".join(f"{name} {json.dumps(said)}" for name, said in value.items())


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _scope(source: str | None, kind: str | None, category: str | None) -> dict[str, Any]:
    scope = {"source": source, "type": kind, "category": category}
    if not any(scope.values()):
        raise click.UsageError("Say what: --source, --type or --category; `pause` is for everything.")
    return {name: value for name, value in scope.items() if value is not None}


def _until(text: str) -> str:
    now = datetime.now().astimezone()
    if text == "forever":
        return text
    if text == "tomorrow":
        return datetime.combine(now.date() + timedelta(days=1), time(6)).astimezone().isoformat()
    found = re.fullmatch(r"(\d{1,4})([mhd])", text, flags=re.ASCII)
    if found is None:
        raise click.UsageError("TIME is 30m, 8h, 2d, tomorrow or forever.")
    return (now + timedelta(**{_UNITS[found[2]]: int(found[1])})).isoformat()


COMMANDS: tuple[click.Command, ...] = (preferences,)
