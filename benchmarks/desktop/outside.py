"""The whole program, measured from outside: on a screen and a session bus of its own, beside a real server.

"Bell" is the moment at which the program has registered its icon with the tray. The loop's delay is how long the
program takes to answer a question about that icon, which only its main loop can answer.
"""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from jeepney import DBusAddress, Properties
from jeepney.io.blocking import open_dbus_connection

from benchmarks.desktop import process
from handbell_shared import rest
from tests.support.bus import FakeDesktop, PrivateBus
from tests.support.handbell import HandbellServer
from tests.support.screen import Screen

ITEM: Final = "org.kde.StatusNotifierItem"
PASSWORD: Final = "correct horse battery staple"
BURST: Final = 1_000
LIVE: Final = 300


class Stage:
    """A screen, a bus with a tray and a notification daemon, and a server with one person and one producer."""

    def __init__(
        self, folder: Path, screen: Screen, bus: PrivateBus, desktop: FakeDesktop, server: HandbellServer
    ) -> None:
        self.folder, self.screen, self.bus, self.desktop, self.server = folder, screen, bus, desktop, server
        server.add_user("ana", PASSWORD)
        self.key = server.add_producer("bench")
        self._number = 0

    def fresh(self) -> Path:
        self._number += 1
        return self.folder / f"desk{self._number}"

    def start(self, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        environment = self.screen.environment | {
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "HANDBELL_PASSWORD": PASSWORD,
        }
        return subprocess.Popen(
            [str(word) for word in command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )

    def post(self, first: int, count: int) -> None:
        items = [
            {"to": "ana", "title": f"Build {number} failed", "body": "1 failed."}
            for number in range(first, first + count)
        ]
        rest.request(self.server.url, "POST", "/v1/notifications/batch", token=self.key, json={"notifications": items})


@contextmanager
def stage() -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-desktop-", dir="/var/tmp") as name,
        Screen(Path(name)) as screen,
        PrivateBus() as bus,
        FakeDesktop(bus.address, tray=True) as desktop,
        HandbellServer(Path(name), environment={"HANDBELL_LOG_LEVEL": "warning"}).start() as server,
    ):
        yield Stage(Path(name), screen, bus, desktop, server)


def start_to_bell(on: Stage, command: Sequence[str | Path]) -> dict[str, float]:
    """Start once, wait for the bell, ask it to end."""
    known = len(on.desktop.items)
    began = time.perf_counter()
    program = on.start(command)
    _wait(lambda: len(on.desktop.items) > known, "the bell", 0.0005)
    bell = time.perf_counter() - began
    cpu = process.cpu_seconds(program.pid)
    time.sleep(1.5)
    ended = _end(program)
    _wait(lambda: len(on.desktop.items) <= known, "the bell to be gone", 0.01)
    return {"bell_ms": bell * 1000, "cpu_to_bell_ms": cpu * 1000, "exit_ms": ended * 1000}


def life(on: Stage, command: Sequence[str | Path], idle: float) -> dict[str, float]:
    """Idle for a while, then some hundred notifications one by one, then a thousand at once."""
    known = len(on.desktop.items)
    program = on.start(command)
    _wait(lambda: len(on.desktop.items) > known, "the bell", 0.01)
    item = on.desktop.items[-1].partition("/")[0]
    time.sleep(10)
    found: dict[str, float] = {}
    try:
        found["idle_rss_mb"], found["idle_pss_mb"] = _sizes(program.pid)
        cpu, woken = process.cpu_seconds(program.pid), process.wakeups(program.pid)
        time.sleep(idle)
        found["idle_cpu_percent"] = (process.cpu_seconds(program.pid) - cpu) / idle * 100
        found["idle_wakeups_per_minute"] = max(0, process.wakeups(program.pid) - woken) / idle * 60
        for number in range(LIVE):
            on.post(number, 1)
            time.sleep(0.1)
        found[f"rss_after_{LIVE}_mb"], _ = _sizes(program.pid)
        found |= _burst(on, item)
        found["rss_after_burst_mb"], _ = _sizes(program.pid)
    finally:
        found["exit_ms"] = _end(program) * 1000
    return found


def _burst(on: Stage, item: str) -> dict[str, float]:
    """How late the loop was while a thousand came; by whoever asks it every few milliseconds."""
    late: list[float] = []
    over = threading.Event()
    address = DBusAddress("/StatusNotifierItem", item, ITEM)

    def ask() -> None:
        with open_dbus_connection(on.bus.address) as connection:
            while not over.is_set():
                began = time.perf_counter()
                connection.send_and_get_reply(Properties(address).get("Title"), timeout=30)
                late.append(time.perf_counter() - began)
                time.sleep(0.002)

    asking = threading.Thread(target=ask)
    told, before = len(on.desktop.told), _unread(on, address)
    asking.start()
    time.sleep(0.5)
    began = time.perf_counter()
    try:
        on.post(10_000, BURST)
        _wait(lambda: _unread(on, address) == before + BURST, "all of them on the bell", 0.02)
    finally:
        took = time.perf_counter() - began
        over.set()
        asking.join(30)
    toasts = on.desktop.told[told:]
    return {
        "burst_s": took,
        "burst_loop_p99_ms": sorted(late)[int(len(late) * 0.99)] * 1000,
        "burst_loop_max_ms": max(late) * 1000,
        "burst_toasts": float(len({toast.id for toast in toasts})),
    }


def _unread(on: Stage, address: DBusAddress) -> int:
    """The number in the tooltip."""
    with open_dbus_connection(on.bus.address) as connection:
        answer: Any = connection.send_and_get_reply(Properties(address).get("ToolTip"), timeout=30).body
    number = re.search(r"([\d.,]+) unread", str(answer[0][1][2]))
    return 0 if number is None else int(re.sub(r"\D", "", number[1]))


def _sizes(pid: int) -> tuple[float, float]:
    now = process.memory(pid)
    return now.rss_mb, now.pss_mb


def _end(program: subprocess.Popen[bytes]) -> float:
    began = time.perf_counter()
    program.send_signal(signal.SIGTERM)
    program.wait(20)
    return time.perf_counter() - began


def _wait(condition: Callable[[], bool], what: str, step: float) -> None:
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited a minute for {what}")
        time.sleep(step)
