"""The commands of the documents, run: what an operator types on a data folder of its own, and what producers and people ask a server.

Where a page has its own test (`tests/house/test_every_block_is_checked.py` says which), its blocks are run there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from handbell_server.cli import main as handbell
from tests.server.cli.test_cli_docs import answers_the_deployment
from tests.server.http.dialects import test_senders as senders
from tests.server.http.stage import PASSWORD, Stage
from tests.support.blocks import ROOT, all_blocks, blocks_of
from tests.support.databases import ready_file
from tests.support.shell import commands_of

ON_ITS_DATA = {"user", "producer", "device", "mail", "webhook", "doctor", "backup"}
# Only judged, by the command line's own parser: what they need is not to be had by typing what the page shows.
NOT_ALONE = {
    "mail test": "needs a mail server; tests/server/channels has one",
    "device approve": "needs a device that shows this code; tests/server/cli/test_device.py has one",
    "device revoke": "needs a device of this id; tests/server/cli/test_device.py has one",
    "webhook failures": "needs a webhook of this id; tests/server/cli/test_webhook.py has one",
    "webhook retry": "needs a webhook of this id; tests/server/cli/test_webhook.py has one",
    "restore": "needs a server that was stopped; tests/server/cli/test_backup.py has one",
    "serve": "runs until it is ended; tests/server has hundreds",
}


def typed_on(page: str) -> list[list[str]]:
    """The commands for an operator, in the order of the page."""
    blocks = [block for block in blocks_of(ROOT / page) if block.language == "sh"]
    typed = [command.words for block in blocks for command in commands_of(block.text) if command.words]
    commands = [words[1:] for words in typed if words[0].endswith("handbell")]
    return [words for words in commands if words[0] in ON_ITS_DATA and " ".join(words[:2]) not in NOT_ALONE]


OPERATED = sorted({block.page for block in all_blocks() if block.language == "sh" and typed_on(block.page)})


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, bytes]:
    """Databases to begin with: one that knows ana, and one that does not. Ben is known to both."""
    folder = tmp_path_factory.mktemp("beginnings")
    ready_file(folder / "handbell.db")
    made = {}
    for knows_ana in (False, True):
        typed(folder, ["user", "add", "ana" if knows_ana else "ben"])
        made[knows_ana] = (folder / "handbell.db").read_bytes()
    return made


def typed(folder: Path, words: list[str]) -> None:
    environment = {"HANDBELL_DATA_DIR": str(folder), "HANDBELL_SECRET_KEY": "a key that is only for this test"}
    words = [str(folder / "monday") if words[0] == "backup" and one.startswith("/") else one for one in words]
    stdin = "AybAHnpKTIqUVTL\n" if "--existing-stdin" in words else f"{PASSWORD}\n{PASSWORD}\n"
    done = CliRunner(env=environment).invoke(handbell, words, input=stdin)
    assert done.exit_code == 0 or words == ["doctor"], f"handbell {' '.join(words)}\n{done.output}"


@pytest.mark.parametrize("page", OPERATED)
def test_an_operator_types_what_the_page_shows(tmp_path: Path, beginnings: dict[bool, bytes], page: str) -> None:
    commands = typed_on(page)
    there: set[str] = set()
    if ["user", "add", "ana"] not in [words[:3] for words in commands]:
        (tmp_path / "handbell.db").write_bytes(beginnings[True])
    for words in commands:
        if words[:3] == ["user", "add", "ana"]:  # a page may show several ways to begin
            (tmp_path / "handbell.db").write_bytes(beginnings[False])
            there = set()
        if words[:2] in (["producer", "set"], ["producer", "token"]) and words[2] not in there:
            typed(tmp_path, ["producer", "add", words[2]])  # as on a page before
        if words[0] == "producer":
            there.add(words[2])
        typed(tmp_path, words)


# What is asked of a running server: the page, and what its shell finds in its environment.
ASKED = [
    "README.md",
    "packaging/site/start.md",
    "docs/analytics.md",
    "docs/answers.md",
    "docs/dialects/cloudevents.md",
    "docs/dialects/listening.md",
    "docs/first-notification.md",
    "docs/install.md",
    "docs/preferences.md",
    "docs/producing.md",
]


# Pages whose questions to a server are asked elsewhere, or nowhere for a reason.
ELSEWHERE = {
    "docs/cli.md": "tests/server/cli/test_cli_docs.py",
    "docs/expectations.md": "tests/server/http/test_expectations.py",
    "docs/recipes.md": "tests/server/http/test_recipes.py",
    "docs/operating.md": "it sends a file of the reader's log folder; docs/cli.md shows the same",
    **{f"docs/dialects/{page}.md": "tests/server/http/dialects/test_senders.py" for page in senders.PAGES},
}


def test_every_page_that_asks_a_server_is_run() -> None:
    asking = {
        block.page
        for block in all_blocks()
        if block.language in ("sh", "bash")
        for command in commands_of(block.text)
        if command.words and (command.program == "curl" or command.words[1:2] in (["send"], ["analytics"], ["expect"]))
    }

    assert sorted(asking - set(ASKED) - set(ELSEWHERE)) == []
    assert sorted(set(ASKED) - asking) == []


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("stage")) as stage:
        for name in ("demo", "ben", "bob", "carol"):
            stage.person(name=name)
        stage.person(name="ana", admin=True)
        yield stage


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "handbell").write_text(f'#!/bin/sh\nexec {sys.executable} -m handbell_server "$@"\n')
    (folder / "handbell").chmod(0o755)
    (folder / "curl").write_text('#!/bin/sh\nexec /usr/bin/curl --silent --show-error --fail-with-body "$@"\n')
    (folder / "curl").chmod(0o755)
    return folder


@pytest.mark.parametrize("page", ASKED)
def test_a_server_understands_what_the_page_sends(stage: Stage, bin_folder: Path, page: str) -> None:
    producer = stage.producer()
    ana = stage.device_of("ana", device=page)
    dialect = CliRunner(env={"HANDBELL_DATA_DIR": str(stage.server.data)})
    token = ana.token
    if "dialects/cloudevents" in page:
        made = dialect.invoke(handbell, ["producer", "add", "shop", "--to", "ana"])
        made = dialect.invoke(handbell, ["producer", "token", "shop", "--dialect", "cloudevents"])
        assert made.exit_code == 0, made.output
        token = made.stdout.split()[-1]
    environment = {
        **dict.fromkeys(("SERVER", "HANDBELL_SERVER"), stage.url),
        **{name: str(producer.token) for name in ("KEY", "HANDBELL_KEY")},
        "TOKEN": token,
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(bin_folder),
    }
    over = threading.Event()
    answering = threading.Thread(target=answers_the_deployment, args=(ana, over))
    answering.start()
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script_of(page, stage.url)],
            env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        over.set()
        answering.join()

    assert done.returncode == 0, f"{page}\n{done.stdout}{done.stderr}"


def script_of(page: str, url: str) -> str:
    """The blocks of a page that ask a server, one after the other in one shell."""
    blocks = [block.text for block in blocks_of(ROOT / page) if block.language in ("sh", "bash")]
    asking = "\n".join(text for text in blocks if re.search(r"\bcurl |handbell (?:send|analytics)", text))
    for shown, real in {
        r"https://bell\.example|http://127\.0\.0\.1:8080|(?<![/\w])localhost:8080": url,
        r"\. ~/handbell-venv/bin/activate": ":",
        r"export HANDBELL_KEY=.*|export HANDBELL_SERVER=.*": ":",
        r"\$ID\b": '${ID:-$(handbell send ana "Deploy v2?" --action yes=Yes --action no=No)}',
        r"handbell (?:user|producer) .*|handbell doctor": ":",  # an operator types these, above
    }.items():
        asking = re.sub(shown, real, asking)
    assert asking.strip(), f"{page} asks no server"
    return asking
