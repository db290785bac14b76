"""`make bench-desktop`: the bell measured as a person meets it, from source and frozen, beside a bare tray icon.

Rounds are the outer loop, so that a busy neighbour disturbs all programs and not one. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.desktop import outside

ROOT = Path(__file__).parents[2]
FROZEN = ROOT / "build" / "desktop" / "handbell-desktop" / "handbell-desktop"
RESULTS = ROOT / "benchmarks" / "results"
EXPECTED = {
    ("frozen", "bell_ms"): 250.0,
    ("source", "bell_ms"): 400.0,
    ("frozen", "idle_rss_mb"): 80.0,
    ("frozen", "exit_ms"): 300.0,
    ("inside", "panel_open_ms"): 80.0,
    ("source", "burst_loop_max_ms"): 50.0,
    ("frozen", "burst_loop_max_ms"): 50.0,
    **{
        ("stalls", f"{what}_worked_ms"): 50.0
        for what in ("search_b", "burst_both_open", "caught_up_both_open", "archive_all", "delete_all")
    },
}

Numbers = dict[str, dict[str, list[float]]]


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench-desktop ARGS=…", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="starts of each program")
    parser.add_argument("--idle", type=float, default=60, help="seconds of doing nothing")
    parser.add_argument("--rows", type=int, default=100_000, help="notifications in the long list")
    parser.add_argument("--no-life", action="store_true", help="only starts and the parts inside")
    options = parser.parse_args(words)
    numbers: Numbers = {}
    with outside.stage() as stage:
        programs = _programs(stage)
        for name, command in programs.items():
            if name != "bare tray":
                outside.start_to_bell(stage, command)  # signs in, and fills the caches of the disk
        for _ in range(options.rounds):
            for name, command in programs.items():
                _note(numbers, name, outside.start_to_bell(stage, command))
        if not options.no_life:
            for name, command in programs.items():
                if name != "bare tray":
                    _note(numbers, name, outside.life(stage, [*command[:-1], stage.fresh()], options.idle))
    for name in ("inside", "stalls"):
        command = [sys.executable, "-m", f"benchmarks.desktop.{name}", str(options.rows)]
        found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        _note(numbers, name, json.loads(found.stdout))
    _print(numbers)
    _keep(numbers)
    return 0


def _programs(stage: outside.Stage) -> dict[str, list[str | Path]]:
    bell: list[str | Path] = ["--server", stage.server.url, "--user", "ana", "--data"]
    programs: dict[str, list[str | Path]] = {
        "bare tray": [sys.executable, Path(__file__).parent / "bare_tray.py"],
        "source": [sys.executable, "-m", "handbell_desktop", *bell, stage.fresh()],
    }
    if FROZEN.exists():
        programs["frozen"] = [FROZEN, *bell, stage.fresh()]
    else:
        print("There is no bundle (`make bundle`), so only the source is measured.", file=sys.stderr)
    return programs


def _note(numbers: Numbers, name: str, found: dict[str, float]) -> None:
    for what, value in found.items():
        numbers.setdefault(name, {}).setdefault(what, []).append(value)


def _print(numbers: Numbers) -> None:
    floor = numbers.get("bare tray", {})
    for name, found in numbers.items():
        print(f"\n{name}")
        for what, values in found.items():
            middle = median(values)
            line = f"  {what:26} {middle:10.2f}"
            if len(values) > 1:
                line += f"   ({min(values):.1f} to {max(values):.1f} of {len(values)})"
            if name != "bare tray" and what in floor:
                line += f"   {middle / median(floor[what]):.1f} × a bare tray"
            if (limit := EXPECTED.get((name, what))) is not None:
                line += f"   expected ≤ {limit:.0f}: {'met' if middle <= limit else 'MISSED'}"
            print(line)


def _keep(numbers: Numbers) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"desktop_{datetime.now(UTC):%Y-%m-%d_%H-%M-%S}.json"
    path.write_text(json.dumps({"machine": machine.describe(), "numbers": numbers}, indent=1) + "\n")
    print(f"\nAll numbers: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
