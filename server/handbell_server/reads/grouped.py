"""The inbox with similar notifications together, in pages: each group once, where its newest notification stands.

What belongs together is decided by `handbell_shared.grouping`, here as on every desktop. The database only picks the rows
that a page needs, by a key that is equal wherever the shared rule's is:

    rows that match ─► key of each ─► newest id of each key, below the cursor ─► the first so many keys   (in the database)
    their rows, narrow ─► arrange ─► headline, names, counts ─► the newest few of each in full            (here)

So a page costs the database a walk along one inbox, which retention keeps bounded, and us the groups it shows. All of it
is one look at one moment.

The cursor names the newest id of the last group and the revision of the first page. What was made after that revision
waits for a fresh start: else a new member would lift its group above the cursor, and a page that nobody asks for again.
What is *done* meanwhile counts at once. A group whose newest members leave what is listed may therefore appear again
further down, with the rest and the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Text, case, cast, func, literal_column, select, text
from sqlalchemy.engine import Connection

from handbell_server.engine import rows
from handbell_server.reads import reading
from handbell_server.reads.listing import STATES, Filter, Row, conditions_of, extra_of
from handbell_shared.grouping import Group, actors, arrange
from handbell_shared.phrasing import Phrasing, headline
from handbell_shared.records import Actor, Notification

GROUPS_AT_MOST: Final = 100
SHOWN: Final = 5
NAMED: Final = 3
MEMBERS: Final = 500  # as many as one action may name


class Member(Struct, frozen=True, array_like=True, gc=False):
    """One notification as it was seen: an action on the whole group names each with its register's generation."""

    id: str
    gen: int
    sgen: int
    agen: int


class InboxGroup(Struct, frozen=True, kw_only=True, gc=False):
    """Notifications that belong together; one that stands alone is a group of one."""

    key: str
    headline: str
    count: int
    unread: int
    people: int
    actors: tuple[str, ...]
    notifications: tuple[Notification, ...]
    members: tuple[Member, ...]
    more: bool


class GroupedPage(Struct, frozen=True, gc=False):
    groups: tuple[InboxGroup, ...]
    unread: int
    next: str | None


class Cursor(NamedTuple):
    """Behind which group to go on, and what was there when the first page was looked at."""

    before: str
    rev: int

    def __str__(self) -> str:
        return f"{self.before}.{self.rev}"


def page(
    connection: Connection, user_id: int, wanted: Filter, words: Phrasing, limit: int, cursor: Cursor | None
) -> GroupedPage:
    """The next groups, each where its newest notification would stand in the plain list."""
    rev, unread = reading.stand(connection, user_id)
    at = rev if cursor is None else cursor.rev
    conditions, parameters = conditions_of(connection, user_id, wanted)
    conditions.append(Row.crev <= at)
    key = key_of(connection)
    keyed = select(Row.id, key.label("together")).where(*conditions).subquery()
    newest = func.max(keyed.c.id)
    tops = select(keyed.c.together, newest.label("top")).group_by(keyed.c.together).order_by(newest.desc())
    if cursor is not None:
        tops = tops.having(newest < cursor.before)
    found = connection.execute(tops.limit(limit + 1), parameters).all()
    shown = found[:limit]
    if not shown:
        return GroupedPage((), unread, None)
    groups = _groups(connection, [*conditions, key.in_([row.together for row in shown])], parameters)
    full = _in_full(connection, user_id, [one.id for group in groups for one in group.members[:SHOWN]])
    following = str(Cursor(shown[-1].top, at)) if len(found) > limit else None
    return GroupedPage(tuple(_shown(group, full, words) for group in groups), unread, following)


def _groups(connection: Connection, conditions: Sequence[Any], parameters: dict[str, Any]) -> list[Group]:
    """Their members with as much as a group needs of each."""
    extra = extra_of(connection)
    query = select(
        Row.id, Row.source, Row.type, Row.title, Row.link, Row.pinned, Row.created_at, Row.updated_at,
        Row.crev, Row.nrev, Row.gen, Row.sgen, Row.agen, STATES["unread"].label("unread"),
        extra["group"].as_string().label("group"),
        extra["actor", "name"].as_string().label("name"),
        extra["actor", "user"].as_string().label("user"),
    ).where(*conditions).order_by(Row.id.desc())  # fmt: skip
    members = [
        Notification(
            id=row.id, source=row.source, type=row.type, title=row.title, link=row.link, pinned=bool(row.pinned),
            created_at=row.created_at, updated_at=row.updated_at, crev=row.crev, nrev=row.nrev,
            gen=row.gen, sgen=row.sgen, agen=row.agen, read=not row.unread, group=row.group, actor=Actor(row.name or "", row.user),
        )
        for row in connection.execute(query, parameters)
    ]  # fmt: skip
    return sorted(arrange(members), key=lambda group: max(one.id for one in group.members), reverse=True)


def _in_full(connection: Connection, user_id: int, ids: Sequence[str]) -> dict[str, Notification]:
    query = select(text(rows.RECORD_COLUMNS)).select_from(Row).where(Row.user_id == user_id, Row.id.in_(ids))
    return {row.id: rows.record_of(row) for row in connection.execute(query)}


def _shown(group: Group, full: dict[str, Notification], words: Phrasing) -> InboxGroup:
    names = actors(group)
    return InboxGroup(
        key=blake2b(group.key.encode(), digest_size=12).hexdigest(),
        headline=headline(group, words),
        count=len(group.members),
        unread=sum(not one.read for one in group.members),
        people=len(names),
        actors=names[:NAMED],
        notifications=tuple(full[one.id] for one in group.members[:SHOWN]),
        members=tuple(Member(one.id, one.gen, one.sgen, one.agen) for one in group.members[:MEMBERS]),
        more=len(group.members) > MEMBERS,
    )


def key_of(connection: Connection) -> Any:
    """`grouping.group_of` in SQL, for rows of one inbox: equal where that is equal."""
    extra = extra_of(connection)
    group = extra["group"].as_string()
    name = func.trim(extra["actor", "name"].as_string(), _white_space())
    array = func.json_array if connection.dialect.name == "sqlite" else func.json_build_array
    of_group = array(literal_column("'group'"), Row.pinned, Row.source, group)
    of_people = array(literal_column("'people'"), Row.pinned, Row.source, Row.type, func.coalesce(Row.link, ""))
    return case(
        (Row.extra.is_(None), Row.id),  # most rows, and there is nothing to take apart
        (group != "", cast(of_group, Text)),
        (name != "", cast(of_people, Text)),
        else_=Row.id,
    )


@cache
def _white_space() -> str:
    """What `str.strip` takes away."""
    return "".join(filter(str.isspace, map(chr, range(0x3001))))
