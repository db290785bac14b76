"""Groups out of the database: by its own key exactly those that the shared rule puts together."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, update

from handbell_server.actions.drafts import Draft
from handbell_server.actions.produce import Produce, Recipient
from handbell_server.reads import grouped, reading
from handbell_server.reads.grouped import GroupedPage
from handbell_server.reads.listing import Filter, Row
from handbell_shared.grouping import group_of
from handbell_shared.phrasing import phrasing
from handbell_shared.records import Actor
from tests.support.engine_room import EngineRoom

GROUPS = [None, "7", "\\", '"', "Ünïcödé", "null"]
ACTORS = [None, "", " ", "\t\r\n", "\u00a0\u2003\u3000", "\x1c\x85", "Ana", " Ana ", "\u200b", "{}", "null"]
LINKS = [None, "https://example.org/a", "https://example.org/b?x=%22"]


def page(room: EngineRoom, limit: int = 50) -> GroupedPage:
    with reading.view(room.engine) as connection:
        return grouped.page(connection, room.ana, Filter(), phrasing("en"), limit, None)


def tell(room: EngineRoom, *drafts: Draft) -> None:
    asked = [room.ask(Produce(room.sender, draft, (Recipient(room.ana, "ana"),))) for draft in drafts]
    for one in asked:
        one.wait()


def test_the_databases_key_is_equal_wherever_the_shared_rules_is(room: EngineRoom) -> None:
    some: list[dict[str, Any]] = [
        {"group": group, "actor": None if name is None else Actor(name), "link": link}
        for group, name, link in product(GROUPS, ACTORS, LINKS)
    ]
    tell(room, *(Draft(title="x", type=kind, data={"nul": "\x00"}, **one) for one in some for kind in ("like", "info")))

    room.errand(lambda connection: connection.execute(update(Row).where(Row.seq % 5 == 0).values(pinned=1)))

    with reading.view(room.engine) as connection:
        rows = connection.execute(select(Row.id, grouped.key_of(connection)).where(Row.user_id == room.ana)).all()
        records = {one.id: one for one in reading.snapshot(connection, room.ana, "", 1_000).changes}

    keys: dict[tuple[bool, str] | str, set[str]] = {}
    for an_id, key in rows:
        group = group_of(records[an_id])
        keys.setdefault((records[an_id].pinned, group) if group else an_id, set()).add(key)
    assert len(rows) == 2 * len(GROUPS) * len(ACTORS) * len(LINKS)
    assert all(len(found) == 1 for found in keys.values())
    assert len(set.union(*keys.values())) == len(keys)


def test_a_group_names_as_many_members_as_an_action_may_and_counts_all(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouped, "MEMBERS", 2)
    tell(
        room, *(Draft(title=f"{name} liked it", actor=Actor(name), type="like") for name in ("Dee", "Cy", "Bo", "Ana"))
    )

    (group,) = page(room).groups

    assert (group.headline, group.count, group.people) == ("Ana and 3 others liked it", 4, 4)
    assert group.actors == ("Ana", "Bo", "Cy")
    assert [one.id for one in group.members] == [one.id for one in group.notifications[:2]]
    assert group.more
