"""The server killed at each of its calls to the disk, one after the other: the n-th `fdatasync` of any of its threads.

A random kill finds the wide windows. This finds the narrow ones: between what is written and what is certain, between
what is certain and what is said.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import Effort
from tests.faults.storm import ROOMY
from tests.support.handbell import HandbellServer
from tests.support.rest import Answer, NoAnswerError, Rest

REQUESTS = 20
PASSWORD = "correct-horse-battery"


def why_no_strace() -> str | None:
    program = shutil.which("strace")
    if program is None:
        return "strace is not installed (apt-get install strace)"
    tried = subprocess.run([program, "-f", "true"], capture_output=True, text=True, timeout=30, check=False)
    return None if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[:200]}"


@pytest.fixture(scope="module")
def strace() -> str:
    reason = why_no_strace()
    if reason is not None:
        pytest.skip(reason)
    return "strace"


class Prepared:
    """A data folder with ana and a producer in it, to be copied for each crash."""

    def __init__(self, folder: Path) -> None:
        server = HandbellServer(folder)
        server.add_user("ana", PASSWORD)
        self.key = server.add_producer("ci")
        self._data = server.data

    def server(self, folder: Path, wrapper: list[str]) -> HandbellServer:
        folder.mkdir()
        shutil.copytree(self._data, folder / "data")
        return HandbellServer(folder, environment=ROOMY, wrapper=wrapper)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared(tmp_path_factory.mktemp("prepared"))


def say(rest: Rest, number: int) -> Answer:
    return rest.notify("ana", "Build failed", body=f"build {number}", idempotency=f"build-{number}")


def run_until_killed(server: HandbellServer, key: str) -> dict[int, str]:
    """The script: twenty requests, until nobody answers. What was said yes to, by number."""
    accepted: dict[int, str] = {}
    with suppress(AssertionError):  # killed while it started
        server.start()
        with Rest(server.url, key, timeout=10) as rest, suppress(NoAnswerError):
            for number in range(REQUESTS):
                answer = say(rest, number)
                assert answer.status == 201, answer
                accepted[number] = answer.body["id"]
    return accepted


def stored(server: HandbellServer) -> dict[str, list[str]]:
    with Rest(server.url) as door, door.sign_in("ana", PASSWORD) as ana:
        found: dict[str, list[str]] = {}
        for told in ana.get("/v1/inbox?limit=100").body["notifications"]:
            found.setdefault(told["body"], []).append(told["id"])
        return found


def crash_and_come_back(prepared: Prepared, folder: Path, call: str, n: int) -> bool:
    """One crash at the n-th call, then the promises; False when the script came to its end unharmed."""
    inject = f"inject={call}:signal=SIGKILL:when={n}"
    wrapper = ["strace", "-f", "-o", str(folder.parent / f"{folder.name}.strace")]
    server = prepared.server(folder, [*wrapper, "-e", f"trace={call}", "-e", inject])
    evidence = f"killed at {call} number {n}; evidence: {folder}"
    try:
        accepted = run_until_killed(server, prepared.key)
        harmed = len(accepted) < REQUESTS
        server.close()
        again = HandbellServer(folder, environment=ROOMY, port=server.port).start()
        try:
            judge(again, prepared.key, accepted, evidence)
        finally:
            again.close()
    finally:
        server.close()
    shutil.rmtree(folder)
    return harmed


def judge(server: HandbellServer, key: str, accepted: dict[int, str], evidence: str) -> None:
    there = stored(server)
    lost = [number for number, an_id in accepted.items() if there.get(f"build {number}") != [an_id]]
    assert not lost, f"accepted and not there: {lost}; {evidence}"
    with Rest(server.url, key) as rest:
        answers = {number: say(rest, number) for number in range(REQUESTS)}
    other = [number for number, an_id in accepted.items() if answers[number].body["id"] != an_id]
    assert not other, f"a retry was answered with another id: {other}; {evidence}"
    counts = {body: len(ids) for body, ids in stored(server).items()}
    assert counts == {f"build {number}": 1 for number in range(REQUESTS)}, f"{counts}; {evidence}"


@pytest.mark.timeout(14_400)
def test_a_crash_at_any_sync_of_the_disk_loses_no_yes_and_a_retry_finds_it(
    strace: str, prepared: Prepared, tmp_path: Path, effort: Effort
) -> None:
    assert strace
    points = effort.of([2, 5, 12], long=list(range(1, 3 * REQUESTS)))
    harmed = [crash_and_come_back(prepared, tmp_path / f"sync{n}", "fdatasync", n) for n in points]
    assert sum(harmed) >= len(points) - 1, "most runs came to their end: the crashes were not where they were thought"


@pytest.mark.timeout(14_400)
def test_a_crash_at_any_write_to_the_log_loses_no_yes_and_a_retry_finds_it(
    strace: str, prepared: Prepared, tmp_path: Path, effort: Effort
) -> None:
    assert strace
    points = effort.of([9, 41], long=list(range(1, 8 * REQUESTS)))
    harmed = [crash_and_come_back(prepared, tmp_path / f"write{n}", "pwrite64", n) for n in points]
    assert sum(harmed) >= len(points) - 1, "most runs came to their end: the crashes were not where they were thought"


@pytest.mark.timeout(14_400)
def test_a_crash_at_any_word_to_a_client_loses_no_yes_and_a_retry_finds_it(
    strace: str, prepared: Prepared, tmp_path: Path, effort: Effort
) -> None:
    """After the commit and before the answer: the yes is on disk and nobody has heard it."""
    assert strace
    points = effort.of([7], long=list(range(1, 2 * REQUESTS)))
    harmed = [crash_and_come_back(prepared, tmp_path / f"send{n}", "sendto", n) for n in points]
    assert any(harmed), "no run was harmed: the crashes were not where they were thought"
