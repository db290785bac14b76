"""What a group leaves in the database, read back by the same eyes that devices look with."""

from __future__ import annotations

from typing import Any

from handbell_server.reads import reading
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.records import Actor, Button, DeltaPage, Notification, Position
from tests.support.engine_room import EngineRoom


def delta(room: EngineRoom, user: int, rev: int = 0, *, after: str | None = None, limit: int = 500) -> DeltaPage:
    with reading.view(room.engine) as connection:
        return reading.delta(connection, user, Position(reading.epoch(connection), rev, after), limit)


def test_what_was_told_is_what_is_stored_to_the_last_member(room: EngineRoom) -> None:
    content: dict[str, Any] = {
        "body": "ünïcode \U0001f514 'quoted' \"twice\" %s {} \\ \n\ttab",
        "link": "https://ci.example/1",
        "priority": "urgent",
        "data": {"deep": [1, {"er": None}]},
        "actor": Actor("Bo", "bo"),
        "image": "https://ci.example/i.png",
        "group": "builds",
        "key": "build-7",
        "actions": (Button("ok", "OK"),),
        "expires_at": 9_999_999_999_999,
    }
    room.change(room.tell(room.ana, **content))
    assert delta(room, room.ana).changes == room.pushes(room.ana)[0].changes


def test_a_life_cycle_key_updates_its_row_and_a_deletion_frees_the_key(room: EngineRoom) -> None:
    first = room.change(room.tell(room.ana, body="one", key="disk")).outcomes[0]
    second = room.change(room.tell(room.ana, body="two", key="disk")).outcomes[0]
    assert second.id == first.id and second.updated
    room.change(room.act(room.ana, "delete", str(first.id)))
    third = room.change(room.tell(room.ana, body="three", key="disk")).outcomes[0]
    assert third.id != first.id
    live = [record for record in delta(room, room.ana).changes if record.live]
    assert [(record.id, record.body, record.count) for record in live] == [(third.id, "three", 1)]


def test_keys_belong_to_a_user_and_do_not_meet(room: EngineRoom) -> None:
    one = room.change(room.tell(room.ana, key="disk")).outcomes[0]
    other = room.change(room.tell(room.bo, key="disk")).outcomes[0]
    assert one.id != other.id and not other.updated


def test_somebody_elses_notification_is_not_there(room: EngineRoom) -> None:
    an_id = str(room.change(room.tell(room.ana)).outcomes[0].id)
    (ack,) = room.change(room.act(room.bo, "delete", an_id))
    assert ack.status == "gone"
    assert delta(room, room.bo).changes == ()
    assert delta(room, room.ana).changes[0].live


def test_an_action_repeated_is_acknowledged_alike_and_changes_nothing(room: EngineRoom) -> None:
    an_id = str(room.change(room.tell(room.ana)).outcomes[0].id)
    act = room.act(room.ana, "unread", an_id)
    first = room.change(act)
    told = len(room.told)
    assert room.change(act) == first
    assert len(room.told) == told


def test_following_page_by_page_ends_where_a_snapshot_does(room: EngineRoom) -> None:
    for number in range(30):
        an_id = str(room.change(room.tell(room.ana, f"n {number}")).outcomes[0].id)
        if number % 3 == 0:
            room.change(room.act(room.ana, "read", an_id))
        if number % 5 == 0:
            room.change(room.act(room.ana, "delete", an_id))
    held: dict[str, Notification] = {}
    cursor: tuple[int, str | None] = (0, None)
    while True:
        page = delta(room, room.ana, cursor[0], after=cursor[1], limit=7)
        for record in page.changes:
            held.pop(record.id, None)
            if record.live:
                held[record.id] = record
        cursor = page.cursor
        if not page.more:
            break
    with reading.view(room.engine) as connection:
        fresh = reading.snapshot(connection, room.ana, "", 500)
    assert sorted(held.values(), key=lambda r: r.id) == list(fresh.changes)
    assert page.digest == to_hex(digest_of(fresh.changes))
    assert cursor == (fresh.rev, None)


def test_a_group_larger_than_any_statement_is_stored_whole(room: EngineRoom) -> None:
    answers = [room.ask(room.tell(room.ana, f"n {n}", once=f"key {n}")) for n in range(1_500)]
    ids = {str(answer.wait().outcomes[0].id) for answer in answers}
    with reading.view(room.engine) as connection:
        stored = {record.id for record in reading.snapshot(connection, room.ana, "", 2_000).changes}
    assert stored == ids
    replays = [room.ask(room.tell(room.ana, f"n {n}", once=f"key {n}")) for n in range(1_500)]
    assert all(answer.wait().replayed for answer in replays)


def test_a_position_that_no_delta_can_serve_is_sent_to_a_snapshot(room: EngineRoom) -> None:
    room.change(room.tell(room.ana))
    assert delta(room, room.ana, rev=2).snapshot == "ahead"
    room.number("SELECT count(*) FROM inboxes")
    with reading.view(room.engine) as connection:
        assert reading.delta(connection, room.ana, Position("another", 1), 10).snapshot == "epoch"
