"""What the machine did during a measurement: processor time, memory, noise by others, the speed of the disk.

Everything is read from /proc, so it costs the measured processes nothing. A process is always counted with its
living descendants, because PostgreSQL and multi-process servers are families.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Processor seconds used until now: by the whole machine, and by each named family of processes."""

    at: float
    machine: float
    families: dict[str, float]


@dataclass(frozen=True)
class Share:
    """Processor use between two moments, in cores; `noise` is what nobody we started used."""

    seconds: float
    families: dict[str, float]
    noise: float


def _parents() -> dict[int, int]:
    """The parent of every process; processes that end while we look are left out."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    return parents


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the name, which may contain anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def family(root: int) -> set[int]:
    """The process and all its living descendants."""
    parents = _parents()
    members = {root}
    while more := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def _cpu_seconds(pids: Iterable[int]) -> float:
    ticks = 0
    for pid in pids:
        if fields := _stat(pid):
            # user, system, and the same of children that have ended and been waited for
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def usage(roots: dict[str, int]) -> Usage:
    """Processor time of the machine and of the families of these processes."""
    busy = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    idle = int(busy[3]) + int(busy[4])  # idle and waiting for the disk
    machine = (sum(int(field) for field in busy[:8]) - idle) / TICKS
    families = {name: _cpu_seconds(family(pid)) for name, pid in roots.items()}
    families["runner"] = time.process_time()
    return Usage(time.monotonic(), machine, families)


def between(before: Usage, after: Usage) -> Share:
    """What was used from one moment to the other."""
    seconds = after.at - before.at
    families = {name: (after.families[name] - before.families[name]) / seconds for name in before.families}
    noise = (after.machine - before.machine) / seconds - sum(families.values())
    return Share(seconds, families, max(noise, 0.0))


def resident_mb(root: int) -> float:
    """Resident memory of a family in MB (shared pages are counted once per process)."""
    pages = 0
    for pid in family(root):
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def sync_ms(folder: Path, rounds: int = 200) -> float:
    """The median time of a 4 KB write with fdatasync: what a durable commit costs at least on this disk."""
    times = []
    path = folder / "sync-probe"
    with path.open("wb", buffering=0) as file:
        for _ in range(rounds):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    path.unlink()
    return sorted(times)[rounds // 2] * 1000


def describe() -> dict[str, str | int]:
    """The machine in a few words, for the report."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
