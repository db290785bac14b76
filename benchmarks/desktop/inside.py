"""The parts a person waits for, measured in the program's own process: the panel's opening, a frame of a long list.

Offscreen, so the numbers are the processor's work and not a screen's. One JSON object on standard output.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget

from handbell_desktop.ui.panel import Panel
from handbell_desktop.ui.style import dress
from handbell_desktop.ui.theme import ThemeSource
from handbell_desktop.ui.window import Window
from handbell_shared.ids import new_id
from handbell_shared.records import Notification
from tests.support.desks import make_desk

FRAMES: Final = 200
OPENINGS: Final = 20
BELL: Final = QRect(0, 0, 24, 24)


def main(rows: int) -> None:
    app = QApplication([])
    themes = ThemeSource("light")
    dress(themes)
    now = int(time.time() * 1000)
    records = [
        Notification(
            id=new_id(), ver=number + 1, source="ci", title=f"Build {number} failed", body="One of 2,204 tests failed.",
            created_at=now - (rows - number) * 60_000, read=number % 10 != 0, link="https://ci.example/1",
        )
        for number in range(rows)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-inside-") as folder:
        scene = make_desk(Path(folder), {"ana": records})
        desk = scene.desk
        found: dict[str, float] = {"rows": rows}
        panel: list[Panel] = []

        def first() -> None:
            panel.append(Panel(desk, themes))
            panel[0].popup(BELL)
            panel[0].grab()

        found["panel_first_open_ms"] = _ms(first)
        openings = []
        for _ in range(OPENINGS):
            panel[0].hide()
            app.processEvents()
            openings.append(_ms(lambda: _show(panel[0])))
        found["panel_open_ms"] = median(openings)
        panel[0].hide()

        window = Window(desk, themes)
        found["window_first_open_ms"] = _ms(lambda: _show(window))
        model = window.model
        fetches = []
        while model.canFetchMore(window.view.rootIndex()):
            fetches.append(_ms(lambda: model.fetchMore(window.view.rootIndex())))
        found["fetch_page_max_ms"] = max(fetches, default=0.0)
        bar = window.view.verticalScrollBar()
        frames = []
        for frame in range(FRAMES):
            bar.setValue(int(bar.maximum() * frame / FRAMES))
            frames.append(_ms(window.view.viewport().grab))
        found["scroll_frame_median_ms"] = median(frames)
        found["scroll_frame_p95_ms"] = sorted(frames)[int(FRAMES * 0.95)]
        desk.close()
    json.dump(found, sys.stdout)


def _show(widget: QWidget) -> None:
    widget.show()
    widget.grab()


def _ms(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    QApplication.processEvents()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]))
