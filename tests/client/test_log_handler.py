"""What a program logs reaches people without the program waiting for it, and a crash loop is one incident."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from handbell import Handbell, HandbellHandler
from handbell.incidents import Happening, Incidents
from tests.server.http.stage import Person, Stage
from tests.support.ports import free_port
from tests.support.proxy import Proxy
from tests.support.waiting import LEAST, until

_names = count(1)


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    log = logging.getLogger(f"app{next(_names)}")
    log.propagate = False
    yield log
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()


def added(log: logging.Logger, ana: Person, url: str, key: str, **chosen: float) -> HandbellHandler:
    handler = HandbellHandler(ana.name, client=Handbell(url, key), **chosen)  # type: ignore[arg-type]
    log.addHandler(handler)
    return handler


def test_an_error_is_told_with_its_traceback_and_other_levels_are_not(
    log: logging.Logger, stage: Stage, key: str, ana: Person
) -> None:
    added(log, ana, stage.url, key)
    log.warning("hot in here")
    try:
        Path("/nowhere/at/all").read_text()
    except OSError:
        log.exception("could not read %s", "the file")
    [told] = until(ana.inbox, 10, "the error to be told")

    assert told["title"] == f"{log.name}: could not read the file (FileNotFoundError)"
    assert told["body"].startswith("could not read the file\nTraceback")
    assert (told["priority"], told["type"]) == ("high", "error")


def test_a_burst_is_one_notification_that_counts_and_nobody_waits_for_it(
    log: logging.Logger, stage: Stage, key: str, ana: Person
) -> None:
    with Proxy(stage.server.port) as proxy:
        proxy.freeze()
        handler = added(log, ana, f"http://127.0.0.1:{proxy.port}", key, queue_size=300, flush_within=LEAST)
        for number in range(2_000):
            log.error("request %d failed", number)
            if number == 0:
                until(lambda: proxy.connections, 10, "the first telling, which nobody answers, to be under way")
        assert ana.inbox() == []  # so none of the others has waited for it
        proxy.thaw()
        log.removeHandler(handler)
        handler.close()

    [told] = ana.inbox()
    assert handler.dropped > 0
    assert told["data"]["times"] + handler.dropped == 2_000
    assert told.get("count", 1) <= 2  # at once, and when it was flushed


def test_while_the_server_is_away_it_is_kept_and_told_when_it_is_back(
    log: logging.Logger, stage: Stage, key: str, ana: Person
) -> None:
    with Proxy(free_port()) as proxy:
        handler = added(log, ana, f"http://127.0.0.1:{proxy.port}", key, flush_within=LEAST)
        for number in range(3):
            log.error("request %d failed", number)
        log.error("and something else")
        assert ana.inbox() == []
        proxy.target = stage.server.port
        handler.flush()
        assert {one["data"]["times"] for one in ana.inbox()} == {3, 1}
        log.removeHandler(handler)
        handler.close()


def test_a_server_that_stays_away_does_not_keep_the_program_from_ending(
    log: logging.Logger, key: str, ana: Person
) -> None:
    handler = added(log, ana, f"http://127.0.0.1:{free_port()}", key, flush_within=0.3)
    log.error("nobody hears this")
    began = monotonic()
    log.removeHandler(handler)
    handler.close()
    assert monotonic() - began < 20  # and not for ever


def test_the_end_of_a_program_gives_a_telling_all_the_time_that_there_is(log: logging.Logger) -> None:
    class Asked(Handbell):
        def send(self, *_: Any, timeout: float | None = None, **__: Any) -> Any:
            patience.append(timeout or 0)

    patience: list[float] = []
    handler = HandbellHandler("ana", client=Asked("http://127.0.0.1:1", "hbp_key"), flush_within=50)
    log.addHandler(handler)
    for number in range(2):
        log.error("request %d failed", number)
        until(lambda: patience, 10, "the first to be told at once")
    handler.flush()

    at_once, at_the_end = patience
    assert at_once == 3
    assert 3 < at_the_end <= 50


def test_a_program_that_crashes_again_and_again_is_one_incident_told_before_it_ends(
    stage: Stage, key: str, ana: Person
) -> None:
    program = """
import logging, os, sys
from handbell import HandbellHandler
logging.getLogger().addHandler(HandbellHandler(sys.argv[1], flush_within=60))
def work(left):
    if left:
        logging.warning("nothing to tell")
        work(left - 1)
    1 / 0
if os.fork() == 0:
    logging.error("the child has a handler too")
    logging.shutdown()
    os._exit(0)
os.wait()
try:
    work(3)
except ZeroDivisionError:
    logging.exception("crashed as process %d", os.getpid())
"""
    environment = os.environ | {"HANDBELL_SERVER": stage.url, "HANDBELL_KEY": key}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program, ana.name], env=environment, check=True, timeout=60)

    told = {one["title"].partition(" as ")[0]: one["count"] for one in ana.inbox()}
    assert told == {"root: crashed": 2, "root: the child has a handler too": 2}


def test_a_handler_that_was_set_up_wrong_says_so_once(
    log: logging.Logger, stage: Stage, ana: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = added(log, ana, stage.url, "hbp_wrong_key")
    log.error("one")
    log.error("two")
    log.removeHandler(handler)
    handler.close()
    assert capsys.readouterr().err.count("cannot be told to anybody") == 1


def test_incidents_are_told_at_once_then_rarely_and_all_together_not_too_often() -> None:
    incidents = Incidents(every=60, per_minute=2)
    for name in ("a", "b", "c"):
        incidents.add(Happening(name, name, "", "high"), now=0)
    first = incidents.due(now=0)
    for one in first:
        incidents.told(one, now=0)
    incidents.add(Happening("a", "a again", "", "high"), now=1)

    assert [one.key for one in first] == ["a", "b"]
    assert incidents.due(now=1) == []
    assert incidents.next_due() == 60
    assert [(one.key, one.title, one.times) for one in incidents.due(now=61)] == [("c", "c", 1), ("a", "a again", 2)]


def test_a_thousand_troubles_at_once_do_not_fill_the_memory() -> None:
    incidents = Incidents(every=60, per_minute=30)
    for number in range(2_000):
        incidents.add(Happening(f"{number}", "t", "", "high"), now=number)
    assert len(incidents.due(now=9_999, everything=True)) == 500
