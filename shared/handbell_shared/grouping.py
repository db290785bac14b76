"""Similar notifications as one: "Ana and 2 others liked your post".

What belongs together: what the producer says is one `group`; else what people did to the same thing, which is the same
type of thing from the same source with the same link. All else stands alone. What is pinned is kept apart from what is
not, or a pin would be lost in a row further down.

A headline only says of people what was said of each: "Bo commented on your post" adds nobody to those who liked it.
The words around names come from the caller, who knows the person's language; `phrasing.py` has them for many.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from handbell_shared.records import Notification

_JOINERS: Final = "-'’.@·‐‑"  # "Ana-Maria", "Ana's", "ana.b@example.org": the name goes on behind them
_ISOLATE: Final = "\u2068{}\u2069"


class Group(Struct, frozen=True):
    """At least one notification, newest first. The key stays the same while members come and go."""

    key: str
    members: tuple[Notification, ...]


def group_of(record: Notification) -> str | None:
    """What the record belongs to; None when it stands alone."""
    if record.group:
        return json.dumps(["group", record.source, record.group])
    if _name(record):
        return json.dumps(["people", record.source, record.type, record.link or ""])
    return None


def arrange(records: Sequence[Notification], scope: Callable[[Notification], str] = lambda _: "") -> list[Group]:
    """Each record in one group, and each group where its newest member stood.

    Records of different scopes are never together: a desktop with two accounts names the account.
    """
    members: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        group = group_of(record)
        key = record.id if group is None else f"{scope(record)} {record.pinned:d} {group}"
        members.setdefault(key, []).append(index)
    for indices in members.values():
        indices.sort(key=lambda index: _place(records[index]), reverse=True)
    in_order = sorted(members.items(), key=lambda item: item[1][0])
    return [Group(key, tuple(records[index] for index in indices)) for key, indices in in_order]


def actors(group: Group) -> tuple[str, ...]:
    """Who took part, the newest first, each once."""
    return _names(group.members)


def headline(
    group: Group,
    and_one: Callable[[str, str], str],
    and_others: Callable[[str, int], str],
    and_more: Callable[[str, int], str] = lambda said, _: said,
) -> str:
    """The newest title, with all who did the same in the place of the one it names.

    `and_one("Ana", "Bo")` and `and_others("Ana", 2)` make the words; the number is never below two. `and_more("Build
    failed", 3)` is for the members of whom that says nothing, at least one: a list that counts beside it needs none.
    """
    newest = group.members[0]
    said = _said(newest)
    same = [member for member in group.members if _said(member) == said] if said is not None else []
    names = _names(same)
    if said is None or len(names) < 2:
        told, text = 1, newest.title
    else:
        if _right_to_left(newest.title + "".join(names)):
            names = tuple(_ISOLATE.format(name) for name in names)
        people = and_one(*names) if len(names) == 2 else and_others(names[0], len(names) - 1)
        told, text = len(same), people.join(said)
    if told == len(group.members):
        return text
    return and_more(_ISOLATE.format(text) if _right_to_left(text) else text, len(group.members) - told)


def _place(record: Notification) -> tuple[int, int, str]:
    """When it was last told. Within one millisecond the feed knows which was later."""
    return record.updated_at or record.created_at, record.news, record.id


def _name(record: Notification) -> str:
    return record.actor.name.strip() if record.actor else ""


def _names(members: Iterable[Notification]) -> tuple[str, ...]:
    """A person counts once, however they are called meanwhile; and nobody wants to read "Ana and Ana"."""
    names: dict[str, None] = {}
    users: set[str] = set()
    for member in members:
        name, user = _name(member), member.actor.user if member.actor else None
        if not name or (user is not None and user in users):
            continue
        names.setdefault(name)
        if user is not None:
            users.add(user)
    return tuple(names)


def _said(record: Notification) -> tuple[str, str] | None:
    """The title before and behind the name of who did it; None when it does not name them."""
    name, title = _name(record), record.title
    for at in _places(name, title):
        if _ends_word(title[:at][::-1], name[0]) and _ends_word(title[at + len(name) :], name[-1]):
            return title[:at], title[at + len(name) :]
    return None


def _places(name: str, title: str) -> Iterator[int]:
    at = title.find(name) if name else -1
    while at >= 0:
        yield at
        at = title.find(name, at + 1)


def _ends_word(beyond: str, edge: str) -> bool:
    """Whether a word that has `edge` at this end is over there; `beyond` is read away from the word."""
    if not beyond:
        return True
    if beyond[0] in _JOINERS:
        return not (beyond[1:2] and _is_letter(beyond[1]))
    if unicodedata.east_asian_width(edge) in "WF":
        return True  # written without spaces between words
    return not (_is_letter(beyond[0]) and _is_letter(edge))


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or unicodedata.category(sign).startswith("M")


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
