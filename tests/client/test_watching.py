"""A script that fails says so to a person; one that was ended on purpose does not; and its own end is never changed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

import handbell
from handbell import Handbell
from tests.server.http.stage import Person, Stage
from tests.support.ports import free_port
from tests.support.waiting import until


@pytest.fixture
def bell(stage: Stage, key: str) -> Handbell:
    return Handbell(stage.url, key)


def test_an_exception_is_told_with_the_end_of_its_traceback_and_goes_on(bell: Handbell, ana: Person) -> None:
    with (
        pytest.raises(ValueError, match="no room"),
        handbell.watch("backup", to=ana.name, client=bell, link="https://w.example"),
    ):
        raise ValueError("no room\non the disk")
    [told] = ana.inbox()

    assert told["title"] == "backup failed: ValueError: no room"
    assert told["body"].endswith("ValueError: no room\non the disk")
    assert "test_watching.py" in told["body"]
    assert (told["priority"], told["link"], told["key"]) == ("high", "https://w.example", "watch:backup")


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (SystemExit(3), "job failed: it ended with status 3"),
        (SystemExit("no such disk"), "job failed: no such disk"),
        (SystemExit(0), None),
        (SystemExit(), None),
        (KeyboardInterrupt(), None),
        (asyncio.CancelledError(), None),
    ],
    ids=repr,
)
def test_what_is_a_failure_and_what_is_not(
    bell: Handbell, ana: Person, ending: BaseException, said: str | None
) -> None:
    with pytest.raises(type(ending)), handbell.watch("job", to=ana.name, client=bell):
        raise ending
    assert ana.titles() == ([] if said is None else [said])


def test_functions_are_watched_by_a_decorator_also_those_that_are_awaited(bell: Handbell, ana: Person) -> None:
    @handbell.watch("sums", to=ana.name, client=bell)
    def divide(one: int, other: int) -> float:
        """Divides."""
        return one / other

    @handbell.watch("slow sums", to=ana.name, client=bell)
    async def divide_slowly(one: int, other: int) -> float:
        await asyncio.sleep(0)
        return one / other

    assert (divide(6, 3), divide.__doc__) == (2, "Divides.")
    assert asyncio.run(divide_slowly(6, other=3)) == 2
    assert ana.inbox() == []
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(divide_slowly(1, 0))
    assert [title.partition(" failed")[0] for title in ana.titles()] == ["slow sums", "sums"]


def test_a_sign_of_life_is_given_when_all_went_well_and_its_people_hear_of_a_failure(
    bell: Handbell, ana: Person
) -> None:
    bell.expect("nightly", every=86_400, to=ana.name)
    with handbell.watch("nightly", ping="nightly", client=bell):
        pass
    until(lambda: bell.expectation("nightly").last_seen, 10, "the sign of life to be noted")
    with pytest.raises(RuntimeError), handbell.watch("nightly", ping="nightly", client=bell):
        raise RuntimeError("the tape is full")
    told = until(ana.inbox, 10, "the failure to be told")
    assert "RuntimeError: the tape is full" in told[0]["body"]
    with pytest.raises(TypeError, match="whom to tell"):
        handbell.watch("nobody")


def test_when_nobody_can_be_told_the_script_fails_as_it_would_have(
    key: str, ana: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    away = Handbell(f"http://127.0.0.1:{free_port()}", key, timeout=0.2)
    with pytest.raises(ValueError, match="the real one"), handbell.watch("job", to=ana.name, client=away):
        raise ValueError("the real one")
    with handbell.watch("job", ping="job", client=away):
        pass
    assert capsys.readouterr().err.count("nobody could be told about job") == 2


def test_a_real_script_keeps_its_exit_status_and_a_missing_key_is_found_before_the_work(
    stage: Stage, key: str, ana: Person
) -> None:
    program = """
import sys, handbell
with handbell.watch("import", to=sys.argv[1]):
    print("working", flush=True)
    sys.exit(4)
"""
    command = [sys.executable, "-c", program, ana.name]
    others = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
    environment = others | {"HANDBELL_SERVER": stage.url, "HANDBELL_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (4, "working\n", "")
    assert ana.titles() == ["import failed: it ended with status 4"]

    keyless = subprocess.run(command, env=others, capture_output=True, text=True, check=False, timeout=60)
    assert keyless.stdout == ""
    assert "HANDBELL_KEY" in keyless.stderr
