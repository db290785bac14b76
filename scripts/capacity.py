"""`python -m scripts.capacity`: a capacity plan on paper, from numbers that were measured and assumptions that you choose.

What one device, one notification and one process cost comes from `python -m benchmarks.capacity` on one machine
(docs/capacity.md has the table). Everything else is multiplication, and stands here so that it can be done again with
other numbers. Nothing is looked at: it is a plan, and no promise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

DAY = 86_400
MONTH = 30 * DAY
MB, GB = 1e6, 1e9


@dataclass(frozen=True)
class Measured:
    """On one core of an AMD EPYC, Debian 12, Python 3.11, PostgreSQL 15; bodies of about 300 bytes."""

    process_mb: float = 105.0
    device_kb: float = 7.0
    process_ms: float = 35.0  # of processor in a second, whatever hangs on it; the same in the database
    process_db_ms: float = 13.0
    idle_us: float = 5.5  # of processor for a device in a second: pings, tips
    sweep_us: float = 7.0  # the same for one look of the sweep
    idle_db_us: float = 3.3  # who is online
    sweep_db_us: float = 2.0
    idle_log_bytes: float = 4.0  # of PostgreSQL's log for a device in a second: who is online
    back_ms: float = 2.6  # of processor for a device that comes back
    back_db_ms: float = 1.9
    post_us: float = 1_050.0  # of processor for a notification that is alone in its commit; 130 where many share one
    post_db_us: float = 570.0  # and 60
    crossing_us: float = 1_000.0  # the same more, where its device is at another process, which reads it
    crossing_db_us: float = 950.0
    row_bytes: float = 800.0
    row_log_bytes: float = 1_060.0
    hint_us: float = 33.0  # of processor for a hint, at each process that hears it
    hint_out_us: float = 5.0  # of Redis's processor for each process that is told of it
    hint_bytes: float = 98.0
    ping_bytes: float = 280.0  # counted, not measured: a ping, a tip and an ACK with TLS and TCP; every 25 seconds
    push_bytes: float = 600.0  # counted, too


@dataclass(frozen=True)
class Plan:
    """What is wanted, and what is assumed."""

    devices: int = 1_000_000
    devices_each: float = 2.0
    rate: float = 20.0
    peak: float = 5.0
    per_process: int = 5_000
    processes_a_machine: int = 16
    days: float = 90.0
    sweep_seconds: float = 1.0
    database_cores: int = 32
    busy: float = 0.5
    core_price: float = 15.0
    memory_price: float = 2.0
    disk_price: float = 0.1
    egress_price: float = 0.02


def lines(plan: Plan, measured: Measured) -> Iterator[tuple[str, str, str]]:
    """What, how much, and by which formula."""
    people = plan.devices / plan.devices_each
    a_day = people * plan.rate
    peak = a_day / DAY * plan.peak
    processes = ceil(plan.devices / plan.per_process)
    machines = ceil(processes / plan.processes_a_machine)
    elsewhere = plan.devices_each * (1 - 1 / processes)
    yield "people", _n(people), "devices ÷ devices of one person"
    yield "notifications a day", _n(a_day), "people × rate"
    yield "a second, at the peak", _n(peak), "a day ÷ 86,400 × peak"
    yield "deliveries a second, at the peak", _n(peak * plan.devices_each), "× devices of one person"
    yield "", "", ""
    yield "processes", _n(processes), f"devices ÷ {_n(plan.per_process)}"
    yield "machines", _n(machines), f"processes ÷ {plan.processes_a_machine}"
    memory = (processes * measured.process_mb * MB + plan.devices * measured.device_kb * 1e3) / GB
    yield "memory", f"{memory:.0f} GB", f"processes × {measured.process_mb:.0f} MB + devices × {measured.device_kb} KB"
    idle = processes * measured.process_ms / 1e3
    idle += plan.devices * (measured.idle_us + measured.sweep_us / plan.sweep_seconds) / 1e6
    hints = peak * measured.hint_us * processes / 1e6
    told = peak * (measured.post_us + measured.crossing_us * elsewhere) / 1e6
    yield (
        "cores: pings, tips, sweeps",
        f"{idle:.1f}",
        f"processes × {measured.process_ms:.0f} ms + devices × ({measured.idle_us} + {measured.sweep_us} ÷ sweep) µs",
    )
    yield (
        "cores: notifications",
        f"{told:.1f}",
        f"peak × ({measured.post_us:,.0f} + {measured.crossing_us:,.0f} × devices elsewhere) µs",
    )
    yield "cores: hearing hints", f"{hints:.1f}", f"peak × processes × {measured.hint_us:.0f} µs"
    cores = max((idle + told + hints) / plan.busy, processes / 4)
    yield "cores to buy", _n(ceil(cores)), f"their sum ÷ {plan.busy:.0%}; at least a quarter for each process"
    yield "", "", ""
    yield "Redis: hints in a second", _n(peak), "one for each commit: at most the peak, fewer when busy"
    yield "Redis: hints out a second", _n(peak * processes), "× processes"
    yield (
        "Redis: cores",
        f"{peak * processes * measured.hint_out_us / 1e6:.1f}",
        f"× {measured.hint_out_us:.0f} µs; it has one",
    )
    yield "Redis: out", f"{peak * processes * measured.hint_bytes / MB:.1f} MB/s", f"× {measured.hint_bytes:.0f} bytes"
    yield "", "", ""
    rows = people * min(plan.rate * plan.days, 5_000)
    db_idle = processes * measured.process_db_ms / 1e3
    db_idle += plan.devices * (measured.idle_db_us + measured.sweep_db_us / plan.sweep_seconds) / 1e6
    db_told = peak * (measured.post_db_us + measured.crossing_db_us * elsewhere) / 1e6
    yield "PostgreSQL: connections", _n(processes * 15), "processes × 15"
    yield (
        "PostgreSQL: cores, idle devices",
        f"{db_idle:.1f}",
        f"processes × {measured.process_db_ms:.0f} ms + devices × ({measured.idle_db_us} + {measured.sweep_db_us} ÷ sweep) µs",
    )
    yield (
        "PostgreSQL: cores, notifications",
        f"{db_told:.2f}",
        f"peak × ({measured.post_db_us:.0f} + {measured.crossing_db_us:.0f} × devices elsewhere) µs",
    )
    yield "PostgreSQL: who is online, rows a second", _n(plan.devices / 30), "devices ÷ 30 s"
    yield (
        "PostgreSQL: log, idle",
        f"{plan.devices * measured.idle_log_bytes / MB:.0f} MB/s",
        f"devices × {measured.idle_log_bytes:.0f} bytes",
    )
    yield (
        "PostgreSQL: log, notifications",
        f"{peak * measured.row_log_bytes / MB:.1f} MB/s",
        f"peak × {measured.row_log_bytes:.0f} bytes",
    )
    disk = rows * measured.row_bytes / GB
    yield "PostgreSQL: rows", _n(rows), "people × the smaller of rate × days and 5,000"
    yield "PostgreSQL: disk", f"{disk:.0f} GB", f"rows × {measured.row_bytes:.0f} bytes"
    yield "", "", ""
    servers, database = (
        plan.devices * measured.back_ms / 1e3 / cores,
        plan.devices * measured.back_db_ms / 1e3 / plan.database_cores,
    )
    yield "all come back: servers need", f"{servers:.0f} s", f"devices × {measured.back_ms} ms ÷ cores"
    yield (
        "all come back: PostgreSQL needs",
        f"{database:.0f} s",
        f"devices × {measured.back_db_ms} ms ÷ {plan.database_cores} cores",
    )
    yield "", "", ""
    out = (plan.devices * measured.ping_bytes / 25 + a_day * plan.devices_each * measured.push_bytes / DAY) * MONTH / GB
    database_cores = max(plan.database_cores, ceil((db_idle + db_told) / plan.busy))
    price = (
        (cores + database_cores) * plan.core_price
        + (memory * 2 + database_cores * 4) * plan.memory_price
        + disk * 2 * plan.disk_price
        + out * plan.egress_price
    )
    yield (
        "to the devices, a month",
        f"{out / 1e3:.1f} TB",
        f"devices × {measured.ping_bytes:.0f} bytes ÷ 25 s + pushes × {measured.push_bytes:.0f}",
    )
    yield "a month costs", f"{price:,.0f}", "cores, memory, disk twice, traffic, at the prices given"
    yield "for each device", f"{price / plan.devices:.4f}", "÷ devices"


def main(words: Sequence[str] | None = None) -> int:
    """Print the plan for what the command line says."""
    parser = argparse.ArgumentParser("python -m scripts.capacity", description="A capacity plan on paper.")
    for name, default in vars(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    plan = Plan(**vars(parser.parse_args(words)))
    if min(vars(plan).values()) <= 0:
        parser.error("every number must be above 0")
    table = list(lines(plan, Measured()))
    wide, high = (max(len(line[column]) for line in table) for column in (0, 1))
    for what, how_much, formula in table:
        print(f"{what:{wide}}  {how_much:>{high}}  {formula}".rstrip())
    return 0


def _n(number: float) -> str:
    return f"{number:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
