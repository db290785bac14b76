"""A real Alertmanager: it reaches a server that comes late, repeats itself for nothing, and says when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsHandbell
from tests.journey.seeding import PASSWORD, settle
from tests.support.alertmanager import Alertmanager
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.waiting import until

LABELS = {"alertname": "DiskFull", "instance": "db1", "severity": "critical"}
WORDS = {"summary": "The disk of db1 is full", "description": "Less than 2 % left."}


@pytest.fixture
def server(handbell_server: StartsHandbell) -> HandbellServer:
    """Not started yet."""
    server = handbell_server(start=False)
    server.data.mkdir(parents=True, mode=0o700)
    return server


@pytest.fixture
def alertmanager(server: HandbellServer, tmp_path: Path) -> Iterator[Alertmanager]:
    key = settle({}, ["ana"], data=server.data)
    server.cli("producer", "set", "ci", "--route", "handbell=ana")  # the name of Alertmanager's receiver
    running = Alertmanager(tmp_path / "alertmanager", f"{server.url}/v1/hooks/alertmanager", key)
    yield running
    running.stop()
    print(running.process.tail())


def rows(person: Rest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/v1/inbox").body["notifications"]
    return found


def requests_of(server: HandbellServer) -> int:
    return server.process.err.read_text().count("/v1/hooks/alertmanager")


def test_an_alert_rings_once_from_its_beginning_to_its_end(server: HandbellServer, alertmanager: Alertmanager) -> None:
    alertmanager.hears(LABELS, WORDS)  # before there is a server: it tries again
    server.start()
    with server.rest().sign_in("ana", PASSWORD) as person:
        [firing] = until(lambda: rows(person), 30, "the alert to arrive")
        assert (firing["title"], firing["priority"]) == ("The disk of db1 is full", "urgent")
        assert "count" not in firing

        heard = requests_of(server)
        until(lambda: requests_of(server) >= heard + 2, 30, "Alertmanager to repeat itself twice")
        assert rows(person) == [firing]

        alertmanager.hears(LABELS, WORDS, over=True)
        until(lambda: rows(person)[0].get("resolved"), 30, "the end of the alert")
        [over] = rows(person)
        assert (over["id"], over["priority"]) == (firing["id"], "low")
