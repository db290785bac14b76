"""The plan on paper: its arithmetic, and that the page shows what the command prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.capacity import Measured, Plan, lines, main

PAGE = Path(__file__).parents[2] / "docs/capacity.md"


def number(plan: Plan, what: str) -> float:
    found = {name: amount for name, amount, _ in lines(plan, Measured())}
    return float(found[what].split()[0].replace(",", ""))


def test_the_page_shows_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    main([])

    assert f"```text\n{capsys.readouterr().out}```" in PAGE.read_text(encoding="utf-8")


def test_a_plan_that_a_person_can_check_in_their_head() -> None:
    plan = Plan(devices=86_400, devices_each=1, rate=10, peak=2, per_process=43_200, days=10, sweep_seconds=1)

    assert number(plan, "notifications a day") == 864_000
    assert number(plan, "a second, at the peak") == 20
    assert number(plan, "processes") == 2
    assert number(plan, "PostgreSQL: connections") == 30
    assert number(plan, "PostgreSQL: rows") == 8_640_000


def test_a_slower_sweep_saves_processor_and_nothing_else() -> None:
    often, seldom = Plan(sweep_seconds=1), Plan(sweep_seconds=5)

    for what in ("cores: pings, tips, sweeps", "PostgreSQL: cores, idle devices"):
        assert number(seldom, what) < number(often, what)
    assert number(seldom, "PostgreSQL: log, idle") == number(often, "PostgreSQL: log, idle")


def test_hints_grow_with_notifications_and_with_processes() -> None:
    plan = Plan()
    twice = replace(plan, rate=2 * plan.rate, per_process=plan.per_process // 2)

    assert number(twice, "Redis: hints out a second") == pytest.approx(
        4 * number(plan, "Redis: hints out a second"), rel=1e-5
    )


def test_what_an_inbox_keeps_is_bounded() -> None:
    assert number(Plan(rate=1_000), "PostgreSQL: rows") == 500_000 * 5_000


@pytest.mark.parametrize("words", [["--devices", "0"], ["--peak", "-1"]])
def test_a_plan_for_nothing_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(words)
