"""The connection under the toasts: it never waits, whatever the bus does, and it says once when it is lost."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney import Message, message_bus

from handbell_desktop.machine.session_bus import SessionBus, address_of
from tests.desktop.toasts.owner import Owner
from tests.support.bus import PrivateBus

LONG = "x" * 1_000


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner()
    yield owner
    owner.close()


@pytest.fixture
def private() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


def ignore(message: Message) -> None:
    pass


def test_what_a_busy_bus_cannot_take_yet_is_said_when_it_can(owner: Owner, private: PrivateBus) -> None:
    lost: list[str] = []
    answers: list[Message] = []
    bus = SessionBus(private.address, owner.watch, ignore, lambda: lost.append("lost"))
    bus.call(message_bus, "GetId", then=answers.append)
    owner.until(lambda: answers, "the first answer")
    private.process.freeze()
    for _ in range(600):  # more than the socket holds
        bus.call(message_bus, "NameHasOwner", "s", (f"a.{LONG[:250]}",), then=answers.append)
    private.process.thaw()

    owner.until(lambda: len(answers) == 601, "all the answers")
    assert lost == []
    bus.close()


def test_a_bus_that_reads_no_more_is_given_up(owner: Owner, private: PrivateBus) -> None:
    lost: list[str] = []
    answers: list[Message] = []
    bus = SessionBus(private.address, owner.watch, ignore, lambda: lost.append("lost"))
    bus.call(message_bus, "GetId", then=answers.append)
    owner.until(lambda: answers, "the first answer")
    private.process.freeze()

    for _ in range(3_000):
        bus.call(message_bus, "AddMatch", "s", (LONG,))

    assert (lost, bus.open, owner.watches) == (["lost"], False, 0)
    private.process.thaw()


@pytest.mark.parametrize("says", [b"", b"REJECTED\r\n", b"OK 1234\r\n" + b"\x00" * 64, b"x" * 20_000])
def test_what_is_no_bus_is_no_bus(says: bytes, owner: Owner, tmp_path: Path) -> None:
    lost: list[str] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        SessionBus(f"unix:path={tmp_path / 'bus'}", owner.watch, ignore, lambda: lost.append("lost"))
        line, _ = listener.accept()
        with line:
            line.sendall(says)

    owner.until(lambda: lost, "the bus to be given up")
    assert lost == ["lost"]


def test_a_start_that_lost_the_variable_finds_the_bus_where_systemd_puts_it(tmp_path: Path) -> None:
    assert address_of({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))

        assert address_of({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"unix:path={tmp_path}/bus"
        assert address_of({"XDG_RUNTIME_DIR": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:x"}) == "unix:x"
