"""How long the loop is held while a person, or the server, does a lot at once: the real desk, panel and window, on Qt's own turns.

A timer asks for a turn every millisecond. The longest time between two of its turns is what a person would feel; beside it
stands how much of that the loop's thread was at work, because on a busy machine a thread also waits for its turn. One JSON
object on standard output.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtWidgets import QApplication

from handbell_desktop.kept.shown import Query
from handbell_desktop.ui.list.chosen import number_in, selected_ranges
from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.style import dress
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.turns import QtTurns
from handbell_desktop.ui.window import Window
from handbell_shared.ids import new_id
from handbell_shared.link_state import Connecting
from handbell_shared.records import Notification
from tests.support.desks import MadeDesk, make_desk

BURST: Final = 1_000
CATCHING_UP: Final = 10_000
PAGE: Final = 500  # of what a server tells at once
REST: Final = 0.6  # seconds without a change: it is over
BELL: Final = QRect(0, 0, 24, 24)
WORDS: Final = ("failed", "passed", "broken", "building", "branch", "backup", "bell")


class Watch(QObject):
    """The longest time between two turns, in milliseconds: on the clock, and of work."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._turn)
        self._timer.start()
        self.begin()

    def begin(self) -> None:
        self.longest = self.worked = 0.0
        self._clock, self._work = time.perf_counter(), time.thread_time()

    def _turn(self) -> None:
        clock, work = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, (clock - self._clock) * 1000)
        self.worked = max(self.worked, (work - self._work) * 1000)
        self._clock, self._work = clock, work


class Stage:
    def __init__(self, folder: Path, rows: int) -> None:
        self.themes = ThemeSource("light")
        dress(self.themes)
        self._now = int(time.time() * 1000)
        self.number = rows
        self.scene: MadeDesk = make_desk(
            folder, {"ana": [self._record(number, rows) for number in range(rows)]}, turns=QtTurns()
        )
        self.panel = Panel(self.scene.desk, self.themes)
        self.window = Window(self.scene.desk, self.themes)
        self.wait(lambda: bool(self.scene.links))
        self.scene.link("ana").online()
        self.watch = Watch()
        self._asked = self._last = 0
        self.found: dict[str, float] = {"rows": rows}

    def _record(self, number: int, rows: int) -> Notification:
        return Notification(
            id=new_id(), ver=number + 1, source=f"ci-{number % 20}",
            title=f"Build {number} {WORDS[number % len(WORDS)]}", body="One of 2,204 tests failed.",
            created_at=self._now - (rows - number) * 60_000, read=number % 10 != 0, link="https://ci.example/1",
        )  # fmt: skip

    def fresh(self, count: int) -> list[Notification]:
        first, self.number = self.number, self.number + count
        return [self._record(number, self.number) for number in range(first, first + count)]

    def wait(self, condition: Callable[[], bool], within: float = 120) -> None:
        until = time.monotonic() + within
        while not condition():
            QApplication.processEvents()
            if time.monotonic() > until:
                raise TimeoutError

    def measure(self, name: str, task: Callable[[], object], over: Callable[[], bool] = lambda: True) -> None:
        """Until it is over and nothing more happens."""
        self.rest()
        gc.collect()
        gc.freeze()
        began = time.perf_counter()
        self.watch.begin()
        task()
        self.wait(over)
        took = time.perf_counter() - began
        self.rest()
        self.found |= {
            f"{name}_held_ms": self.watch.longest,
            f"{name}_worked_ms": self.watch.worked,
            f"{name}_s": took,
        }
        print(
            name, {key: round(value, 1) for key, value in self.found.items() if key.startswith(name)}, file=sys.stderr
        )

    def rest(self) -> None:
        until = time.monotonic() + REST
        while time.monotonic() < until:
            QApplication.processEvents()

    # ---- what is done

    def burst(self, count: int) -> None:
        """In the thread of the link, as pages of a server come."""
        link, pages = self.scene.link("ana"), [self.fresh(PAGE) for _ in range(0, count, PAGE)]

        def come() -> None:
            for page in pages:
                link.brings(*page)
            link.online()

        threading.Thread(target=come).start()

    def catch_up(self) -> None:
        self.scene.link("ana").says(Connecting())
        self.burst(CATCHING_UP)

    def search(self, text: str) -> None:
        self.window.search.setText(text)
        self.window.ask()

    def shown(self) -> int:
        """Asked rarely: the question costs time, too."""
        time.sleep(0.001)
        self._asked += 1
        if self._asked % 50 == 0:
            self._last = self.scene.desk.count(Query(tab="all"))
        return self._last

    def all_there(self) -> bool:
        return self.shown() == self.number

    def selected(self) -> int:
        return number_in(selected_ranges(self.window.view.selectionModel()))


def main(rows: int) -> None:
    app = QApplication([])
    with tempfile.TemporaryDirectory(prefix="bench-stalls-") as folder:
        stage = Stage(Path(folder), rows)
        desk, window, panel = stage.scene.desk, stage.window, stage.panel
        stage.measure("nothing", lambda: None)
        window.show()
        for text in ("b", "bu", "fail"):
            stage.measure(f"search_{text}", lambda text=text: stage.search(text))  # type: ignore[misc]
        stage.measure("search_over", lambda: stage.search(""))
        panel.popup(BELL)
        stage.measure("burst_both_open", lambda: stage.burst(BURST), stage.all_there)
        stage.measure("caught_up_both_open", stage.catch_up, stage.all_there)
        panel.hide()
        stage.measure("select_all", window.everything.select, lambda: stage.selected() == stage.number)
        stage.measure("archive_all", lambda: window.triage.archive(window.view.chosen()), lambda: stage.shown() == 0)
        stage.measure("archive_all_back", desk.take_back, stage.all_there)
        stage.measure("select_again", window.everything.select, lambda: stage.selected() == stage.number)
        stage.measure("delete_all", lambda: window.triage.delete(window.view.chosen()), lambda: stage.shown() == 0)
        stage.measure("delete_all_back", desk.take_back, stage.all_there)
        desk.close()
    del app
    json.dump(stage.found, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
