"""How soon the bells of one person agree, and whether one stays awake in a burst: `python -m benchmarks.desktop_latency`.

The real server and two real bells on this machine, each on a bus of its own, looked at through the tray's tooltip as a
panel would. A question and its answer over the bus are part of every number; they are measured first, and said.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from tests.faults.storm import ROOMY
from tests.journey.seeding import PASSWORD, settle
from tests.support.bell import ITEM, PROPERTIES, Bell
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.screen import Screen

ROUNDS = 100
BURST = 1_000
PATIENCE = 30.0
REST = 0.1  # people pause between two things; and a bell that has just been painted waits 50 ms with the next time


class Eye:
    """Reads the tooltip over a connection that stays."""

    def __init__(self, bell: Bell) -> None:
        self._connection: DBusConnection = open_dbus_connection(bell.bus.address)
        self._item = DBusAddress("/StatusNotifierItem", bell.tray.items[-1].partition("/")[0], PROPERTIES)

    def tooltip(self) -> str:
        question = new_method_call(self._item, "Get", "ss", (ITEM, "ToolTip"))
        answer: Any = unwrap_msg(self._connection.send_and_get_reply(question, timeout=PATIENCE))
        words: str = answer[0][1][2]
        return words

    def waits_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.tooltip() != f"Handbell — {words}":
            if time.monotonic() > deadline:
                sys.exit(f"The bell did not come to show {words!r}; it shows {self.tooltip()!r}.")

    def close(self) -> None:
        self._connection.close()


@contextmanager
def two_bells() -> Iterator[tuple[Rest, Bell, Bell]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latency-")))
        (folder / "server").mkdir()
        server = HandbellServer(folder / "server", environment=ROOMY)
        key = settle(ROOMY, ["ana"], data=server.data)
        stack.enter_context(server).start()
        screen = stack.enter_context(Screen(folder))
        bells = [
            stack.enter_context(Bell(screen, folder / name, server=server.url, user="ana", password=PASSWORD))
            for name in ("laptop", "tower")
        ]
        for bell in bells:
            bell.start()
            bell.shows("nothing unread")
        yield server.rest(key, timeout=PATIENCE), bells[0], bells[1]


def timed(*tasks: Callable[[], object]) -> float:
    """One after the other, in milliseconds."""
    start = time.perf_counter()
    for task in tasks:
        task()
    return (time.perf_counter() - start) * 1000


def say(what: str, values: list[float]) -> None:
    cuts = statistics.quantiles(values, n=100)
    print(f"{what:<52} p50 {cuts[49]:6.1f} ms   p99 {cuts[98]:6.1f} ms   most {max(values):6.1f} ms", flush=True)


def main() -> int:
    with two_bells() as (producer, laptop, tower):
        here, there = Eye(laptop), Eye(tower)
        say("a question to the tray and its answer", [timed(there.tooltip) for _ in range(ROUNDS)])
        told: list[float] = []
        read: list[float] = []
        for _ in range(ROUNDS):
            time.sleep(REST)
            told.append(timed(lambda: producer.notify("ana", "Lunch"), lambda: there.waits_for("1 unread")))
            here.waits_for("1 unread")
            press = partial(laptop.panel.press, laptop.panel.menu()["Mark all read"])
            time.sleep(REST)
            read.append(timed(press, lambda: there.waits_for("nothing unread")))
            here.waits_for("nothing unread")
        say("a producer's request -> the number on a bell", told)
        say("read on one bell -> the number on the other", read)

        many = [{"to": "ana", "title": f"Build {number}"} for number in range(BURST)]
        producer.post("/v1/notifications/batch", {"notifications": many})
        answers: list[float] = []
        until = time.monotonic() + PATIENCE
        start = time.monotonic()
        while time.monotonic() < until:
            answers.append(timed(there.tooltip))
            if there.tooltip() == f"Handbell — {BURST} unread":
                break
        say(f"a question to the tray in a burst of {BURST:,}", answers)
        print(f"all {BURST:,} on the bell {(time.monotonic() - start) * 1000:.0f} ms after the batch was accepted")
        here.close()
        there.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
