"""A backup is made while producers and people are at work, and put back: it knows all that was promised before it began."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import StartsHandbell
from tests.faults.storm import PASSWORD, ROOMY, SCOPES
from tests.support.databases import ready_database
from tests.support.devices import Device, fresh_start
from tests.support.handbell import HandbellServer
from tests.support.ledger import Ledger, Seen, View
from tests.support.postgres import PostgresServer
from tests.support.rest import Rest
from tests.support.waiting import until


class Load:
    """Producers who post as fast as they are answered, and write down what they were promised."""

    def __init__(self, server: HandbellServer, key: str, ledger: Ledger) -> None:
        self._server = server
        self._key = key
        self._ledger = ledger
        self._numbers = count()

    def promised(self) -> set[str]:
        return {entry.body for entry in self._ledger.entries() if entry.id is not None}

    def until_promised(self, more: int) -> None:
        goal = len(self.promised()) + more
        until(lambda: len(self.promised()) >= goal, 30, f"{more} more to be accepted")

    @contextmanager
    def blowing(self) -> Iterator[None]:
        over = threading.Event()
        threads = [threading.Thread(target=self._post, args=(over,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(20)

    def _post(self, over: threading.Event) -> None:
        with Rest(self._server.url, self._key) as rest:
            while not over.is_set():
                words = f"offer {next(self._numbers)}"
                self._ledger.offer(words, "ana", words)
                answer = rest.notify("ana", "t", body=words, idempotency=words)
                assert answer.status == 201, answer
                self._ledger.accept(words, answer.body["id"])


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest) -> Mapping[str, str]:
    if not request.config.getoption("--long"):
        pytest.skip("for `make faults`")
    if request.param == "sqlite":
        return ROOMY
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return ROOMY | {"HANDBELL_DATABASE_URL": ready_database(server)}


def test_a_backup_made_under_load_has_all_that_was_promised_before_it_began(
    handbell_server: StartsHandbell, environment: Mapping[str, str], tmp_path: Path
) -> None:
    server = handbell_server(environment=environment)
    server.add_user("ana", PASSWORD)
    key = server.add_producer("ci", SCOPES)
    with Rest(server.url) as door:
        tokens = [door.sign_in("ana", PASSWORD, f"device {n}").token or "" for n in range(3)]
    file = tmp_path / "handbell.backup"
    with (
        Ledger(tmp_path / "ledger.jsonl") as ledger,
        Device(server.url, "ana", tokens[0]) as one,
        Device(server.url, "ana", tokens[1], "other") as other,
    ):
        load = Load(server, key, ledger)
        with load.blowing():
            load.until_promised(40)
            before = load.promised()
            assert "whole and checked" in server.cli("backup", str(file))
            load.until_promised(20)
        epoch = one.picture().epoch
        server.stop()
        forgotten = load.promised() - before
        assert "is restored" in server.cli("restore", str(file))
        server.start()
        with load.blowing():
            load.until_promised(20)

        with Rest(server.url, tokens[2]) as judge:
            shown = fresh_start(judge)
            for device in (one, other):
                until(lambda d=device: not d.picture().difference(shown), 20, f"{device.name} to agree")  # type: ignore[misc]
        assert shown.epoch != epoch
        there = {record.body for record in shown.records}
        assert before <= there, "promised before the backup began, and not in it"
        assert load.promised() - forgotten <= there, "promised after the restore, and not there"
        verdict = ledger.check([View("the inbox", "ana", tuple(Seen(r.id, r.body) for r in shown.records))])
        assert not verdict.doubled
        assert not verdict.foreign
        assert not one.rang_twice() + other.rang_twice()
