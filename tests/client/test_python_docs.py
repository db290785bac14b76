"""docs/python.md does what it says: its programs are run, in order, as one."""

from __future__ import annotations

import logging
import re
import threading
from pathlib import Path

import pytest

from tests.server.http.stage import Person, Stage

PAGE = Path(__file__).parents[2] / "docs/python.md"
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def answers_whatever_is_asked(person: Person, over: threading.Event) -> None:
    while not over.wait(0.05):
        for one in person.inbox(state="unread", q="Deploy"):
            person.does("answer", one, answer={"action": "yes"})


def test_every_program_of_the_page_runs(
    stage: Stage, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HANDBELL_SERVER", stage.url)
    monkeypatch.setenv("HANDBELL_KEY", key)
    ana = stage.person(name="ana")
    stage.person(name="ben")
    over = threading.Event()
    answering = threading.Thread(target=answers_whatever_is_asked, args=(stage.device_of("ana"), over))
    answering.start()
    handlers = list(logging.getLogger().handlers)
    names: dict[str, object] = {}
    try:
        for program in PROGRAMS:
            exec(compile(program, str(PAGE), "exec"), names)  # noqa: S102 — it is our own page
    finally:
        over.set()
        answering.join()
        for handler in set(logging.getLogger().handlers) - set(handlers):
            logging.getLogger().removeHandler(handler)
            handler.close()

    said = capsys.readouterr().out
    assert "2500 told, 0 refused" in said
    assert "ana said yes at" in said
    assert "There is no user" in said
    titles = set(ana.titles(limit=500, state="all")) | set(ana.titles(q="Build"))
    assert {"Shard 9 is done", "shop: payment provider does not answer"} <= titles
    assert "Build failed" in titles
