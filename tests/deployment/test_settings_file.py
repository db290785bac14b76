"""The file with this machine's settings: every one there is, with its default, and none that is not."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from handbell_server import config
from handbell_server.config import Config, from_environment
from tests.deployment.handed_out import SETTINGS, assigned

TEXT = SETTINGS.read_text(encoding="utf-8")


def test_every_setting_stands_there_once_and_no_other_does() -> None:
    named = re.findall(r"^#?(HANDBELL_\w+)=", TEXT, re.MULTILINE)

    assert sorted(named) == sorted(f"HANDBELL_{field.name.upper()}" for field in fields(Config))


def test_what_is_commented_out_is_the_default() -> None:
    shown = from_environment(assigned(TEXT))

    assert shown == Config(data_dir=Path("/var/lib/handbell"))


def test_as_it_is_handed_out_it_only_says_where_the_data_is() -> None:
    assert re.findall(r"^[^#\n].*$", TEXT, re.MULTILINE) == ["HANDBELL_DATA_DIR=/var/lib/handbell"]


def test_every_block_of_settings_is_explained() -> None:
    blocks = [block.splitlines() for block in TEXT.split("\n\n") if re.search(r"^#?HANDBELL_\w+=", block, re.MULTILINE)]

    assert blocks
    assert all(block[0].startswith("# ") for block in blocks)


def test_every_secret_is_marked() -> None:
    comment = {
        name: block for block in TEXT.split("\n\n") for name in re.findall(r"^#(HANDBELL_\w+)=", block, re.MULTILINE)
    }

    assert f"The {['six', 'seven', 'eight'][len(config._SECRETS) - 6]} secrets marked *" in TEXT
    assert all("* " in comment[f"HANDBELL_{name.upper()}"] for name in config._SECRETS)
