"""Whatever stands in a block of the documents could be typed, sent or written down as it stands: judged, and where it can be, run."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from handbell_server import config
from scripts.site import markdown
from tests.support.blocks import ROOT, Block, all_blocks, blocks_of, documents
from tests.support.judging import faults_of
from tests.support.judging_commands import faults_of_script

# Blocks that a test runs, by page and language: how many, and where. One more block on such a page is one more for that test.
RUN = {
    ("docs/cli.md", "sh"): (7, "tests/server/cli/test_cli_docs.py"),
    ("docs/python.md", "python"): (9, "tests/client/test_python_docs.py"),
    ("docs/recipes.md", "bash"): (1, "tests/server/http/test_recipes.py"),
    ("docs/recipes.md", "cron"): (2, "tests/server/http/test_recipes.py"),
    ("docs/recipes.md", "ini"): (3, "tests/server/http/test_recipes.py"),
    ("docs/recipes.md", "python"): (1, "tests/server/http/test_recipes.py"),
    ("docs/webhooks.md", "python"): (1, "tests/server/channels/test_docs.py"),
    ("docs/webhooks.md", "sh"): (1, "tests/server/channels/test_docs.py"),
}


def where(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", documents(), ids=where)
def test_every_block_could_be_used_as_it_stands(page: Path) -> None:
    functions: set[str] = set()

    faults = [f"{block.where}: {fault}" for block in blocks_of(page) for fault in faults_of(block, functions)]

    assert not faults, "\n".join(faults)


def test_a_page_whose_blocks_are_run_has_no_block_that_is_not() -> None:
    there: dict[tuple[str, str], int] = {}
    for block in all_blocks():
        there[block.page, block.language] = there.get((block.page, block.language), 0) + 1

    for (page, language), (count, test) in RUN.items():
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8"), f"{test} reads another page"
        assert there.get((page, language), 0) == count, f"{page} has another number of {language} than {test} runs"
    programs = {(page, language) for page, language in there if language == "python"}
    assert programs <= set(RUN) | {("docs/dialects/cloudevents.md", "python")}, (
        "a program of the documents that nobody runs"
    )


@pytest.mark.parametrize("page", documents(), ids=where)
def test_every_command_in_a_sentence_exists(page: Path) -> None:
    """There it may be named without what it is given: `handbell backup` is a name, `handbell backup --frequently` is a mistake."""
    is_command = re.compile(
        r"(?:sudo )?(?:handbell(?:-desktop)?|curl|make|pip|apt|apt-get|systemctl|journalctl|docker|python -m) [^|]+"
    )
    spans = [span for span in markdown.spans(page.read_text(encoding="utf-8")) if is_command.fullmatch(span)]

    faults = [f"{span}: {fault}" for span in spans for fault in faults_of_script(span, set())]

    assert [one for one in faults if not re.search(r"Missing argument|requires an argument", one)] == []


@pytest.mark.parametrize("page", documents(), ids=where)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    settings = {f"HANDBELL_{field.name.upper()}" for field in fields(config.Config)} | config._NOT_OURS
    files = {f"HANDBELL_{name.upper()}_FILE" for name in config._SECRETS}
    containers = set(
        re.findall(r"\$\{(HANDBELL_[A-Z_]+)", (ROOT / "packaging/server/container/compose.yaml").read_text())
    )

    named = set(re.findall(r"\bHANDBELL_[A-Z][A-Z_]*[A-Z]\b(?!…|\*)", page.read_text(encoding="utf-8")))

    assert sorted(named - settings - files - containers) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "handbell send ana Hello --no-such-option"),
        ("sh", "handbell sned ana Hello"),
        ("sh", "handbell send ana Hello --priority loud"),
        ("sh", "echo $(handbell sned ana Hello)"),
        ("sh", "handbell serve --port many"),
        ("sh", "curl https://bell.example/v1/notificatons -d '{}'"),
        ("sh", "curl -X PUT https://bell.example/v1/notifications -d '{}'"),
        ("sh", """curl https://bell.example/v1/notifications -d '{"to": "ana", "titel": "Hello"}'"""),
        ("sh", "make nothing"),
        ("sh", "make test FLAGS=1"),
        ("sh", "pip install 'handbell[sever]'"),
        ("sh", "apt install postgressql"),
        ("sh", "docker compose exec sever-1 handbell doctor"),
        ("sh", "docker exec -it bell handbell user ad ana"),
        ("sh", "sudo systemctl restart handbel"),
        ("sh", "cp packaging/server/systemd/handbel.service /etc/systemd/system"),
        ("sh", "frobnicate"),
        ("sh", "if true; then echo"),
        ("sh", "handbell-desktop --hedless"),
        ("cron", "0 3 * * handbell ping backup"),
        ("ini", "[Service]\nExecStart=/usr/local/bin/handbell pign backup"),
        ("json", '{"to": "ana",}'),
        ("yaml", "a: [b"),
        ("python", "print("),
        ("nginx", "server { listen 80;"),
        ("text", "handbell send ana Hello"),
        ("", "anything"),
        ("cobol", "STOP RUN."),
    ],
)
def test_what_is_wrong_is_found(language: str, text: str) -> None:
    assert faults_of(Block("docs/page.md", 1, language, text), set())
