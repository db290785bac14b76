"""The ntfy app, following at one server what is told at another, and going on there when the first is killed."""

from __future__ import annotations

from tests.journey.conftest import Fleet
from tests.server.http.dialects.listening import Lines


def test_an_app_follows_across_servers_and_a_kill_loses_and_doubles_nothing(fleet: Fleet) -> None:
    a, b = fleet.serve("a", "b")
    fleet.people("ana")
    producer = fleet.producer(b)
    token = a.cli("device", "token", "ana", "--name", "phone", "--dialect", "ntfy").strip()
    with Lines(a.port, token, "/inbox/json") as phone:
        phone.event()
        for number in range(5):
            assert producer.notify("ana", str(number)).status == 201
        got = phone.messages(5)
        a.kill9()
        for number in range(5, 8):
            assert producer.notify("ana", str(number)).status == 201
        phone.ends()
    with Lines(b.port, token, f"/inbox/json?since={got[-1]['id']}") as phone:
        phone.event()
        assert producer.notify("ana", "8").status == 201
        got += phone.messages(4)

    assert [one["message"] for one in got] == [str(number) for number in range(9)]
    assert "phone" in b.cli("device", "list", "ana")
