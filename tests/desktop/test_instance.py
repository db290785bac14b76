"""Two starts are one program, whatever was killed before and whoever else is on the machine."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from handbell_desktop.machine import instance as module
from handbell_desktop.machine.instance import (
    Instance,
    NotAnswering,
    Untrusted,
    end_the_first,
    first_or_tell,
    send,
    understood,
)
from handbell_desktop.machine.instance_doors import UnixDoor
from handbell_desktop.machine.instance_loopback import LoopbackDoor
from tests.support.processes import Process
from tests.support.waiting import until

# Linux stands in for macOS too; the door of Windows is plain sockets and is opened here as well.
DOORS = ["linux", "win32"]


@pytest.fixture(params=DOORS)
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def first(tmp_path: Path, platform: str) -> Iterator[Instance]:
    instance = Instance.acquire(tmp_path, platform=platform)
    assert instance is not None
    yield instance
    instance.close()


def test_the_second_start_hands_over_what_it_was_asked_for(tmp_path: Path, platform: str, first: Instance) -> None:
    heard: SimpleQueue[str] = SimpleQueue()
    first.listen(heard.put)

    assert first_or_tell(tmp_path, "show", platform=platform) is None
    assert first_or_tell(tmp_path, "handbell://pair?server=https://h.example&code=AB", platform=platform) is None
    assert first_or_tell(tmp_path, "handbell://a broken\nlink", platform=platform) is None

    assert heard.get(timeout=60) == "show"
    assert heard.get(timeout=60).startswith("handbell://pair?")
    assert heard.get(timeout=60) == "show"


def test_when_the_first_has_ended_the_next_is_the_first(tmp_path: Path, platform: str) -> None:
    for _ in range(2):
        instance = first_or_tell(tmp_path, "show", platform=platform)
        assert instance is not None
        instance.listen(lambda message: None)
        instance.close()

    assert not send(tmp_path, "show", platform=platform)
    assert [file.name for file in tmp_path.iterdir()] == ["instance.lock"]


def test_the_one_that_runs_is_asked_to_end_and_waited_for(tmp_path: Path, platform: str) -> None:
    folder = tmp_path / "run"
    assert end_the_first(folder, platform=platform)
    assert not folder.exists()  # nothing ran, and nothing is left of the question

    first = Instance.acquire(folder, platform=platform)
    assert first is not None
    heard: SimpleQueue[str] = SimpleQueue()
    first.listen(heard.put)
    assert not end_the_first(folder, patience=0, platform=platform)  # it was told, and has not ended
    assert heard.get(timeout=60) == "quit"

    ending = threading.Thread(target=first.close)
    ending.start()
    assert end_the_first(folder, platform=platform)
    ending.join()


def test_what_a_kill_left_behind_is_in_nobodys_way(tmp_path: Path, platform: str) -> None:
    script = (
        "import sys, time; from pathlib import Path; from handbell_desktop.machine.instance import Instance\n"
        "instance = Instance.acquire(Path(sys.argv[1]), platform=sys.argv[2])\n"
        "print('first', instance is not None, flush=True); time.sleep(60)"
    )
    folder = tmp_path / "run"
    with Process([sys.executable, "-c", script, folder, platform], name="first", directory=tmp_path) as first:
        first.wait_for_line("first True")
        assert Instance.acquire(folder, platform=platform) is None
        first.send(signal.SIGKILL)
        first.wait()
    assert len(list(folder.iterdir())) == 2

    instance = first_or_tell(folder, "show", platform=platform)

    assert instance is not None
    instance.close()


def test_of_many_starts_at_once_one_is_the_first(tmp_path: Path, platform: str) -> None:
    won: list[Instance] = []
    heard: SimpleQueue[str] = SimpleQueue()

    def start() -> None:
        instance = first_or_tell(tmp_path, "show", platform=platform)
        if instance is not None:
            won.append(instance)
            instance.listen(heard.put)

    starts = [threading.Thread(target=start) for _ in range(8)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join(30)

    assert len(won) == 1
    assert [heard.get(timeout=60) for _ in range(7)] == ["show"] * 7
    won[0].close()


@pytest.mark.parametrize(
    "words", ["", "end", "show\nshow", "handbell://a b", "file:///etc", "handbell://" + "x" * 9_999]
)
def test_what_is_not_understood_is_not_said(tmp_path: Path, words: str, platform: str, first: Instance) -> None:
    assert not understood(words)
    assert not send(tmp_path, words, platform=platform)


def test_a_visitor_that_says_nothing_or_too_much_is_left_standing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VISIT", 0.05)
    heard: SimpleQueue[str] = SimpleQueue()
    instance = Instance.acquire(tmp_path)
    assert instance is not None
    instance.listen(heard.put)
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as endless:
        silent.connect(str(tmp_path / "instance.sock"))
        endless.connect(str(tmp_path / "instance.sock"))
        endless.sendall(b"x" * 10_000)

        assert until(lambda: UnixDoor().tell(tmp_path, b"show", 10), 10, "the one that behaves to be heard")
    assert heard.get(timeout=60) == "show"
    instance.close()


def test_a_first_one_that_hangs_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VISIT", 0.05)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    instance = Instance.acquire(tmp_path)  # it never listens
    assert instance is not None

    with pytest.raises(NotAnswering, match="running already"):
        first_or_tell(tmp_path, "show")

    instance.close()


def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o777)
    (tmp_path / "link").symlink_to(theirs)
    with pytest.raises(Untrusted):
        Instance.acquire(tmp_path / "link")
    if os.geteuid() != 0:
        pytest.skip("giving a folder away takes root")
    os.chown(theirs, 65_534, 65_534)

    with pytest.raises(Untrusted, match="somebody else"):
        Instance.acquire(theirs)
    with pytest.raises(Untrusted):
        send(theirs, "show")


def test_a_folder_that_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    ours.mkdir(mode=0o755)

    instance = Instance.acquire(ours)

    assert instance is not None
    assert ours.stat().st_mode & 0o777 == 0o700
    assert (ours / "instance.sock").stat().st_mode & 0o777 == 0o600
    instance.close()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    heard: SimpleQueue[str] = SimpleQueue()
    instance = Instance.acquire(deep)
    assert instance is not None
    instance.listen(heard.put)

    assert send(deep, "show")
    instance.close()


def test_on_windows_a_stranger_with_the_old_port_learns_nothing(tmp_path: Path) -> None:
    """After a crash the port of the note may be anybody's: it must prove itself before it hears a pairing code."""
    said: SimpleQueue[bytes] = SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        note = {"port": stranger.getsockname()[1], "secret": "00" * 32}
        (tmp_path / "instance.json").write_text(json.dumps(note))

        def answer() -> None:
            line, _ = stranger.accept()
            with line:
                line.settimeout(60)
                said.put(line.recv(1_000))
                line.sendall(b"x" * 64)
                said.put(line.recv(1_000))

        thread = threading.Thread(target=answer)
        thread.start()
        assert not send(tmp_path, "handbell://pair?code=SECRET", platform="win32")
        thread.join(60)

    assert len(said.get(timeout=60)) == 32
    assert said.get(timeout=60) == b""


def test_on_windows_a_stranger_without_the_secret_is_not_heard(tmp_path: Path) -> None:
    heard: SimpleQueue[str] = SimpleQueue()
    instance = Instance.acquire(tmp_path, platform="win32")
    assert instance is not None
    instance.listen(heard.put)
    note = json.loads((tmp_path / "instance.json").read_text())
    with socket.create_connection(("127.0.0.1", note["port"]), timeout=60) as stranger:
        stranger.sendall(b"n" * 32)
        stranger.recv(64)
        stranger.sendall(b"p" * 32 + b"show\n")
        assert stranger.recv(2) == b""

    assert LoopbackDoor().tell(tmp_path, b"show", 5)
    assert heard.get(timeout=60) == "show"
    assert heard.empty()
    instance.close()
