"""docs/operating.md lists every setting there is, with its default, and none that is not."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from handbell_server import config
from handbell_server.cli import main

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "operating.md").read_text()
ROW = re.compile(r"^\| `(HANDBELL_[A-Z_]+)`( \*)? \|[ ]*(.*?)[ ]*\| .+ \|$", re.MULTILINE)


def default_in_words(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value in ("", ()):
        return ""
    return f"`{value:g}`" if isinstance(value, float) and value != 1.0 else f"`{value}`"


def test_the_table_of_settings_is_the_configuration() -> None:
    rows = {name: (default.strip(), bool(star)) for name, star, default in ROW.findall(PAGE)}
    settings = {
        f"HANDBELL_{field.name.upper()}": (default_in_words(field.default), field.name in config._SECRETS)
        for field in fields(config.Config)
        if field.name != "data_dir"
    }
    assert rows.pop("HANDBELL_DATA_DIR") == ("the platform's", False)
    assert rows == settings


def test_the_settings_of_the_clients_are_told_apart() -> None:
    assert all(f"`{name}`" in PAGE for name in config._NOT_OURS)


@pytest.mark.parametrize("page", ["operating.md", "scaling.md"])
def test_every_command_and_file_the_page_names_exists(page: str) -> None:
    text = (DOCS / page).read_text()
    for command in re.findall(r"\bhandbell ([a-z]+)(?: ([a-z]+))?", text):
        found = main.commands.get(command[0])
        assert found is not None, command
        if isinstance(found, click.Group) and command[1]:
            assert command[1] in found.commands, command
    for path in re.findall(r"`((?:packaging|tests|docs|server)/[\w./-]+)`", text):
        assert (DOCS.parent / path).exists(), path
    for path in re.findall(r"\]\(([\w./-]+\.md)\)", text):
        assert (DOCS / path).exists(), path
