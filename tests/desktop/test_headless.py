"""The desktop without a window, as a person starts it, at a real server."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from handbell_desktop.__main__ import SCREENS
from handbell_desktop.kept import session_file
from handbell_desktop.kept.session_file import SavedSession
from tests.support.handbell import HandbellServer
from tests.support.processes import Process
from tests.support.rest import Rest
from tests.support.waiting import until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandbellServer]:
    """One for all: starting it costs more than the tests do. Each of them is a device of its own."""
    with HandbellServer(tmp_path_factory.mktemp("server")) as server:
        server.add_user("ana", PASSWORD)
        server.add_user("ben", PASSWORD)
        yield server.start()


@pytest.fixture(scope="module")
def producer(server: HandbellServer) -> Rest:
    return server.rest(server.add_producer("ci"))


class StartsDesktop(Protocol):
    def __call__(self, *arguments: str, user: str = "ana", password: str = PASSWORD) -> Process: ...


@pytest.fixture
def start_desktop(server: HandbellServer, tmp_path: Path) -> Iterator[StartsDesktop]:
    with ExitStack() as stack:

        def start(*arguments: str, user: str = "ana", password: str = PASSWORD) -> Process:
            command = [sys.executable, "-m", "handbell_desktop", "--headless", "--server", server.url, "--user", user]
            name = f"desktop-{len(list(tmp_path.glob('desktop-*.out')))}"
            environment = {**os.environ, "HANDBELL_PASSWORD": password}
            process = Process(
                [*command, "--data", tmp_path / "device", *arguments],
                name=name,
                directory=tmp_path,
                environment=environment,
            )
            return stack.enter_context(process)

        yield start


def said(process: Process) -> str:
    return process.err.read_text()


def listening(process: Process) -> Process:
    until(lambda: "Listening" in said(process), 15, "the desktop to listen")
    return process


def titles(process: Process) -> list[str]:
    return [json.loads(line)["title"] for line in process.lines()]


def test_what_arrives_is_printed_once_over_a_restart_and_so_is_what_came_meanwhile(
    start_desktop: StartsDesktop, producer: Rest
) -> None:
    producer.notify("ana", "before it was signed in")
    first = listening(start_desktop())
    producer.notify("ana", "live — “ü”")
    until(lambda: titles(first) == ["live — “ü”"], 10, "the line")
    assert first.stop() == 0

    producer.notify("ana", "meanwhile")
    second = listening(start_desktop(password="not needed any more"))
    until(lambda: titles(second) == ["meanwhile"], 10, "the line")
    producer.notify("ana", "live again")
    until(lambda: titles(second) == ["meanwhile", "live again"], 10, "the line")
    assert second.stop(ask=signal.SIGINT) == 0


def test_a_killed_server_costs_no_line_and_doubles_none(
    start_desktop: StartsDesktop, server: HandbellServer, producer: Rest
) -> None:
    desktop = listening(start_desktop())
    expected = []
    for round_ in range(3):
        producer.notify("ana", f"before {round_}")
        server.kill9()
        server.start()
        producer.close()  # of the connection that was killed; the next request makes a new one
        producer.notify("ana", f"after {round_}")
        expected += [f"before {round_}", f"after {round_}"]

    until(lambda: titles(desktop) == expected, 60, f"{expected}")


def test_the_token_is_kept_for_its_owner_alone_and_that_is_said(start_desktop: StartsDesktop, tmp_path: Path) -> None:
    desktop = listening(start_desktop())
    path = tmp_path / "device" / "session.json"
    session = session_file.load(path)

    assert session is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "kept unencrypted" in said(desktop)
    for text in (said(desktop), desktop.out.read_text(), repr(session)):
        assert session.token not in text
        assert PASSWORD not in text


def test_a_wrong_password_is_a_sentence_and_leaves_nothing_behind(start_desktop: StartsDesktop, tmp_path: Path) -> None:
    desktop = start_desktop(password="wrong")

    assert desktop.wait() == 1
    assert said(desktop) == "The user or the password is wrong.\n"
    assert not (tmp_path / "device" / "session.json").exists()


def test_a_revoked_device_says_so_ends_and_keeps_its_store(
    start_desktop: StartsDesktop, server: HandbellServer, tmp_path: Path
) -> None:
    desktop = listening(start_desktop())
    session = session_file.load(tmp_path / "device" / "session.json")
    assert session is not None

    with server.rest().sign_in("ana", PASSWORD) as ana:
        answer = ana.delete(f"/v1/devices/{session.device}")
    assert answer.status == 204, answer

    assert desktop.wait() == 1
    assert re.search("signed this device out.*sign in again", said(desktop))
    assert not (tmp_path / "device" / "session.json").exists()
    assert (tmp_path / "device" / "inbox.db").exists()


def test_a_folder_belongs_to_one_person(start_desktop: StartsDesktop) -> None:
    listening(start_desktop()).stop()
    stranger = start_desktop(user="ben")

    assert stranger.wait() == 1
    assert "belongs to ana" in said(stranger)


def test_a_second_program_in_the_same_folder_is_turned_away(start_desktop: StartsDesktop) -> None:
    listening(start_desktop())
    second = start_desktop()

    assert second.wait() == 1
    assert "in use" in said(second)


def test_the_password_may_come_on_standard_input(server: HandbellServer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "handbell_desktop", "--headless", "--server", server.url, "--user", "ana"]
    options = ["--data", str(tmp_path / "d"), "--password-stdin"]
    with Process([*command, *options], name="stdin", directory=tmp_path, stdin=f"{PASSWORD}\n") as desktop:
        listening(desktop)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_the_bell_without_a_screen_says_so_and_what_to_do() -> None:
    nothing = {name: value for name, value in os.environ.items() if name not in SCREENS}
    command = [sys.executable, "-m", "handbell_desktop"]
    done = subprocess.run(command, env=nothing, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no screen" in done.stderr
    assert "--headless" in done.stderr


def test_the_core_of_the_desktop_knows_no_qt() -> None:
    program = (
        "import sys, handbell_desktop.__main__; print([m for m in sys.modules if 'PySide' in m or 'eventlet' in m])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_session_file_that_cannot_be_understood_means_to_sign_in_again(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    session = SavedSession("http://bell", "ana", "d1", "t")
    session_file.save(path, session)
    assert session_file.load(path) == session

    path.write_bytes(b'{"server": "http')
    assert session_file.load(path) is None
    session_file.forget(path)
    session_file.forget(path)
    assert session_file.load(path) is None
