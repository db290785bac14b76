"""From the measurements of all rounds to tables, ratios and expectations.

A number in a table is the median of its rounds; what was lost, doubled or refused is the sum of them. Expectations are
marked, and that is all: a slow neighbour on the machine is no reason to fail a build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.cells import CELLS
from benchmarks.runner import Measurement

SUMS = ("expected", "lost", "doubled", "misdirected", "refused", "http_errors", "connections_lost")
FULL_CORE = 0.95
Summary = dict[tuple[str, str], dict[str, Any]]


def summarise(measurements: Iterable[Measurement]) -> Summary:
    """By (cell, target): medians over the rounds, sums of what went wrong."""
    rounds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for measurement in measurements:
        if not measurement.failed:
            rounds.setdefault((measurement.cell, measurement.target), []).append(_flat(measurement.values))
    return {place: _merge(values) for place, values in rounds.items()}


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """`{"delivery_ms": {"p50": …}}` as `{"delivery_ms.p50": …}`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": number for inner, number in value.items()})
        else:
            flat[name] = value
    return flat


def _merge(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {"rounds": len(rounds)}
    for name, first in rounds[0].items():
        if isinstance(first, str):
            merged[name] = next((values[name] for values in rounds if values[name]), "")
        else:
            merged[name] = (sum if name in SUMS else median)(values[name] for values in rounds)
    return merged


# What a table shows: heading, name of the number, format.
LOAD_COLUMNS = (
    ("posts/s", "posts_per_s", ",.0f"),
    ("deliv/s", "deliveries_per_s", ",.0f"),
    ("p50 ms", "delivery_ms.p50", ".2f"),
    ("p95", "delivery_ms.p95", ".2f"),
    ("p99", "delivery_ms.p99", ".2f"),
    ("POST p50", "answer_ms.p50", ".2f"),
    ("p99", "answer_ms.p99", ".2f"),
    ("µs/deliv", "server_us_per_delivery", ",.1f"),
    ("server", "server_cpu", ".0%"),
    ("db", "database_cpu", ".0%"),
    ("load", "generator_cpu", ".0%"),
    ("noise", "noise", ".0%"),
    ("lost", "lost", ",.0f"),
    ("twice", "doubled", ",.0f"),
    ("astray", "misdirected", ",.0f"),
    ("refused", "refused", ",.0f"),
    ("errors", "http_errors", ",.0f"),
)
IDLE_COLUMNS = (
    ("empty MB", "empty_mb", ".0f"),
    ("connected MB", "connected_mb", ".0f"),
    ("MB/1,000", "mb_per_1000", ".1f"),
    ("server", "server_cpu", ".1%"),
    ("noise", "noise", ".0%"),
)


def tables(summary: Summary, targets: Sequence[str], users: int) -> str:
    """One table per cell that ran."""
    parts = []
    for cell in CELLS:
        columns = IDLE_COLUMNS if cell.idle else LOAD_COLUMNS
        rows = [
            [target, *(format(summary[cell.name, target][name], style) for _, name, style in columns)]
            for target in targets
            if (cell.name, target) in summary
        ]
        if rows:
            heading = ["", *(title for title, _, _ in columns)]
            parts.append(f"{cell.name}: {cell.says}\n{_table([heading, *rows])}")
            parts.extend(f"  {target}: {note}" for target in targets for note in _notes(summary, cell.name, target))
    return f"{users:,} connected devices\n\n" + "\n\n".join(parts)


def _notes(summary: Summary, cell: str, target: str) -> Iterator[str]:
    """What the reader of a line must know before believing it."""
    values = summary.get((cell, target), {})
    if values.get("first_error"):
        yield f"first error: {values['first_error']}"
    if values.get("generator_cpu", 0) + values.get("database_cpu", 0) > FULL_CORE:
        yield "the core of the load generator and the database was full; the server may be faster than this"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join([row[0].ljust(widths[0]), *cells]))
    return "\n".join(f"  {line}" for line in lines)


@dataclass(frozen=True)
class Expectation:
    """`ours` is expected to be at least `least` times `other` (or at most `most`, without another)."""

    cell: str
    name: str
    ours: str
    other: str = ""
    least: float = 0.0
    most: float = 0.0


def _faster(cell: str, naive: float, node: float) -> list[Expectation]:
    name = "deliveries_per_s"
    return [
        Expectation(cell, name, "handbell-sqlite", "naive-sqlite", least=naive),
        Expectation(cell, name, "handbell-postgres", "naive-postgres", least=naive),
        Expectation(cell, name, "handbell-sqlite", "node-postgres", least=node),
        Expectation(cell, name, "handbell-postgres", "node-postgres", least=node),
    ]


EXPECTATIONS = [
    *_faster("single", naive=4, node=0.9),
    *_faster("batch500", naive=30, node=8),
    Expectation("open300", "delivery_ms.p99", "handbell-sqlite", most=10),
    Expectation("open300", "delivery_ms.p99", "handbell-postgres", most=10),
]


@dataclass(frozen=True)
class Verdict:
    """What an expectation came to; `by_cpu` is the same ratio in processor time per delivery, which noise moves least."""

    says: str
    value: float
    met: bool
    by_cpu: float | None = None


def verdicts(summary: Summary) -> list[Verdict]:
    """The expectations about what was measured."""
    found = []
    for e in EXPECTATIONS:
        ours = summary.get((e.cell, e.ours))
        other = summary.get((e.cell, e.other))
        if ours and e.most:
            value = ours[e.name]
            found.append(Verdict(f"{e.cell}: {e.ours} {e.name} ≤ {e.most:g}", value, value <= e.most))
        elif ours and other and other[e.name]:
            value = ours[e.name] / other[e.name]
            says = f"{e.cell}: {e.ours} ≥ {e.least:g} × {e.other}"
            by_cpu = other["server_us_per_delivery"] / max(ours["server_us_per_delivery"], 0.01)
            found.append(Verdict(says, value, value >= e.least, by_cpu))
    return found


def expectations(found: Sequence[Verdict]) -> str:
    """The verdicts as text."""
    rows = [["", "measured", "", "by CPU time"]]
    for v in found:
        by_cpu = f"{v.by_cpu:.2f}" if v.by_cpu else ""
        rows.append([v.says, f"{v.value:.2f}", "met" if v.met else "NOT MET", by_cpu])
    return "Expectations (they never fail the run)\n" + _table(rows)


def broken(measurements: Iterable[Measurement]) -> list[str]:
    """Where Handbell failed, or broke its word: lost, doubled or misdelivered what it had accepted."""
    found = []
    for m in measurements:
        wrong = {name: m.values[name] for name in ("lost", "doubled", "misdirected") if m.values.get(name)}
        if m.target.startswith("handbell") and (m.failed or wrong):
            found.append(f"{m.target} {m.cell}: {m.failed or wrong}")
    return found
