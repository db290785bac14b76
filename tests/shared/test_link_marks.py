"""What a device did with notifications, on its way to the server: in batches, and only to a server that knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from handbell_shared import conversation, marks
from handbell_shared.link_state import Offline, Online
from handbell_shared.marks import Marks
from handbell_shared.records import Mark
from tests.shared.link_device import Device
from tests.shared.link_server import InboxServer
from tests.support.waiting import until


def told(server: InboxServer) -> list[list[dict[str, Any]]]:
    return [data["receipts"] for event, data in list(server.calls) if event == "receipts"]


def test_they_are_said_together_and_what_comes_later_in_the_next_batch(
    server: InboxServer, make_device: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "MARKS_EVERY", 0.2)
    server.caps = ("receipts",)
    device = make_device(server.url)
    device.link.mark(Mark("a", shown=1))
    device.link.mark(Mark("b", shown=2))
    device.link.mark(Mark("a", shown=3, clicked=3))
    device.wait(Online)
    until(lambda: told(server), 5, "the first batch")
    device.link.mark(Mark("c", dismissed=4))
    until(lambda: len(told(server)) == 2, 5, "the second batch")

    assert told(server) == [
        [{"id": "a", "shown": 1, "clicked": 3}, {"id": "b", "shown": 2}],
        [{"id": "c", "dismissed": 4}],
    ]


def test_they_wait_for_a_connection(server: InboxServer, make_device: Callable[..., Device]) -> None:
    server.caps = ("receipts",)
    device = make_device(server.url)
    device.wait(Online)
    server.kill()
    device.wait(Offline)
    device.link.mark(Mark("a", shown=1))
    server.start()

    until(lambda: told(server) == [[{"id": "a", "shown": 1}]], 10, "it to be said after all")


def test_an_older_server_is_not_told(server: InboxServer, device: Device) -> None:
    device.link.mark(Mark("a", shown=1))
    server.notify("ding")
    until(lambda: device.news == ["ding"], 5, "the news")

    assert told(server) == []


def test_the_oldest_go_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "KEPT_AT_MOST", 2)
    kept = Marks()
    for name in "abc":
        kept.add(Mark(name, shown=1))

    assert [mark.id for mark in kept.take(10)] == ["b", "c"]
    assert len(kept) == 0
