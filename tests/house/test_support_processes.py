"""The parts the tests are made of, put to the test: processes, waiting, ports, Redis, PostgreSQL, the REST client."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support import ports, waiting
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.processes import Process, ProcessDiedError
from tests.support.redis import RedisServer
from tests.support.rest import NoAnswerError, Rest
from tests.support.waiting import TimedOutError, until


def python(code: str, directory: Path) -> Process:
    return Process([sys.executable, "-u", "-c", code], name="child", directory=directory)


def postgres_address(url: str) -> str:
    return url.replace("+psycopg", "")


def test_waiting_answers_what_was_waited_for_and_says_what_was_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([None, 0, "there"])
    assert until(lambda: next(answers), 5, "an answer") == "there"
    monkeypatch.setattr(waiting, "LEAST", 0)
    with pytest.raises(TimedOutError, match=r"waited 0\.0 s for rain; the last answer was 0"):
        until(lambda: 0, 0.01, "rain")


def test_who_stood_still_past_the_deadline_looks_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LEAST", 0)
    looks = 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        if looks == 1:
            time.sleep(0.03)  # a machine that stands still, for longer than anybody meant to wait
        return looks == 2

    assert until(look, 0.01, "what came meanwhile")


def test_who_asks_for_one_day_is_not_let_begin_just_before_midnight() -> None:
    clock = iter([5 * waiting.DAY - 19.0, 5 * waiting.DAY - 0.1, 5 * waiting.DAY + 0.1, 5 * waiting.DAY + 9.0])
    waiting.until_it_is_one_day(lambda: next(clock))
    assert next(clock) == 5 * waiting.DAY + 9.0


def test_a_port_is_handed_out_once() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200


def test_a_port_that_another_process_was_given_is_not_handed_out(tmp_path: Path) -> None:
    code = "from tests.support.ports import free_port; print(free_port()); import signal; signal.pause()"
    elsewhere = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-u", "-c", code]
    with Process(command, name="beside", directory=tmp_path, environment=elsewhere) as beside:
        port = int(beside.wait_for_line(r"\d+").group())

        assert not ports.claim(port)
    assert ports.claim(port), "it is free when that process has ended"


def test_a_process_is_read_line_by_line_and_ends_when_asked(tmp_path: Path) -> None:
    with python("print('ready on 42'); import signal; signal.pause()", tmp_path) as process:
        assert process.wait_for_line(r"ready on (\d+)").group(1) == "42"
        assert process.lines() == ["ready on 42"]
        assert process.stop() == -signal.SIGTERM


def test_waiting_for_a_process_that_died_shows_its_last_words(tmp_path: Path) -> None:
    process = python("import sys; sys.exit('no space left')", tmp_path)
    with pytest.raises(ProcessDiedError, match=r"(?s)status 1 before it printed.*no space left"):
        process.wait_for_line("ready")


def test_killing_a_process_takes_its_children_along_and_leaves_no_zombie(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, signal; "
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); "
        "print(child.pid); signal.pause()"
    )
    process = python(code, tmp_path)
    child = int(process.wait_for_line(r"^(\d+)$").group(1))

    process.kill9()

    assert process.status == -signal.SIGKILL
    assert not Path(f"/proc/{process.pid}").exists()
    until(lambda: not running(child), 5, "the grandchild to be gone")


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # an orphan's zombie is its new parent's to collect


def test_a_frozen_process_stands_still_until_it_is_thawed(tmp_path: Path) -> None:
    ticks = "import time\nwhile True: print('tick'); time.sleep(0.01)"
    with python(ticks, tmp_path) as process:
        process.wait_for_line("tick")
        process.freeze()
        state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        before = len(process.lines())
        process.thaw()
        assert state == "T"
        until(lambda: len(process.lines()) > before, 5, "more ticks")


def test_a_frozen_process_can_be_asked_to_end(tmp_path: Path) -> None:
    with python("print('up'); import signal; signal.pause()", tmp_path) as process:
        process.wait_for_line("up")
        process.freeze()
        assert process.stop() == -signal.SIGTERM


def ping(redis: RedisServer, timeout: float) -> bytes:
    with socket.create_connection(("127.0.0.1", redis.port), timeout=timeout) as link:
        link.sendall(b"PING\r\n")
        return link.recv(64)


def test_a_frozen_redis_accepts_and_does_not_answer_until_it_is_thawed(redis_server: RedisServer) -> None:
    redis_server.freeze()
    with pytest.raises(TimeoutError):
        ping(redis_server, 0.2)
    redis_server.thaw()
    assert ping(redis_server, 5) == b"+PONG\r\n"


def test_a_killed_redis_refuses_and_comes_back_empty_on_its_port(redis_server: RedisServer) -> None:
    with socket.create_connection(("127.0.0.1", redis_server.port), timeout=30) as link:
        link.sendall(b"SET a 1\r\n")
        assert link.recv(64) == b"+OK\r\n"
    redis_server.kill9()
    with pytest.raises(ConnectionRefusedError):
        ping(redis_server, 1)
    redis_server.restart()
    with socket.create_connection(("127.0.0.1", redis_server.port), timeout=30) as link:
        link.sendall(b"DBSIZE\r\n")
        assert link.recv(64) == b":0\r\n"


def test_every_postgres_database_is_new_and_durable(postgres_server: PostgresServer) -> None:
    urls = [postgres_server.create_database() for _ in range(2)]
    assert urls[0] != urls[1]
    for url in urls:
        with psycopg.connect(postgres_address(url)) as connection:
            connection.execute("CREATE TABLE bell (id integer)")
            assert connection.execute("SHOW fsync").fetchone() == ("on",)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restarted_postgres_has_cut_its_connections_and_kept_its_commits(
    own_postgres: PostgresServer, mode: str
) -> None:
    url = postgres_address(own_postgres.create_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bell AS SELECT 7 AS id")
        assert mode in ("fast", "immediate")
        own_postgres.restart("fast" if mode == "fast" else "immediate")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT id FROM bell")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM bell").fetchone() == (7,)


def test_a_stopped_postgres_leaves_nothing_behind() -> None:
    server = PostgresServer()
    directory, pid = server._directory, server.process.pid
    server.stop()
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_both_kinds_of_database_are_new_for_every_test(empty_database_url: str) -> None:
    assert empty_database_url.startswith(("sqlite:////", "postgresql+psycopg://"))


SERVES = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json, os

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        told = self.rfile.read(int(self.headers["Content-Length"]))
        if b"die" in told:
            os._exit(1)
        port = self.client_address[1]
        said = json.dumps({"code": "heard", "port": port, "auth": self.headers["Authorization"]}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
"""


def test_the_rest_client_keeps_its_connection_and_admits_when_there_was_no_answer(tmp_path: Path) -> None:
    port = free_port()
    with python(SERVES.replace("PORT", str(port)), tmp_path) as server:
        server.wait_for_port(port)
        with Rest(f"http://127.0.0.1:{port}", token="t") as rest:
            first = rest.notify("ana", "It rang")
            second = rest.notify("ana", "It rang", idempotency="k")
            assert (first.status, first.code, first.body["auth"]) == (201, "heard", "Bearer t")
            assert first.body["port"] == second.body["port"]
            with pytest.raises(NoAnswerError, match="POST /v1/notifications"):
                rest.notify("ana", "die")
