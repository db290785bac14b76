"""`handbell listen`, called as the command calls it, at a real server."""

import io
import json
import threading
from collections.abc import Iterator

import pytest

from handbell_server.cli.listen import listen
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.support.handbell import HandbellServer
from tests.support.ports import free_port
from tests.support.rest import Rest
from tests.support.waiting import until

PASSWORD = "correct horse battery"


class Listener:
    def __init__(self, url: str, *, user: str = "ana", password: str = PASSWORD, backlog: bool = False) -> None:
        self.out, self.err, self.until = io.BytesIO(), io.StringIO(), threading.Event()
        self.status: int | None = None

        def run() -> None:
            self.status = listen(url, user, password, until=self.until, out=self.out, err=self.err, backlog=backlog)

        self.thread = threading.Thread(target=run)
        self.thread.start()

    @property
    def titles(self) -> list[str]:
        return [json.loads(line)["title"] for line in self.out.getvalue().splitlines()]

    def listens(self) -> "Listener":
        until(lambda: "Listening" in self.err.getvalue(), 15, "the listener to listen")
        return self

    def end(self) -> int | None:
        self.until.set()
        self.thread.join(60)
        return self.status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandbellServer]:
    """One for all: starting it costs more than the tests do."""
    with HandbellServer(tmp_path_factory.mktemp("server")) as server:
        server.add_user("ana", PASSWORD)
        server.add_user("cleo", PASSWORD)
        yield server.start()


@pytest.fixture(scope="module")
def producer(server: HandbellServer) -> Rest:
    return server.rest(server.add_producer("ci"))


@pytest.fixture
def listener(server: HandbellServer, producer: Rest) -> Iterator[Listener]:
    producer.notify("ana", "old")
    started = Listener(server.url).listens()
    yield started
    started.end()


def test_it_prints_what_arrives_from_now_on(listener: Listener, producer: Rest) -> None:
    producer.notify("ana", "one")
    producer.notify("ana", "two")

    until(lambda: listener.titles == ["one", "two"], 10, "two lines")
    assert listener.end() == 0


def test_its_first_words_are_that_it_listens(listener: Listener) -> None:
    assert listener.err.getvalue().startswith("Listening: ana on http://127.0.0.1:")


def test_the_backlog_comes_first_oldest_first_and_only_the_unread(server: HandbellServer, producer: Rest) -> None:
    produced = [producer.notify("cleo", title).body["id"] for title in ("first", "read already", "third")]
    read = {"id": new_id(), "kind": "read", "ids": [[produced[1], 0]], "at": now_ms()}
    with server.rest().sign_in("cleo", PASSWORD) as cleo:
        answer = cleo.post("/v1/actions", {"actions": [read]})
    assert answer.status == 200, answer

    listener = Listener(server.url, user="cleo", backlog=True).listens()
    producer.notify("cleo", "news")

    until(lambda: listener.titles == ["first", "third", "news"], 10, "three lines")
    listener.end()


def test_nothing_is_lost_or_doubled_while_the_server_is_killed(
    listener: Listener, server: HandbellServer, producer: Rest
) -> None:
    producer.notify("ana", "before")
    server.kill9()
    server.start()
    producer.close()  # of the connection that was killed; the next request makes a new one
    producer.notify("ana", "after")

    until(lambda: listener.titles == ["before", "after"], 15, "two lines")
    until(lambda: "Online again" in listener.err.getvalue(), 5, "the word that it is online")
    assert "Offline: " in listener.err.getvalue()


def test_it_signs_its_device_out_when_it_ends(listener: Listener, server: HandbellServer) -> None:
    def devices() -> list[str]:
        answer = server.rest(ana.token).get("/v1/devices")
        return [device["name"] for device in answer.body["devices"]]

    with server.rest().sign_in("ana", PASSWORD, device="watcher") as ana:
        pass
    assert "handbell listen" in devices()

    assert listener.end() == 0

    assert devices() == ["watcher"]


def test_a_server_that_has_gone_does_not_keep_it_from_ending(
    listener: Listener, server: HandbellServer, producer: Rest
) -> None:
    server.kill9()

    assert listener.end() == 0
    assert "could not be signed out" in listener.err.getvalue()
    server.start()
    producer.close()  # of the connection that was killed


def test_a_wrong_password_and_an_absent_server_are_sentences(server: HandbellServer) -> None:
    refused = Listener(server.url, password="wrong")
    absent = Listener(f"http://127.0.0.1:{free_port()}")

    refused.thread.join(60)
    absent.thread.join(60)

    assert (refused.status, refused.err.getvalue()) == (1, "The user or the password is wrong.\n")
    assert absent.status == 1
    assert "cannot be reached" in absent.err.getvalue()


def test_it_ends_when_nobody_reads_any_more(server: HandbellServer, producer: Rest) -> None:
    listener = Listener(server.url).listens()

    def closed(_: object) -> int:
        raise BrokenPipeError

    listener.out.write = closed  # type: ignore[method-assign]
    producer.notify("ana", "for nobody")

    listener.thread.join(60)
    assert listener.status == 0
