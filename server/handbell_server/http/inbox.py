"""The inbox over REST: pages of it, what is done to it, its numbers."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server import listing, search
from handbell_server.actions.inbox import FAR_FUTURE
from handbell_server.errors import Invalid
from handbell_server.http.bodies import When, when
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.parsing import Actions
from handbell_shared.ids import is_id
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


class Acks(Struct, frozen=True, gc=False):
    acks: tuple[Ack, ...]


@endpoint("GET", "/v1/inbox", "user", query=Asked, answers={200: listing.Page}, problems=(422,))
def show(call: Call) -> Answer:
    """Your notifications, newest first, filtered and searched."""
    asked: Asked = call.query
    if asked.cursor is not None and not is_id(asked.cursor):
        raise Invalid("This is not a cursor of ours.", field="cursor")
    for field in ("type", "category", "source", "priority"):
        term = getattr(asked, field)
        if term is not None and "\x00" in term:
            raise Invalid("Text must not contain the NUL character.", field=field)
    words = search.words_of(asked.q)
    if asked.q.strip() and not words:
        return Answer(200, listing.Page((), call.services.read(listing.numbers, call.person.user_id).unread, None))
    wanted = listing.Filter(
        state=asked.state,
        type=asked.type,
        category=asked.category,
        source=asked.source,
        priority=asked.priority,
        words=tuple(words),
        since=_moment(asked.since, "since"),
        until=_moment(asked.until, "until"),
    )
    user_id = call.person.user_id
    while words and _is_behind(call, user_id):
        call.services.errand(lambda connection: search.follow(connection, user_id))
    return Answer(200, call.services.read(listing.page, user_id, wanted, asked.limit, asked.cursor))


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
