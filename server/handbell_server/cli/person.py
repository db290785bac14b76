"""What the commands of a person share: asking as them, naming notifications, and acting on them.

An id may be cut short: ids begin with the time they were made, so a prefix is a place in the inbox, and one page from there
finds it. What is done names the generation it saw, as on every device, so a command that is repeated or late does no harm.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from urllib.parse import urlencode

import click
import msgspec

from handbell_server.cli.asking import (
    NOT_SIGNED_IN,
    PARTLY,
    REFUSED,
    ask_as,
    end,
    json_option,
    on_terminal,
    plain,
    shown,
    timeout_option,
)
from handbell_server.cli.sessions import HOW, current
from handbell_shared.actions import generation_for
from handbell_shared.clock import now_ms
from handbell_shared.ids import is_id, new_id
from handbell_shared.records import Action, ActionKind, AnswerGiven, Notification, Target

if TYPE_CHECKING:
    from handbell import Handbell

T = TypeVar("T")

_SHORTEST_PREFIX: Final = 4
_AFTER_ALL: Final = "ffffffff-ffff-7fff-bfff-ffffffffffff"
_EXACT_ENOUGH: Final = 24  # of an id; behind it there is only chance
_AT_ONCE: Final = 200
_MARKS: Final = {"urgent": "!!", "high": "!", "normal": "", "low": ""}


class Asked(NamedTuple):
    """A command at work: its name, and the server as the person sees it."""

    command: str
    bell: Handbell
    as_json: bool


def by_a_person(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose first argument is what it may ask; signed in, or ended with a sentence."""

    @json_option
    @timeout_option
    @wraps(command)
    def run(timeout: float, as_json: bool, **arguments: Any) -> None:
        from handbell import Unauthenticated

        name = click.get_current_context().info_name or ""
        who = current(name)
        chosen: dict[str, Any] = {"timeout": timeout, "ca_file": who.ca_file}
        try:
            ask_as(
                name,
                who.server,
                who.token,
                chosen,
                lambda bell: command(Asked(name, bell, as_json), **arguments),
                or_raise=Unauthenticated,
            )
        except Unauthenticated as error:
            end(name, NOT_SIGNED_IN, f"{error.detail} {HOW}")

    return run


def page(bell: Handbell, **asked: object) -> dict[str, Any]:
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    found: dict[str, Any] = bell.call("GET", f"/v1/inbox?{query}")
    return found


def record(raw: object) -> Notification:
    return msgspec.convert(raw, Notification)


def named(words: Sequence[str]) -> list[str]:
    """The ids on the command line; `-` stands for those on standard input, the first word of each line."""
    found: list[str] = []
    for word in words:
        if word == "-":
            found += [line.split()[0] for line in sys.stdin if line.strip()]
        else:
            found.append(word)
    return list(dict.fromkeys(found))


def find(bell: Handbell, word: str) -> Notification | str:
    """The notification that this id, or the beginning of one, names; else why it names none."""
    prefix = _canonical(word)
    place = prefix[:_EXACT_ENOUGH] + _AFTER_ALL[len(prefix[:_EXACT_ENOUGH]) :]
    if len(prefix) < _SHORTEST_PREFIX or not is_id(place):
        return f"{word} is not an id, or too short a beginning of one."
    raw = page(bell, state="all", cursor=place, limit=5)["notifications"]
    found = [one for one in raw if one["id"].startswith(prefix)]
    if not found:
        return f"there is no notification {word}."
    if len(found) > 1:
        return f"{word} is the beginning of several: {', '.join(one['id'] for one in found)}."
    return record(found[0])


def act(asked: Asked, words: Sequence[str], kind: ActionKind, done: str, answer: AnswerGiven | None = None) -> None:
    """Do it to each of them, and say what became of it."""
    records: list[Notification] = []
    trouble: list[tuple[str, str]] = []
    for word in words:
        found = find(asked.bell, word)
        if isinstance(found, str):
            trouble.append((word, found))
        else:
            records.append(found)
    act_on(asked, records, kind, done, answer, trouble)


def act_on(
    asked: Asked,
    records: Iterable[Notification],
    kind: ActionKind,
    done: str,
    answer: AnswerGiven | None = None,
    trouble: Sequence[tuple[str, str]] = (),
) -> None:
    good, bad = 0, list(trouble)
    for one, status in _carried_out(asked.bell, list(records), kind, answer):
        if asked.as_json:
            click.echo(_json({"id": one.id, "status": status}))
        if status == "ok":
            good += 1
        else:
            bad.append((one.id, _WHY.get(status, status)))
    for word, _ in trouble:
        if asked.as_json:
            click.echo(_json({"id": word, "status": "unknown"}))
    for word, why in bad:
        click.echo(f"handbell {asked.command}: {why if word in why else f'{word}: {why}'}", err=True)
    if not asked.as_json:
        click.echo(f"{good} {done}")
    if bad:
        raise SystemExit(PARTLY if good else REFUSED)


_WHY: Final = {
    "gone": "it is gone.",
    "late": "somebody has answered it, or its time is over.",
    "bad": "this cannot be done to it.",
}


def _carried_out(
    bell: Handbell, records: list[Notification], kind: ActionKind, answer: AnswerGiven | None
) -> Iterator[tuple[Notification, str]]:
    at = now_ms()
    for start in range(0, len(records), _AT_ONCE):
        some = records[start : start + _AT_ONCE]
        actions = [
            Action(id=new_id(), kind=kind, ids=(Target(one.id, generation_for(kind, one)),), at=at, answer=answer)
            for one in some
        ]
        body = {"actions": msgspec.to_builtins(actions)}
        acks = bell.call("POST", "/v1/actions", json=body, repeatable=True)["acks"]
        status = {ack["id"]: ack["status"] for ack in acks}
        yield from ((one, status.get(action.id, "bad")) for one, action in zip(some, actions, strict=True))


def lines_of(notifications: Sequence[dict[str, Any]], wide: int) -> Iterator[str]:
    """For a person: the shortest ids that tell them apart. For a pipe: whole ids and tabs."""
    if not on_terminal():
        for one in notifications:
            link = one.get("link") or ""
            words = (one["id"], "" if one.get("read") else "unread", one.get("source", ""), one.get("title", ""), link)
            yield "\t".join(plain(word) for word in words)
        return
    ids = [one["id"] for one in notifications]
    length = next((size for size in range(8, 36) if len({an_id[:size] for an_id in ids}) == len(set(ids))), 36)
    for one in notifications:
        read = bool(one.get("read"))
        age = ago(int(one.get("updated_at") or one["created_at"]))
        head = f"{one['id'][:length].rstrip('-')}  {' ' if read else '●'} {_MARKS.get(one.get('priority', ''), ''):2} {age:>4}  "
        text = plain(f"{one.get('source', '')}: {one.get('title', '')}")
        room = max(20, wide - len(head))
        text = text if len(text) <= room else text[: room - 1] + "…"
        yield shown(head, dim=True) + shown(text, bold=not read, fg="red" if one.get("priority") == "urgent" else None)


def ago(ms: int) -> str:
    seconds = max(0, now_ms() - ms) // 1_000
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "now"


def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Ids for the shell, with what they are about; nothing where there is no sign-in or no quick answer."""
    from click.shell_completion import CompletionItem

    from handbell import Handbell, HandbellError

    try:
        who = current("completion")
        with Handbell(who.server, who.token, timeout=1, ca_file=who.ca_file) as bell:
            found = page(bell, limit=50)["notifications"]
    except (HandbellError, ValueError, SystemExit):
        return []
    return [CompletionItem(one["id"], help=plain(one["title"])) for one in found if one["id"].startswith(incomplete)]


def _canonical(word: str) -> str:
    """The dashes where they belong, whether they were typed or not."""
    bare = word.strip().lower().replace("-", "")
    cuts = (bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:32])
    return "-".join(cut for cut in cuts if cut) if len(bare) <= 32 else ""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
