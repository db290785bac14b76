"""`handbell send` and `handbell listen`, as scripts and people use them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.shared.link_server import silent_listener
from tests.support.handbell import COMMAND, HandbellServer
from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.proxy import Proxy
from tests.support.rest import Rest
from tests.support.waiting import until

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


class Desk:
    """A person with a shell, and a server somewhere."""

    def __init__(self, server: HandbellServer, key: str) -> None:
        self.server = server
        self.key = key

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Said:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
        chosen = {"HANDBELL_KEY": self.key, "HANDBELL_SERVER": self.server.url} | environment
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=inherited | {name: value for name, value in chosen.items() if value},
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def inbox(self) -> list[dict[str, object]]:
        with Rest(self.server.url) as door, door.sign_in("ana", PASSWORD) as rest:
            found: list[dict[str, object]] = rest.get("/v1/inbox").body["notifications"]
            return found


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    roomy = {"HANDBELL_SIGN_IN_RATE": "1000", "HANDBELL_SIGN_IN_BURST": "1000"}
    server = HandbellServer(tmp_path_factory.mktemp("desk"), environment=roomy)
    server.add_user("ana", PASSWORD)
    key = server.add_producer("shell", ("send:user", "send:all", "send:topic"))
    with server.start():
        yield Desk(server, key)


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    return shared_desk


def test_what_is_sent_arrives_with_everything_that_was_said(desk: Desk) -> None:
    said = desk.run(
        *("send", "ana", "Build failed", "--body", "-", "--link", "https://ci.example/7", "--priority", "high"),
        *(
            "--type",
            "error",
            "--key",
            "build-7",
            "--group",
            "ci",
            "--data",
            '{"build": 7}',
            "--ttl",
            "3600",
            "--silent",
        ),
        stdin="main is red\nsince Tuesday",
    )
    assert said.status == 0, said
    [bell] = [bell for bell in desk.inbox() if bell["title"] == "Build failed"]
    assert bell["id"] == said.out.strip()
    wanted = {
        "body": "main is red\nsince Tuesday", "link": "https://ci.example/7", "priority": "high", "type": "error",
        "key": "build-7", "group": "ci", "data": {"build": 7}, "silent": True,
    }  # fmt: skip
    assert {name: bell[name] for name in wanted} == wanted
    assert bell["expires_at"]


def test_what_is_to_ring_until_somebody_has_it_is_urgent_and_names_who_is_next(desk: Desk) -> None:
    how = ("--until-acknowledged", "30", "--expire", "60")
    said = desk.run("send", "ana", "shop is down", *how)
    assert said.status == 0, said
    [bell] = [bell for bell in desk.inbox() if bell["title"] == "shop is down"]
    alarm = bell["alarm"]
    assert isinstance(alarm, dict)
    assert (bell["priority"], alarm["every"]) == ("urgent", 30)
    unknown = desk.run("send", "ana", "again", *how, "--escalate", "bob, carol")
    assert (unknown.status, "There is no user 'bob'" in unknown.err) == (1, True), unknown
    assert desk.run("send", "ana", "again", *how, "--priority", "low").status == 1
    assert desk.run("send", "ana", "again", "--escalate", "bob").status == 2


def test_sending_to_everyone_to_a_topic_and_for_later(desk: Desk) -> None:
    everyone = desk.run("send", "v2 is live", "--everyone", "--json")
    assert json.loads(everyone.out)["accepted"] == 1
    assert desk.run("send", "to few", "--topic", "deploys").status == 0
    in_a_week = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    later = desk.run("send", "ana", "much later", "--deliver-at", in_a_week, "--json")
    assert later.status == 0, later
    assert json.loads(later.out)["deliver_at"]
    until(lambda: any(bell["title"] == "v2 is live" for bell in desk.inbox()), 5, "everybody's notification")
    assert not any(bell["title"] == "much later" for bell in desk.inbox())


def test_the_same_idempotency_key_sends_once(desk: Desk) -> None:
    first, again = (desk.run("send", "ana", "once", "--idempotency-key", "night-1") for _ in range(2))
    assert first.out == again.out
    assert sum(bell["title"] == "once" for bell in desk.inbox()) == 1


def test_a_lost_answer_is_asked_for_again_and_the_notification_is_there_once(desk: Desk) -> None:
    with Proxy(desk.server.port) as proxy:
        proxy.set(deaf_after=())
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
        command = [*COMMAND, "send", "ana", "through the storm", "--server", f"http://127.0.0.1:{proxy.port}"]
        with subprocess.Popen(command, env=inherited | {"HANDBELL_KEY": desk.key}, stdout=subprocess.PIPE) as sending:

            def stored() -> bool:
                return any(bell["title"] == "through the storm" for bell in desk.inbox())

            until(stored, 10, "the server to store it, and nobody to hear so")
            proxy.calm()
            proxy.cut()
            out, _ = sending.communicate(timeout=60)
        assert sending.returncode == 0
        assert [bell["id"] for bell in desk.inbox() if bell["title"] == "through the storm"] == [out.decode().strip()]


def test_exit_statuses_say_who_has_to_do_something(desk: Desk) -> None:
    unknown = desk.run("send", "nobody", "hello")
    assert (unknown.status, unknown.out) == (1, "")
    assert "unknown_user" in unknown.err
    assert desk.run("send", "ana", "hello", HANDBELL_KEY="hbp_wrong").status == 1
    assert desk.run("send", "ana").status == 2
    assert desk.run("send", "ana", "hello", "--data", "[1]").status == 2
    assert desk.run("send", "ana", "hello", HANDBELL_KEY="").status == 2
    nobody = desk.run("send", "ana", "hello", "--timeout", "1", HANDBELL_SERVER=f"http://127.0.0.1:{free_port()}")
    assert nobody.status == 3


def test_giving_up_says_whether_the_server_may_have_it(desk: Desk) -> None:
    refused = desk.run("send", "ana", "hello", "--timeout", "1", HANDBELL_SERVER=f"http://127.0.0.1:{free_port()}")
    with silent_listener() as url:
        silent = desk.run("send", "ana", "hello", "--timeout", "1", HANDBELL_SERVER=url)

    assert (refused.status, silent.status) == (3, 3)
    assert "The server did not get it." in refused.err
    assert "may have been stored" not in refused.err
    assert "may have been stored" in silent.err
    assert "--idempotency-key" in silent.err


def test_one_attempt_that_may_have_arrived_is_remembered_when_the_last_found_nobody(desk: Desk) -> None:
    """The first connection is taken, read and dropped; by the second attempt nobody listens any more."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(15)
        with ThreadPoolExecutor(1) as pool:
            address = f"http://127.0.0.1:{door.getsockname()[1]}"
            said = pool.submit(desk.run, "send", "ana", "hello", "--timeout", "2", HANDBELL_SERVER=address)
            with door.accept()[0] as taken:
                taken.recv(65_536)
                door.close()
            result = said.result(30)

    assert result.status == 3
    assert "refused" in result.err
    assert "may have been stored" in result.err


def test_the_key_may_stand_in_a_file_and_is_never_shown(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{desk.key}\n")
    said = desk.run("send", "ana", "from a file", "--key-file", str(file), HANDBELL_KEY="")
    assert said.status == 0
    refused = desk.run("send", "nobody", "hello", "--key-file", str(file), HANDBELL_KEY="")
    assert desk.key not in refused.out + refused.err + said.out + said.err


def test_sending_imports_nothing_of_the_server(desk: Desk) -> None:
    program = """
import sys
from handbell_server.cli import main
try:
    main(["send", "ana", "quick"])
finally:
    heavy = {"flask", "sqlalchemy", "eventlet", "socketio", "redis", "requests"} & set(sys.modules)
    assert not heavy, heavy
"""
    environment = os.environ | {"HANDBELL_KEY": desk.key, "HANDBELL_SERVER": desk.server.url}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_an_extra_sending_works_and_other_commands_say_what_they_need(desk: Desk) -> None:
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"flask", "sqlalchemy", "eventlet", "socketio", "engineio", "alembic", "werkzeug"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from handbell_server.cli import main
main(sys.argv[1:])
"""
    environment = os.environ | {"HANDBELL_KEY": desk.key, "HANDBELL_SERVER": desk.server.url, "HANDBELL_PASSWORD": "x"}

    def run(*words: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-c", program, *words], env=environment, capture_output=True, text=True, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    assert run("send", "ana", "light").status == 0
    assert run("--help").status == 0
    served, heard = run("user", "add", "ben", "--password-stdin"), run("listen", "--user", "ana")
    assert (served.status, heard.status) == (1, 1)
    assert "pip install 'handbell[server]'" in served.err
    assert "pip install 'handbell[listen]'" in heard.err


def test_listening_says_so_once_and_prints_what_is_sent_from_then_on(desk: Desk, tmp_path: Path) -> None:
    command = [*COMMAND, "listen", "--server", desk.server.url, "--user", "ana", "--password-stdin"]
    with Process(command, name="listen", directory=tmp_path, stdin=f"{PASSWORD}\n") as listener:
        until(lambda: "Listening: ana" in listener.err.read_text(), 15, "the listener to say that it listens")
        sent = desk.run("send", "ana", "heard", "--body", "ä – ✓").out.strip()
        heard = json.loads(listener.wait_for_line("heard").string)
        assert (heard["id"], heard["title"], heard["body"]) == (sent, "heard", "ä – ✓")
        assert listener.stop() == 0
    assert len(listener.err.read_text().splitlines()) == 1


def test_listening_with_a_wrong_password_ends_with_a_sentence(desk: Desk) -> None:
    said = desk.run("listen", "--user", "ana", HANDBELL_PASSWORD="wrong")
    assert said.status == 1
    assert said.err.strip()
    assert "Traceback" not in said.err
