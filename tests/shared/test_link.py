"""A link between a replica and a server, over real sockets: whatever happens in between, the device ends up right."""

import time
from collections.abc import Callable

import pytest

from handbell_shared.ids import new_id
from handbell_shared.link_state import Connecting, Offline, Online
from handbell_shared.records import Action, Target
from handbell_shared.replica import Applied
from tests.shared.link_device import Device
from tests.shared.link_server import TOKEN, InboxServer
from tests.support.waiting import until

# What a quiet day looks like.


def test_a_new_device_takes_a_snapshot_and_none_of_it_is_news(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    server.page = 2
    for number in range(5):
        server.create(f"old {number}")

    device = make_device(server.url)
    device.wait(Online)

    device.agrees_with(server)
    assert device.news == []
    assert device.states == [Connecting(), Online()]
    assert server.connects == [{"token": TOKEN, "protocol": 1}]


def test_a_device_is_no_web_page_and_names_no_origin(server: InboxServer, device: Device) -> None:
    """Behind a proxy the server would not know the one that the library names, and refuse the WebSocket."""
    assert server.origins == [None]
    assert server.transports == ["websocket"]


def test_a_push_is_news_at_once_without_a_question(server: InboxServer, device: Device) -> None:
    asked = len([call for call in server.calls if call[0] != "position"])
    server.notify("ding")

    until(lambda: device.news == ["ding"], 5, "the news")
    assert len([call for call in server.calls if call[0] != "position"]) == asked


def test_pushes_that_are_repeated_and_out_of_order_are_applied_once_each(server: InboxServer, device: Device) -> None:
    pushes = [server.create(f"{number}") for number in range(20)]
    for push in [*reversed(pushes), *pushes]:
        server.say("push", push)

    device.agrees_with(server)
    assert sorted(device.news, key=int) == [f"{number}" for number in range(20)]
    assert device.replica.resyncs == 0


def test_a_lost_push_is_fetched_when_the_next_one_shows_the_gap(server: InboxServer, device: Device) -> None:
    server.create("lost on the way")
    server.notify("arrived")

    device.agrees_with(server)
    assert sorted(device.news) == ["arrived", "lost on the way"]
    assert ("delta", {"epoch": "epoch-1", "rev": 0, "limit": 500}) in server.calls


def test_the_last_push_before_a_silence_is_found_by_the_tip(server: InboxServer, device: Device) -> None:
    server.create("nobody told")
    server.tip()

    until(lambda: device.news == ["nobody told"], 5, "the news")
    device.agrees_with(server)


def test_what_cannot_be_read_is_only_a_lost_hint(
    server: InboxServer, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    server.create("hidden")
    unreadable: list[object] = [None, 7, [], {"epoch": 3}, {"changes": [{"id": None}]}]
    for garbage in unreadable:
        server.say("push", garbage)
    server.tip()

    until(lambda: device.news == ["hidden"], 5, "the news")
    assert isinstance(device.state, Online)
    assert "cannot be read" in caplog.text


def test_the_receipt_says_how_far_the_device_has_come_at_most_once_a_second(
    server: InboxServer, device: Device
) -> None:
    started = time.monotonic()
    for number in range(30):
        server.notify(f"{number}")
    device.agrees_with(server)

    until(lambda: ("epoch-1", 30) in server.positions, 5, "the receipt")
    assert len(server.positions) <= 2 + (time.monotonic() - started)


# What a person does.


def test_an_action_is_stored_before_it_is_sent_and_goes_when_it_came_back(server: InboxServer, device: Device) -> None:
    server.notify("read me")
    until(lambda: device.news == ["read me"], 5, "the news")
    (an_id,) = device.store.records

    device.link.act(Action(id=new_id(), kind="read", ids=(Target(an_id),), at=1))

    with device.link.reading() as replica:
        seen = replica.view(an_id)
    assert seen is not None
    assert seen.read
    until(lambda: not device.store.outbox, 5, "the outbox to empty")
    device.agrees_with(server)
    assert server.records[an_id].read
    assert device.news == ["read me"]


def test_an_action_taken_offline_is_said_after_the_server_came_back(server: InboxServer, device: Device) -> None:
    server.notify("later")
    until(lambda: device.news == ["later"], 5, "the news")
    (an_id,) = device.store.records
    server.kill()
    device.wait(Offline)

    action = Action(id=new_id(), kind="archive", ids=(Target(an_id),), at=1)
    device.link.act(action)
    server.start()

    until(lambda: not device.store.outbox, 8, "the outbox to empty")
    assert server.records[an_id].archived
    assert [sent.id for sent in server.acted] == [action.id]


def test_an_action_the_server_will_not_have_is_taken_back_before_the_persons_eyes(
    server: InboxServer, device: Device
) -> None:
    stranger = new_id()
    device.link.act(Action(id=new_id(), kind="read", ids=(Target(stranger),), at=1))

    until(lambda: not device.store.outbox, 5, "the outbox to empty")
    until(lambda: Applied(changed=(stranger,)) in device.applied, 5, "the screen to be told")
