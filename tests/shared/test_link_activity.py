"""Whether the person uses this device or another: said anew on each connection, believed as long as it lasts."""

from __future__ import annotations

from collections.abc import Callable

from handbell_shared.link_state import Offline, Online
from tests.shared.link_device import Device
from tests.shared.link_server import InboxServer
from tests.support.waiting import until


def told(server: InboxServer) -> list[bool]:
    return [data["active"] for event, data in list(server.calls) if event == "active"]


def test_it_is_said_once_and_anew_on_each_connection(server: InboxServer, make_device: Callable[..., Device]) -> None:
    server.caps = ("presence",)
    device = make_device(server.url)
    device.link.use(True)
    device.wait(Online)
    until(lambda: told(server) == [True], 5, "that it is used")
    device.link.use(True)
    until(lambda: told(server) == [True, True], 5, "that it was taken up again")
    device.link.use(False)
    until(lambda: told(server) == [True, True, False], 5, "that it was left")
    server.kill()
    device.wait(Offline)
    server.start()

    until(lambda: told(server)[-1:] == [False] and len(told(server)) == 4, 10, "it to be said again")


def test_an_older_server_is_not_told(server: InboxServer, device: Device) -> None:
    device.link.use(True)
    server.notify("ding")
    until(lambda: device.news == ["ding"], 5, "the news")

    assert told(server) == []


def test_another_device_is_believed_while_the_connection_stands(
    server: InboxServer, make_device: Callable[..., Device]
) -> None:
    heard: list[bool] = []
    device = make_device(server.url, on_elsewhere=heard.append)
    device.wait(Online)
    server.say("presence", {"in_use": "another"})
    until(lambda: heard == [True], 5, "the other device")
    server.say("presence", {"in_use": "d"})
    until(lambda: heard == [True, False], 5, "this device")
    server.say("presence", {"in_use": "another"})
    until(lambda: heard == [True, False, True], 5, "the other device again")
    server.kill()
    device.wait(Offline)

    assert heard == [True, False, True, False]
