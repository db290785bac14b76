"""docs/cli.md does what it says: every line of its examples is run, the simple ones here, those of a shell in one."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path

from click.testing import CliRunner

from handbell_server.cli import main
from tests.server.http.stage import PASSWORD, Person, Stage, created

PAGE = Path(__file__).parents[3] / "docs/cli.md"
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
LINES = [line for example in EXAMPLES for line in example.splitlines()]
ID_OF_THE_PAGE = "0193f0c8-5a11"


def answers_the_deployment(person: Person, over: threading.Event) -> None:
    while not over.wait(0.05):
        for one in person.inbox(state="unread", q="v2"):
            if one.get("actions"):
                person.does("answer", one, answer={"action": "yes"})


def test_every_example_of_the_page_runs(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        ana, ci = stage.person(name="ana"), stage.producer(name="ci")
        assert ci.token is not None
        question = created(ci.notify("ana", "Deploy?", actions=[{"id": "yes", "label": "Do it"}], type="question"))[
            "id"
        ]
        environment = {"HANDBELL_SERVER": stage.url, "HANDBELL_KEY": ci.token, "XDG_CONFIG_HOME": str(tmp_path)}
        shell = CliRunner(env=environment)
        words = ["login", "--user", "ana", "--password-stdin"]
        assert shell.invoke(main, words, input=f"{PASSWORD}\n").exit_code == 0
        over = threading.Event()
        answering = threading.Thread(target=answers_the_deployment, args=(stage.device_of("ana"), over))
        answering.start()
        try:
            said = "".join(run(line.replace(ID_OF_THE_PAGE, question), shell, environment, tmp_path) for line in LINES)
        finally:
            over.set()
            answering.join()
        titles = ana.titles(limit=500, state="all")

    assert "deploying\n" in said
    assert "3 accepted, 0 refused\n" in said
    assert "yes\tDo it\n" in said
    assert {"Build failed", "Disk almost full", "Order 3 is packed"} <= set(titles)
    assert len(LINES) > 20


def run(line: str, shell: CliRunner, environment: dict[str, str], tmp_path: Path) -> str:
    if line.startswith("handbell ") and not set(line) & set("|<>&$"):
        done = shell.invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.stdout
    program = tmp_path / "bin/handbell"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m handbell_server "$@"\n')
        program.chmod(0o755)
    found = {**os.environ, **environment, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    piped = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], env=found, capture_output=True, text=True, check=False, timeout=60
    )
    assert piped.returncode == 0, f"{line}\n{piped.stderr}"
    return piped.stdout
