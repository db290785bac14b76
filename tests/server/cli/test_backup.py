"""Backups made beside a running server, restored under the eyes of a device that has seen more."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from handbell_shared.clock import now_ms
from handbell_shared.device_store import MemoryStore
from handbell_shared.ids import new_id
from handbell_shared.records import Ack, Action, DeltaPage, Hello, SnapshotPage, Target
from handbell_shared.replica import AskDelta, AskSnapshot, Replica, SendActions
from tests.conftest import StartsHandbell
from tests.journey.seeding import PASSWORD, settle
from tests.support.handbell import HandbellServer
from tests.support.ports import free_port
from tests.support.rest import Rest


class PollingDevice:
    """The product's own replica, carried by plain REST: it catches up when it is told to."""

    def __init__(self, url: str) -> None:
        with Rest(url) as door, door.sign_in("ana", PASSWORD) as rest:
            self._url, self._token = url, rest.token
        self.replica = Replica(MemoryStore())
        self.snapshots = 0
        self.reasons: list[str] = []

    def sync(self) -> None:
        self.replica.on_hello(Hello("", 0, now_ms(), 0, "", 25))
        while (wanted := self.replica.wanted(time.monotonic())) is not None:
            match wanted:
                case AskDelta(position):
                    after = "" if position.after is None else f"&after={position.after}"
                    asked = f"/v1/sync/delta?epoch={position.epoch}&rev={position.rev}{after}&limit={wanted.limit}"
                    page = msgspec.convert(self._ask("GET", asked), DeltaPage)
                    if page.snapshot is not None:
                        self.reasons.append(page.snapshot)
                    self.replica.take_delta(page, time.monotonic())
                case AskSnapshot(after, limit):
                    self.snapshots += 1
                    got = self._ask("GET", f"/v1/sync/snapshot?after={after}&limit={limit}")
                    self.replica.take_snapshot(msgspec.convert(got, SnapshotPage))
                case SendActions(actions):
                    told = self._ask("POST", "/v1/actions", {"actions": msgspec.to_builtins(actions)})
                    self.replica.take_acks(msgspec.convert(told["acks"], list[Ack]))

    def read(self, title: str) -> None:
        record = next(record for record in self.replica.store.live() if record.title == title)
        self.replica.act(Action(id=new_id(), kind="read", ids=(Target(record.id, record.gen),), at=now_ms()))

    def titles(self) -> list[str]:
        return sorted(record.title for record in self.replica.store.live())

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        with Rest(self._url, self._token) as rest:  # a connection each: the server goes and comes
            answer = rest.call(method, path, body)
        assert answer.status == 200, answer
        return answer.body


class House:
    """A server, its producer and a device of ana's."""

    def __init__(self, server: HandbellServer, environment: Mapping[str, str]) -> None:
        self.server = server
        self.key = settle(environment, ["ana"], data=server.data)
        server.start()
        self.device = PollingDevice(server.url)

    def post(self, *titles: str) -> None:
        with Rest(self.server.url, self.key) as rest:
            for title in titles:
                assert rest.notify("ana", title).status == 201

    def fresh_titles(self) -> list[str]:
        device = PollingDevice(self.server.url)
        device.sync()
        return device.titles()


@pytest.fixture
def house(handbell_server: StartsHandbell, database_url: str) -> House:
    environment = {} if database_url.startswith("sqlite") else {"HANDBELL_DATABASE_URL": database_url}
    return House(handbell_server(environment=environment, start=False), environment)


@pytest.fixture
def embedded_house(handbell_server: StartsHandbell) -> House:
    return House(handbell_server(start=False), {})


def test_a_restored_backup_sends_every_device_back_to_its_moment(house: House, tmp_path: Path) -> None:
    file = tmp_path / "handbell.backup"
    house.post("before one", "before two")
    house.server.cli("backup", str(file))
    house.post("after three")
    house.device.sync()
    epoch = house.device.replica.store.position.epoch
    assert len(house.device.titles()) == 3

    house.server.stop()
    house.server.cli("restore", str(file))
    house.server.start()
    house.device.sync()

    assert house.device.titles() == ["before one", "before two"] == house.fresh_titles()
    assert house.device.reasons == ["epoch"]
    assert house.device.replica.store.position.epoch != epoch
    assert house.device.replica.resyncs == 0


def test_what_a_person_did_after_the_backup_is_said_again(house: House, tmp_path: Path) -> None:
    file = tmp_path / "handbell.backup"
    house.post("build failed")
    house.device.sync()
    house.server.cli("backup", str(file))
    house.device.read("build failed")
    house.server.stop()
    house.server.cli("restore", str(file))
    house.server.start()
    house.device.sync()
    house.device.sync()
    record = next(iter(house.device.replica.store.live()))
    assert record.read
    assert house.device.replica.store.unsaid(10) == []


def test_a_backup_is_whole_private_and_made_while_producers_post(house: House, tmp_path: Path) -> None:
    file = tmp_path / "handbell.backup"
    house.post(*(f"number {n}" for n in range(20)))
    file.write_text("yesterday's")
    said = house.server.cli("backup", str(file))
    house.post("later")
    assert "whole and checked" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]
    house.server.stop()
    assert "is restored" in house.server.cli("restore", str(file))
    house.server.start()
    assert len(house.fresh_titles()) == 20


def test_a_restore_refuses_while_a_server_runs(house: House, tmp_path: Path) -> None:
    file = tmp_path / "handbell.backup"
    house.server.cli("backup", str(file))
    house.post("after")
    with pytest.raises(AssertionError, match=r"Another Handbell server uses|connections use the database"):
        house.server.cli("restore", str(file))
    assert house.fresh_titles() == ["after"]


def test_a_restore_keeps_what_it_replaces(embedded_house: House, tmp_path: Path) -> None:
    file, data = tmp_path / "handbell.backup", embedded_house.server.data
    embedded_house.server.cli("backup", str(file))
    embedded_house.post("only in the old one")
    embedded_house.server.stop()
    embedded_house.server.cli("restore", str(file))
    [kept] = data.glob("handbell.db.before-restore-*")
    assert "is restored" in embedded_house.server.cli("restore", str(kept))
    assert kept.exists()
    embedded_house.server.start()
    assert embedded_house.fresh_titles() == ["only in the old one"]


def test_postgres_keeps_what_it_replaces_in_a_schema_beside_it(
    handbell_server: StartsHandbell, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres_server").create_database()
    environment = {"HANDBELL_DATABASE_URL": url}
    house = House(handbell_server(environment=environment, start=False), environment)
    file = tmp_path / "handbell.backup"
    house.server.cli("backup", str(file))
    house.post("only in the old one")
    house.server.stop()
    said = house.server.cli("restore", str(file))
    schema = said.split("kept as ")[1].split(";")[0]
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        query = f"SELECT title FROM {schema}.notifications"
        assert connection.execute(query).fetchall() == [("only in the old one",)]
        assert connection.execute("SELECT title FROM notifications").fetchall() == []
    house.server.cli("backup", str(file))
    file.write_bytes(file.read_bytes()[:2_000])
    with pytest.raises(AssertionError, match=r"not one of Handbell|failed"):
        house.server.cli("restore", str(file))
    house.server.start()
    assert house.fresh_titles() == []


def test_a_damaged_backup_and_a_foreign_file_are_refused_and_nothing_changes(
    embedded_house: House, tmp_path: Path
) -> None:
    server = embedded_house.server
    names = ("whole", "broken", "askew", "foreign.db", "text")
    whole, broken, askew, foreign, text = (tmp_path / name for name in names)
    embedded_house.post(*(f"number {n}" for n in range(200)))
    server.cli("backup", str(whole))
    server.stop()
    bytes_ = bytearray(whole.read_bytes())
    bytes_[8_192 : len(bytes_) - 4_096] = b"\xff" * (len(bytes_) - 12_288)
    broken.write_bytes(bytes_)
    with closing(sqlite3.connect(whole)) as connection:
        [[an_id]] = connection.execute("SELECT id FROM notifications LIMIT 1").fetchall()
    # Every page can be read; only the table and its index disagree.
    askew.write_bytes(whole.read_bytes().replace(an_id.encode(), an_id[::-1].encode(), 1))
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE mine (a)")
    text.write_text("not a database")
    before = (server.data / "handbell.db").read_bytes()
    said = (
        (broken, "cannot be copied|is not a whole database|is damaged,"),
        (askew, "is damaged, and so is what was copied"),
        (foreign, "not one of Handbell"),
        (text, "no backup of"),
    )
    for file, words in said:
        with pytest.raises(AssertionError, match=words):
            server.cli("restore", str(file))
    assert (server.data / "handbell.db").read_bytes() == before
    assert {path.name for path in server.data.iterdir()} <= {"handbell.db", "handbell.db.lock", "secret.key"}


def test_a_plain_copy_put_back_heals_a_device_that_is_ahead(embedded_house: House, tmp_path: Path) -> None:
    file = _copied_after(embedded_house, tmp_path, "one")
    embedded_house.post("two", "three")
    embedded_house.device.sync()
    _put_back(embedded_house, file)
    embedded_house.device.sync()
    assert embedded_house.device.titles() == ["one"] == embedded_house.fresh_titles()
    assert embedded_house.device.reasons == ["ahead"]


def test_a_plain_copy_put_back_heals_a_device_that_only_the_digest_gives_away(
    embedded_house: House, tmp_path: Path
) -> None:
    file = _copied_after(embedded_house, tmp_path, "one")
    embedded_house.post("two", "three")
    embedded_house.device.sync()
    _put_back(embedded_house, file)
    embedded_house.post("other two", "other three", "other four")
    embedded_house.device.sync()
    assert embedded_house.device.titles() == ["one", "other four", "other three", "other two"]
    assert embedded_house.device.titles() == embedded_house.fresh_titles()
    assert embedded_house.device.reasons == []
    assert embedded_house.device.replica.resyncs == 1


def test_without_the_programs_of_postgres_a_sentence_says_what_to_install(
    handbell_server: StartsHandbell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handbell_server import backup, backup_postgres
    from handbell_server.config import Config

    monkeypatch.setattr(backup_postgres, "_VERSIONS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    config = Config(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(backup.BackupError, match="Install PostgreSQL's client programs"):
        backup.backup(config, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def _copied_after(house: House, tmp_path: Path, title: str) -> Path:
    """What somebody has who copies the file instead of using `handbell backup`."""
    house.post(title)
    house.server.stop()
    file = tmp_path / "copy.db"
    shutil.copy(house.server.data / "handbell.db", file)
    house.server.start()
    return file


def _put_back(house: House, file: Path) -> None:
    house.server.stop()
    shutil.copy(file, house.server.data / "handbell.db")
    house.server.start()
