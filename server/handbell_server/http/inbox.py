"""The inbox over REST: pages of it, what is done to it, its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.engine import Connection

from handbell_server.actions import people
from handbell_server.actions.inbox import FAR_FUTURE
from handbell_server.errors import Invalid
from handbell_server.http.bodies import When, when
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.http.me import Language
from handbell_server.parsing import Actions
from handbell_server.reads import grouped, listing, search
from handbell_shared.ids import is_id
from handbell_shared.languages import canonical
from handbell_shared.phrasing import phrasing
from handbell_shared.records import Ack

Term = Annotated[str, Meta(min_length=1, max_length=128)]


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    state: listing.State = "inbox"
    type: Term | None = None
    category: Term | None = None
    source: Term | None = None
    priority: Term | None = None
    q: Annotated[str, Meta(max_length=256)] = ""
    since: When | None = None
    until: When | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    grouped: bool = False
    language: Language | None = None


class Acks(Struct, frozen=True, gc=False):
    acks: tuple[Ack, ...]


@endpoint(
    "GET", "/v1/inbox", "user", query=Asked, answers={200: listing.Page | grouped.GroupedPage}, problems=(404, 422)
)
def show(call: Call) -> Answer:
    """Your notifications, newest first, filtered and searched; with `grouped`, similar ones together."""
    asked: Asked = call.query
    look = _grouped(call, asked) if asked.grouped else _plain(call, asked)
    words = search.words_of(asked.q)
    if asked.q.strip() and not words:
        unread = call.services.read(listing.unread_of, call.person.user_id)
        return Answer(200, (grouped.GroupedPage if asked.grouped else listing.Page)((), unread, None))
    user_id = call.person.user_id
    while words and _is_behind(call, user_id):
        call.services.errand(lambda connection: search.follow(connection, user_id))
    return Answer(200, call.services.read(look))


def _plain(call: Call, asked: Asked) -> Callable[[Connection], listing.Page]:
    if asked.cursor is not None and not is_id(asked.cursor):
        raise Invalid("This is not a cursor of ours.", field="cursor")
    if asked.language is not None:
        raise Invalid("Only with `grouped` is there anything to say in a language.", field="language")
    wanted, user_id = _filter(asked), call.person.user_id
    return lambda connection: listing.page(connection, user_id, wanted, asked.limit, asked.cursor)


def _grouped(call: Call, asked: Asked) -> Callable[[Connection], grouped.GroupedPage]:
    cursor = None if asked.cursor is None else _cursor(asked.cursor)
    if asked.limit > grouped.GROUPS_AT_MOST:
        raise Invalid(f"At most {grouped.GROUPS_AT_MOST} groups at once.", field="limit")
    if asked.language is not None and canonical(asked.language) is None:
        raise Invalid("A language is named as in de, pt-BR or zh-Hant.", field="language")
    wanted, user_id = _filter(asked), call.person.user_id

    def look(connection: Connection) -> grouped.GroupedPage:
        words = phrasing(asked.language or people.language_of(connection, user_id))
        return grouped.page(connection, user_id, wanted, words, asked.limit, cursor)

    return look


def _cursor(text: str) -> grouped.Cursor:
    before, _, rev = text.partition(".")
    if not is_id(before) or not (rev.isascii() and rev.isdigit() and len(rev) <= 18):
        raise Invalid("This is not a cursor of a grouped inbox.", field="cursor")
    return grouped.Cursor(before, int(rev))


def _filter(asked: Asked) -> listing.Filter:
    for field in ("type", "category", "source", "priority"):
        term = getattr(asked, field)
        if term is not None and "\x00" in term:
            raise Invalid("Text must not contain the NUL character.", field=field)
    return listing.Filter(
        state=asked.state,
        type=asked.type,
        category=asked.category,
        source=asked.source,
        priority=asked.priority,
        words=tuple(search.words_of(asked.q)),
        since=_moment(asked.since, "since"),
        until=_moment(asked.until, "until"),
    )


@endpoint(
    "POST",
    "/v1/actions",
    "user",
    body=Actions,
    answers={200: Acks},
    problems=(422, 503),
    example={
        "actions": [
            {
                "id": "0193f0c8-6f0e-7b1c-9d53-3f1f6f1d2a10",
                "kind": "read",
                "ids": [["0193f0c8-5a11-7c2e-8a7b-0c9b8f7e6d5c", 0]],
                "at": 1764150000000,
            }
        ]
    },
)
def act(call: Call) -> Answer:
    """Read, archive, snooze, pin, delete, answer — and their opposites. Repeating an action changes nothing."""
    sent: Actions = call.body
    return Answer(200, Acks(call.services.act(call.person.user_id, sent.actions)))


@endpoint("GET", "/v1/stats", "user", answers={200: listing.Numbers})
def stats(call: Call) -> Answer:
    """How many notifications you have: in total, unread, by type, by priority."""
    return Answer(200, call.services.read(listing.numbers, call.person.user_id))


def _moment(value: int | str | None, field: str) -> int | None:
    """As in a body; but a query has only text, so digits are milliseconds here."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
        if value > FAR_FUTURE:
            raise Invalid("This moment is too far away.", field=field)
    return when(value, field)


def _is_behind(call: Call, user_id: int) -> bool:
    return call.services.read(search.is_behind, user_id)
