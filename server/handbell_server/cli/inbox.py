"""`handbell inbox`, `read`, `archive`, `answer` and `why`: a person's notifications from a terminal or a script."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from typing import Any

import click

from handbell_server.cli.asking import REFUSED, end, plain, shown
from handbell_server.cli.person import Asked, act, act_on, by_a_person, complete, find, lines_of, named, page, record
from handbell_shared.records import AnswerGiven

_STATES = ("inbox", "unread", "read", "unseen", "seen", "archived", "snoozed", "pinned", "all")
_PAGE = 500

ids_argument = click.argument("ids", nargs=-1, metavar="ID...", shell_complete=complete)
undo_option = click.option("--undo", is_flag=True, help="The opposite.")


@click.command()
@click.option("--state", type=click.Choice(_STATES), default="inbox", show_default=True)
@click.option("--unread", is_flag=True, help="The same as --state unread.")
@click.option("--type", "kind", help="Only of this type.")
@click.option("--category", help="Only of this category.")
@click.option("--source", help="Only from this sender.")
@click.option("--priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@click.option("--search", "q", metavar="WORDS", help="Only with these words.")
@click.option("--since", metavar="TIME", help="Not older, such as 2030-01-31T09:00:00Z.")
@click.option("--until", metavar="TIME", help="Older.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@click.option("--grouped", is_flag=True, help="Similar ones together, a line for each group.")
@by_a_person
def inbox(asked: Asked, state: str, unread: bool, kind: str | None, limit: int, grouped: bool, **filters: Any) -> None:
    """List your notifications, the newest first.

    \b
    handbell inbox --unread
    handbell inbox --source ci --search "build failed" --json
    handbell inbox --unread | cut -f1 | handbell archive -

    In a pipe each line is: id, `unread` or nothing, sender, title, link, with tabs between.
    """
    wanted = {"state": "unread" if unread else state, "type": kind, **filters, "grouped": "true" if grouped else None}
    found = _several(asked, wanted, limit, "groups" if grouped else "notifications", 100 if grouped else _PAGE)
    if asked.as_json:
        for one in found:
            click.echo(json.dumps(one))
    elif grouped:
        for one in found:
            new = f"{one['unread']} unread" if one["unread"] else ""
            click.echo(f"{shown(plain(one['headline']), bold=bool(one['unread']))}\t{one['count']}\t{new}".rstrip())
    else:
        for line in lines_of(found, shutil.get_terminal_size().columns):
            click.echo(line)


def _several(asked: Asked, wanted: dict[str, Any], limit: int, member: str, at_once: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while len(found) < limit:
        answer = page(asked.bell, **wanted, limit=min(at_once, limit - len(found)), cursor=cursor)
        found += answer[member]
        cursor = answer["next"]
        if cursor is None:
            break
    return found


@click.command()
@ids_argument
@click.option("--all", "everything", is_flag=True, help="All that are unread now.")
@undo_option
@by_a_person
def read(asked: Asked, ids: tuple[str, ...], everything: bool, undo: bool) -> None:
    """Mark notifications read, on all your devices. ID may be the beginning of one; - reads ids from standard input."""
    if everything:
        if ids or undo:
            raise click.UsageError("Either --all, or ids.")
        found = _several(asked, {"state": "unread"}, 1_000_000, "notifications", _PAGE)
        act_on(asked, [record(one) for one in found], "read", "read")
    else:
        act(asked, _some(ids), "unread" if undo else "read", "unread" if undo else "read")


@click.command()
@ids_argument
@undo_option
@by_a_person
def archive(asked: Asked, ids: tuple[str, ...], undo: bool) -> None:
    """Put notifications away, on all your devices. ID may be the beginning of one; - reads ids from standard input."""
    act(asked, _some(ids), "unarchive" if undo else "archive", "back in the inbox" if undo else "archived")


@click.command()
@click.argument("id", shell_complete=complete)
@click.argument("action", required=False)
@click.option("--text", help="For a button that wants a reply; - reads it from standard input.")
@by_a_person
def answer(asked: Asked, id: str, action: str | None, text: str | None) -> None:  # noqa: A002 — its name on the screen
    """Answer a question with the id of one of its actions; without one, list them."""
    found = find(asked.bell, id)
    if isinstance(found, str):
        end("answer", REFUSED, found)
    buttons = {one.id: one for one in found.actions if one.kind != "link"}
    if action is None:
        for one in buttons.values():
            about = {"id": one.id, "label": one.label, "kind": one.kind}
            click.echo(json.dumps(about) if asked.as_json else f"{plain(one.id)}\t{plain(one.label)}")
        return
    if action not in buttons:
        raise click.UsageError(f"{action!r} is none of its actions: {', '.join(buttons) or 'it has none'}.")
    said = sys.stdin.read() if text == "-" else text
    act_on(asked, [found], "answer", "answered", AnswerGiven(action, said))


@click.command()
@click.argument("id", shell_complete=complete)
@by_a_person
def why(asked: Asked, id: str) -> None:  # noqa: A002 — its name on the screen
    """Say why a notification rang or did not: what was decided, by which rule, on which device, and when.

    Senders ask about what they sent with the library, or GET /v1/notifications/{id}/trace.
    """
    found = find(asked.bell, id)
    if isinstance(found, str):
        end("why", REFUSED, found)
    trace = asked.bell.call("GET", f"/v1/inbox/{found.id}/trace")
    if asked.as_json:
        click.echo(json.dumps(trace))
        return
    for line in trace["steps"]:
        click.echo(_step(line))


def _step(line: dict[str, Any]) -> str:
    at = line.get("at")
    when = datetime.fromtimestamp(at / 1_000).astimezone().isoformat(sep=" ", timespec="seconds") if at else ""
    rule = "/".join(part for part in line.get("rule") or () if part)
    until = line.get("until")
    more = [
        f"on {line['device']}" if line.get("device") else "",
        line.get("channel") or "",
        f"rule: {rule or 'everything'}" if line.get("rule") is not None else "",
        line.get("why") or "",
        f"by {line['by']}" if line.get("by") else "",
        f"{line['count']} times" if line.get("count") else "",
        f"until {datetime.fromtimestamp(until / 1_000).astimezone().isoformat(sep=' ', timespec='seconds')}"
        if until
        else "",
    ]
    return plain(f"{when:25}  {line['step']:<10}  {', '.join(part for part in more if part)}").rstrip()


def _some(ids: tuple[str, ...]) -> list[str]:
    if not ids:
        raise click.UsageError("Name at least one id, or - for standard input.")
    return named(ids)


COMMANDS: tuple[click.Command, ...] = (inbox, read, archive, answer, why)
